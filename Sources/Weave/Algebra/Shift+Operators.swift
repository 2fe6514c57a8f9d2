internal import Events
internal import Statistics

/// A shift and its weight in a union.
package struct WeightedShift: Equatable, Sendable {
    package var weight: Double
    package var shift: Shift

    /// Makes a weighted shift.
    package init(_ weight: Double, _ shift: Shift) {
        self.weight = weight
        self.shift = shift
    }
}

/// The operators of BRD-10…15 on shifts that fire.
///
/// Sums are compensated and factors multiplied in the order given (GEN-14); `Composition` brings the order into a form
/// that does not depend on how the composition was written.
extension Shift {
    /// The weighted mean of the shifts, geometric for factors (BRD-10); weights are brought to the sum 1.
    package static func union(_ parts: [WeightedShift]) throws(WeaveError) -> Shift {
        guard let first = parts.first else { throw noParents("UNION") }
        var total = CompensatedSum()
        for part in parts {
            guard part.weight > 0, part.weight.isFinite else {
                throw WeaveError(
                    .weight, found: "a weight of \(part.weight)", expected: "finite weights above 0",
                    advice: "leave out parents that must not count")
            }
            total.add(part.weight)
        }
        // One parent is its own mean, to the bit: no detour through logarithms.
        if parts.count == 1 { return first.shift }
        let weights = parts.map { $0.weight / total.value }
        let shifts = parts.map(\.shift)
        return Shift(
            unchecked: mean(shifts.map(\.thetaDelta), weights), geometricMean(shifts.map(\.phiMult), weights),
            mergeKnobs(shifts, weights))
    }

    /// All shifts together (BRD-11): sums of what is added, products of factors.
    package static func intersect(_ shifts: [Shift]) throws(WeaveError) -> Shift {
        guard let first = shifts.first else { throw noParents("INTERSECT") }
        if shifts.count == 1 { return first }
        return Shift(
            unchecked: Sum.of(shifts.map(\.thetaDelta)), shifts.reduce(1) { $0 * $1.phiMult }, mergeKnobs(shifts, nil))
    }

    /// The shift weakened to a share of itself (BRD-13): λ times what is added, factors to the power λ.
    ///
    /// Errors: `attenuation` for a λ outside (0, 1].
    package func attenuated(by lambda: Double) throws(WeaveError) -> Shift {
        guard lambda > 0, lambda <= 1 else {
            throw WeaveError(
                .attenuation, found: "a factor of \(lambda)", expected: "a factor above 0 and at most 1",
                advice: "archive the braid to take it away altogether")
        }
        return scaled(by: lambda)
    }

    /// The shift scaled by a share from 0 (neutral) to 1 (itself).
    func scaled(by share: Double) -> Shift {
        if share == 1 { return self }
        if share <= 0 { return .neutral }
        return Shift(
            unchecked: share * thetaDelta, Elementary.power(phiMult, share),
            knobs.map { knob in
                switch knob.kind {
                case .additive: KnobChange(knob.knob, knob.kind, share * knob.amount)
                case .multiplicative: KnobChange(knob.knob, knob.kind, Elementary.power(knob.amount, share))
                case .boolean, .categorical: knob
                }
            })
    }

    /// Only the boost (BRD-14): never relaxes penalties.
    package var liftOnly: Shift { Shift(unchecked: 0, phiMult, []) }

    /// Only the penalty (BRD-15): never boosts.
    package var penaltyOnly: Shift { Shift(unchecked: thetaDelta, 1, []) }

    private static func mean(_ values: [Double], _ weights: [Double]) -> Double {
        var sum = CompensatedSum()
        for index in values.indices { sum.add(weights[index] * values[index]) }
        return sum.value
    }

    private static func geometricMean(_ values: [Double], _ weights: [Double]) -> Double {
        if values.allSatisfy({ $0 == values[0] }) { return values[0] }
        return Elementary.exp(mean(values.map(Elementary.log), weights))
    }

    /// Every knob that any shift names; a shift that does not name it leaves it alone (`weights` nil: all together).
    private static func mergeKnobs(_ shifts: [Shift], _ weights: [Double]?) -> [KnobChange] {
        let named = shifts.flatMap(\.knobs).sorted(by: KnobChange.precedes)
        var result: [KnobChange] = []
        for knob in named where result.last?.knob != knob.knob || result.last?.kind != knob.kind {
            let amounts = shifts.map { shift in
                shift.knobs.first { $0.knob == knob.knob && $0.kind == knob.kind }?.amount
            }
            result.append(KnobChange(knob.knob, knob.kind, combine(amounts, knob.kind, weights)))
        }
        return result
    }

    private static func combine(_ amounts: [Double?], _ kind: KnobKind, _ weights: [Double]?) -> Double {
        let filled = amounts.map { $0 ?? kind.neutral }
        switch kind {
        case .additive: return weights.map { mean(filled, $0) } ?? Sum.of(filled)
        case .multiplicative: return weights.map { geometricMean(filled, $0) } ?? filled.reduce(1, *)
        case .boolean, .categorical:
            // A value cannot be averaged: the heaviest says it, the first among equals.
            var best: (weight: Double, amount: Double)?
            for (index, amount) in amounts.enumerated() {
                guard let amount else { continue }
                let weight = weights?[index] ?? 1
                if weight > best?.weight ?? 0 { best = (weight, amount) }
            }
            return best?.amount ?? kind.neutral
        }
    }

    private static func noParents(_ name: String) -> WeaveError {
        WeaveError(.noParents, found: "\(name) of nothing", expected: "at least one parent", advice: "name its parents")
    }
}
