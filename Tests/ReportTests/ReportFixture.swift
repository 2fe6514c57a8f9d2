import Statistics

@testable import Report

/// A run as it could have been: detectors with and without an edge, folds, gaps and refusals, all from one seed.
struct ReportFixture {
    static let dayNanos: Int64 = 86_400_000_000_000
    /// 2026-03-01.
    static let start: Int64 = 1_772_323_200_000_000_000

    let names = [
        ("ob.imbalance", "order book"), ("ob.depth-slope", "order book"), ("ob.sweep", "order book"),
        ("ob.vacuum", "order book"), ("tape.run-length", "tape"), ("tape.aggressor", "tape"),
        ("tape.size-outlier", "tape"), ("candle.compression", "candle"), ("candle.wick", "candle"),
        ("div.rsi-book", "divergence"), ("div.macd-tape", "divergence"), ("event.funding-kink", "event"),
        ("event.basis-shock", "event"), ("event.rollover", "event"), ("ob.queue-depletion", "order book"),
        ("tape.toxic-flow", "tape"),
    ]
    var detectors = 14
    var folds = 6
    /// Points of the curve of a fold.
    var points = 480
    /// Length of a test span.
    var testDays: Int64 = 5
    var seed: UInt64 = 20_260_301
    /// Mean result of the first detector over its deviation.
    var edge = 0.02

    /// The report.
    func report() -> RunReport {
        var random = SplitMix64(seed: seed)
        let end = Self.start + Int64(folds) * testDays * Self.dayNanos + 14 * Self.dayNanos
        var report = RunReport(title: "BTC, ETH and SOL, March and April 2026", manifest: manifest(end))
        report.costs = "taker fee 3.5 bps a side and half the spread"
        var returns: [[Double]] = []
        for index in 0..<detectors {
            let (detector, all) = detector(index, &random)
            report.detectors.append(detector)
            returns.append(all)
        }
        select(&report, returns)
        report.strata = strata(&random, scale: detectors)
        report.withheld = [
            ReasonCount("sigma below tau_publish 0.35", 48_211), ReasonCount("uncertainty above 0.15", 9_120),
            ReasonCount("kairos below 0.55", 6_903), ReasonCount("entrainment below 0.45", 2_417),
            ReasonCount("veto: fragile regime", 318),
        ]
        report.variants = [
            Variant(
                name: "without expert:sweep", published: 12, lost: 341, meanBpsChange: Measure(-0.11),
                interval: Bounds(low: -0.24, high: 0.02, level: 0.95, method: "block bootstrap")),
            Variant(
                name: "overlay: tau_publish 0.30", published: 1_204, lost: 0, meanBpsChange: Measure(-0.31),
                interval: Bounds(low: -0.49, high: -0.14, level: 0.95, method: "block bootstrap")),
            Variant(
                name: "without braid:funding-crowded", published: 0, lost: 0,
                meanBpsChange: .undefined("no signal changed"), interval: .undefined("no signal changed")),
        ]
        report.data = data(end, &random)
        return report
    }

    private func manifest(_ end: Int64) -> RunManifest {
        var manifest = RunManifest(runID: "01JNZ6T4Q8R5V0X3W9Y2B7C1DE")
        manifest.kind = "walk-forward"
        manifest.commandLine =
            "lotus replay bundles/btc-eth-sol-2026-03 --out runs/a --walk-forward train=14d,validate=2d,test=5d,step=5d"
        manifest.codeRevision = "caf5f5e02b7d4c1a9e60f3d8b15a7c42e9d0f1b3"
        manifest.seed = 7_411
        manifest.span = TimeSpan(Self.start, end)
        manifest.inputs = (1...3).map {
            DataDigest(
                name: "mkt/000000000000\($0).seg", bytes: 61_204_480 + $0 * 1_771,
                sha256: String(repeating: "9f3a7c\($0)0e5b21d", count: 5).prefix(64).description)
        }
        manifest.configurationDigest = "5c1e9d7f0a3b8264"
        manifest.configuration = [
            NamedText("horizons", "30s, 5m, 1h"), NamedText("sig_blend_u", "0.6"), NamedText("tau_publish", "0.35"),
            NamedText("half_life_bars", "24"), NamedText("detectors", "detectors/*.yaml, \(detectors) files"),
        ]
        manifest.priorsVersions = [NamedText("sig", "v12"), NamedText("dm", "v9")]
        manifest.walkForward = WalkForwardPlan(
            train: "14d", validate: "2d", test: "\(testDays)d", step: "\(testDays)d",
            purge: "labels that meet the test span", embargo: "1h 5m after it")
        manifest.outputDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        manifest.isProven = true
        return manifest
    }

