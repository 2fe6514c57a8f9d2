/// Why a numerical method refuses to answer.
///
/// A method never answers with a NaN or a trap where its input is at fault: it throws this, and says what it found,
/// what it expected and what to do.
public struct StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Reasons that a caller may want to tell apart.
    public enum Code: String, Sendable {
        /// Fewer values than the method needs.
        case insufficientData = "insufficient_data"
        /// A NaN or an infinity among the inputs.
        case nonFiniteInput = "non_finite_input"
        /// Inputs whose sizes do not fit together.
        case invalidShape = "invalid_shape"
        /// A parameter outside its range.
        case invalidArgument = "invalid_argument"
        /// A block length outside 1...n.
        case invalidBlock = "invalid_block"
        /// A probability outside 0...1.
        case invalidProbability = "invalid_probability"
        /// More successes than trials, or a negative count.
        case invalidCounts = "invalid_counts"
        /// A quantised level outside its range.
        case invalidLevel = "invalid_level"
        /// A patch factor that is not positive.
        case invalidPhi = "invalid_phi"
        /// All values are equal, so that the ratio asked for does not exist.
        case zeroVariance = "zero_variance"
        /// Only one class of a binary target occurs.
        case singleClass = "single_class"
        /// A hyperplane separates the classes: the likelihood has no maximum.
        case separation = "separation"
        /// A training set without both treated and untreated rows.
        case positivity = "positivity"
        /// A matrix that is not positive definite.
        case notPositiveDefinite = "not_positive_definite"
        /// An iteration that did not reach its tolerance.
        case noConvergence = "no_convergence"
        /// No answer meets every condition.
        case infeasible = "infeasible"
    }

    /// The reason, for a program.
    public let code: Code
    /// What was found, what was expected and what to do, for a person.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}

/// Checks at the border of every method.
enum Require {
    /// Throws unless every value is finite.
    static func finite(_ values: [Double], _ name: String) throws(StatisticsError) {
        for index in values.indices where !values[index].isFinite {
            throw StatisticsError(
                .nonFiniteInput,
                "\(name)[\(index)] is \(values[index]), expected a finite number: drop the row or fill it")
        }
    }

    /// Throws unless one value is finite.
    static func finite(_ value: Double, _ name: String) throws(StatisticsError) {
        guard value.isFinite else {
            throw StatisticsError(.nonFiniteInput, "\(name) is \(value), expected a finite number")
        }
    }

    /// Throws unless there are at least `least` values.
    static func count(_ found: Int, atLeast least: Int, _ name: String) throws(StatisticsError) {
        guard found >= least else {
            throw StatisticsError(
                .insufficientData, "\(name): found \(found), expected at least \(least): wait for more data")
        }
    }

    /// Throws unless two inputs have the same length.
    static func sameCount(_ found: Int, _ expected: Int, _ name: String) throws(StatisticsError) {
        guard found == expected else {
            throw StatisticsError(
                .invalidShape, "\(name): found \(found) values, expected \(expected), one for each row")
        }
    }

    /// Throws unless a parameter satisfies its condition.
    static func argument(
        _ holds: Bool, _ message: @autoclosure () -> String, code: StatisticsError.Code = .invalidArgument
    ) throws(StatisticsError) {
        guard holds else { throw StatisticsError(code, message()) }
    }

    /// Throws unless every value is a probability.
    static func probabilities(_ values: [Double], _ name: String) throws(StatisticsError) {
        try finite(values, name)
        for index in values.indices where values[index] < 0 || values[index] > 1 {
            throw StatisticsError(
                .invalidProbability, "\(name)[\(index)] is \(values[index]), expected 0...1: clip or calibrate it first"
            )
        }
    }

    /// Throws unless every value is 0 or 1.
    static func binary(_ values: [Double], _ name: String) throws(StatisticsError) {
        try finite(values, name)
        for index in values.indices where values[index] != 0 && values[index] != 1 {
            throw StatisticsError(.invalidArgument, "\(name)[\(index)] is \(values[index]), expected 0 or 1")
        }
    }

    /// Throws unless weights are finite, not negative, one a row and not all zero.
    static func weights(_ values: [Double], count: Int) throws(StatisticsError) {
        try sameCount(values.count, count, "weights")
        try finite(values, "weights")
        var isPositive = false
        for index in values.indices {
            try argument(values[index] >= 0, "weights[\(index)] is \(values[index]), expected 0 or more")
            if values[index] > 0 { isPositive = true }
        }
        try argument(isPositive, "weights are all 0, expected a positive one", code: .insufficientData)
    }
}
