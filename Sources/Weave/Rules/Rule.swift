package import Events

/// All literals must hold; no literals hold everywhere.
package struct Rule: Equatable, Sendable {
    package let literals: [Literal]

    /// Most literals of a micro-braid (LRN-31).
    package static let microLiteralsMax = 3
    /// Most distinct literals of a composed braid (CON-17).
    package static let composedLiteralsMax = 6

    /// Makes a rule as written.
    package init(_ literals: [Literal]) { self.literals = literals }

    /// Whether all literals hold.
    package func holds(in window: ContextWindow) -> Bool { literals.allSatisfy { $0.holds(in: window) } }

    /// The rule as people write it.
    package var text: String { literals.isEmpty ? "always" : literals.map(\.text).joined(separator: " & ") }

    /// The rule that holds where all of `rules` hold, with what is implied left out.
    ///
    /// Errors: `contradiction` if it could never hold, `tooManyLiterals` above six.
    package static func composed(_ rules: [Rule]) throws(WeaveError) -> Rule {
        try Rule(rules.flatMap(\.literals)).simplified(limit: composedLiteralsMax)
    }

    /// The same rule without literals that others imply, in the order of features and comparisons.
    ///
    /// `mx>0.7` absorbs `mx>0.6`; a number that must equal absorbs the bounds it lies within.
    ///
    /// Errors: `contradiction` if it could never hold, `tooManyLiterals` if more than `limit` remain.
    package func simplified(limit: Int = microLiteralsMax) throws(WeaveError) -> Rule {
        let ordered = literals.enumerated().sorted {
            $0.element.feature == $1.element.feature
                ? $0.offset < $1.offset : utf8Precedes($0.element.feature, $1.element.feature)
        }.map(\.element)
        var result: [Literal] = []
        var start = 0
        while start < ordered.count {
            var end = start
            while end < ordered.count, ordered[end].feature == ordered[start].feature { end += 1 }
            try result.append(contentsOf: Self.simplified(feature: Array(ordered[start..<end])))
            start = end
        }
        guard result.count <= limit else {
            throw WeaveError(
                .tooManyLiterals, found: "\(result.count) literals (\(Rule(result).text))",
                expected: "at most \(limit)", advice: "compose fewer or simpler braids")
        }
        return Rule(result)
    }

    /// The literals of one feature, reduced.
    private static func simplified(feature literals: [Literal]) throws(WeaveError) -> [Literal] {
        var bounds = Bounds()
        var bin: Literal?
        for literal in literals {
            guard let number = literal.number else {
                guard literal.comparison == .equal else {
                    throw contradiction([literal], "a bin is compared with ==")
                }
                if let bin, bin.value != literal.value { throw contradiction([bin, literal], "one bin a feature") }
                bin = literal
                continue
            }
            bounds.add(literal, number)
        }
        guard bounds.isSatisfiable else { throw contradiction(bounds.literals, "bounds that some number keeps") }
        return bounds.literals + (bin.map { [$0] } ?? [])
    }

    private static func contradiction(_ literals: [Literal], _ expected: String) -> WeaveError {
        WeaveError(
            .contradiction, found: Rule(literals).text, expected: expected,
            advice: "these never hold together; do not compose them")
    }
}

/// The tightest bounds of one number.
private struct Bounds {
    private var lower: (number: Double, isStrict: Bool, literal: Literal)?
    private var upper: (number: Double, isStrict: Bool, literal: Literal)?
    private var equals: [(number: Double, literal: Literal)] = []

    mutating func add(_ literal: Literal, _ number: Double) {
        switch literal.comparison {
        case .greater, .greaterOrEqual:
            let isStrict = literal.comparison == .greater
            if let old = lower, old.number > number || (old.number == number && (old.isStrict || !isStrict)) { return }
            lower = (number, isStrict, literal)
        case .less, .lessOrEqual:
            let isStrict = literal.comparison == .less
            if let old = upper, old.number < number || (old.number == number && (old.isStrict || !isStrict)) { return }
            upper = (number, isStrict, literal)
        case .equal:
            if equals.contains(where: { $0.number == number }) { return }
            equals.append((number, literal))
        }
    }

    var isSatisfiable: Bool {
        if equals.count > 1 { return false }
        if let number = equals.first?.number { return allows(number) }
        guard let lower, let upper else { return true }
        return lower.number < upper.number || (lower.number == upper.number && !lower.isStrict && !upper.isStrict)
    }

    private func allows(_ number: Double) -> Bool {
        if let lower, number < lower.number || (number == lower.number && lower.isStrict) { return false }
        if let upper, number > upper.number || (number == upper.number && upper.isStrict) { return false }
        return true
    }

    /// What is left: the number itself if it must equal, else the bounds.
    var literals: [Literal] {
        if isSatisfiable, let equal = equals.first { return [equal.literal] }
        return [lower?.literal, upper?.literal].compactMap(\.self) + equals.map(\.literal)
    }
}