    private func detector(_ index: Int, _ random: inout SplitMix64) -> (DetectorReport, [Double]) {
        let (name, family) = names[index % names.count]
        var detector = DetectorReport(id: name, family: family, state: index < 9 ? "active" : "experimental")
        detector.definition = "xxh3:" + String(random.next(), radix: 16)
        detector.horizon = "5m"
        detector.sigmaMedian = Measure(0.18 + 0.3 * random.uniform())
        let spread = 6 + 5 * random.uniform()
        let mean = index == 0 ? edge * spread : (random.uniform() - 0.62) * 0.05 * spread
        var all: [Double] = []
        var inSample: [Double] = []
        for number in 1...max(folds, 1) where folds > 0 {
            let from = Self.start + (14 + Int64(number - 1) * testDays) * Self.dayNanos
            let to = from + testDays * Self.dayNanos
            var fold = FoldReport(number: number, test: TimeSpan(from, to))
            fold.train = TimeSpan(from - 14 * Self.dayNanos, from - 3_900_000_000_000)
            fold.priorsVersion = "v\(11 + number)"
            // The event detectors see few windows.
            let count = index == 13 ? 3 : family == "event" ? points / 8 : points
            let returns = (0..<count).map { _ in mean + spread * random.normal() }
            let before = (0..<count).map { _ in mean * 1.4 + 0.12 * spread + spread * random.normal() }
            fold.inSample = performance(before, &random, intervals: false)
            fold.outOfSample = performance(returns, &random, intervals: false)
            var sum = 0.0
            fold.curve = EquityCurve(
                returns.enumerated().map { place, value in
                    sum += value
                    return EquityPoint(from + (to - from) / Int64(count) * Int64(place + 1), sum)
                })
            detector.folds.append(fold)
            all += returns
            inSample += before
        }
        detector.overall = performance(all, &random, intervals: true)
        detector.inSample = performance(inSample, &random, intervals: true)
        detector.windows = all.count * 3
        detector.scored = all.count * 2
        detector.abstained = [
            ReasonCount("book stale", all.count / 2), ReasonCount("fewer than 200 samples", all.count / 4),
            ReasonCount("touches a gap", all.count - all.count / 2 - all.count / 4),
        ]
        fill(&detector, all, &random)
        return (detector, all)
    }

