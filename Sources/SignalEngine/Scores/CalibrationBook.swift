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
        var asofNanos: Int64
        var sigma: Double
        /// ln of quality over resonance: how sigma answers to the blend.
        var lean: Double
        /// Evidence of the micro-experts; nil where they were stale.
        var evidence: Double?
        var isHit: Bool
    }

    /// Memory of a detector is taken whole at its first outcome and does not grow.
    private var rings: [[Sample]]
    /// Place of the next outcome; once a ring is full, that of the oldest.
    private var next: [Int]
    private var counts: [Int]
    /// Outcomes since the last fit.
    private var fresh: [Int]

    init(detectors: Int) {
        rings = [[Sample]](repeating: [], count: detectors)
        next = [Int](repeating: 0, count: detectors)
        counts = next
        fresh = next
    }

    mutating func add(_ sample: Sample, detector: Int) {
        fresh[detector] += 1
        if rings[detector].isEmpty { rings[detector] = [Sample](repeating: sample, count: Self.samplesMax) }
        rings[detector][next[detector]] = sample
        next[detector] = (next[detector] + 1) % Self.samplesMax
        counts[detector] = min(counts[detector] + 1, Self.samplesMax)
    }

    /// Whether there are outcomes that no fit has seen.
    var isFresh: Bool { fresh.contains { $0 > 0 } }

    /// The maps of a detector over windows since a time; none without new outcomes or below the minimum (SIG-09).
    mutating func curves(_ detector: Int, since nanos: Int64, samplesMin: Int) -> [CalibrationCurve] {
        guard fresh[detector] > 0 else { return [] }
        fresh[detector] = 0
        let samples = samples(detector, since: nanos)
        return CalibrationInput.allCases.compactMap { Self.curve($0, samples, samplesMin) }
    }

    private static func curve(_ input: CalibrationInput, _ samples: [Sample], _ samplesMin: Int) -> CalibrationCurve? {
        var (scores, hits): ([Double], [Double]) = ([], [])
        for sample in samples {
            let score: Double? =
                switch input {
                case .evidence: sample.evidence
                case .sigma: sample.sigma
                }
            guard let score else { continue }
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
        // `samplesMax` of each detector, and copies of them all would be the most memory that a run ever takes.
        var order: [(nanos: Int64, detector: Int32, step: Int32)] = []
        order.reserveCapacity(counts.reduce(0, +))
        for detector in rings.indices {
            for step in 0..<counts[detector] {
                let sample = sample(detector, step)
                guard sample.asofNanos >= nanos, sample.sigma > 0, sample.lean.isFinite else { continue }
                order.append((sample.asofNanos, Int32(detector), Int32(step)))
            }
        }
        order.sort { $0 < $1 }
        func column<Value>(_ value: (Sample) -> Value) -> [Value] {
            order.map { value(sample(Int($0.detector), Int($0.step))) }
        }
        return BlendEvidence(
            times: column(\.asofNanos), logs: column { Elementary.log($0.sigma) }, leans: column(\.lean),
            hits: column { $0.isHit ? 1 : 0 })
    }

    /// A sample by its age, the oldest at step 0.
    private func sample(_ detector: Int, _ step: Int) -> Sample {
        let oldest = counts[detector] < Self.samplesMax ? 0 : next[detector]
        return rings[detector][(oldest + step) % Self.samplesMax]
    }

    /// Oldest first.
    private func samples(_ detector: Int, since nanos: Int64) -> [Sample] {
        (0..<counts[detector]).lazy.map { sample(detector, $0) }.filter { $0.asofNanos >= nanos }
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
    package init?(times: [Int64], logs: [Double], leans: [Double], hits: [Double]) {
        guard let freedLeans = Self.freed(leans, of: logs), let freedHits = Self.freed(hits, of: logs),
            let products = try? Sum.ofProducts(freedLeans, freedLeans)
        else { return nil }
        let scale = products / Double(leans.count)
        // Below this what is left is rounding.
        guard scale > 1e-12 else { return nil }
        let scores = leans.indices.map { freedLeans[$0] * freedHits[$0] }
        var moments = 1
        for index in times.indices.dropFirst() where times[index] != times[index - 1] { moments += 1 }
        guard
            let mean = try? NeweyWest.panelMean(scores, times: times, lags: NeweyWest.decisionLags(moments))
        else { return nil }
        let interval = NeweyWest.interval(mean, level: .ninety)
        slope = mean.mean / scale
        low = interval.low / scale
        high = interval.high / scale
        samples = Int64(leans.count)
    }

    /// What is left of y after a line in x; nil for fewer than three, or an x that does not vary.
    private static func freed(_ y: [Double], of x: [Double]) -> [Double]? {
        let n = Double(x.count)
        guard x.count >= 3, y.count == x.count else { return nil }
        let (meanX, meanY) = (Sum.of(x) / n, Sum.of(y) / n)
        var (xx, xy) = (CompensatedSum(), CompensatedSum())
        for index in x.indices {
            xx.add((x[index] - meanX) * (x[index] - meanX))
            xy.add((x[index] - meanX) * (y[index] - meanY))
        }
        guard xx.value > 1e-12 * n else { return nil }
        let slope = xy.value / xx.value
        return x.indices.map { y[$0] - meanY - slope * (x[$0] - meanX) }
    }
}
