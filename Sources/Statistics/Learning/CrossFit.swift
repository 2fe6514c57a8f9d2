/// Propensities and expected outcomes of every row from models that did not see it.
///
/// Folds are blocks of time, never random: neighbouring labels overlap, and random folds leak through them.
public struct CrossFit: Sendable, Equatable {
    /// Which model expects the outcome.
    public enum OutcomeModel: Sendable, Equatable {
        /// Ridge regression, one an arm.
        case linear
        /// Ridge logistic regression, one an arm, for outcomes of 0 and 1.
        case logistic
    }

    /// Which rows may train for a block.
    public enum Scheme: Sendable, Equatable {
        /// All rows at least `purge` away on either side: for an effect, not for a live rule.
        case blocked
        /// Rows before the block only, `purge` before its start; the first block is never scored.
        case rolling
    }

    /// Rows that were scored, in order.
    public let rows: Range<Int>
    /// Blocks that were scored, as rows.
    public let blocks: [Range<Int>]
    /// Propensity of each scored row, not clipped.
    public let propensities: [Double]
    /// Expected outcome of each scored row without the action.
    public let without: [Double]
    /// Expected outcome of each scored row with the action.
    public let with: [Double]

    /// Fits both nuisances for every block; O(blocks * n p^2) a Newton step.
    ///
    /// `edges` are row numbers, ascending, from 0 to the number of rows; block k is edges[k]..<edges[k + 1]. `purge`
    /// must be at least the label horizon in rows. Features are used as given: standardise them for the penalty's sake.
    /// Throws `positivity` where a training set lacks an arm, `invalidArgument` for bad edges or penalties,
    /// `insufficientData` for a block without training rows, `nonFiniteInput`, `invalidShape`.
    public init(
        features: Matrix, treated: [Double], outcomes: [Double], edges: [Int], purge: Int, scheme: Scheme = .blocked,
        propensityLambda: Double = 1, outcomeLambda: Double = 1, model: OutcomeModel = .linear
    ) throws(StatisticsError) {
        try Require.sameCount(treated.count, features.rows, "treated")
        try Require.sameCount(outcomes.count, features.rows, "outcomes")
        try Require.finite(features.storage, "features")
        try Require.finite(outcomes, "outcomes")
        try Require.binary(treated, "treated")
        try Require.argument(purge >= 0, "purge is \(purge), expected 0 or more")
        let isAscending = zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }
        try Require.argument(
            edges.count >= 3 && edges.first == 0 && edges.last == features.rows && isAscending,
            "edges \(edges), expected at least three, ascending from 0 to \(features.rows)")
        var blocks: [Range<Int>] = []
        var (propensities, without, with): ([Double], [Double], [Double]) = ([], [], [])
        var start: [Double]?
        for index in edges.indices.dropLast() {
            if scheme == .rolling && index == 0 { continue }
            let block = edges[index]..<edges[index + 1]
            var training = Array(0..<max(0, block.lowerBound - purge))
            if scheme == .blocked { training += Array(min(block.upperBound + purge, features.rows)..<features.rows) }
            try Require.count(training.count, atLeast: 1, "training rows of block \(block)")
            let arms = training.reduce(into: (without: [Int](), with: [Int]())) { arms, row in
                if treated[row] == 1 { arms.with.append(row) } else { arms.without.append(row) }
            }
            try Require.argument(
                !arms.with.isEmpty && !arms.without.isEmpty,
                "block \(block): \(arms.with.count) treated and \(arms.without.count) other training rows, "
                    + "expected both: use longer blocks or a shorter purge", code: .positivity)
            let propensity = try RidgeLogistic(
                features: features.selecting(training), outcomes: training.map { treated[$0] }, weights: nil,
                lambda: propensityLambda, hasIntercept: true, start: start)
            start = [propensity.intercept] + propensity.coefficients
            propensities += propensity.probabilities(features, rows: block)
            let fit = { (rows: [Int]) throws(StatisticsError) in
                try Self.expected(
                    features, outcomes, training: rows, block: block, lambda: outcomeLambda, model: model)
            }
            without += try fit(arms.without)
            with += try fit(arms.with)
            blocks.append(block)
        }
        rows = (blocks.first?.lowerBound ?? 0)..<features.rows
        self.blocks = blocks
        self.propensities = propensities
        self.without = without
        self.with = with
    }

    /// Returns the scores of the scored rows; index 0 is row `rows.lowerBound`.
    ///
    /// O(n).
    ///
    /// `treated` and `outcomes` are those of all rows. Throws as `UpliftScores`.
    public func scores(treated: [Double], outcomes: [Double], clip: Double) throws(StatisticsError) -> UpliftScores {
        try Require.sameCount(treated.count, rows.upperBound, "treated")
        try Require.sameCount(outcomes.count, rows.upperBound, "outcomes")
        return try UpliftScores(
            outcomes: Array(outcomes[rows]), treated: Array(treated[rows]), propensities: propensities,
            without: without, with: with, clip: clip)
    }

    /// Returns the mean score of each block; O(n).
    ///
    /// Throws `invalidShape` unless there is one score a scored row.
    public func blockEffects(_ scores: [Double]) throws(StatisticsError) -> [Double] {
        try Require.sameCount(scores.count, rows.count, "scores")
        return blocks.map { block in
            Array(scores[block.lowerBound - rows.lowerBound..<block.upperBound - rows.lowerBound]).compensatedMean
        }
    }

    /// Returns mean over deviation (divisor n - 1) of effects across folds or regimes (LRN-45); O(n).
    ///
    /// A veto, never evidence: with four folds, 7 % of null effects pass 1.0. Throws `insufficientData` below two,
    /// `zeroVariance` where all are equal.
    public static func stability(_ effects: [Double]) throws(StatisticsError) -> Double {
        try Require.count(effects.count, atLeast: 2, "effects")
        let moments = try Moments(effects)
        try Require.argument(
            !moments.isConstant, "all \(effects.count) effects are \(moments.mean), expected some spread",
            code: .zeroVariance)
        return moments.mean / moments.deviation(ddof: 1)
    }

    /// Sums and counts of scores by day, in order, for a bootstrap of whole days (LRN-44); O(n).
    ///
    /// `BlockBootstrap.ratios` of the two gives 1,000 draws in the time of one pass. Throws `invalidArgument` for days
    /// out of order, `invalidShape`.
    public static func dayTotals(
        scores: [Double], days: [Int64]
    ) throws(StatisticsError) -> (sums: [Double], counts: [Double]) {
        try Require.sameCount(days.count, scores.count, "days")
        try Require.finite(scores, "scores")
        var (sums, counts): ([Double], [Double]) = ([], [])
        for index in scores.indices {
            if index > 0 && days[index] == days[index - 1] {
                sums[sums.count - 1] += scores[index]
                counts[counts.count - 1] += 1
            } else {
                if index > 0 {
                    try Require.argument(
                        days[index] > days[index - 1],
                        "days[\(index)] is \(days[index]) after \(days[index - 1]), expected rows in order of time")
                }
                sums.append(scores[index])
                counts.append(1)
            }
        }
        return (sums, counts)
    }

    private static func expected(
        _ features: Matrix, _ outcomes: [Double], training: [Int], block: Range<Int>, lambda: Double,
        model: OutcomeModel
    ) throws(StatisticsError) -> [Double] {
        let (x, y) = (features.selecting(training), training.map { outcomes[$0] })
        switch model {
        case .linear:
            let fit = try RidgeLinear(features: x, targets: y, lambda: lambda)
            return block.map { fit.value(features.row($0)) }
        case .logistic:
            return try RidgeLogistic(features: x, outcomes: y, lambda: lambda).probabilities(features, rows: block)
        }
    }
}
