internal import Events
internal import LogFormat

/// The difference for people and for programs.
extension PriorsDiff {
    /// Lines for a terminal: a line with the change, lines with the reasons below it.
    package var text: String {
        var lines = ["priors \(from) -> \(to): \(entries.count) changed"]
        for entry in entries {
            lines.append("\(Self.sign(entry)) \(entry.key): \(Self.text(entry.old)) -> \(Self.text(entry.new))")
            if !entry.patches.isEmpty { lines.append("    patch " + Self.list(entry.patches)) }
            if !entry.braids.isEmpty { lines.append("    braid " + Self.list(entry.braids)) }
            if !entry.operators.isEmpty { lines.append("    operator " + Self.list(entry.operators)) }
            for cause in entry.causes { lines.append("    " + cause) }
            if !entry.evidence.isEmpty {
                let metrics = entry.evidence.map { "\($0.name) \($0.value.map { "\($0)" } ?? "none")" }
                lines.append("    evidence " + metrics.joined(separator: ", "))
            }
            for noise in entry.noise { lines.append("    " + noise.text) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One JSON object; the same difference gives the same bytes.
    package var json: String {
        let changes = entries.map { entry in
            let evidence = entry.evidence.map {
                "{\"name\":\(jsonString($0.name)),\"value\":\($0.value.map { "\($0)" } ?? "null")}"
            }
            return "{\"key\":\(jsonString(entry.key.text)),\"old\":\(entry.old?.canonicalJSON ?? "null"),"
                + "\"new\":\(entry.new?.canonicalJSON ?? "null"),\"patches\":\(Self.array(entry.patches)),"
                + "\"braids\":\(Self.array(entry.braids)),\"operators\":\(Self.array(entry.operators)),"
                + "\"causes\":\(Self.array(entry.causes)),\"evidence\":[\(evidence.joined(separator: ","))],"
                + "\"noise\":[\(entry.noise.map(\.json).joined(separator: ","))]}"
        }
        return "{\"owner\":\(jsonString(owner.text)),\"from\":\(jsonString(from.text)),"
            + "\"to\":\(jsonString(to.text)),\"changes\":[\(changes.joined(separator: ","))]}"
    }

    private static func sign(_ entry: Entry) -> String {
        entry.old == nil ? "+" : entry.new == nil ? "-" : "~"
    }

    private static func text(_ prior: ActivePrior?) -> String {
        guard let prior else { return "none" }
        if let value = prior.value { return "\(value)" }
        let effect = prior.effect
        var parts = prior.curves.map { "\($0.input.text) in \($0.scores.count) knots of \($0.samples)" }
        let isNeutral = effect.thetaDelta == 0 && effect.phiMult == 1
        if !isNeutral || effect.knobs.isEmpty && prior.curves.isEmpty {
            parts.append("(\(effect.thetaDelta), \(effect.phiMult))")
        }
        parts += effect.knobs.map { "\($0.knob) \($0.kind.text) \($0.amount)" }
        if let until = prior.untilNanos { parts.append("until \(TimeText.text(until))") }
        return parts.joined(separator: ", ")
    }

    private static func list<Value: CustomStringConvertible>(_ values: [Value]) -> String {
        values.map(\.description).joined(separator: ", ")
    }

    private static func array<Value: CustomStringConvertible>(_ values: [Value]) -> String {
        "[" + values.map { jsonString($0.description) }.joined(separator: ",") + "]"
    }
}
