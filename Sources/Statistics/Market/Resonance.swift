/// The weighted geometric mean of six qualities of a detector (DEF-14).
public struct Resonance: Sendable {
    /// Weights of phi, coherence, novelty, emergence, 1 - theta and 1 - rho; they sum to 1.
    public let weights: InlineArray<6, Double>
    /// The mean, in 0...1.
    public let value: Double

    /// Combines the qualities, each in 0...1; O(1).
    ///
    /// High surprise tilts towards novelty and emergence, low surprise towards coherence. No quality counts for less
    /// than 1e-6. Throws `invalidProbability`.
    public init(
        phi: Double, coherence: Double, novelty: Double, emergence: Double, theta: Double, rho: Double,
        surprise: Double
    ) throws(StatisticsError) {
        let qualities: InlineArray<6, Double> = [phi, coherence, novelty, emergence, 1 - theta, 1 - rho]
        // A list of them is only made for the error.
        for index in qualities.indices where !(0...1).contains(qualities[index]) {
            try Require.probabilities(qualities.indices.map { qualities[$0] }, "qualities")
        }
        if !(0...1).contains(surprise) { try Require.probabilities([surprise], "surprise") }
        let open = 1 + 0.5 * surprise
        let raw: InlineArray<6, Double> = [
            0.25, 0.20 * (1 + 0.5 * (1 - surprise)), 0.10 * open, 0.10 * open, 0.20, 0.15,
        ]
        var total = CompensatedSum()
        for index in raw.indices { total.add(raw[index]) }
        let scale = total.value
        var weights = raw
        var sum = CompensatedSum()
        for index in raw.indices {
            weights[index] = raw[index] / scale
            sum.add(weights[index] * Elementary.log(max(qualities[index], 1e-6)))
        }
        self.weights = weights
        value = Elementary.exp(sum.value)
    }
}

/// Agreement of phases (DEF-18).
public enum Phases {
    /// Returns the order parameter |mean of exp(i phase)|, 0...1; O(n).
    ///
    /// Throws `insufficientData` for no phases, `invalidArgument` for one beyond `Elementary.angleMax`.
    public static func order(_ phases: [Double]) throws(StatisticsError) -> Double {
        let (x, y) = try mean(phases)
        return min(1, (x * x + y * y).squareRoot())
    }

    /// Returns the order parameter less its bias for few phases, sqrt(max(0, (M r^2 - 1) / (M - 1))); nil below five.
    ///
    /// Exactly 0 for 62 % of random sets of eight. O(n). Throws as `order`.
    public static func entrainment(_ phases: [Double]) throws(StatisticsError) -> Double? {
        guard phases.count >= 5 else { return nil }
        let (x, y) = try mean(phases)
        let m = Double(phases.count)
        return min(1, max(0, (m * (x * x + y * y) - 1) / (m - 1)).squareRoot())
    }

    private static func mean(_ phases: [Double]) throws(StatisticsError) -> (Double, Double) {
        try Require.count(phases.count, atLeast: 1, "phases")
        var (x, y) = (CompensatedSum(), CompensatedSum())
        for index in phases.indices {
            try Require.argument(
                abs(phases[index]) <= Elementary.angleMax,
                "phases[\(index)] is \(phases[index]), expected at most \(Elementary.angleMax): reduce it")
            let (s, c) = Elementary.sinCos(phases[index])
            x.add(c)
            y.add(s)
        }
        let n = Double(phases.count)
        return (x.value / n, y.value / n)
    }
}
