import Events
import Statistics

/// Scores of all strands: which exist, what they are made of, when they are computed anew (SIG-02, SIG-03, SIG-08).
///
/// Quality and kernel change at refreshes only: every hour in a strand's first day, every six hours later. A refresh
/// at t reads outcomes that were known before t.
struct ScoreBook: Sendable {
    let recipes: [Recipe]
    var policy: ScorePolicy
    private(set) var strands: [Strand] = []
    private var calibration: CalibrationBook
    /// Log prices of the assets.
    private var prices: [MinuteGrid] = []
    /// Multi-hot transforms and features of each detector.
    private let traits: [[Double]]
    /// Seeds of the refits of detectors without siblings (DEF-19), nil for the others.
    private let refitSeeds: [UInt64?]
    private var reference: (nanos: Int64, value: Double?) = (Int64.min, nil)
    private var field: (step: Int64, range: ClosedRange<Int64>, values: [Double])?

    init(_ recipes: [Recipe], policy: ScorePolicy, refitSeeds: [UInt64?] = []) {
        self.recipes = recipes
        self.policy = policy
        self.refitSeeds = refitSeeds
        calibration = CalibrationBook(detectors: recipes.count)
        traits = recipes.map { recipe in
            var hot = [Double](repeating: 0, count: Operation.allCases.count + Feature.allCases.count)
            for node in recipe.nodes where node.operation != .constant && node.operation != .parameter {
                hot[Int(node.operation.rawValue)] = 1
            }
            for feature in recipe.features { hot[Operation.allCases.count + Int(feature.rawValue)] = 1 }
            return hot
        }
    }

    /// Makes room for one more asset.
    mutating func addAsset() {
        let asset = prices.count
        prices.append(MinuteGrid())
        for (index, recipe) in recipes.enumerated() {
            strands.append(Strand(detector: index, asset: asset, recipe: recipe, policy: policy))
            strands[strands.count - 1].samples.takeMemory()
        }
    }

    // One part of a strand at a time: a copy of the whole counts the references of all its memories.

    func quality(_ place: Int) -> QualityParts? { strands[place].quality }
    func kernel(_ place: Int) -> KernelState { strands[place].kernel }
    func phase(_ place: Int) -> SignalPhase { strands[place].phase }
    func kairos(_ place: Int, _ bands: borrowing PriceBands) -> Double? { strands[place].kairos.value(bands) }

    func place(_ detector: Int, _ asset: Int) -> Int { asset * recipes.count + detector }

    mutating func price(_ price: Int64, asset: Int, asofNanos: Int64) {
        guard price > 0 else { return }
        prices[asset].set(Elementary.log(Double(price)), at: asofNanos)
    }

    /// Changes a strand in place.
    mutating func with(_ place: Int, _ body: (inout Strand) -> Void) { body(&strands[place]) }

    /// Takes the outcome of an earlier window of a strand.
    mutating func outcome(_ place: Int, asofNanos: Int64, forwardReturn: Double) {
        guard let sample = strands[place].outcome(asofNanos: asofNanos, forwardReturn: forwardReturn) else { return }
        calibration.add(sample, detector: strands[place].detector)
    }

    /// Whether outcomes came that no calibration has seen.
    var hasNewOutcomes: Bool { calibration.isFresh }

    mutating func calibration(_ detector: Int, since nanos: Int64) -> [CalibrationCurve] {
        calibration.curves(detector, since: nanos, samplesMin: policy.samplesMin)
    }

    func blend(since nanos: Int64) -> BlendEvidence? { calibration.blend(since: nanos) }

    /// Computes a strand's scores anew if it is time; whether its state changed.
    mutating func refresh(_ place: Int, at nanos: Int64, isActive: [Bool]) -> Bool {
        let begun = strands[place].firstNanos ?? nanos
        strands[place].firstNanos = begun
        guard nanos >= strands[place].nextRefreshNanos else { return false }
        let isFirst = strands[place].nextRefreshNanos == Int64.min
        let seconds = nanos - begun < TimeText.dayNanos ? policy.refreshSecondsEarly : policy.refreshSeconds
        let period = max(1, seconds) * 1_000_000_000
        strands[place].nextRefreshNanos = (nanos / period + 1) * period
        guard !isFirst, strands[place].outcomes >= Int64(policy.samplesMin) else { return false }
        let before = (strands[place].kernel, strands[place].quality)
        compute(place, at: nanos, isActive: isActive)
        return before != (strands[place].kernel, strands[place].quality)
    }