    private func fill(_ detector: inout DetectorReport, _ all: [Double], _ random: inout SplitMix64) {
        for kind in Baseline.Kind.allCases {
            var baseline = Baseline(
                kind, meanBps: Measure(kind == .doNothing ? 0 : -0.4 + 0.3 * random.uniform()), totalBps: .absent)
            baseline.totalBps = baseline.meanBps.map { $0 * Double(all.count) }
            if kind == .randomSameRate {
                baseline.permutations = 1000
                let z = (detector.overall.meanBps.value ?? 0) / 8 * Double(all.count).squareRoot()
                baseline.exceedance = Measure(1 - NormalDistribution.cdf(z))
            }
            detector.baselines.append(baseline)
        }
        detector.calibration.bins = (0..<10).map { bin in
            let forecast = 0.40 + 0.022 * Double(bin)
            let count = all.count / 10
            let hits = (0..<count).count { _ in random.uniform() < 0.5 + (forecast - 0.5) * 0.6 }
            return ReliabilityBin(forecast: Measure(forecast), count: count, hits: hits)
        }
        detector.calibration.brier = Measure(0.2493)
        detector.calibration.logLoss = Measure(0.6921)
        detector.calibration.error = Measure(0.0131)
        func histogram(_ label: String, _ unit: String, _ edges: [Double], _ draw: () -> Double) -> Histogram {
            var counts = [Int](repeating: 0, count: edges.count - 1)
            var (below, above) = (0, 0)
            for _ in 0..<all.count {
                let value = draw()
                if value < edges[0] {
                    below += 1
                } else if let bin = (0..<counts.count).first(where: { value < edges[$0 + 1] }) {
                    counts[bin] += 1
                } else {
                    above += 1
                }
            }
            return Histogram(label: label, unit: unit, edges: edges, counts: counts, below: below, above: above)
        }
        let unit = (0...20).map { Double($0) / 20 }
        var local = random
        detector.scores = histogram("score (sigma)", "", unit) {
            let a = local.uniform()
            return a * local.uniform() + 0.12
        }
        for (label, spread) in [("outcome after 30 s", 3.0), ("outcome after 5 m", 9.0), ("outcome after 1 h", 30.0)] {
            let edges = (-15...15).map { Double($0) * spread / 5 }
            detector.outcomes.append(histogram(label, "bps", edges) { local.normal() * spread })
        }
        random = local
        detector.strata = strata(&random, scale: 1)
    }

