/// How reliable an expert is, as a beta distribution of its hit rate (DSI-20).
public struct BetaBelief: Sendable, Equatable {
    /// Prior and observed successes, positive.
    public let alpha: Double
    /// Prior and observed failures, positive.
    public let beta: Double

    /// Makes a belief.
    ///
    /// Throws `invalidArgument` unless both are positive and finite.
    public init(alpha: Double, beta: Double) throws(StatisticsError) {
        try Require.argument(
            alpha > 0 && beta > 0 && alpha.isFinite && beta.isFinite,
            "alpha \(alpha), beta \(beta): expected positive numbers")
        self.alpha = alpha
        self.beta = beta
    }

    /// Returns the belief after some more trials; O(1).
    ///
    /// Throws `invalidCounts` for negative or non-finite counts.
    public func observing(successes: Double, failures: Double) throws(StatisticsError) -> BetaBelief {
        try Require.argument(
            successes >= 0 && failures >= 0 && successes.isFinite && failures.isFinite,
            "\(successes) successes, \(failures) failures: expected 0 or more", code: .invalidCounts)
        return try BetaBelief(alpha: alpha + successes, beta: beta + failures)
    }

    /// Returns the belief after 0/1 outcomes in order, forgetting toward `self` by `decay` in 0...1 before each; O(n).
    ///
    /// Never falls below the prior. Throws `invalidArgument` for other outcomes or decays.
    public func observing(_ outcomes: [Double], decay: Double) throws(StatisticsError) -> BetaBelief {
        try Require.binary(outcomes, "outcomes")
        try Require.argument(decay >= 0 && decay <= 1, "decay is \(decay), expected 0...1")
        var (a, b) = (0.0, 0.0)
        for outcome in outcomes {
            a = decay * a + outcome
            b = decay * b + 1 - outcome
        }
        return try BetaBelief(alpha: alpha + a, beta: beta + b)
    }

    /// Mean hit rate.
    public var mean: Double { alpha / (alpha + beta) }
    /// Variance of the hit rate.
    public var variance: Double {
        let total = alpha + beta
        return alpha * beta / (total * total * (total + 1))
    }
    /// Returns the hit rate below which a share p of the belief lies; NaN outside 0...1.
    public func quantile(_ p: Double) -> Double { Beta.quantile(p, alpha, beta) }
    /// Returns the probability of a hit rate above x in 0...1.
    public func probability(above x: Double) -> Double { Beta.upperTail(x, alpha, beta) }
    /// Returns the log probability of the trials between an earlier belief and this one, in nats.
    public func logEvidence(since prior: BetaBelief) -> Double {
        Beta.logBeta(alpha, beta) - Beta.logBeta(prior.alpha, prior.beta)
    }
}

/// Hit rates of groups pulled towards their common mean, so that thin data do not whipsaw (DSI-21).
public enum PartialPooling {
    /// What the counts of all groups say about them together.
    public struct Moments: Sendable, Equatable {
        /// Common mean; (K + 1/2) / (N + 1) where every trial went the same way.
        public let mean: Double
        /// Overdispersion as estimated, may be negative; nil where every trial went the same way or one group has data.
        public let overdispersion: Double?
        /// Strength of the pull, in trials: 0.001...10,000.
        public let strength: Double
    }

    /// Returns mean and strength of the pull by moments; O(groups).
    ///
    /// A negative overdispersion means complete pooling. Throws `insufficientData` without any trial, `invalidCounts`
    /// unless 0 <= successes <= trials, `invalidShape`.
    /// - Source: Kleinman 1973.
    public static func moments(successes: [Int], trials: [Int]) throws(StatisticsError) -> Moments {
        try check(successes, trials)
        let filled = trials.indices.filter { trials[$0] > 0 }
        let n = Double(filled.reduce(0) { $0 + trials[$1] })
        let k = Double(filled.reduce(0) { $0 + successes[$1] })
        try Require.argument(n > 0, "no trials in \(trials.count) groups, expected some", code: .insufficientData)
        let strongest = 1e4
        let mean = k / n
        if k == 0 || k == n {
            return Moments(mean: (k + 0.5) / (n + 1), overdispersion: nil, strength: strongest)
        }
        var (spread, squares) = (CompensatedSum(), CompensatedSum())
        for group in filled {
            let size = Double(trials[group])
            let gap = Double(successes[group]) / size - mean
            spread.add(size * gap * gap)
            squares.add(size * size)
        }
        let free = Double(filled.count - 1)
        let denominator = n - squares.value / n - free
        guard denominator > 0 else { return Moments(mean: mean, overdispersion: nil, strength: strongest) }
        let rho = (spread.value / (mean * (1 - mean)) - free) / denominator
        let clipped = min(max(rho, 1 / (1 + strongest)), 0.999)
        return Moments(mean: mean, overdispersion: rho, strength: 1 / clipped - 1)
    }

    /// Returns (successes + mean * strength) / (trials + strength) for each group; O(groups).
    ///
    /// Throws `invalidCounts`, `invalidShape`, `invalidProbability` for the mean, `invalidArgument` unless the strength
    /// is positive.
    public static func pooled(
        successes: [Int], trials: [Int], mean: Double, strength: Double
    ) throws(StatisticsError) -> [Double] {
        try check(successes, trials)
        try Require.probabilities([mean], "mean")
        try Require.argument(
            strength > 0 && strength.isFinite, "strength is \(strength), expected a positive number of trials")
        return trials.indices.map { (Double(successes[$0]) + mean * strength) / (Double(trials[$0]) + strength) }
    }

    /// Returns experts pooled to their family, families pooled to all; O(experts).
    ///
    /// `family` numbers are 0 and up; a family without experts gets the mean of all. Throws as `pooled`, and
    /// `insufficientData` without any trial.
    public static func twoLevel(
        successes: [Int], trials: [Int], family: [Int], familyStrength: Double, expertStrength: Double
    ) throws(StatisticsError) -> (mean: Double, families: [Double], experts: [Double]) {
        try check(successes, trials)
        try Require.sameCount(family.count, trials.count, "family")
        let count = (family.max() ?? -1) + 1
        try Require.argument(
            family.allSatisfy { $0 >= 0 } && count <= family.count,
            "family numbers \(family.min() ?? 0)...\(count - 1), expected 0..<\(family.count)")
        var (hits, sizes) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
        for index in family.indices {
            hits[family[index]] += successes[index]
            sizes[family[index]] += trials[index]
        }
        let total = sizes.reduce(0, +)
        try Require.argument(total > 0, "no trials in \(trials.count) groups, expected some", code: .insufficientData)
        let mean = Double(hits.reduce(0, +)) / Double(total)
        let families = try pooled(successes: hits, trials: sizes, mean: mean, strength: familyStrength)
        var experts: [Double] = []
        for index in family.indices {
            experts += try pooled(
                successes: [successes[index]], trials: [trials[index]], mean: families[family[index]],
                strength: expertStrength)
        }
        return (mean, families, experts)
    }

    private static func check(_ successes: [Int], _ trials: [Int]) throws(StatisticsError) {
        try Require.sameCount(trials.count, successes.count, "trials")
        for index in trials.indices {
            try Require.argument(
                successes[index] >= 0 && successes[index] <= trials[index] && trials[index] <= 1 << 40,
                "group \(index): \(successes[index]) successes of \(trials[index]), expected 0...trials",
                code: .invalidCounts)
        }
    }
}
