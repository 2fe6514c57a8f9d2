package import Events

/// For how long a detector's signals may depend on where the market began.
///
/// A bound from its recipe, not a measurement: it may be larger than the truth. Silences lengthen it, since a detector
/// remembers windows in which its inputs were there, and not time. Scores and standings have longer memories of their
/// own.
package struct WarmUp: Equatable, Sendable {
    /// Market time from the first event of an asset to windows that do not depend on it; without what has no bound.
    package let nanos: Int64
    /// From one window to the next.
    package let everyNanos: Int64
    /// The feature that reaches back farthest with what is made of it; nil if nothing reaches beyond the window.
    package let longest: Feature?
    /// What has no bound, and why; empty where `nanos` is the bound.
    package let endless: [String]
}

extension Recipe {
    /// The warm-up of the recipe, over its signal, its gates and its abstaining, whatever they read.
    ///
    /// A window before the first one that counts is looked at in part and is stale; so two windows stand in front of
    /// what the steps reach back.
    ///
    /// - Parameter lookBack: how far back each feature reaches.
    package func warmUp(_ lookBack: (Feature) -> LookBack) -> WarmUp {
        let kind = source.windowKind
        let every = Int64(kind.everySeconds)
        var reaches: [(seconds: Int64, feature: Feature?)] = []
        var endless: [String] = []
        for node in nodes {
            var reach: (seconds: Int64, feature: Feature?) = (0, nil)
            for input in [node.first, node.second, node.third] where input >= 0 {
                if reaches[Int(input)].seconds > reach.seconds { reach = reaches[Int(input)] }
            }
            if node.operation == .feature {
                let feature = Feature.allCases[Int(node.window)]
                let back = lookBack(feature)
                let seconds = back.seconds(kind)
                reach = (seconds, seconds > 0 ? feature : nil)
                if let why = back.endless { endless.append("\(feature.text): \(why)") }
            } else if let transform = Transform.of(node.operation) {
                reach.seconds += transform.memory.windows(Int64(node.window)) * every
                if case .endless(let why) = transform.memory { endless.append("\(transform.name): \(why)") }
            }
            reaches.append(reach)
        }
        let last = reaches.max { $0.seconds < $1.seconds } ?? (0, nil)
        return WarmUp(
            nanos: (last.seconds + 2 * every) * 1_000_000_000, everyNanos: every * 1_000_000_000, longest: last.feature,
            endless: endless)
    }
}
