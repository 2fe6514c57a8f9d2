package import Events
internal import Statistics

/// Which patches to take (BRD-37): the largest sum of uplift within the caps.
///
/// Uplifts, penalties and the logarithms of factors are rounded once to whole units (1e-12, of logarithms 1e-13) and
/// added as integers: sums then do not depend on the order, equal sums are equal, and a product that meets the cap in
/// decimals is not refused for its last bit.
package struct SelectionProblem: Sendable {
    /// How penalties are held above the floor.
    package enum ThetaMode: String, Sendable {
        /// Every chosen one by itself.
        case each
        /// The mean of the chosen ones.
        case mean
        /// Their sum, on top of `thetaBase` (BRD-37).
        case sum
    }

    package var thetaMode = ThetaMode.sum
    /// The penalty before any patch; counts in mode `sum` only.
    package var thetaBase = 0.0
    package var thetaMin = 0.0
    /// Cap of the product of the factors; divide it by the factor before any patch.
    package var phiCap = 1.15
    /// Pairs of which at most one is taken: near-identical rules (BRD-39).
    package var conflicts: [(Int, Int)] = []
    /// Pairs (a, b): a is taken only with b.
    package var requires: [(Int, Int)] = []
    package var countMax: Int?
    /// Taken in any case.
    package var forced: [Int] = []
    package let uplift: [Double]
    package let phi: [Double]
    package let theta: [Double]

    /// Makes a problem without further constraints.
    ///
    /// Errors: `selection` for lists of different lengths, a factor that is not positive, a number out of range.
    package init(uplift: [Double], phi: [Double], theta: [Double]) throws(WeaveError) {
        guard uplift.count == phi.count, phi.count == theta.count else {
            throw WeaveError(
                .selection, found: "\(uplift.count) uplifts, \(phi.count) factors, \(theta.count) penalties",
                expected: "as many of each", advice: "give every patch all three")
        }
        // Sums of a thousand such numbers stay far inside 64 bits.
        for value in uplift + theta where !(value.magnitude <= 1000) {
            throw WeaveError(
                .selection, found: "\(value)", expected: "uplifts and penalties between -1000 and 1000",
                advice: "give uplifts as fractions")
        }
        for value in phi where !(value > 0 && value < 1e100) {
            throw WeaveError(
                .selection, found: "a factor of \(value)", expected: "factors above 0",
                advice: "correct the patch; neutral is 1")
        }
        self.uplift = uplift
        self.phi = phi
        self.theta = theta
    }

    /// Number of patches to choose from.
    package var count: Int { uplift.count }

    /// Whether a subset, ascending, keeps all constraints.
    package func isFeasible(_ subset: [Int]) -> Bool {
        let units = SelectionUnits(self)
        var isTaken = [Bool](repeating: false, count: count)
        for index in subset { isTaken[index] = true }
        return units.isFeasible(isTaken)
    }

    /// Sum of the uplifts of a subset.
    package func objective(_ subset: [Int]) -> Double { Sum.of(subset.map { uplift[$0] }) }

    /// Product of the factors of a subset.
    package func phiProduct(_ subset: [Int]) -> Double { subset.reduce(1) { $0 * phi[$1] } }

    /// The best subset: exact up to `exactMax` patches, greedy with backtracking above (BRD-38).
    ///
    /// Of equal sums the one with fewer patches wins, then the smaller product, then the smaller list of indices. Nil
    /// if no subset keeps the constraints; in the greedy way also if none was found.
    package func solve(exactMax: Int = 20) -> Selection? {
        let isExact = count <= exactMax
        return (isExact ? exact() : greedy()).map {
            Selection(
                chosen: $0, objective: objective($0), phiProduct: phiProduct($0), method: isExact ? "exact" : "greedy")
        }
    }
}

/// A choice of patches.
package struct Selection: Equatable, Sendable {
    /// Indices, ascending.
    package var chosen: [Int]
    package var objective: Double
    package var phiProduct: Double
    /// `exact` or `greedy`.
    package var method: String
}

extension SelectionProblem {
    /// The choice as an event: which patches, and what room they leave (priors.SetCompiled); `ids` name the patches.
    package func compiled(_ selection: Selection, ids: [PatchID]) -> SetCompiled {
        var event = SetCompiled()
        let chosen = selection.chosen
        event.chosen = chosen.map { ids[$0] }
        event.refused = ids.indices.filter { !chosen.contains($0) }.map { ids[$0] }
        event.upliftSum = selection.objective
        switch thetaMode {
        case .sum: event.thetaSlack = Sum.of([thetaBase, -thetaMin] + chosen.map { theta[$0] })
        case .each: event.thetaSlack = (chosen.map { theta[$0] }.min() ?? thetaMin) - thetaMin
        case .mean:
            let sum = Sum.of(chosen.map { theta[$0] })
            event.thetaSlack = chosen.isEmpty ? 0 : sum / Double(chosen.count) - thetaMin
        }
        event.phiSlack = Sum.of([Elementary.log(phiCap)] + chosen.map { -Elementary.log(phi[$0]) })
        event.method = selection.method
        return event
    }
}

/// The numbers of a problem in whole units, and what follows from a choice.
struct SelectionUnits {
    let problem: SelectionProblem
    let uplift: [Int64]
    let logPhi: [Int64]
    /// What a patch adds to the side that must not fall below `floor`.
    let theta: [Int64]
    let floor: Int64
    let cap: Int64
    let isAllowed: [Bool]

    init(_ problem: SelectionProblem) {
        self.problem = problem
        uplift = problem.uplift.map { Self.units($0, 1e12) }
        logPhi = problem.phi.map { Self.units(Elementary.log($0), 1e13) }
        // Ten units cover the rounding of the logarithms of some twenty factors.
        cap = problem.phiCap > 0 ? Self.units(Elementary.log(problem.phiCap), 1e13) + 10 : .min
        let mode = problem.thetaMode
        let minimum = problem.thetaMin
        switch mode {
        case .each:
            theta = problem.theta.map { _ in 0 }
            floor = 0
        case .mean:
            theta = problem.theta.map { Self.units($0, 1e12) - Self.units(minimum, 1e12) }
            floor = 0
        case .sum:
            theta = problem.theta.map { Self.units($0, 1e12) }
            floor = Self.units(minimum, 1e12) - Self.units(problem.thetaBase, 1e12)
        }
        isAllowed = problem.theta.map { mode != .each || $0 >= minimum }
    }

    private static func units(_ value: Double, _ perOne: Double) -> Int64 {
        let scaled = min(max(value, -1e5), 1e5) * perOne
        return Int64(scaled + (scaled < 0 ? -0.5 : 0.5))
    }

    func isFeasible(_ isTaken: [Bool]) -> Bool {
        var (logSum, thetaSum, count) = (Int64(0), Int64(0), 0)
        for index in isTaken.indices where isTaken[index] {
            guard isAllowed[index] else { return false }
            logSum += logPhi[index]
            thetaSum += theta[index]
            count += 1
        }
        return logSum <= cap && thetaSum >= floor && count <= problem.countMax ?? .max && keepsPairs(isTaken)
            && problem.forced.allSatisfy { isTaken[$0] }
    }

    func keepsPairs(_ isTaken: [Bool]) -> Bool {
        problem.conflicts.allSatisfy { !isTaken[$0.0] || !isTaken[$0.1] }
            && problem.requires.allSatisfy { !isTaken[$0.0] || isTaken[$0.1] }
    }
}
