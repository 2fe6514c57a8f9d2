import Events

/// What a node of a recipe does.
package enum Operation: UInt8, CaseIterable, Sendable {
    case constant, parameter, feature
    case add, subtract, multiply, divide, negate
    case minimum, maximum, absolute, sign, clip, tanh, sigmoid, log1p, squareRoot
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual, and, or, not
    case choose, gate, present, orElse
    case lag, diff, ema, sma, stddev, zscore, rank, lowest, highest
    case crossUp, crossDown, countTrue, hold, delay, since, decay
}

/// Number or truth value.
package enum ValueKind: UInt8, Sendable {
    case number, boolean

    /// As written in errors and documents.
    package var text: String { self == .number ? "number" : "boolean" }
}

/// What a place among a transform's arguments takes.
package enum ArgumentKind: UInt8, Sendable {
    case number, boolean
    /// A number of windows, known when compiled: a whole number or a whole parameter.
    case window
    /// Anything; only whether it is there matters.
    case either

    /// As written in errors and documents.
    package var text: String {
        switch self {
        case .number: "number"
        case .boolean: "boolean"
        case .window: "window"
        case .either: "number or boolean"
        }
    }
}

/// How far back a transform reaches, in windows in which its argument was there; n is its own window.
package enum TransformMemory: Equatable, Sendable {
    /// It answers from what is there now.
    case nothing
    /// The window before.
    case one
    /// The last n values, this one included.
    case lastValues
    /// The value n windows ago.
    case valueAgo
    /// An exponential mean of length n: what is left after `LookBack.fadingLengths` n windows passes for nothing.
    case fading
    /// A sum halved every n windows: what is left after `LookBack.fadingHalfLives` n windows passes for nothing.
    case halving
    /// No number of windows bounds it.
    case endless(String)

    /// Windows before the one that it answers in; without what has no bound.
    func windows(_ n: Int64) -> Int64 {
        switch self {
        case .nothing, .endless: 0
        case .one: 1
        case .lastValues: n - 1
        case .valueAgo: n
        case .fading: LookBack.fadingLengths * n
        case .halving: LookBack.fadingHalfLives * n
        }
    }

    /// As documents say it.
    package var text: String {
        switch self {
        case .nothing: "no"
        case .one: "1"
        case .lastValues: "n - 1"
        case .valueAgo: "n"
        case .fading: "\(LookBack.fadingLengths) n"
        case .halving: "\(LookBack.fadingHalfLives) n"
        case .endless(let why): "without bound: \(why)"
        }
    }
}

