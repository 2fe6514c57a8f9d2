/// Resampling of means and of ratios of sums, in blocks, from a seed.
///
/// A block is a difference of two prefix sums, so that a replicate costs one step per block, not per row. Replicate r
/// draws from its own stream, keyed by (seed, scheme, r): results do not depend on who computes which replicate.
public struct BlockBootstrap: Sendable, Equatable {
    /// How blocks are laid.
    public enum Scheme: Sendable, Equatable {
        /// Blocks of geometric length with the given mean, wrapping around the end.
        case stationary(meanBlock: Double)
        /// Blocks of equal length, wrapping around the end; the last one is cut.
        case circular(block: Int)
        /// Blocks of equal length inside the series; the last one is cut.
        case moving(block: Int)
    }

    /// The scheme.
    public let scheme: Scheme
    /// Number of replicates.
    public let replicates: Int
    /// Seed of all draws.
    public let seed: UInt64

    /// Makes a plan; nothing is drawn yet.
    public init(scheme: Scheme, replicates: Int, seed: UInt64) {
        self.scheme = scheme
        self.replicates = replicates
        self.seed = seed
    }

    /// Returns the mean of each replicate; O(n + replicates * n / block).
    ///
    /// Throws `insufficientData` for no rows, `nonFiniteInput` for a NaN, `invalidBlock` for a block that does not fit.
    public func means(_ values: [Double]) throws(StatisticsError) -> [Double] {
        try Require.count(values.count, atLeast: 1, "values")
        try Require.finite(values, "values")
        let mean = values.compensatedMean
        let n = Double(values.count)
        return try sums(columns: [values.map { $0 - mean }]).map { mean + $0[0] / n }
    }

    /// Returns sum(numerator) / sum(denominator) of each replicate; O(n + replicates * n / block).
    ///
    /// A replicate whose denominator is 0 is NaN: weights that are all positive rule it out. Throws as `means`.
    public func ratios(numerator: [Double], denominator: [Double]) throws(StatisticsError) -> [Double] {
        try Require.sameCount(denominator.count, numerator.count, "denominator")
        try Require.count(numerator.count, atLeast: 1, "rows")
        try Require.finite(numerator, "numerator")
        try Require.finite(denominator, "denominator")
        return try sums(columns: [numerator, denominator]).map { $0[1] == 0 ? .nan : $0[0] / $0[1] }
    }

    /// Returns the row indices of one replicate, for a statistic that is no ratio of sums; O(n).
    ///
    /// The same rows that `means` uses. Throws `invalidBlock` for a block that does not fit.
    public func indices(count: Int, replicate: Int) throws(StatisticsError) -> [Int] {
        try check(count)
        var rows: [Int] = []
        rows.reserveCapacity(count)
        forEachBlock(count, replicate) { start, length in
            for offset in 0..<length { rows.append((start + offset) % count) }
        }
        return rows
    }

    /// Sums of every column over every replicate; columns have equal length.
    private func sums(columns: [[Double]]) throws(StatisticsError) -> [[Double]] {
        let count = columns[0].count
        try check(count)
        let prefixes = columns.map { Self.prefixSums($0) }
        var result: [[Double]] = []
        result.reserveCapacity(max(replicates, 0))
        for replicate in 0..<max(replicates, 0) {
            var totals = [Double](repeating: 0, count: columns.count)
            forEachBlock(count, replicate) { start, length in
                for column in prefixes.indices {
                    totals[column] += prefixes[column][start + length] - prefixes[column][start]
                }
            }
            result.append(totals)
        }
        return result
    }

    /// Prefix sums over the series written twice, so that a block may wrap.
    private static func prefixSums(_ values: [Double]) -> [Double] {
        var sum = CompensatedSum()
        var result = [0.0]
        result.reserveCapacity(2 * values.count + 1)
        for _ in 0..<2 {
            for value in values {
                sum.add(value)
                result.append(sum.value)
            }
        }
        return result
    }

    private func check(_ count: Int) throws(StatisticsError) {
        try Require.count(count, atLeast: 1, "rows")
        switch scheme {
        case .stationary(let mean):
            try Require.argument(
                mean >= 1 && mean.isFinite, "mean block is \(mean), expected at least 1", code: .invalidBlock)
        case .circular(let block), .moving(let block): try BlockIndices.checkBlock(block, count: count)
        }
    }

    /// Lays the blocks of one replicate; lengths sum to `count`.
    @inline(__always) private func forEachBlock(_ count: Int, _ replicate: Int, _ body: (Int, Int) -> Void) {
        var stream = Xoshiro256(seed: seed, method: method, replicate: UInt64(replicate))
        var left = count
        while left > 0 {
            let start: Int
            var length: Int
            switch scheme {
            case .stationary(let mean):
                start = stream.index(below: count)
                length = Self.geometric(mean: mean, &stream)
            case .circular(let block):
                start = stream.index(below: count)
                length = block
            case .moving(let block):
                start = stream.index(below: count - block + 1)
                length = block
            }
            length = min(length, left)
            // A block longer than the series goes round more than once.
            while length > count {
                body(start, count)
                length -= count
                left -= count
            }
            body(start, length)
            left -= length
        }
    }

    /// A geometric length with the given mean: the row goes on with chance 1 - 1 / mean.
    @inline(__always) private static func geometric(mean: Double, _ stream: inout Xoshiro256) -> Int {
        let uniform = stream.openUniform()
        if mean == 1 { return 1 }
        let length = Elementary.log(uniform) / Elementary.log1p(-1 / mean)
        return length < 9e15 ? Int(length) + 1 : 1 << 53
    }

    private var method: UInt64 {
        switch scheme {
        case .stationary: 1
        case .circular: 2
        case .moving: 3
        }
    }
}
