/// Why Weave refused an input: what was found, what was expected, and what to do.
package struct WeaveError: Error, Equatable, CustomStringConvertible {
    /// Kinds of refusals, for callers that switch.
    package enum Code: String, Sendable {
        case noParents, weight, attenuation, factor, contradiction, tooManyLiterals, cycle, unknownBraid
        case selection, unknownPatch, notInForce, alreadyExtended, evaluation, contraction, brokenFold
    }

    package let code: Code
    package let found: String
    package let expected: String
    package let advice: String

    /// Makes a refusal.
    package init(_ code: Code, found: String, expected: String, advice: String) {
        self.code = code
        self.found = found
        self.expected = expected
        self.advice = advice
    }

    /// The refusal as one sentence for people.
    package var description: String { "found \(found), expected \(expected): \(advice)" }
}
