import Events

/// A trigger that goes with a signal (ENUM-19): `breakout(20, 2σ) AND retest(prev_high, 0.15%) WITHIN 6h`.
///
/// Each term must hold after the one before; WITHIN counts from the first. Total.
package struct TriggerExpression: Equatable, Sendable {
    /// One condition, with every argument named.
    package struct Term: Equatable, Sendable {
        package var name: String
        /// Names and canonical values, in order.
        package var arguments: [String]
    }

    package private(set) var terms: [Term] = []
    /// Seconds from the first term's firing to the last one's, nil for no limit.
    package private(set) var withinSeconds: Int64?

    /// Longest expression, in bytes.
    package static let bytesMax = 512
    /// Most terms.
    package static let termsMax = 8
    /// Longest look-back of a breakout, in bars.
    package static let lookbackMax = 10_000
    /// Longest WITHIN, in seconds.
    package static let withinSecondsMax: Int64 = 30 * 86_400

    private static let forms: [(name: String, arguments: [String])] = [
        ("breakout", ["lookback", "band"]), ("retest", ["level", "tol"]), ("touch", ["level", "tol"]),
        ("cross", ["level", "dir"]),
    ]

    /// Canonical text, with named arguments.
    package var text: String {
        let all = terms.map { "\($0.name)(\($0.arguments.joined(separator: ", ")))" }.joined(separator: " AND ")
        guard let withinSeconds else { return all }
        return all + " WITHIN \(withinSeconds)s"
    }

    /// Reads an expression.
    package init(_ source: SourceText) throws(LanguageError) {
        guard source.text.utf8.count <= Self.bytesMax else {
            throw source.error("a trigger of \(source.text.utf8.count) bytes, expected at most \(Self.bytesMax)")
        }
        var cursor = Cursor(source: source, bytes: Array(source.text.utf8))
        repeat {
            guard terms.count < Self.termsMax else { throw cursor.error("more than \(Self.termsMax) terms") }
            terms.append(try Self.term(&cursor))
        } while cursor.acceptWord("AND")
        if cursor.acceptWord("WITHIN") { withinSeconds = try Self.duration(&cursor) }
        cursor.skipSpace()
        guard cursor.at == cursor.bytes.count else { throw cursor.error("expected AND, WITHIN or the end") }
    }

    private static func term(_ cursor: inout Cursor) throws(LanguageError) -> Term {
        let start = cursor.start()
        let name = cursor.word()
        guard let form = forms.first(where: { $0.name == name }) else {
            let names = forms.map(\.name)
            throw cursor.error(
                at: start,
                "unknown term '\(name)'\(Spelling.hint(name, among: names)), expected "
                    + names.joined(separator: ", "))
        }
        try cursor.expect("(")
        var arguments: [String] = []
        for (index, label) in form.arguments.enumerated() {
            if index > 0 { try cursor.expect(",") }
            let place = cursor.start()
            let found = cursor.value()
            var value = found
            if let equals = found.firstIndex(of: "=") {
                guard found[..<equals] == label else {
                    throw cursor.error(at: place, "argument '\(found[..<equals])', expected '\(label)'")
                }
                value = String(found[found.index(after: equals)...])
            }
            guard let canonical = canonical(value, label) else {
                throw cursor.error(at: place, "\(label) is '\(value)', expected \(expected(label))")
            }
            arguments.append("\(label)=\(canonical)")
        }
        try cursor.expect(")")
        return Term(name: name, arguments: arguments)
    }

    private static func expected(_ label: String) -> String {
        switch label {
        case "lookback": "a whole number of bars from 1 to \(lookbackMax)"
        case "band": "a positive number of deviations such as 2σ"
        case "level": "prev_high, prev_low or a positive price"
        case "tol": "a percentage such as 0.15%"
        default: "up or down"
        }
    }

    private static func canonical(_ value: String, _ label: String) -> String? {
        switch label {
        case "lookback":
            guard let number = Int(value), (1...lookbackMax).contains(number) else { return nil }
            return "\(number)"
        case "band":
            guard let number = positive(value.hasSuffix("σ") ? String(value.dropLast()) : value) else { return nil }
            return "\(number)σ"
        case "level": return value == "prev_high" || value == "prev_low" ? value : positive(value).map { "\($0)" }
        case "tol":
            guard value.hasSuffix("%"), let number = positive(String(value.dropLast())), number <= 100 else {
                return nil
            }
            return "\(number)%"
        default: return value == "up" || value == "down" ? value : nil
        }
    }

    private static func positive(_ text: String) -> Double? {
        guard let first = text.utf8.first, Lexer.isDigit(first), let number = Double(text), number > 0,
            number.isFinite
        else { return nil }
        return number
    }

    private static func duration(_ cursor: inout Cursor) throws(LanguageError) -> Int64 {
        let start = cursor.start()
        let text = cursor.value()
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
            count <= withinSecondsMax / unit
        else {
            throw cursor.error(at: start, "WITHIN has '\(text)', expected a duration such as 6h, at most 30d")
        }
        return count * unit
    }

    private struct Cursor {
        let source: SourceText
        let bytes: [UInt8]
        var at = 0

        mutating func skipSpace() { while at < bytes.count, bytes[at] == 32 || bytes[at] == 9 { at += 1 } }

        mutating func start() -> Int {
            skipSpace()
            return at
        }

        mutating func word() -> String {
            skipSpace()
            let from = at
            while at < bytes.count, Lexer.isLetter(bytes[at]) { at += 1 }
            return String(decoding: bytes[from..<at], as: UTF8.self)
        }

        /// Everything up to a comma, a parenthesis or space.
        mutating func value() -> String {
            skipSpace()
            let from = at
            while at < bytes.count, !" ,()".utf8.contains(bytes[at]) { at += 1 }
            return String(decoding: bytes[from..<at], as: UTF8.self)
        }

        mutating func acceptWord(_ wanted: String) -> Bool {
            let before = at
            if word() == wanted { return true }
            at = before
            return false
        }

        mutating func expect(_ wanted: Character) throws(LanguageError) {
            skipSpace()
            guard at < bytes.count, bytes[at] == wanted.asciiValue else { throw error("expected '\(wanted)'") }
            at += 1
        }

        func error(_ message: String) -> LanguageError { error(at: at, message) }

        func error(at offset: Int, _ message: String) -> LanguageError {
            source.error(at: offset, "in a trigger: " + message)
        }
    }
}
