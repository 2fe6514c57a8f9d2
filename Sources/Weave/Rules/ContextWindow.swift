package import Events
internal import LogFormat

/// What is known about a window when rules are tried: numbers, and names of bins (LRN-21).
package struct ContextWindow: Equatable, Sendable {
    /// Features that are numbers.
    package var numbers: [String: Double]
    /// Features that are names, such as the session.
    package var bins: [String: String]

    /// Makes a window.
    package init(numbers: [String: Double] = [:], bins: [String: String] = [:]) {
        self.numbers = numbers
        self.bins = bins
    }

    /// The window of a context: its numbers, and its bins by name.
    package init(_ context: WindowContext) {
        numbers = Dictionary(context.numbers.map { ($0.feature, $0.value) }) { first, _ in first }
        bins = Dictionary(context.bins.map { ($0.feature, $0.bin) }) { first, _ in first }
    }
}

extension Literal {
    /// The value as a finite number; nil when it is the name of a bin.
    package var number: Double? {
        guard let first = value.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first),
            let number = Double(value), number.isFinite
        else { return nil }
        return number
    }

    /// Whether the literal holds; a feature that is unknown in the window holds for nothing.
    package func holds(in window: ContextWindow) -> Bool {
        guard let limit = number else { return comparison == .equal && window.bins[feature] == value }
        guard let found = window.numbers[feature] else { return false }
        switch comparison {
        case .less: return found < limit
        case .lessOrEqual: return found <= limit
        case .greater: return found > limit
        case .greaterOrEqual: return found >= limit
        case .equal: return found == limit
        }
    }

    /// The literal as people write it, such as `mx>0.7`.
    package var text: String { feature + comparison.text + value }
}
