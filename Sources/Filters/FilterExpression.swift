/// How two values are compared.
enum Comparator: String, CaseIterable, Sendable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case atMost = "<="
    case greater = ">"
    case atLeast = ">="

    /// Whether it asks which value is the smaller one.
    var isOrder: Bool { self != .equal && self != .notEqual }

    /// Whether `a` stands so to `b`.
    @inline(__always)
    func holds<Value: Comparable>(_ a: Value, _ b: Value) -> Bool {
        switch self {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .atMost: a <= b
        case .greater: a > b
        case .atLeast: a >= b
        }
    }
}

/// What stands beside the payload of an event, under the names that `lotus cat` and `lotus why` print.
enum EnvelopeField: String, CaseIterable, Sendable {
    case log
    case seq
    case gsn
    case type
    case version
    case eventTime = "event_ts"
    case appendTime = "append_ts"

    /// Whether it is the same for all events of a type in a log.
    var isConstant: Bool { self == .log || self == .type || self == .version }
}

/// What a comparison looks at.
enum FieldName: Equatable, Sendable {
    case envelope(EnvelopeField)
    /// Names from the outermost field on, without `data`.
    case data([String])

    /// The name as it is written.
    var text: String {
        switch self {
        case .envelope(let field): field.rawValue
        case .data(let path): (["data"] + path).joined(separator: ".")
        }
    }
}

/// A value as it is written in a filter; what it means is for the field to say.
struct Literal: Equatable, Sendable {
    let text: String
    let isQuoted: Bool
    let at: Int

    /// The value for messages.
    var shown: String { isQuoted ? "the text '\(text)'" : "'\(text)'" }
}

/// What is asked of a field.
enum Question: Equatable, Sendable {
    /// Whether it is there.
    case isPresent
    /// Whether it stands so to the value, or, for equality, to one of several.
    case compares(Comparator, [Literal])
    /// Whether its text fits the pattern.
    case fits(Literal)

    /// The question's sign for messages.
    var sign: String {
        switch self {
        case .isPresent: "has"
        case .compares(let comparator, let literals): literals.count > 1 ? "in" : comparator.rawValue
        case .fits: "~"
        }
    }
}

/// One comparison of a filter.
struct Comparison: Equatable, Sendable {
    let field: FieldName
    let question: Question
    /// Offset of the field's name.
    let at: Int
}

/// How comparisons are joined; they are meant by their index.
indirect enum FilterExpression: Equatable, Sendable {
    case constant(Bool)
    case comparison(Int)
    case not(FilterExpression)
    case both(FilterExpression, FilterExpression)
    case either(FilterExpression, FilterExpression)

    /// The expression with what is known of single comparisons put in.
    func simplified(_ known: (Int) -> Bool?) -> FilterExpression {
        switch self {
        case .constant: return self
        case .comparison(let index): return known(index).map { .constant($0) } ?? self
        case .not(let inner):
            let inner = inner.simplified(known)
            if case .constant(let value) = inner { return .constant(!value) }
            return .not(inner)
        case .both(let a, let b):
            let (first, second) = (a.simplified(known), b.simplified(known))
            if first == .constant(false) || second == .constant(false) { return .constant(false) }
            if first == .constant(true) { return second }
            return second == .constant(true) ? first : .both(first, second)
        case .either(let a, let b):
            let (first, second) = (a.simplified(known), b.simplified(known))
            if first == .constant(true) || second == .constant(true) { return .constant(true) }
            if first == .constant(false) { return second }
            return second == .constant(false) ? first : .either(first, second)
        }
    }

    /// Calls `body` with the index of each comparison, from left to right.
    func forEachComparison(_ body: (Int) -> Void) {
        switch self {
        case .constant: break
        case .comparison(let index): body(index)
        case .not(let inner): inner.forEachComparison(body)
        case .both(let a, let b), .either(let a, let b):
            a.forEachComparison(body)
            b.forEachComparison(body)
        }
    }
}
