import Events
import Statistics

/// Outcomes of scored windows beside their scores, by detector: what calibration and blend are fitted on.
///
/// A score at t was made of outcomes known before t, so every pair of a score and its outcome is out of sample. Memory
/// does not grow.
struct CalibrationBook: Sendable {
    /// Most outcomes that are kept of a detector, over all assets.
    static let samplesMax = 2048

    /// A window that was scored, spoke, and moved.
    struct Sample: Sendable {
        var asofNanos: Int64 = 0
        var sigma = 0.0
        /// ln of quality over resonance: how sigma answers to the blend.
        var lean = 0.0
        /// Evidence of the micro-experts; NaN where they were stale.
        var evidence = Double.nan
        var isHit = false
    }

    /// What is kept of a detector.
    private struct Kept {
        var samples: [Sample] = []
        var places = RingPlaces(capacity: samplesMax)
        /// Outcomes since the last fit.
        var fresh = 0

        /// A sample by its age, the oldest at step 0.
        subscript(step: Int) -> Sample { samples[places.place(step)] }
    }

    private var kept: [Kept]

    init(detectors: Int) { kept = [Kept](repeating: Kept(), count: detectors) }

    mutating func add(_ sample: Sample, detector: Int) {
        if kept[detector].samples.isEmpty { takeMemory() }
        kept[detector].fresh += 1
        kept[detector].samples[kept[detector].places.take()] = sample
    }

    /// The memory of all detectors is taken whole at the very first outcome.
    ///
    /// So a long run, in which every detector comes to speak, takes no more than a short one. Not before: what an
    /// engine holds that is copied is held twice.
    private mutating func takeMemory() {
        for detector in kept.indices {
            kept[detector].samples = [Sample](repeating: Sample(), count: Self.samplesMax)
        }
    }

    /// Whether there are outcomes that no fit has seen.
    var isFresh: Bool { kept.contains { $0.fresh > 0 } }

    /// The maps of a detector over windows since a time; none without new outcomes or below the minimum (SIG-09).
    mutating func curves(_ detector: Int, since nanos: Int64, samplesMin: Int) -> [CalibrationCurve] {
        guard kept[detector].fresh > 0 else { return [] }
        kept[detector].fresh = 0
        let kept = kept[detector]
        return CalibrationInput.allCases.compactMap { Self.curve($0, kept, nanos, samplesMin) }
    }

    private static func curve(
        _ input: CalibrationInput, _ kept: Kept, _ since: Int64, _ samplesMin: Int
    ) -> CalibrationCurve? {
        var (scores, hits): ([Double], [Double]) = ([], [])
        for step in 0..<kept.places.count {
            let sample = kept[step]
            guard sample.asofNanos >= since else { continue }
            let score =
                switch input {
                case .evidence: sample.evidence
                case .sigma: sample.sigma
                }
            // The one number that may be absent is evidence.
            guard !score.isNaN else { continue }
            scores.append(score)
            hits.append(sample.isHit ? 1 : 0)
        }
        guard scores.count >= samplesMin, let fit = try? Isotonic(scores: scores, targets: hits, bounds: 0...1) else {
            return nil
        }
        var curve = CalibrationCurve()
        curve.input = input
        (curve.scores, curve.probabilities) = fit.knots
        curve.samples = Int64(scores.count)
        return curve
    }