    private mutating func compute(_ place: Int, at nanos: Int64, isActive: [Bool]) {
        let strand = strands[place]
        let since = nanos - Int64(policy.qualityDays) * TimeText.dayNanos
        let samples = strand.samples.since(since)
        guard samples.signals.count >= policy.samplesMin else {
            strands[place].quality = nil
            return
        }
        let recipe = recipes[strand.detector]
        let peers = (0..<recipes.count).filter { isActive[$0] && $0 != strand.detector }
            .map { self.place($0, strand.asset) }
        let quality = quality(strand, recipe, samples.signals, samples.returns, peers, at: nanos)
        let day = nanos / TimeText.dayNanos
        strands[place].quality = quality
        refit(place, recipe, samples.signals, samples.returns)
        strands[place].shape = Self.shape(samples.signals, samples.returns)
        var kernel = strand.kernel
        kernel.samples = strand.outcomes
        let every = Double(recipe.source.everySeconds)
        let halfLife = Double(recipe.source.halfLifeBars) * Double(recipe.source.timeframe.seconds) / every
        kernel.coherence = Coherence.welch(
            samples.signals, samples.returns, band: Coherence.band(halfLifeWindows: halfLife))
        kernel.novelty = novelty(place, peers)
        kernel.emergence = emergence(strand, before: day)
        if let raw = exposure(place, peers) {
            kernel.rawPhi = raw
            kernel.phi = kernel.phi.map { $0 + 2.0 / 21 * (raw - $0) } ?? raw
        }
        kernel.information = Self.information(samples.signals, samples.returns, samples.surprises)
        strands[place].keep(day: day, score: quality.score, information: kernel.information)
        kernel.informationReference = informationReference(at: nanos, isActive: isActive)
        if let information = kernel.information, let top = kernel.informationReference {
            let raw = top > 0 ? 1 - min(1, max(0, information / top)) : 1
            if let theta = kernel.theta, let last = strand.thetaNanos {
                let days = Double(nanos - last) / Double(TimeText.dayNanos)
                kernel.theta = theta + (1 - Elementary.power(0.9, days)) * (raw - theta)
            } else {
                kernel.theta = raw
            }
            strands[place].thetaNanos = nanos
        }
        strands[place].kernel = kernel
    }

    /// Draws anew which way the signal of a detector without siblings points (DEF-19).
    private mutating func refit(_ place: Int, _ recipe: Recipe, _ signals: [Double], _ returns: [Double]) {
        let detector = strands[place].detector
        guard refitSeeds.indices.contains(detector), let seed = refitSeeds[detector] else { return }
        let overlap = Double(recipe.source.horizon.seconds) / Double(recipe.source.everySeconds)
        strands[place].refitDirection = Refits.direction(
            signals: signals, returns: returns, block: overlap, seed: seed)
    }

    /// Uncertainty of a signal by the refits of the last refresh; nil before there are enough outcomes.
    func uncertainty(_ place: Int, of signal: Double?) -> Double? {
        guard let signal, let direction = strands[place].refitDirection else { return nil }
        return Refits.uncertainty(of: signal, direction: direction)
    }

