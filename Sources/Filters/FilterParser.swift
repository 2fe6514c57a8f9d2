import Events

/// Reads a filter; total over any text.
///
///     filter     = both { "or" both }
///     both       = single { "and" single }
///     single     = "not" single | "(" filter ")" | "has" field | field test
///     test       = ( "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" ) value | "in" "(" value { "," value } ")"
struct FilterParser {
    private let text: String
    private let tokens: [Token]
    private var place = 0
    private var depth = 0
    private var comparisons: [Comparison] = []

    private static let keywords: Set = ["and", "or", "not", "in", "has"]

    private init(_ text: String) throws(FilterError) {
        self.text = text
        tokens = try FilterLexer.tokens(text)
    }

    /// Reads a whole text.
    static func parse(
        _ text: String
    ) throws(FilterError) -> (expression: FilterExpression, comparisons: [Comparison]) {
        var parser = try FilterParser(text)
        if parser.token.kind == .end {
            throw parser.error("the filter is empty: expected a comparison such as data.price > 100")
        }
        let expression = try parser.filter()
        guard parser.token.kind == .end else {
            throw parser.error("found \(parser.token.shown): expected and, or, or the end")
        }
        return (expression, parser.comparisons)
    }

    private var token: Token { tokens[min(place, tokens.count - 1)] }

    private func error(_ message: String) -> FilterError { FilterError(text, at: token.at, message) }

    private mutating func takes(_ word: String) -> Bool {
        guard token.kind == .word(word) else { return false }
        place += 1
        return true
    }

    private mutating func filter() throws(FilterError) -> FilterExpression {
        var result = try both()
        while takes("or") { result = .either(result, try both()) }
        return result
    }

    private mutating func both() throws(FilterError) -> FilterExpression {
        var result = try single()
        while takes("and") { result = .both(result, try single()) }
        return result
    }

    private mutating func single() throws(FilterError) -> FilterExpression {
        if token.kind == .open || token.kind == .word("not") {
            depth += 1
            guard depth <= FilterLimits.depthMax else {
                throw error("parentheses and not stand \(depth) deep, the limit is \(FilterLimits.depthMax)")
            }
            defer { depth -= 1 }
            if takes("not") { return .not(try single()) }
            place += 1
            let inner = try filter()
            guard token.kind == .close else { throw error("found \(token.shown): expected and, or, or ')'") }
            place += 1
            return inner
        }
        guard comparisons.count < FilterLimits.comparisonsMax else {
            throw error("more than \(FilterLimits.comparisonsMax) comparisons; values of one field join with in (a, b)")
        }
        let at = token.at
        if takes("has") {
            let at = token.at
            comparisons.append(Comparison(field: try field(), question: .isPresent, at: at))
        } else {
            let field = try field()
            comparisons.append(Comparison(field: field, question: try question(field), at: at))
        }
        return .comparison(comparisons.count - 1)
    }

    private mutating func field() throws(FilterError) -> FieldName {
        guard case .word(let word) = token.kind, !Self.keywords.contains(word) else {
            throw error("found \(token.shown): expected a field, \(Self.fields)")
        }
        if let field = EnvelopeField(rawValue: word) {
            place += 1
            return .envelope(field)
        }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts[0] == "data", parts.count > 1 else {
            let near = Spelling.hint(word, among: EnvelopeField.allCases.map(\.rawValue) + ["data"])
            throw error("'\(word)' is no field: expected \(Self.fields)\(near)")
        }
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw error("'\(word)' has an empty name in it: expected data.NAME or data.NAME.NAME")
        }
        place += 1
        return .data(Array(parts[1...]))
    }

    private static let fields =
        EnvelopeField.allCases.map(\.rawValue).joined(separator: ", ")
        + ", or data.NAME for what lotus cat prints as data"

    private mutating func question(_ field: FieldName) throws(FilterError) -> Question {
        switch token.kind {
        case .comparator(let comparator):
            place += 1
            return .compares(comparator, [try value()])
        case .like:
            place += 1
            return .fits(try value())
        case .word("in"):
            place += 1
            guard token.kind == .open else { throw error("found \(token.shown): expected '(' behind in") }
            place += 1
            var values = [try value()]
            while token.kind == .comma {
                place += 1
                values.append(try value())
            }
            guard token.kind == .close else { throw error("found \(token.shown): expected ',' or ')'") }
            place += 1
            return .compares(.equal, values)
        default:
            throw error(
                "found \(token.shown) behind \(field.text): expected = != < <= > >= ~ or in, such as "
                    + "\(field.text) = 1; has \(field.text) asks whether it is there")
        }
    }

    private mutating func value() throws(FilterError) -> Literal {
        switch token.kind {
        case .quoted(let text):
            defer { place += 1 }
            return Literal(text: text, isQuoted: true, at: token.at)
        case .word("null"):
            throw error(
                "nothing compares with null: 'has FIELD' asks whether a field is there, 'not has FIELD' whether not")
        case .word(let word) where !Self.keywords.contains(word):
            defer { place += 1 }
            return Literal(text: word, isQuoted: false, at: token.at)
        default:
            throw error("found \(token.shown): expected a value, such as 12.5, BUY, 2026-01-02T03:04:05Z or \"a text\"")
        }
    }
}