    /// What the outcomes of all detectors since a time say about the blend; nil where nothing can be said (SIG-11).
    func blend(since nanos: Int64) -> BlendEvidence? {
        // In order of time, and of the detectors within a moment. Places, not samples, are sorted: there are up to
        // `samplesMax` of each detector, and what a night takes is the most memory that a run ever does.
        var order: [Int32] = []
        order.reserveCapacity(kept.reduce(0) { $0 + $1.places.count })
        for detector in kept.indices {
            for step in 0..<kept[detector].places.count {
                let sample = kept[detector][step]
                guard sample.asofNanos >= nanos, sample.sigma > 0, sample.lean.isFinite else { continue }
                order.append(Int32(detector * Self.samplesMax + step))
            }
        }
        func sample(_ place: Int32) -> Sample { kept[Int(place) / Self.samplesMax][Int(place) % Self.samplesMax] }
        order.sort {
            let (a, b) = (sample($0).asofNanos, sample($1).asofNanos)
            return a != b ? a < b : $0 < $1
        }
        return BlendEvidence(
            times: order.map { sample($0).asofNanos }, logs: order.map { Elementary.log(sample($0).sigma) },
            leans: order.map { sample($0).lean }, hits: order.map { sample($0).isHit })
    }
}

/// Whether hits still depend on the ratio of quality to resonance once the selection score is known (SIG-11).
///
/// ln sigma = u ln q + (1 - u) ln k. Under the right blend, sigma says all that both parts say about a hit. Where hits
/// rise with ln(q / k) at a given sigma, the kernel part is over-weighted and u is too low; where they fall,
/// under-weighted and too high. Both variables are freed of ln sigma by least squares; the mean of their product is
/// tested with errors that are consistent under dependence, windows of one moment as one draw (LRN-07).
package struct BlendEvidence: Equatable, Sendable {
    /// Change of the hit probability per unit of ln(q / k), at a given sigma.
    package let slope: Double
    /// Ends of its fixed-b interval at 90 %: one-sided, 5 % lie below and 5 % above.
    package let low: Double
    package let high: Double
    /// Windows behind it.
    package let samples: Int64

    /// Measures it; nil below two moments, or where one of the numbers does not vary.
    package init?(times: [Int64], logs: [Double], leans: consuming [Double], hits: [Bool]) {
        let count = leans.count
        let ofLeans = Line(logs, count) { leans[$0] }
        let ofHits = Line(logs, hits.count) { hits[$0] ? 1 : 0 }
        guard let ofLeans, let ofHits, hits.count == count else { return nil }
        // What is left of the leans stands where they stood, and then its products with what is left of the hits.
        for index in 0..<count { leans[index] = ofLeans.rest(leans[index], logs[index]) }
        guard let products = try? Sum.ofProducts(leans, leans) else { return nil }
        let scale = products / Double(count)
        // Below this what is left is rounding.
        guard scale > 1e-12 else { return nil }
        for index in 0..<count { leans[index] *= ofHits.rest(hits[index] ? 1 : 0, logs[index]) }
        var moments = 1
        for index in times.indices.dropFirst() where times[index] != times[index - 1] { moments += 1 }
        guard
            let mean = try? NeweyWest.panelMean(leans, times: times, lags: NeweyWest.decisionLags(moments))
        else { return nil }
        let interval = NeweyWest.interval(mean, level: .ninety)
        slope = mean.mean / scale
        low = interval.low / scale
        high = interval.high / scale
        samples = Int64(count)
    }

    /// A line in x through y, by least squares; nil for fewer than three, or an x that does not vary.
    private struct Line {
        let meanX: Double
        let meanY: Double
        let slope: Double

        init?(_ x: [Double], _ count: Int, _ y: (Int) -> Double) {
            let n = Double(x.count)
            guard x.count >= 3, count == x.count else { return nil }
            meanX = Sum.of(x) / n
            var sum = CompensatedSum()
            for index in x.indices { sum.add(y(index)) }
            meanY = sum.value / n
            var (xx, xy) = (CompensatedSum(), CompensatedSum())
            for index in x.indices {
                xx.add((x[index] - meanX) * (x[index] - meanX))
                xy.add((x[index] - meanX) * (y(index) - meanY))
            }
            guard xx.value > 1e-12 * n else { return nil }
            slope = xy.value / xx.value
        }

        /// What is left of y.
        func rest(_ y: Double, _ x: Double) -> Double { y - meanY - slope * (x - meanX) }
    }
}
