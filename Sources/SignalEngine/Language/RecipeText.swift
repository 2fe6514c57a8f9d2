import Events
import LogFormat

/// The canonical text of a recipe: what its hash is of.
enum RecipeText {
    /// One line per fact, in one order; `+` steps are numbered as they are evaluated.
    static func canonical(
        _ source: DetectorSource, nodes: [RecipeNode], signal: Int, gates: [Recipe.Gate], abstain: Int?,
        triggers: [String]
    ) -> String {
        var lines = [
            "detector \(source.id.text)", "transforms \(Transform.version)", "family \(source.family.text)",
            "timeframe \(source.timeframe.text)", "every \(source.everySeconds)s", "horizon \(source.horizon.text)",
            "half_life_bars \(source.halfLifeBars)",
        ]
        for parameter in source.parameters.sorted(by: { $0.name.text < $1.name.text }) {
            lines.append(
                "parameter \(parameter.name.text) \(parameter.value) in \(parameter.minimum)...\(parameter.maximum)"
                    + (parameter.isWhole ? " whole" : ""))
        }
        for (index, node) in nodes.enumerated() { lines.append("\(index) \(step(node, source))") }
        lines.append("signal \(signal)")
        for gate in gates { lines.append("gate \(gate.name) \(gate.node)") }
        if source.requiresConfirmation { lines.append("gate mx_confirm") }
        if let abstain { lines.append("abstain \(abstain)") }
        for trigger in triggers { lines.append("trigger \(trigger)") }
        for invariant in Invariant.allCases where source.invariants.contains(invariant) {
            lines.append("invariant \(invariant.text)")
        }
        for parent in source.parents.map(\.text).sorted() { lines.append("parent \(parent)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func step(_ node: RecipeNode, _ source: DetectorSource) -> String {
        switch node.operation {
        case .constant: return "constant \(node.value)"
        case .parameter: return "parameter \(source.parameters[Int(node.window)].name.text)"
        case .feature: return "feature \(Feature.texts[Int(node.window)])"
        default: break
        }
        var words = [Transform.of(node.operation)?.name ?? "\(node.operation)"]
        for input in [node.first, node.second, node.third] where input >= 0 { words.append("\(input)") }
        if node.window > 0 { words.append("window=\(node.window)") }
        return words.joined(separator: " ")
    }
}
