/// A number that may not exist, and then says why: a report never shows NaN.
public enum Figure: Sendable, Equatable {
    /// The number, finite.
    case value(Double)
    /// Why there is none, such as `3 windows`.
    case undefined(String)

    /// Takes a number, or the reason if it is nil or not finite.
    public init(_ value: Double?, else reason: @autoclosure () -> String) {
        if let value, value.isFinite { self = .value(value) } else { self = .undefined(reason()) }
    }

    /// The number; nil where there is none.
    public var number: Double? { if case .value(let value) = self { value } else { nil } }

    /// The reason; nil where there is a number.
    public var reason: String? { if case .undefined(let reason) = self { reason } else { nil } }

    /// The number as it is, or `not defined: 3 windows`.
    public var text: String {
        switch self {
        case .value(let value): "\(value)"
        case .undefined(let reason): "not defined: \(reason)"
        }
    }
}

/// A figure between two ends at some confidence.
public struct FigureInterval: Sendable, Equatable {
    /// The estimate.
    public let estimate: Figure
    /// Lower end.
    public let low: Figure
    /// Upper end.
    public let high: Figure

    /// Makes an interval.
    public init(estimate: Figure, low: Figure, high: Figure) {
        self.estimate = estimate
        self.low = low
        self.high = high
    }

    /// An estimate without ends, for one reason.
    init(undefined reason: String, estimate: Figure? = nil) {
        self.init(
            estimate: estimate ?? .undefined(reason), low: .undefined(reason), high: .undefined(reason))
    }
}
