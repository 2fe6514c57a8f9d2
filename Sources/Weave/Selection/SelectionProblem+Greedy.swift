/// Greedy choice by uplift, then exchanges as long as they help (BRD-38).
extension SelectionProblem {
    /// A good subset, ascending, that no single exchange improves; nil if none was found.
    ///
    /// O(n^4) for a round of exchanges at worst.
    package func greedy() -> [Int]? {
        let units = SelectionUnits(self)
        let order = uplift.indices.sorted {
            units.uplift[$0] == units.uplift[$1] ? $0 < $1 : units.uplift[$0] > units.uplift[$1]
        }
        var isTaken = [Bool](repeating: false, count: count)
        for index in forced { isTaken[index] = true }
        fill(&isTaken, order, units)
        // Every exchange raises the sum of whole units, so this ends.
        while exchange(&isTaken, order, units) { fill(&isTaken, order, units) }
        return units.isFeasible(isTaken) ? isTaken.indices.filter { isTaken[$0] } : nil
    }

    /// Takes what still fits, best first, again as long as something was taken: it may be what others require.
    private func fill(_ isTaken: inout [Bool], _ order: [Int], _ units: SelectionUnits) {
        var hasTaken = true
        while hasTaken {
            hasTaken = false
            for index in order where !isTaken[index] && units.uplift[index] > 0 {
                isTaken[index] = true
                if units.isFeasible(isTaken) { hasTaken = true } else { isTaken[index] = false }
            }
        }
    }

    /// One step back: gives up one patch for the best others that then fit, if the sum rises.
    private func exchange(_ isTaken: inout [Bool], _ order: [Int], _ units: SelectionUnits) -> Bool {
        func sum(_ choice: [Bool]) -> Int64 {
            choice.indices.reduce(0) { choice[$1] ? $0 + units.uplift[$1] : $0 }
        }
        let before = sum(isTaken)
        for given in order.reversed() where isTaken[given] && !forced.contains(given) {
            for wanted in order where !isTaken[wanted] && units.uplift[wanted] > 0 {
                var trial = isTaken
                trial[given] = false
                trial[wanted] = true
                guard units.isFeasible(trial) else { continue }
                fill(&trial, order, units)
                if sum(trial) > before {
                    isTaken = trial
                    return true
                }
            }
        }
        return false
    }
}