/// A transform that detectors may use (COP-14).
package struct Transform: Sendable {
    /// As called, or the sign of an operator.
    package let name: String
    package let operation: Operation
    package let arguments: [ArgumentKind]
    package let result: ValueKind
    /// How far back it reaches.
    package let memory: TransformMemory
    /// What it answers, and when the answer is missing.
    package let summary: String

    init(
        _ name: String, _ operation: Operation, _ arguments: [ArgumentKind], _ result: ValueKind,
        _ memory: TransformMemory, _ summary: String
    ) {
        self.name = name
        self.operation = operation
        self.arguments = arguments
        self.result = result
        self.memory = memory
        self.summary = summary
    }

    /// Whether it is written between or before its arguments.
    package var isOperator: Bool { Self.operators.contains { $0.name == name } }

    /// The transform with a name, nil if there is none.
    static func named(_ name: String) -> Transform? {
        functions.first { $0.name == name } ?? operators.first { $0.name == name }
    }

    /// The transform that an operation is; nil for a constant, a parameter and a feature.
    static func of(_ operation: Operation) -> Transform? {
        functions.first { $0.operation == operation } ?? operators.first { $0.operation == operation }
    }

    /// Version of the whitelist; what a transform answers never changes within one.
    package static let version = 1
    /// Longest window, in windows.
    package static let windowMax = 2048

    /// Operators.
    package static let operators: [Transform] = [
        Transform("+", .add, [.number, .number], .number, .nothing, "sum"),
        Transform("-", .subtract, [.number, .number], .number, .nothing, "difference"),
        Transform("*", .multiply, [.number, .number], .number, .nothing, "product"),
        Transform("/", .divide, [.number, .number], .number, .nothing, "quotient; missing for a divisor of 0"),
        Transform("negate", .negate, [.number], .number, .nothing, "the sign `-` before a value"),
        Transform("<", .less, [.number, .number], .boolean, .nothing, "below"),
        Transform("<=", .lessOrEqual, [.number, .number], .boolean, .nothing, "at or below"),
        Transform(">", .greater, [.number, .number], .boolean, .nothing, "above"),
        Transform(">=", .greaterOrEqual, [.number, .number], .boolean, .nothing, "at or above"),
        Transform("==", .equal, [.number, .number], .boolean, .nothing, "equal, to the bit"),
        Transform("!=", .notEqual, [.number, .number], .boolean, .nothing, "not equal"),
        Transform(
            "and", .and, [.boolean, .boolean], .boolean, .nothing,
            "false where one is false, even beside a missing one"),
        Transform(
            "or", .or, [.boolean, .boolean], .boolean, .nothing, "true where one is true, even beside a missing one"),
        Transform("not", .not, [.boolean], .boolean, .nothing, "the opposite"),
    ]

    /// Functions.
    package static let functions: [Transform] = [
        Transform("min", .minimum, [.number, .number], .number, .nothing, "the smaller"),
        Transform("max", .maximum, [.number, .number], .number, .nothing, "the larger"),
        Transform("abs", .absolute, [.number], .number, .nothing, "without its sign"),
        Transform("sign", .sign, [.number], .number, .nothing, "-1, 0 or 1"),
        Transform("clip", .clip, [.number, .number, .number], .number, .nothing, "x held within low and high"),
        Transform("tanh", .tanh, [.number], .number, .nothing, "hyperbolic tangent"),
        Transform("sigmoid", .sigmoid, [.number], .number, .nothing, "1 / (1 + e^-x)"),
        Transform("log1p", .log1p, [.number], .number, .nothing, "ln(1 + x); missing for x <= -1"),
        Transform("sqrt", .squareRoot, [.number], .number, .nothing, "square root; missing for x < 0"),
        Transform(
            "if", .choose, [.boolean, .number, .number], .number, .nothing,
            "the second where the first is true, else the third; the other one may be missing"),
        Transform("gate", .gate, [.boolean], .number, .nothing, "1 where true, 0 where false"),
        Transform("present", .present, [.either], .boolean, .nothing, "whether there is a value; never missing"),
        Transform(
            "or_else", .orElse, [.number, .number], .number, .nothing,
            "the first, or the second where the first is missing"),
        Transform("lag", .lag, [.number, .window], .number, .valueAgo, "the value n windows ago"),
        Transform("diff", .diff, [.number, .window], .number, .valueAgo, "x less its value n windows ago"),
        Transform(
            "ema", .ema, [.number, .window], .number, .fading,
            "exponential mean with weight 2 / (n + 1), begun with the first value; missing before n values"),
        Transform("sma", .sma, [.number, .window], .number, .lastValues, "mean of the last n values"),
        Transform(
            "stddev", .stddev, [.number, .window], .number, .lastValues,
            "standard deviation of the last n values, divisor n - 1; n from 2"),
        Transform(
            "zscore", .zscore, [.number, .window], .number, .lastValues,
            "(x - mean) / stddev over the last n values; missing where all are equal"),
        Transform(
            "rank", .rank, [.number, .window], .number, .lastValues,
            "mid-rank share of x among the last n values, 0 to 1"),
        Transform("lowest", .lowest, [.number, .window], .number, .lastValues, "the smallest of the last n values"),
        Transform("highest", .highest, [.number, .window], .number, .lastValues, "the largest of the last n values"),
        Transform(
            "cross_up", .crossUp, [.number, .number], .boolean, .one, "above now, at or below the window before"),
        Transform(
            "cross_down", .crossDown, [.number, .number], .boolean, .one,
            "below now, at or above the window before"),
        Transform(
            "count_true", .countTrue, [.boolean, .window], .number, .lastValues,
            "how often true in the last n windows"),
        Transform(
            "hold", .hold, [.boolean, .window], .boolean, .lastValues,
            "whether true in one of the last n windows; answers from the first"),
        Transform(
            "delay", .delay, [.boolean, .window], .boolean, .lastValues,
            "whether true in each of the last n windows; answers from the first"),
        Transform(
            "since", .since, [.boolean], .number, .endless("what it waits for may be long ago"),
            "windows since it was true, 0 where it is, at most 2048; missing before the first time"),
        Transform("decay", .decay, [.number, .window], .number, .halving, "sum of all values, halved every n windows"),
    ]
}
