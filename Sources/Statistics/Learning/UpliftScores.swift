/// What an action changes on average, from logs of when it was taken (LRN-40 to LRN-48).
///
/// Works on nuisances already estimated: the propensity e of the action and the expected outcome without (g0) and with
/// it (g1), each from models that did not see the row.
public struct UpliftScores: Sendable, Equatable {
    /// A mean with its standard error for independent rows.
    public struct Estimate: Sendable, Equatable {
        /// The effect.
        public let effect: Double
        /// Standard error; pass the scores to `NeweyWest` where rows depend on each other.
        public let standardError: Double
    }

    /// Doubly robust score of every row; its mean is the effect, its mean over a rule's rows the rule's uplift.
    public let scores: [Double]
    /// Inverse propensity score of every row.
    public let weighted: [Double]
    /// Rows whose propensity was clipped.
    public let clippedCount: Int
    /// Kish's effective number of treated rows.
    public let effectiveTreated: Double
    /// Kish's effective number of untreated rows.
    public let effectiveControl: Double
    /// Kish's effective number of all rows, each weighted by 1 over the propensity of what happened.
    public let effectiveTotal: Double
    /// Ratio of weighted means, treated less untreated (Hájek).
    public let ratio: Estimate
    /// Effect on the treated (doubly robust).
    public let onTreated: Estimate

    /// Scores every row; O(n).
    ///
    /// Propensities are clipped to [clip, 1 - clip] first: clipped rows are counted, never dropped, since that would
    /// change the question. Throws `positivity` unless both arms occur, `insufficientData` for no rows,
    /// `nonFiniteInput`, `invalidShape`, `invalidProbability`, `invalidArgument` for a clip outside 0..<1/2.
    /// - Source: Chernozhukov et al. 2018, interactive regression model.
    public init(
        outcomes y: [Double], treated d: [Double], propensities: [Double], without g0: [Double], with g1: [Double],
        clip: Double
    ) throws(StatisticsError) {
        let n = y.count
        try Require.count(n, atLeast: 1, "rows")
        for (values, name) in [(d, "treated"), (propensities, "propensities"), (g0, "without"), (g1, "with")] {
            try Require.sameCount(values.count, n, name)
        }
        for (values, name) in [(y, "outcomes"), (g0, "without"), (g1, "with")] { try Require.finite(values, name) }
        try Require.binary(d, "treated")
        try Require.probabilities(propensities, "propensities")
        try Require.argument(clip >= 0 && clip < 0.5, "clip is \(clip), expected 0..<0.5")
        let taken = d.count { $0 == 1 }
        try Require.argument(
            taken > 0 && taken < n, "\(taken) treated rows of \(n), expected both arms: the effect cannot be seen",
            code: .positivity)
        let e = propensities.map { min(max($0, clip), 1 - clip) }
        for index in e.indices where e[index] == 0 || e[index] == 1 {
            throw StatisticsError(
                .positivity, "propensities[\(index)] is \(e[index]) and clip 0, expected inside 0...1: use a clip")
        }
        let one = (0..<n).map { d[$0] / e[$0] }
        let zero = (0..<n).map { (1 - d[$0]) / (1 - e[$0]) }
        scores = (0..<n).map { (i: Int) -> Double in
            let treatedPart = one[i] * (y[i] - g1[i])
            let controlPart = zero[i] * (y[i] - g0[i])
            return g1[i] - g0[i] + treatedPart - controlPart
        }
        weighted = (0..<n).map { one[$0] * y[$0] - zero[$0] * y[$0] }
        clippedCount = propensities.count { $0 < clip || $0 > 1 - clip }
        effectiveTreated = Self.kish(one)
        effectiveControl = Self.kish(zero)
        effectiveTotal = Self.kish((0..<n).map { one[$0] + zero[$0] })
        ratio = Self.hajek(y, one, zero)
        onTreated = Self.treatedEffect(y, d, e, g0)
    }

    /// Doubly robust effect.
    public var effect: Estimate { Self.mean(scores) }
    /// Effect by inverse propensities alone.
    public var weightedEffect: Estimate { Self.mean(weighted) }

    /// Returns the doubly robust effect over some rows, without fitting anew; O(rows).
    ///
    /// Throws `insufficientData` for no rows, `invalidArgument` for a row that does not exist.
    public func effect(rows: [Int]) throws(StatisticsError) -> Estimate {
        try Require.count(rows.count, atLeast: 1, "rows")
        for row in rows {
            try Require.argument(scores.indices.contains(row), "row \(row), expected 0..<\(scores.count)")
        }
        return Self.mean(rows.map { scores[$0] })
    }

    /// Mean and error with divisor n.
    static func mean(_ values: [Double]) -> Estimate {
        let moments = Moments(checked: values)
        return Estimate(effect: moments.mean, standardError: (moments.second / Double(values.count)).squareRoot())
    }

    static func kish(_ weights: [Double]) -> Double {
        let sum = Sum.of(weights)
        let square = Sum.products(weights, weights)
        return square > 0 ? sum * sum / square : 0
    }

    private static func hajek(_ y: [Double], _ one: [Double], _ zero: [Double]) -> Estimate {
        let n = Double(y.count)
        let (sumOne, sumZero) = (Sum.of(one), Sum.of(zero))
        let (meanOne, meanZero) = (Sum.products(one, y) / sumOne, Sum.products(zero, y) / sumZero)
        var square = CompensatedSum()
        for i in y.indices {
            let influence = one[i] * (y[i] - meanOne) / (sumOne / n) - zero[i] * (y[i] - meanZero) / (sumZero / n)
            square.add(influence * influence)
        }
        return Estimate(effect: meanOne - meanZero, standardError: square.value.squareRoot() / n)
    }

    private static func treatedEffect(_ y: [Double], _ d: [Double], _ e: [Double], _ g0: [Double]) -> Estimate {
        let n = Double(y.count)
        let share = Sum.of(d) / n
        let terms = y.indices.map { (i: Int) -> Double in
            let odds = e[i] / (1 - e[i])
            let weight = d[i] - (1 - d[i]) * odds
            return weight * (y[i] - g0[i]) / share
        }
        let effect = terms.compensatedMean
        var square = CompensatedSum()
        for i in terms.indices {
            let influence = terms[i] - d[i] / share * effect
            square.add(influence * influence)
        }
        return Estimate(effect: effect, standardError: square.value.squareRoot() / n)
    }
}
