package import Events
internal import LogFormat

/// The owner's look at a patch before it takes effect (HER-17, NEV-14).
package enum PatchCheck {
    /// Why a patch is refused.
    package struct Refusal: Error, Equatable {
        package var reason: PatchRejection
        package var detail: String
    }

    /// What a cap took from a patch.
    package struct Clip: Equatable, Sendable {
        package var knob: PriorKey
        package var asked: Double
        package var applied: Double
        package var cap: Double
    }

    /// The effect within the owner's caps, and what was cut to get there.
    ///
    /// Errors: a typed refusal for a patch that is not the owner's, not bounded, does not expire, cannot be reverted or
    /// has no cause.
    package static func check(
        _ patch: Patch, _ rules: PriorsRules
    ) throws(Refusal) -> (applied: Effect, clips: [Clip]) {
        try checkOwner(patch, rules)
        try checkNumbers(patch.effect)
        try checkLife(patch, rules)
        try checkCause(patch, rules)
        try checkCurves(patch)
        if patch.key.text.hasPrefix("gate:"), patch.rule.isEmpty || patch.rule.count > Rule.composedLiteralsMax {
            throw Refusal(
                reason: .notAllowed,
                detail: "found \(patch.rule.count) literals, expected 1 to \(Rule.composedLiteralsMax) for a gate: "
                    + "say where it applies")
        }
        return clipped(patch, rules)
    }

    private static func checkOwner(_ patch: Patch, _ rules: PriorsRules) throws(Refusal) {
        guard patch.owner == rules.owner else {
            throw Refusal(
                reason: .wrongModule,
                detail: "found owner \(patch.owner.text), expected \(rules.owner.text): address it to its owner")
        }
        func unknown(_ name: String) -> Refusal {
            Refusal(
                reason: .unknownKnob,
                detail: "found \(name), which \(rules.owner.text) does not have, expected one of "
                    + (rules.knobs.map(\.key.text) + (rules.hasGates ? ["gate:*", "calib:*"] : []) + ["policy:*"])
                    .joined(separator: ", ") + ": name a knob of the receiver")
        }
        let effect = patch.effect
        if !rules.hasGates {
            if effect.thetaDelta != 0 { throw unknown("theta_delta") }
            if effect.phiMult != 1 { throw unknown("phi_mult") }
        }
        guard rules.owns(patch.key) else { throw unknown(patch.key.text) }
        for knob in effect.knobs {
            let isKnown = rules.knob(knob.knob)?.kind == knob.kind || rules.policyAmounts(knob) != nil
            guard isKnown else { throw unknown("\(knob.knob) as \(knob.kind.text)") }
        }
    }

    private static func checkNumbers(_ effect: Effect) throws(Refusal) {
        let numbers = [effect.thetaDelta, effect.phiMult, effect.thetaMin, effect.phiMultMax]
        let allNumbers = numbers + effect.knobs.map(\.amount)
        let isPositive = effect.phiMult > 0 && effect.phiMultMax > 0 && effect.thetaMin >= 0
        let factorsArePositive = effect.knobs.allSatisfy { $0.kind != .multiplicative || $0.amount > 0 }
        guard allNumbers.allSatisfy(\.isFinite), isPositive, factorsArePositive else {
            throw Refusal(
                reason: .unbounded,
                detail: "found an effect that is not finite or not positive where it must be, "
                    + "expected bounded numbers: give theta_min at least 0, factors above 0")
        }
    }

    private static func checkLife(_ patch: Patch, _ rules: PriorsRules) throws(Refusal) {
        guard patch.ttlDays > 0, patch.ttlDays <= rules.ttlDaysMax else {
            throw Refusal(
                reason: .noExpiry,
                detail: "found a life of \(patch.ttlDays) days, expected 1 to \(rules.ttlDaysMax): set ttl_days")
        }
        let revert = patch.revertRule
        guard revert.supportMin > 0, revert.upliftP05AtMost.isFinite, revert.upliftP05AtMost >= 0 else {
            throw Refusal(
                reason: .noRevertRule,
                detail: "found revert at p05 <= \(revert.upliftP05AtMost) with support \(revert.supportMin), "
                    + "expected a threshold of 0 or more and a support above 0: set revert_if")
        }
    }

    private static func checkCause(_ patch: Patch, _ rules: PriorsRules) throws(Refusal) {
        let causes = [patch.braidID != nil, patch.operatorEventID != nil, patch.jobEventID != nil].count { $0 }
        guard causes == 1 else {
            throw Refusal(
                reason: .noCause,
                detail: "found \(causes == 0 ? "no cause" : "\(causes) causes"), expected exactly one braid, or the "
                    + "operator's record, or the learning job's: name who asks")
        }
        guard patch.jobEventID != nil else { return }
        // Whatever else a job finds has to be a braid's lesson first (LRN-62, NEV-15).
        let effect = patch.effect
        let isNeutral = effect.thetaDelta == 0 && effect.phiMult == 1
        let isCalibration = PriorsRules.isCalibration(patch.key) && effect.knobs.isEmpty
        let isKnob = !effect.knobs.isEmpty && effect.knobs.allSatisfy { rules.jobStep($0.knob) != nil }
        guard isNeutral, isCalibration || isKnob else {
            throw Refusal(
                reason: .notAllowed,
                detail: "found \(patch.key) asked for by a job, expected a calibration, or \(PriorsRules.blendKey): "
                    + "let a braid ask for anything else")
        }
    }

    /// Most knots of a map.
    package static let knotsMax = 4096

    private static func checkCurves(_ patch: Patch) throws(Refusal) {
        guard PriorsRules.isCalibration(patch.key) || patch.curves.isEmpty else {
            throw Refusal(
                reason: .notAllowed,
                detail: "found maps under \(patch.key), expected them under calib:DETECTOR: use that key")
        }
        for curve in patch.curves {
            let (scores, values) = (curve.scores, curve.probabilities)
            let isRising = zip(scores, scores.dropFirst()).allSatisfy { $0 < $1 }
            let isMonotone = zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
            let isBounded = scores.allSatisfy(\.isFinite) && values.allSatisfy { (0...1).contains($0) }
            guard scores.count == values.count, (1...knotsMax).contains(scores.count), isRising, isMonotone, isBounded
            else {
                throw Refusal(
                    reason: .unbounded,
                    detail: "found a map of \(curve.input.text) with \(scores.count) scores and \(values.count) "
                        + "probabilities, expected 1 to \(knotsMax) knots, rising, with probabilities that never fall: "
                        + "fit it again")
            }
        }
    }

    private static func clipped(_ patch: Patch, _ rules: PriorsRules) -> (applied: Effect, clips: [Clip]) {
        let effect = patch.effect
        var applied = effect
        var clips: [Clip] = []
        func clip(_ key: PriorKey, _ value: Double, _ range: ClosedRange<Double>) -> Double {
            let held = min(max(value, range.lowerBound), range.upperBound)
            if held != value { clips.append(Clip(knob: key, asked: value, applied: held, cap: held)) }
            return held
        }
        if rules.hasGates {
            applied.thetaDelta = clip("theta_delta", effect.thetaDelta, -rules.thetaStep...rules.thetaStep)
            applied.phiMult = clip("phi_mult", effect.phiMult, 1 / rules.phiStep...rules.phiStep)
            // A floor of 0 is no floor of its own: the owner's holds, and nothing was cut.
            let floor = effect.thetaMin == 0 ? rules.caps.thetaMin : effect.thetaMin
            applied.thetaMin = clip("theta_min", floor, rules.caps.thetaMin...1)
            let cap = rules.caps.phiMultMax
            applied.phiMultMax = clip("phi_mult_max", effect.phiMultMax, min(1, cap)...cap)
        }
        for index in effect.knobs.indices {
            let knob = effect.knobs[index]
            guard var range = rules.knob(knob.knob)?.amounts ?? rules.policyAmounts(knob) else { continue }
            if patch.jobEventID != nil, let step = rules.jobStep(knob.knob) { range = -step...step }
            applied.knobs[index].amount = clip(knob.knob, knob.amount, range)
        }
        return (applied, clips)
    }
}