    /// The five parts of quality and their blend (DEF-01 to DEF-06); a part that does not exist leaves the blend nil.
    private func quality(
        _ strand: Strand, _ recipe: Recipe, _ signals: [Double], _ returns: [Double], _ peers: [Int], at nanos: Int64
    ) -> QualityParts {
        var parts = QualityParts()
        parts.accuracy = strand.days.accuracy(at: nanos)
        let overlap = Int(recipe.source.horizon.seconds / Int64(recipe.source.everySeconds))
        let lags = min(signals.count / 4, max(NeweyWest.usualLags(signals.count), overlap))
        parts.precision = (try? SignalScores.precision(signals: signals, returns: returns, lags: lags))?.precision
        let ratios = strand.days.ratios(at: nanos)
        parts.stability = try? SignalScores.stability(weeklyRatios: ratios)
        parts.orthogonality = orthogonality(strand, peers)
        if let paid = strand.days.turnover(at: nanos) {
            parts.cost = try? SignalScores.cost(
                turnover: paid.turnover, feeBasisPoints: policy.feeBps, halfSpreadBasisPoints: paid.halfSpreadBps,
                kappa: policy.impactBps)
        }
        if let accuracy = parts.accuracy, let precision = parts.precision, let stability = parts.stability,
            let orthogonality = parts.orthogonality, let cost = parts.cost
        {
            parts.score = try? SignalScores.composite(
                accuracy: accuracy, precision: precision, stability: stability, orthogonality: orthogonality,
                cost: cost)
        }
        return parts
    }

    /// The largest |correlation| of a detector's paper P&L with one of the active cohort on any asset (SIG-23); 0 for
    /// none.
    func correlation(of detector: Int, isActive: [Bool]) -> Double {
        var largest = 0.0
        for asset in prices.indices {
            let peers = (0..<recipes.count).filter { isActive[$0] && $0 != detector }.map { place($0, asset) }
            largest = max(largest, 1 - orthogonality(strands[place(detector, asset)], peers))
        }
        return largest
    }

    /// 1 less the largest |correlation| of paper P&L with an active detector of the asset (DEF-04); 1 for none.
    private func orthogonality(_ strand: Strand, _ peers: [Int]) -> Double {
        guard let first = strand.pnl.first else { return 1 }
        var largest = 0.0
        for peer in peers {
            let other = strands[peer].pnl
            guard let begun = other.first else { continue }
            let (from, to) = (max(first, begun), min(strand.pnl.last, other.last))
            guard from <= to else { continue }
            largest = max(
                largest, Streams.correlation(strand.pnl.values(from...to), other.values(from...to)) ?? 0)
        }
        return 1 - largest
    }

    /// Absolute correlation of paper P&L with the market's opportunity, given active peers (DEF-10); raw.
    ///
    /// With fewer than five assets there is no cross-section: opportunity is the mean absolute return, and peers are
    /// left out.
    private mutating func exposure(_ place: Int, _ peers: [Int]) -> Double? {
        let pnl = strands[place].pnl
        guard let first = pnl.first else { return nil }
        let opportunity = opportunity(at: pnl.last)
        let (from, to) = (max(first, opportunity.range.lowerBound), min(pnl.last, opportunity.range.upperBound))
        guard from <= to else { return nil }
        let start = Int(from - opportunity.range.lowerBound)
        let market = Array(opportunity.values[start..<(start + Int(to - from) + 1)])
        let own = pnl.values(from...to)
        guard prices.count >= 5 else { return Streams.correlation(own, market) }
        return Streams.partialCorrelation(own, market, given: peers.map { strands[$0].pnl.values(from...to) })
    }

    /// Opportunity on the grid: first principal component of absolute residual returns over the assets, or their mean.
    private mutating func opportunity(at step: Int64) -> (range: ClosedRange<Int64>, values: [Double]) {
        if let field, field.step == step { return (field.range, field.values) }
        let known = prices.filter { $0.first != nil }
        let begin = known.compactMap(\.first).max() ?? step
        let end = max(begin, min(step, known.map(\.last).min() ?? step))
        let range = begin...end
        var returns = known.map { grid in range.map { $0 > begin ? grid.value($0) - grid.value($0 - 1) : 0 } }
        let count = Int(end - begin) + 1
        var values = [Double](repeating: 0, count: count)
        if known.count >= 5 {
            for index in 0..<count {
                let mean = Sum.of(returns.map { $0[index] }) / Double(known.count)
                for asset in returns.indices { returns[asset][index] = abs(returns[asset][index] - mean) }
            }
            values = Self.firstComponent(returns) ?? values
        } else {
            for index in 0..<count {
                values[index] = Sum.of(returns.map { abs($0[index]) }) / Double(max(1, known.count))
            }
        }
        field = (step, range, values)
        return (range, values)
    }

