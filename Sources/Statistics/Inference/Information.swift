/// Mutual information of quantised series, in nats (DEF-09).
///
/// Levels are 0 and up. The plug-in estimate of pure noise is positive: read the corrected ones. Negative values stay
/// as they are, since differences of floored values would be biased; floor for display only.
public enum Information {
    /// An estimate with and without its bias.
    public struct Estimate: Sendable, Equatable {
        /// From observed frequencies alone.
        public let plugIn: Double
        /// With Miller and Madow's correction for the occupied cells; may be negative.
        public let corrected: Double
        /// Occupied cells of the joint table.
        public let occupied: Int
    }

    /// Most cells of a joint table.
    public static let cellsMax = 1 << 22

    /// Returns I(s; r); O(n + cells).
    ///
    /// Throws `insufficientData` for no rows, `invalidShape`, `invalidLevel` for a negative level or a table of more
    /// than `cellsMax` cells.
    /// - Source: Miller 1955.
    public static func mutual(_ s: [Int], _ r: [Int]) throws(StatisticsError) -> Estimate {
        try conditional(s, r, given: [Int](repeating: 0, count: s.count))
    }

    /// Returns I(s; r | z); O(n + cells).
    ///
    /// Throws as `mutual`.
    public static func conditional(_ s: [Int], _ r: [Int], given z: [Int]) throws(StatisticsError) -> Estimate {
        try Require.count(s.count, atLeast: 1, "rows")
        try Require.sameCount(r.count, s.count, "r")
        try Require.sameCount(z.count, s.count, "z")
        let (sizeS, sizeR, sizeZ) = (try levels(s, "s"), try levels(r, "r"), try levels(z, "z"))
        let (pair, isLarge) = sizeS.multipliedReportingOverflow(by: sizeR)
        let (cells, isLarger) = pair.multipliedReportingOverflow(by: sizeZ)
        try Require.argument(
            !isLarge && !isLarger && cells <= cellsMax,
            "\(sizeS) by \(sizeR) by \(sizeZ) cells, expected at most \(cellsMax): merge levels", code: .invalidLevel)
        let rows = s.indices
        let joint = entropy(rows.map { s[$0] + sizeS * (r[$0] + sizeR * z[$0]) }, cells)
        let left = entropy(rows.map { s[$0] + sizeS * z[$0] }, sizeS * sizeZ)
        let right = entropy(rows.map { r[$0] + sizeR * z[$0] }, sizeR * sizeZ)
        let alone = entropy(z, sizeZ)
        let value = left.value + right.value - joint.value - alone.value
        let excess = Double(left.cells + right.cells - joint.cells - alone.cells)
        return Estimate(
            plugIn: value, corrected: value + excess / (2 * Double(s.count)), occupied: joint.cells)
    }

    /// What permutations say about an observed value.
    public struct Permuted: Sendable, Equatable {
        /// Mean over the permutations.
        public let nullMean: Double
        /// Observed value less that mean.
        public let corrected: Double
        /// (1 + permutations at or above the observed) / (1 + permutations).
        public let pValue: Double
    }

    /// Returns I(s; r | z) judged by given permutations of the rows of s; O(permutations * (n + cells)).
    ///
    /// Permute inside equal z, in blocks where rows depend on each other; without z any permutation serves. Throws as
    /// `mutual`, `insufficientData` without permutations, `invalidArgument` for one that is none.
    public static func permuted(
        _ s: [Int], _ r: [Int], given z: [Int]? = nil, permutations: [[Int]]
    ) throws(StatisticsError) -> Permuted {
        try Require.count(permutations.count, atLeast: 1, "permutations")
        let condition = z ?? [Int](repeating: 0, count: s.count)
        let observed = try conditional(s, r, given: condition).plugIn
        var nulls: [Double] = []
        for order in permutations {
            try Require.argument(
                order.sorted() == Array(s.indices),
                "a permutation of \(order.count) rows, expected each of "
                    + "0..<\(s.count) once")
            nulls.append(try conditional(order.map { s[$0] }, r, given: condition).plugIn)
        }
        let mean = nulls.compensatedMean
        // Equal tables may differ by rounding: a hair below still counts as equal.
        let above = nulls.count { $0 >= observed - 1e-12 }
        return Permuted(
            nullMean: mean, corrected: observed - mean, pValue: Double(1 + above) / Double(1 + nulls.count))
    }

    /// Returns terciles 0, 1, 2 by type-7 edges, bins (lo, hi]; O(n log n).
    ///
    /// Throws `insufficientData` for no values, `nonFiniteInput`.
    public static func terciles(_ values: [Double]) throws(StatisticsError) -> [Int] {
        Quantiles.bins(values, edges: try Quantiles.type7(values, [1.0 / 3, 2.0 / 3]))
    }

    private static func levels(_ values: [Int], _ name: String) throws(StatisticsError) -> Int {
        var top = 0
        for index in values.indices {
            try Require.argument(
                values[index] >= 0 && values[index] < cellsMax,
                "\(name)[\(index)] is \(values[index]), expected 0..<\(cellsMax)", code: .invalidLevel)
            top = max(top, values[index])
        }
        return top + 1
    }

    private static func entropy(_ cells: [Int], _ count: Int) -> (value: Double, cells: Int) {
        var counts = [Int](repeating: 0, count: count)
        for cell in cells { counts[cell] += 1 }
        let n = Double(cells.count)
        var (sum, occupied) = (CompensatedSum(), 0)
        for count in counts where count > 0 {
            let share = Double(count) / n
            sum.add(-share * Elementary.log(share))
            occupied += 1
        }
        return (sum.value, occupied)
    }
}
