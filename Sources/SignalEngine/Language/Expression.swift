/// An expression as it was written.
indirect enum Expression: Equatable {
    case number(Double, offset: Int)
    case name(String, offset: Int)
    case call(String, [Expression], offset: Int)

    /// Byte at which it begins.
    var offset: Int {
        switch self {
        case .number(_, let offset), .name(_, let offset), .call(_, _, let offset): offset
        }
    }
}

/// Reads expressions by precedence: `or`, `and`, `not`, comparison, `+ -`, `* /`, sign, calls.
///
/// Operators become calls of the operations that they stand for.
struct ExpressionParser {
    /// Deepest nesting; recursion never goes beyond.
    static let nestingMax = 48

    private let source: SourceText
    private let tokens: [Token]
    private var at = 0
    private var nesting = 0

    /// The expression of a text.
    static func parse(_ source: SourceText) throws(LanguageError) -> Expression {
        var parser = ExpressionParser(source: source, tokens: try Lexer.tokens(source))
        let expression = try parser.disjunction()
        guard parser.token.kind == .end else {
            throw source.error(
                at: parser.token.offset,
                "\(parser.token.shown) after a complete expression, expected an operator or the end")
        }
        return expression
    }

    private init(source: SourceText, tokens: [Token]) {
        self.source = source
        self.tokens = tokens
    }

    private var token: Token { tokens[at] }

    private mutating func accept(_ texts: [String]) -> (String, Int)? {
        switch token.kind {
        case .symbol(let text) where texts.contains(text), .name(let text) where texts.contains(text):
            let found = (text, token.offset)
            at += 1
            return found
        default: return nil
        }
    }

    private mutating func nested(
        _ body: (inout ExpressionParser) throws(LanguageError) -> Expression
    ) throws(LanguageError) -> Expression {
        nesting += 1
        guard nesting <= Self.nestingMax else {
            throw source.error(
                at: token.offset, "nested more than \(Self.nestingMax) deep: name a part of it under 'let'")
        }
        let expression = try body(&self)
        nesting -= 1
        return expression
    }

    private mutating func disjunction() throws(LanguageError) -> Expression {
        var left = try conjunction()
        while let (_, offset) = accept(["or"]) { left = .call("or", [left, try conjunction()], offset: offset) }
        return left
    }

    private mutating func conjunction() throws(LanguageError) -> Expression {
        var left = try negation()
        while let (_, offset) = accept(["and"]) { left = .call("and", [left, try negation()], offset: offset) }
        return left
    }

    private mutating func negation() throws(LanguageError) -> Expression {
        guard let (_, offset) = accept(["not"]) else { return try comparison() }
        return .call("not", [try nested { parser throws(LanguageError) in try parser.negation() }], offset: offset)
    }

    private mutating func comparison() throws(LanguageError) -> Expression {
        let left = try sum()
        let signs = ["<", "<=", ">", ">=", "==", "!="]
        guard let (sign, offset) = accept(signs) else { return left }
        let right = try sum()
        if let (_, second) = accept(signs) {
            throw source.error(at: second, "a second comparison in a row: join two comparisons with 'and'")
        }
        return .call(sign, [left, right], offset: offset)
    }

    private mutating func sum() throws(LanguageError) -> Expression {
        var left = try product()
        while let (sign, offset) = accept(["+", "-"]) { left = .call(sign, [left, try product()], offset: offset) }
        return left
    }

    private mutating func product() throws(LanguageError) -> Expression {
        var left = try signed()
        while let (sign, offset) = accept(["*", "/"]) { left = .call(sign, [left, try signed()], offset: offset) }
        return left
    }

    private mutating func signed() throws(LanguageError) -> Expression {
        guard let (_, offset) = accept(["-"]) else { return try primary() }
        let inner = try nested { parser throws(LanguageError) in try parser.signed() }
        if case .number(let value, _) = inner { return .number(-value, offset: offset) }
        return .call("negate", [inner], offset: offset)
    }

    private mutating func primary() throws(LanguageError) -> Expression {
        let first = token
        switch first.kind {
        case .number(let value):
            at += 1
            return .number(value, offset: first.offset)
        case .symbol("("):
            at += 1
            let inner = try nested { parser throws(LanguageError) in try parser.disjunction() }
            try close()
            return inner
        case .name(let name) where name != "and" && name != "or":
            at += 1
            guard accept(["("]) != nil else { return .name(name, offset: first.offset) }
            var arguments: [Expression] = []
            if accept([")"]) != nil { return .call(name, [], offset: first.offset) }
            repeat {
                arguments.append(try nested { parser throws(LanguageError) in try parser.disjunction() })
            } while accept([","]) != nil
            try close()
            return .call(name, arguments, offset: first.offset)
        default:
            throw source.error(
                at: first.offset, "\(first.shown), expected a number, a feature, a parameter, a transform or '('")
        }
    }

    private mutating func close() throws(LanguageError) {
        guard accept([")"]) != nil else {
            throw source.error(at: token.offset, "\(token.shown), expected ')' or ','")
        }
    }
}
