/// Branch and bound over all subsets.
extension SelectionProblem {
    /// The best subset, ascending; nil if none keeps the constraints.
    ///
    /// O(2^n) at worst.
    package func exact() -> [Int]? {
        var search = ExactSearch(SelectionUnits(self))
        search.visit(0)
        return search.best
    }
}

/// Takes or leaves one patch after another, and turns back where nothing better can follow.
private struct ExactSearch {
    private let units: SelectionUnits
    private let count: Int
    /// Largest uplift, smallest logarithm and largest penalty that the patches from an index on can still add.
    private var upliftLeft: [Int64]
    private var logLeft: [Int64]
    private var thetaLeft: [Int64]
    private let isForced: [Bool]
    private var isTaken: [Bool]
    private var taken: [Int] = []
    private var uplift: Int64 = 0
    private var logPhi: Int64 = 0
    private var theta: Int64 = 0
    private var bestUplift: Int64 = 0
    private var bestLog: Int64 = 0
    private(set) var best: [Int]?

    init(_ units: SelectionUnits) {
        self.units = units
        count = units.uplift.count
        upliftLeft = [Int64](repeating: 0, count: count + 1)
        logLeft = upliftLeft
        thetaLeft = upliftLeft
        isTaken = [Bool](repeating: false, count: count)
        var isForced = isTaken
        for index in units.problem.forced { isForced[index] = true }
        self.isForced = isForced
        for index in stride(from: count - 1, through: 0, by: -1) {
            upliftLeft[index] = upliftLeft[index + 1] + max(units.uplift[index], 0)
            logLeft[index] = logLeft[index + 1] + min(units.logPhi[index], 0)
            thetaLeft[index] = thetaLeft[index + 1] + max(units.theta[index], 0)
        }
    }

    mutating func visit(_ index: Int) {
        if best != nil, uplift + upliftLeft[index] < bestUplift { return }
        if logPhi + logLeft[index] > units.cap || theta + thetaLeft[index] < units.floor { return }
        if taken.count > units.problem.countMax ?? .max { return }
        guard index < count else { return consider() }
        if units.isAllowed[index] {
            add(index, 1)
            visit(index + 1)
            add(index, -1)
        }
        if !isForced[index] { visit(index + 1) }
    }

    private mutating func add(_ index: Int, _ sign: Int64) {
        uplift += sign * units.uplift[index]
        logPhi += sign * units.logPhi[index]
        theta += sign * units.theta[index]
        isTaken[index] = sign > 0
        if sign > 0 { taken.append(index) } else { taken.removeLast() }
    }

    private mutating func consider() {
        guard units.isFeasible(isTaken) else { return }
        if let best {
            if uplift != bestUplift {
                if uplift < bestUplift { return }
            } else if taken.count != best.count {
                if taken.count > best.count { return }
            } else if logPhi != bestLog {
                if logPhi > bestLog { return }
            } else if !taken.lexicographicallyPrecedes(best) {
                return
            }
        }
        best = taken
        bestUplift = uplift
        bestLog = logPhi
    }
}
