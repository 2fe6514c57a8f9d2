/// Which rows a resample of a dependent series takes.
///
/// Rows are taken in blocks, so that a resample keeps the dependence inside a block.
public enum BlockIndices {
    /// Returns the stationary resample (Politis and Romano 1994) that given draws lead to; O(n).
    ///
    /// Row 0 is starts[0]; row t continues the row before (modulo n) where uniforms[t] > 1 / meanBlock, and starts anew
    /// otherwise. Throws `invalidBlock` for a mean block below 1 and `invalidShape` unless there are n draws each.
    public static func stationary(
        count: Int, meanBlock: Double, starts: [Int], uniforms: [Double]
    ) throws(StatisticsError) -> [Int] {
        try Require.count(count, atLeast: 1, "rows")
        try Require.argument(
            meanBlock >= 1 && meanBlock.isFinite, "mean block is \(meanBlock), expected at least 1", code: .invalidBlock
        )
        try Require.sameCount(starts.count, count, "starts")
        try Require.sameCount(uniforms.count, count, "uniforms")
        try checkStarts(starts, below: count)
        let chance = 1 / meanBlock
        var indices = starts
        for t in indices.indices where t > 0 && uniforms[t] > chance {
            indices[t] = indices[t - 1] + 1 == count ? 0 : indices[t - 1] + 1
        }
        return indices
    }

    /// Returns the circular resample (Politis and Romano 1992) that given starts lead to; O(n).
    ///
    /// Blocks wrap around the end; the last one is cut. Throws `invalidBlock` for a block outside 1...n and
    /// `invalidShape` unless there are ceil(n / block) starts.
    public static func circular(count: Int, block: Int, starts: [Int]) throws(StatisticsError) -> [Int] {
        try checkBlock(block, count: count)
        try Require.sameCount(starts.count, (count + block - 1) / block, "starts")
        try checkStarts(starts, below: count)
        return (0..<count).map { (starts[$0 / block] + $0 % block) % count }
    }

    /// Returns the moving-block resample (Künsch 1989) that given starts lead to; O(n).
    ///
    /// Blocks never wrap: a start is in 0...n - block. Throws as `circular`.
    public static func moving(count: Int, block: Int, starts: [Int]) throws(StatisticsError) -> [Int] {
        try checkBlock(block, count: count)
        try Require.sameCount(starts.count, (count + block - 1) / block, "starts")
        try checkStarts(starts, below: count - block + 1)
        return (0..<count).map { starts[$0 / block] + $0 % block }
    }

    /// Throws unless a block lies in 1...n.
    static func checkBlock(_ block: Int, count: Int) throws(StatisticsError) {
        try Require.count(count, atLeast: 1, "rows")
        try Require.argument(
            block >= 1 && block <= count, "block is \(block), expected 1...\(count)", code: .invalidBlock)
    }

    private static func checkStarts(_ starts: [Int], below bound: Int) throws(StatisticsError) {
        for index in starts.indices {
            try Require.argument(
                starts[index] >= 0 && starts[index] < bound,
                "starts[\(index)] is \(starts[index]), expected 0..<\(bound)")
        }
    }
}
