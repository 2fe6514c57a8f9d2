/// How long blocks must be, and what the bootstrap would answer without drawing.
public enum BlockLength {
    /// Returns the mean block lengths that minimise the error of the bootstrap variance; O(n sqrt n).
    ///
    /// Use max(1, result rounded). Throws `insufficientData` below two rows, `zeroVariance` for a constant series.
    /// - Source: Politis and White 2004 with the correction of Patton, Politis and White 2009; the scan of
    ///   correlations begins at lag 0, as in the arch package.
    public static func optimal(_ values: [Double]) throws(StatisticsError) -> (stationary: Double, circular: Double) {
        try Require.count(values.count, atLeast: 2, "values")
        let moments = try Moments(values)
        try Require.argument(
            !moments.isConstant, "all \(values.count) values are \(moments.mean), expected some spread",
            code: .zeroVariance)
        let centred = values.map { $0 - moments.mean }
        let count = values.count
        let n = Double(count)
        let longest = roundedUp(min(3 * n.squareRoot(), n / 3))
        let window = max(5, Int(Elementary.log(n) / 2.302585092994046))
        let lastLag = min(Int(roundedUp(n.squareRoot())) + window, count - 1)
        let limit = 2 * (Elementary.log(n) / 2.302585092994046 / n).squareRoot()
        var covariances: [Double] = []
        var correlations: [Double] = []
        var quiet: Int?
        for lag in 0...lastLag {
            covariances.append(NeweyWest.autocovariance(centred, lag: lag))
            correlations.append(headTailCorrelation(centred, lag))
            // The first lag after which `window` correlations in a row are small.
            if quiet == nil, lag >= window, (lag - window..<lag).allSatisfy({ correlations[$0] < limit }) {
                quiet = lag - window
            }
        }
        let used = min(quiet.map { 2 * max($0, 1) } ?? lastLag, lastLag)
        var (g, longRun) = (0.0, covariances[0])
        for step in 0..<used {
            let lag = step + 1
            let share = Double(lag) / Double(used)
            let taper = share <= 0.5 ? 1 : 2 * (1 - share)
            g += 2 * taper * Double(lag) * covariances[lag]
            longRun += 2 * taper * covariances[lag]
        }
        let scale = 2 * g * g / (longRun * longRun) * n
        return (
            min(Elementary.cubeRoot(scale / 2), longest), min(Elementary.cubeRoot(scale / (4.0 / 3)), longest)
        )
    }

    /// Returns the exact variance of the mean under the stationary bootstrap; O(n^2).
    ///
    /// A Monte Carlo of B replicates must agree within a few times sqrt(2/B). Throws as `optimal`, but a constant
    /// series is fine.
    /// - Source: Politis and Romano 1994.
    public static func exactStationaryVariance(_ values: [Double], meanBlock: Double) throws(StatisticsError) -> Double
    {
        try Require.argument(
            meanBlock >= 1 && meanBlock.isFinite, "mean block is \(meanBlock), expected at least 1", code: .invalidBlock
        )
        let mean = try Moments(values).mean
        let centred = values.map { $0 - mean }
        let count = values.count
        let n = Double(count)
        var sum = CompensatedSum()
        var survival = 1.0
        for lag in 0..<count {
            var product = CompensatedSum()
            for index in 0..<count { product.add(centred[index] * centred[(index + lag) % count]) }
            let circular = product.value / n
            sum.add(lag == 0 ? circular : 2 * (1 - Double(lag) / n) * survival * circular)
            survival *= 1 - 1 / meanBlock
        }
        return sum.value / n
    }

    /// Returns the exact variance of the mean under the circular bootstrap, for a block that divides n; O(n block).
    ///
    /// Throws `invalidBlock` for other blocks.
    public static func exactCircularVariance(_ values: [Double], block: Int) throws(StatisticsError) -> Double {
        try BlockIndices.checkBlock(block, count: values.count)
        try Require.argument(
            values.count % block == 0, "block is \(block), expected a divisor of \(values.count)", code: .invalidBlock)
        let mean = try Moments(values).mean
        let n = Double(values.count)
        var squares = CompensatedSum()
        for start in values.indices {
            var sum = CompensatedSum()
            for offset in 0..<block { sum.add(values[(start + offset) % values.count] - mean) }
            squares.add(sum.value * sum.value)
        }
        return n / Double(block) * (squares.value / n) / (n * n)
    }

    /// |sum of products `lag` apart| over the root of the sums of squares without the first and last lag + 1 terms.
    private static func headTailCorrelation(_ centred: [Double], _ lag: Int) -> Double {
        var (product, late, early) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
        for index in lag..<centred.count { product.add(centred[index] * centred[index - lag]) }
        for index in centred.indices where index > lag { late.add(centred[index] * centred[index]) }
        for index in 0..<max(0, centred.count - lag - 1) { early.add(centred[index] * centred[index]) }
        let scale = (late.value * early.value).squareRoot()
        return scale > 0 ? abs(product.value) / scale : 0
    }

    private static func roundedUp(_ x: Double) -> Double {
        let down = Double(Int(x))
        return down < x ? down + 1 : down
    }
}
