package import Events
internal import Statistics

/// The nightly map of priors to priors: a damped step towards what the night found (PRI-22, VOC-61).
///
/// A step that is cut off at a cap is no contraction: two sets far from the target on the same side both move by the
/// cap, and their distance stays. So the cap does not cut the step, it slows it: where a whole step could pass the cap,
/// the damping of that knob is lowered until it cannot.
package struct PriorsMap: Equatable, Sendable {
    /// Largest damping (PRI-22).
    package static let dampingMax = 0.5
    /// Largest constant that passes as a contraction (PRI-22).
    package static let constantMax = 0.95

    package let knobs: [Knob]
    /// Share of the way that each knob goes in a night.
    package let damping: [Double]
    /// What the night found, within the ranges.
    package let target: [Double]

    /// Makes the map of a night.
    ///
    /// Errors: `contraction` for a damping outside (0, 0.5], a target for other knobs, or a step so small against its
    /// range that the map would not contract by 0.95.
    package init(knobs: [Knob], target: [Double], damping: Double = dampingMax) throws(WeaveError) {
        guard damping > 0, damping <= Self.dampingMax, knobs.count == target.count else {
            throw WeaveError(
                .contraction, found: "damping \(damping), \(target.count) targets for \(knobs.count) knobs",
                expected: "a damping above 0 and at most \(Self.dampingMax), one finite target a knob",
                advice: "correct the call")
        }
        var dampings: [Double] = []
        for (index, knob) in knobs.enumerated() {
            let own = min(damping, knob.nightStep / knob.width)
            guard knob.width > 0, target[index].isFinite, 1 - own <= Self.constantMax else {
                throw WeaveError(
                    .contraction, found: "a step of \(knob.nightStep) in a range of \(knob.width)",
                    expected: "a step of at least \(1 - Self.constantMax) of the range, and a finite target",
                    advice: "allow a larger step or a smaller range")
            }
            dampings.append(own)
        }
        self.knobs = knobs
        self.damping = dampings
        self.target = knobs.indices.map { min(max(target[$0], knobs[$0].range.lowerBound), knobs[$0].range.upperBound) }
    }

    /// The priors after a night, within the ranges; no knob moves farther than its step.
    package func applied(to priors: [Double]) -> [Double] {
        knobs.indices.map { index in
            let range = knobs[index].range
            let from = min(max(priors[index], range.lowerBound), range.upperBound)
            return from + damping[index] * (target[index] - from)
        }
    }

    /// The largest ratio of distances after and before, over random pairs of priors.
    package func check(pairs: Int, seed: UInt64) -> ContractionChecked {
        Self.check(knobs, pairs: pairs, seed: seed) { applied(to: $0) }
    }

    /// The check for any map; distance is the largest over the knobs, each against its range.
    package static func check(
        _ knobs: [Knob], pairs: Int, seed: UInt64, _ map: ([Double]) -> [Double]
    ) -> ContractionChecked {
        var stream = Xoshiro256(seed: seed)
        var event = ContractionChecked()
        event.pairs = Int64(pairs)
        event.seed = seed
        for _ in 0..<pairs {
            let p = knobs.map { $0.range.lowerBound + $0.width * stream.uniform() }
            let q = knobs.map { $0.range.lowerBound + $0.width * stream.uniform() }
            let before = distance(p, q, knobs)
            guard before > 0 else { continue }
            event.estimate = max(event.estimate, distance(map(p), map(q), knobs) / before)
        }
        return event
    }

    private static func distance(_ p: [Double], _ q: [Double], _ knobs: [Knob]) -> Double {
        knobs.indices.map { abs(p[$0] - q[$0]) / knobs[$0].width }.max() ?? 0
    }
}
