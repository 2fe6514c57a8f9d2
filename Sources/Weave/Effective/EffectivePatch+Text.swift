package import Events
internal import LogFormat

/// The printable trace (BRD-40): which braids, composed how, made the patch, and what the caps took.
extension EffectivePatch {
    /// The trace, line by line.
    package var text: String {
        var lines = ["effective patch of \(target.detector) on \(target.asset) at \(target.horizon)"]
        for scope in scopes {
            let name = Self.name(of: scope.type)
            if scope.members.count > 1 {
                lines.append("\(name): UNION of \(scope.members.count) -> \(Self.text(scope.shift))")
            } else {
                lines.append("\(name): \(Self.text(scope.shift))")
            }
            for member in scope.members { lines.append("  " + Self.text(member)) }
        }
        if scopes.isEmpty { lines.append("no braid acts") }
        for entry in yielded { lines.append("yields: \(entry.id), \(entry.reason.rawValue) \(entry.to)") }
        let moved = caps == baseCaps ? "" : " (from \(baseCaps.thetaMin) and \(baseCaps.phiMultMax))"
        lines.append("caps: theta >= \(caps.thetaMin), phi <= \(caps.phiMultMax)\(moved)")
        for cut in cuts {
            lines.append("cut: \(cut.what) of \(Self.name(of: cut.type)) from \(cut.asked) to \(cut.applied)")
        }
        lines.append("theta \(thetaBefore) -> \(thetaAfter), phi \(phiBefore) -> \(phiAfter)")
        for knob in asked.knobs { lines.append("knob \(knob.knob): \(knob.kind.text) \(knob.amount)") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The scope's name in conflicts (BRD-36): what micro-braids say of a detector goes first.
    package static func name(of type: BraidType) -> String {
        switch type {
        case .micro: "detector"
        case .meta: "meta"
        case .field: "field"
        }
    }

    private static func text(_ member: Member) -> String {
        let composed = member.composition == "\(member.id)" ? "" : " = \(member.composition)"
        return "\(member.id)\(composed) -> \(text(member.shift)), quality \(member.quality), weight \(member.weight)"
    }

    private static func text(_ shift: Shift) -> String {
        let knobs = shift.knobs.map { ", \($0.knob) \($0.kind.text) \($0.amount)" }.joined()
        return "(\(shift.thetaDelta), \(shift.phiMult)\(knobs))"
    }
}
