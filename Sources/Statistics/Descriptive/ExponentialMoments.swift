/// Mean and deviation with weights 2^(-age / half-life), normalised, in constant space.
///
/// No bias correction: the deviation is about the weighted mean with the same weights (DEF-07).
public struct ExponentialMoments: Sendable, Equatable {
    private let keep: Double
    private var weight = 0.0
    private var square = 0.0
    private var offsets = 0.0
    /// Weighted mean so far; 0 for none.
    public private(set) var mean = 0.0

    /// Makes an empty measure whose weights halve every `halfLife` > 0 values.
    public init(halfLife: Double) throws(StatisticsError) {
        try Require.argument(
            halfLife > 0 && halfLife.isFinite, "half-life is \(halfLife), expected a positive number of values")
        keep = Elementary.exp2(-1 / halfLife)
    }

    /// Makes an empty measure whose weights shrink by `decay` in 0..<1 with every value.
    public init(decay: Double) throws(StatisticsError) {
        try Require.argument(decay >= 0 && decay < 1, "decay is \(decay), expected 0..<1")
        keep = decay
    }

    /// Adds a value; O(1).
    ///
    /// Throws `nonFiniteInput` for a NaN or an infinity and stays as it was.
    public mutating func add(_ value: Double) throws(StatisticsError) {
        try Require.finite(value, "value")
        let old = keep * weight
        weight = old + 1
        square = keep * keep * square + 1
        let delta = value - mean
        mean += delta / weight
        offsets = keep * offsets + delta * delta * (old / weight)
    }

    /// Weighted variance; nil for no values.
    public var variance: Double? { weight > 0 ? max(0, offsets / weight) : nil }
    /// Weighted standard deviation; nil for no values.
    public var deviation: Double? { variance?.squareRoot() }
    /// Kish's effective number of values, (sum of weights)^2 / sum of squared weights; 0 for none.
    public var effectiveCount: Double { weight > 0 ? weight * weight / square : 0 }
}

/// Recursive smoothing.
public enum Smoothing {
    /// Returns y with y0 = x0 and y += 2 / (span + 1) (x - y); empty for no values.
    ///
    /// O(n).
    ///
    /// Throws `invalidArgument` for a span below 1 and `nonFiniteInput` for a NaN or an infinity.
    public static func exponential(_ values: [Double], span: Double) throws(StatisticsError) -> [Double] {
        try Require.argument(span >= 1 && span.isFinite, "span is \(span), expected at least 1")
        try Require.finite(values, "values")
        guard var level = values.first else { return [] }
        let gain = 2 / (span + 1)
        return values.map { value in
            level += gain * (value - level)
            return level
        }
    }

    /// Returns, for each value from `skip` on, how surprising it was given the values before it: the negative log
    /// density of Student's t with five degrees about their weighted mean (DEF-07), in nats.
    ///
    /// O(n).
    ///
    /// Throws `zeroVariance` if the values before one of them are all equal.
    public static func surprise(
        _ values: [Double], halfLife: Double, skip: Int
    ) throws(StatisticsError) -> (mean: [Double], deviation: [Double], surprise: [Double]) {
        try Require.argument(skip >= 2, "skip is \(skip), expected at least 2 values before the first answer")
        try Require.count(values.count, atLeast: skip + 1, "values")
        try Require.finite(values, "values")
        var past = try ExponentialMoments(halfLife: halfLife)
        var (means, deviations, surprises): ([Double], [Double], [Double]) = ([], [], [])
        for index in values.indices {
            if index >= skip {
                let sd = past.deviation ?? 0
                try Require.argument(
                    sd > 1e-12 * abs(past.mean),
                    "the \(index) values before index \(index) are all equal, expected "
                        + "some spread: leave this stretch out", code: .zeroVariance)
                means.append(past.mean)
                deviations.append(sd)
                let score = (values[index] - past.mean) / sd
                surprises.append(Elementary.log(sd) - Distributions.studentLogDensity(score, degrees: 5))
            }
            try past.add(values[index])
        }
        return (means, deviations, surprises)
    }
}
