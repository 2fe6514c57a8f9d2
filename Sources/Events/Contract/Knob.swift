/// A number that a module owns and patches may move, with its bounds (SCH-HER-4, PRI-21).
///
/// The one description: manifests, the rules of priors and the nightly map all read it.
package struct Knob: Equatable, Sendable {
    /// Its key among the priors (PRI-02).
    package var key: PriorKey
    /// How changes of it add up.
    package var kind: KnobKind
    /// Unit of measure, empty for a plain number.
    package var unit: String
    /// Value without any patch.
    package var base: Double
    /// Range that the value never leaves.
    package var range: ClosedRange<Double>
    /// Farthest that one patch or one night moves it: an amount, or of a multiplicative knob a share of itself.
    package var step: Double

    /// Makes a knob.
    package init(
        _ key: PriorKey, _ kind: KnobKind, unit: String = "", base: Double, range: ClosedRange<Double>,
        step: Double = 0.1
    ) {
        self.key = key
        self.kind = kind
        self.unit = unit
        self.base = base
        self.range = range
        self.step = step
    }

    /// Amounts that one patch may ask for.
    package var amounts: ClosedRange<Double> {
        kind == .multiplicative ? max(1 - step, 0)...(1 + step) : -step...step
    }

    /// Width of the range.
    package var width: Double { range.upperBound - range.lowerBound }

    /// Farthest that one night moves the value; of a multiplicative knob the share of its base.
    package var nightStep: Double { kind == .multiplicative ? step * base : step }
}
