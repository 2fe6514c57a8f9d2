import Events

/// Checks what stands around the expressions of a specification.
enum SourceCheck {
    static let parametersMax = 16
    static let definitionsMax = 32
    static let gatesMax = 8
    static let triggersMax = 8
    static let parentsMax = 8
    /// Longest step from window to window, in seconds.
    static let everySecondsMax: Int32 = 86_400
    static let halfLifeBarsMax: Int64 = 10_000
    /// Gate that stands for the micro-experts.
    static let confirmationGate = "mx_confirm"

    static func check(_ source: DetectorSource) throws(LanguageError) {
        let id = source.id
        guard DetectorID(id.text).isWellFormed, id.text.hasPrefix(source.family.text + "_") else {
            throw id.error(
                "the detector is '\(id.text)', expected \(source.family.text)_<detail>_v<number> of small letters and "
                    + "digits")
        }
        guard (1...everySecondsMax).contains(source.everySeconds) else {
            throw id.error("'every' is \(source.everySeconds) s, expected 1 to \(everySecondsMax)")
        }
        guard (1...halfLifeBarsMax).contains(source.halfLifeBars) else {
            throw id.error("'half_life_bars' is \(source.halfLifeBars), expected 1 to \(halfLifeBarsMax)")
        }
        try count(source.parameters.count, parametersMax, "parameters", id)
        try count(source.definitions.count, definitionsMax, "definitions", id)
        try count(source.gates.count, gatesMax, "gates", id)
        try count(source.suggestedTriggers.count, triggersMax, "suggested triggers", id)
        try count(source.parents.count, parentsMax, "parents", id)
        try names(source.parameters.map(\.name) + source.definitions.map(\.name))
        for parameter in source.parameters { try check(parameter) }
        for (index, gate) in source.gates.enumerated() {
            try word(gate.name, "a gate")
            if gate.name.text == confirmationGate {
                throw gate.name.error("gate '\(confirmationGate)' is built in: write 'requires_mx_confirm: true'")
            }
            if source.gates[..<index].contains(where: { $0.name.text == gate.name.text }) {
                throw gate.name.error("gate '\(gate.name.text)' stands twice: keep one")
            }
        }
        for (index, invariant) in source.invariants.enumerated() where source.invariants[..<index].contains(invariant) {
            throw id.error("invariant '\(invariant.text)' stands twice: keep one")
        }
        for (index, parent) in source.parents.enumerated() {
            guard DetectorID(parent.text).isWellFormed else {
                throw parent.error("the parent is '\(parent.text)', expected the id of a detector")
            }
            if source.parents[..<index].contains(where: { $0.text == parent.text }) {
                throw parent.error("parent '\(parent.text)' stands twice: keep one")
            }
        }
    }

    private static func count(_ found: Int, _ most: Int, _ what: String, _ id: SourceText) throws(LanguageError) {
        guard found <= most else { throw id.error("\(found) \(what), expected at most \(most)") }
    }

    /// Names of parameters and definitions: words, none twice, none that means something else.
    private static func names(_ all: [SourceText]) throws(LanguageError) {
        for (index, name) in all.enumerated() {
            try word(name, "a name")
            if Feature(text: name.text) != nil { throw name.error("'\(name.text)' is a feature: choose another name") }
            if Transform.named(name.text) != nil {
                throw name.error("'\(name.text)' is a transform: choose another name")
            }
            if all[..<index].contains(where: { $0.text == name.text }) {
                throw name.error("'\(name.text)' stands twice: keep one")
            }
        }
    }

    private static func word(_ name: SourceText, _ what: String) throws(LanguageError) {
        let bytes = Array(name.text.utf8)
        let isWord = bytes.allSatisfy { (97...122).contains($0) || $0 == 95 || Lexer.isDigit($0) }
        guard let first = bytes.first, isWord, !Lexer.isDigit(first), bytes.count <= Lexer.wordBytesMax else {
            throw name.error(
                "\(what) is '\(name.text)', expected small letters, digits and '_', a letter first, at most "
                    + "\(Lexer.wordBytesMax)")
        }
    }

    private static func check(_ parameter: DetectorParameter) throws(LanguageError) {
        let (low, value, high) = (parameter.minimum, parameter.value, parameter.maximum)
        let name = parameter.name
        guard low.isFinite, value.isFinite, high.isFinite, low <= value, value <= high else {
            throw name.error("parameter '\(name.text)' is \(value) in \(low)...\(high), expected min <= value <= max")
        }
        if parameter.isWhole {
            for number in [low, value, high] where number.rounded() != number || abs(number) > 1e9 {
                throw name.error("parameter '\(name.text)' is whole and has \(number), expected whole numbers")
            }
        }
    }
}
