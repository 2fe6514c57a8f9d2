package import Events

/// In how many windows rules fire, alone and together (BRD-39, DEF-42).
package enum RuleOverlap {
    /// Windows where both fire, and where at least one does; windows beyond the shorter list count as not firing.
    package static func counts(_ a: [Bool], _ b: [Bool]) -> (both: Int, either: Int) {
        var (both, either) = (0, 0)
        for index in 0..<max(a.count, b.count) {
            let (inA, inB) = (index < a.count && a[index], index < b.count && b[index])
            if inA && inB { both += 1 }
            if inA || inB { either += 1 }
        }
        return (both, either)
    }

    /// Share of the firing windows where both fire; 0 where neither ever fires.
    package static func jaccard(_ a: [Bool], _ b: [Bool]) -> Double {
        let (both, either) = counts(a, b)
        return either == 0 ? 0 : Double(both) / Double(either)
    }

    /// Whether two rules say the same thing: a share above 0.8, compared in whole numbers so that 4 of 5 is not above.
    package static func isNearIdentical(_ a: [Bool], _ b: [Bool]) -> Bool {
        let (both, either) = counts(a, b)
        return 5 * both > 4 * either
    }

    /// All pairs of near-identical rules, by index.
    package static func nearIdenticalPairs(_ firing: [[Bool]]) -> [(Int, Int)] {
        firing.indices.flatMap { a in
            firing.indices.filter { $0 > a && isNearIdentical(firing[a], firing[$0]) }.map { (a, $0) }
        }
    }
}

/// How narrow a rule is (DEF-42): the smaller firing share, then more literals, then the id; the narrowest is smallest.
package struct Specificity: Comparable, Sendable {
    package let firingShare: Double
    package let literals: Int
    package let id: BraidID

    /// Makes a specificity.
    package init(firingShare: Double, literals: Int, id: BraidID) {
        self.firingShare = firingShare
        self.literals = literals
        self.id = id
    }

    /// Whether `a` is the stricter rule.
    package static func < (a: Specificity, b: Specificity) -> Bool {
        if a.firingShare != b.firingShare { return a.firingShare < b.firingShare }
        return a.literals != b.literals ? a.literals > b.literals : a.id < b.id
    }
}