    private func performance(_ returns: [Double], _ random: inout SplitMix64, intervals: Bool) -> Performance {
        var result = Performance(judged: returns.count, hits: returns.count { $0 > 0 })
        let count = Double(returns.count)
        let mean = returns.reduce(0, +) / max(count, 1)
        result.totalBps = Measure(returns.reduce(0, +))
        result.meanBps = returns.isEmpty ? .undefined("0 windows") : Measure(mean)
        if returns.count < 5 {
            let reason = Performance.windowsText(returns.count)
            result.meanInterval = .undefined(reason)
            result.favourableBps = .undefined(reason)
            result.adverseBps = .undefined(reason)
        } else {
            let deviation = (returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot()
            let half = 1.96 * deviation / count.squareRoot()
            result.meanInterval =
                intervals
                ? Bounds(low: mean - half, high: mean + half, level: 0.95, method: "block bootstrap, 1,000 draws")
                : .undefined("not drawn by fold")
            result.favourableBps = Measure(deviation * (0.9 + 0.1 * random.uniform()))
            result.adverseBps = Measure(deviation * (0.9 + 0.1 * random.uniform()))
        }
        var (sum, peak, fall) = (0.0, 0.0, 0.0)
        for value in returns {
            sum += value
            peak = max(peak, sum)
            fall = max(fall, peak - sum)
        }
        result.drawdownBps = Measure(fall)
        return result
    }

    /// One judged window a quarter of an hour.
    static let convention = SharpeConvention(period: "15 m window", periodsPerYear: 35_040)

    /// Sharpe ratios and what the number of trials makes of them.
    private func select(_ report: inout RunReport, _ returns: [[Double]]) {
        let ratios = returns.filter { $0.count >= 30 }.compactMap { try? Sharpe(returns: $0).ratio }
        var selection = Selection()
        selection.trials = detectors
        selection.effectiveTrials = Measure(Double(detectors) * 0.44)
        selection.effectiveMethod = "clusters of correlated results"
        func ratio(_ values: [Double]) -> SharpeRatio {
            let few = Measure.undefined(Performance.windowsText(values.count))
            let sharpe = values.count >= 20 ? try? Sharpe(returns: values) : nil
            let deflated = try? sharpe?.deflated(trialRatios: ratios)
            return SharpeRatio(
                perPeriod: sharpe.map { Measure($0.ratio) } ?? few, convention: Self.convention, trials: detectors,
                effectiveTrials: selection.effectiveTrials,
                probabilistic: sharpe?.probabilistic(above: 0).map { Measure($0) } ?? few,
                deflated: deflated.map { Measure($0) } ?? few)
        }
        for index in report.detectors.indices {
            report.detectors[index].overall.sharpe = ratio(returns[index])
            let size = returns[index].count / max(folds, 1)
            for fold in report.detectors[index].folds.indices {
                let part = Array(returns[index][fold * size..<(fold + 1) * size])
                report.detectors[index].folds[fold].outOfSample.sharpe = ratio(part)
            }
        }
        let full = returns.filter { $0.count == folds * points && folds > 0 }
        let rows = full.isEmpty ? [] : (0..<full[0].count).map { row in full.map { $0[row] } }
        if let lucky = try? Sharpe.expectedMaximum(ofTrialRatios: ratios) {
            selection.luckySharpe = Self.convention.annualised(Measure(lucky))
        }
        selection.backtestYearsMin = Measure(Sharpe.minimumBacktestYears(trials: Double(detectors), target: 1))
        if let pbo = try? Overfitting(returns: rows, blocks: 8) {
            selection.overfitting = Measure(pbo.probability)
            selection.overfittingBlocks = 8
            selection.overfittingConfigurations = full.count
            let mean = pbo.logits.reduce(0, +) / Double(pbo.logits.count)
            var squares = 0.0
            for logit in pbo.logits { squares += (logit - mean) * (logit - mean) }
            selection.overfittingSpread = Measure((squares / Double(pbo.logits.count)).squareRoot())
            selection.lossProbability = Measure(pbo.lossProbability)
        } else {
            selection.overfitting = .undefined("fewer than two configurations with all windows")
        }
        report.selection = selection
    }

    private func strata(_ random: inout SplitMix64, scale: Int) -> [StrataTable] {
        let dimensions = [
            ("regime", ["low", "middle", "high"]), ("session", ["Asia", "Europe", "US", "weekend"]),
            ("venue", ["hyperliquid", "binance"]),
        ]
        return dimensions.map { dimension, names in
            let rows = names.map { name in
                let judged = points * folds / names.count * scale
                let share = 0.5 + 0.03 * random.normal()
                let hits = Int(Double(judged) * min(max(share, 0), 1))
                var result = Performance(judged: judged, hits: hits)
                let mean = 0.5 * random.normal()
                if judged > 0 {
                    result.meanBps = Measure(mean)
                    result.meanInterval = Bounds(
                        low: mean - 0.6, high: mean + 0.6, level: 0.95, method: "block bootstrap, 1,000 draws")
                    result.favourableBps = Measure(7 + random.uniform())
                    result.adverseBps = Measure(7 + random.uniform())
                } else {
                    result.meanBps = .undefined("0 windows")
                }
                return Stratum(name: name, performance: result, lift: Measure(share - 0.5))
            }
            return StrataTable(dimension: dimension, rows: rows)
        }
    }

    private func data(_ end: Int64, _ random: inout SplitMix64) -> DataSection {
        var data = DataSection()
        let second: Int64 = 1_000_000_000
        for (name, events) in [("BTC-USD", 18_402_117), ("ETH-USD", 14_077_920), ("SOL-USD", 9_811_204)] {
            data.instruments.append(
                InstrumentData(name: name, venue: "hyperliquid", events: events, span: TimeSpan(Self.start, end)))
        }
        data.eventCounts = [
            ReasonCount("mkt.Book", 31_204_551), ReasonCount("mkt.Trade", 9_020_118),
            ReasonCount("mkt.Derived", 1_980_044),
            ReasonCount("mkt.Candle", 86_400), ReasonCount("mkt.Gap", 128),
        ]
        for index in 0..<17 {
            let place = Int64(random.uniform() * Double(end - Self.start))
            let length = second * Int64(2 + 900 * random.uniform() * random.uniform())
            let from = Self.start + place
            data.gaps.append(
                DataGap(
                    instrument: index % 4 == 0 ? "*" : data.instruments[index % 3].name,
                    span: TimeSpan(from, from + (index == 3 ? 14 * 3600 * second : length)),
                    reason: index == 3 ? "venue maintenance" : "reconnect"))
        }
        data.gaps.sort { $0.span.fromNanos < $1.span.fromNanos }
        data.rejects = [
            ReasonCount("trade seen before (time, coin, tid)", 2_114), ReasonCount("crossed book", 37),
            ReasonCount("unsorted level", 4),
        ]
        return data
    }
}