    private static func firstComponent(_ series: [[Double]]) -> [Double]? {
        let n = series.count
        let means = series.map { Sum.of($0) / Double(max(1, $0.count)) }
        var covariance = Matrix(rows: n, columns: n)
        for a in 0..<n {
            for b in 0...a {
                var sum = CompensatedSum()
                for index in series[a].indices {
                    sum.add((series[a][index] - means[a]) * (series[b][index] - means[b]))
                }
                covariance[a, b] = sum.value
                covariance[b, a] = sum.value
            }
        }
        guard let eigen = try? SymmetricEigen(covariance), eigen.values.count == n else { return nil }
        let top = eigen.values.indices.max { eigen.values[$0] < eigen.values[$1] } ?? 0
        let axis = eigen.vectors[top]
        return series[0].indices.map { index in
            var sum = CompensatedSum()
            for asset in 0..<n { sum.add(axis[asset] * (series[asset][index] - means[asset])) }
            return sum.value
        }
    }

    /// Median distance of what it is made of, and how it answers, from active peers (DEF-15); 1 for none.
    private func novelty(_ place: Int, _ peers: [Int]) -> Double {
        let own = traits[strands[place].detector] + strands[place].shape
        let distances = peers.map { peer -> Double in
            let other = traits[strands[peer].detector] + strands[peer].shape
            let scale = ((try? Sum.ofProducts(own, own)) ?? 0) * ((try? Sum.ofProducts(other, other)) ?? 0)
            return scale > 0 ? 1 - ((try? Sum.ofProducts(own, other)) ?? 0) / scale.squareRoot() : 1
        }
        return min(1, max(0, (try? Quantiles.median(distances)) ?? 1))
    }

    /// Whether daily quality has been growing, up to yesterday (DEF-16); 0.5, no slope, before there are three days.
    private func emergence(_ strand: Strand, before day: Int64) -> Double {
        let scores = strand.daily.filter { $0.day < day && $0.day >= day - 30 }.compactMap(\.score)
        return (try? SignalScores.emergence(scores))?.emergence ?? 0.5
    }

    /// Information of the signal about the outcome given the surprise, all in terciles (DEF-09), in nats.
    private static func information(_ s: [Double], _ r: [Double], _ z: [Int]) -> Double? {
        guard let left = try? Information.terciles(s), let right = try? Information.terciles(r) else { return nil }
        return (try? Information.conditional(left, right, given: z))?.corrected
    }

    /// 95th percentile of information over the active cohort and 60 days (DEF-11); over all while none is active.
    private mutating func informationReference(at nanos: Int64, isActive: [Bool]) -> Double? {
        if reference.value != nil, nanos - reference.nanos < 3_600_000_000_000 { return reference.value }
        let day = nanos / TimeText.dayNanos
        let isAny = isActive.contains(true)
        var all: [Double] = []
        for strand in strands where !isAny || isActive[strand.detector] {
            for entry in strand.daily where entry.day > day - Int64(policy.qualityDays) {
                if let information = entry.information { all.append(information) }
            }
        }
        reference = (nanos, try? Quantiles.type7(all, 0.95))
        return reference.value
    }

    /// Mean forward return in 16 equal bins of the signal, of length 1.
    static func shape(_ s: [Double], _ r: [Double]) -> [Double] {
        var sums = [CompensatedSum](repeating: CompensatedSum(), count: Strand.shapeBins)
        var counts = [Double](repeating: 0, count: Strand.shapeBins)
        for index in 0..<min(s.count, r.count) {
            let bin = min(Strand.shapeBins - 1, max(0, Int((s[index] + 1) * 8)))
            sums[bin].add(r[index])
            counts[bin] += 1
        }
        let means = sums.indices.map { counts[$0] > 0 ? sums[$0].value / counts[$0] : 0 }
        let length = ((try? Sum.ofProducts(means, means)) ?? 0).squareRoot()
        return length > 0 ? means.map { $0 / length } : means
    }
}
