/// Training and test rows of one fold, as sorted half-open ranges of row numbers.
public struct Split: Sendable, Equatable {
    /// Rows to fit on.
    public let train: [Range<Int>]
    /// Rows to judge on.
    public let test: [Range<Int>]

    /// Makes a split.
    public init(train: [Range<Int>], test: [Range<Int>]) {
        self.train = train
        self.test = test
    }

    /// Training rows one by one.
    public var trainRows: [Int] { train.flatMap { Array($0) } }
    /// Test rows one by one.
    public var testRows: [Int] { test.flatMap { Array($0) } }

    /// Sorted rows as ranges.
    static func ranges(_ rows: [Int]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for row in rows {
            if let last = result.last, last.upperBound == row {
                result[result.count - 1] = last.lowerBound..<row + 1
            } else {
                result.append(row..<row + 1)
            }
        }
        return result
    }
}

/// Splits that keep the outcome of a test row out of training (REP-04, AUD-04).
public enum Splits {
    /// Returns rolling origins: fit on the past, judge on the next `testSize` rows, move on by `step`; O(n) a fold.
    ///
    /// A row trains where row + labelHorizon < origin - embargo, so that its outcome was known before the origin; the
    /// latest `trainMax` such rows if given. A last test that is cut short is dropped. A fold may have no training
    /// rows: refuse to fit there. Throws `invalidArgument` for sizes below 1 or negative gaps.
    public static func rolling(
        count: Int, firstOrigin: Int, testSize: Int, step: Int, labelHorizon: Int, embargo: Int, trainMax: Int? = nil
    ) throws(StatisticsError) -> [Split] {
        try Require.argument(
            testSize >= 1 && step >= 1 && firstOrigin >= 0,
            "first origin \(firstOrigin), test size \(testSize), step \(step): expected 0 or more, 1 or more, 1 or more"
        )
        try checkGaps(labelHorizon: labelHorizon, embargo: embargo)
        if let trainMax { try Require.argument(trainMax >= 1, "train limit is \(trainMax), expected at least 1") }
        var result: [Split] = []
        var origin = firstOrigin
        while origin + testSize <= count {
            let end = max(0, origin - embargo - labelHorizon)
            let start = trainMax.map { max(0, end - $0) } ?? 0
            result.append(Split(train: start < end ? [start..<end] : [], test: [origin..<origin + testSize]))
            origin += step
        }
        return result
    }

    /// Returns contiguous folds purged by label spans: row i was decided at `starts[i]` and resolved at `ends[i]`, both
    /// closed; O(n) a fold.
    ///
    /// A row trains unless its span meets [earliest start, latest end] of the test rows, or it starts within `embargo`
    /// after that. Fold edges are i n / K, halves to even. Throws `invalidShape`, `insufficientData` for fewer rows
    /// than folds, `invalidArgument` for an end before its start.
    public static func purgedFolds(
        starts: [Int64], ends: [Int64], folds: Int, embargo: Int64
    ) throws(StatisticsError) -> [Split] {
        try checkSpans(starts, ends, embargo: embargo)
        try Require.argument(folds >= 2, "folds is \(folds), expected at least 2")
        try Require.count(starts.count, atLeast: folds, "rows for \(folds) folds")
        let edges = foldEdges(count: starts.count, folds: folds)
        return (0..<folds).map { fold in
            let test = edges[fold]..<edges[fold + 1]
            return Split(
                train: purged(starts, ends, blocks: [test], embargo: embargo), test: [test])
        }
    }

    /// Returns combinatorial folds purged by label spans: every choice of `testFolds` of `folds` contiguous folds in
    /// lexicographic order; O(n testFolds) a split.
    ///
    /// Each test block is purged and embargoed by itself, also where two touch. Trains on the future: for estimators
    /// without an arrow of time only. Edges and errors as `purgedFolds`.
    public static func purgedCombinations(
        starts: [Int64], ends: [Int64], folds: Int, testFolds: Int, embargo: Int64
    ) throws(StatisticsError) -> [Split] {
        try checkSpans(starts, ends, embargo: embargo)
        try checkCombination(folds: folds, testFolds: testFolds, count: starts.count)
        let edges = foldEdges(count: starts.count, folds: folds)
        var result: [Split] = []
        forEachCombination(of: folds, choosing: testFolds) { places in
            let test = places.map { edges[$0]..<edges[$0 + 1] }
            result.append(Split(train: purged(starts, ends, blocks: test, embargo: embargo), test: test))
        }
        return result
    }

    /// Returns combinatorial folds purged by row counts, as skfolio does: `purge` rows on both sides of every test
    /// block and `embargo` more after it; O(n testFolds) a split.
    ///
    /// Folds have n div N rows, the last one the rest. Throws as `purgedCombinations`.
    public static func combinations(
        count: Int, folds: Int, testFolds: Int, purge: Int, embargo: Int
    ) throws(StatisticsError) -> [Split] {
        try checkGaps(labelHorizon: purge, embargo: embargo)
        try checkCombination(folds: folds, testFolds: testFolds, count: count)
        let size = count / folds
        var result: [Split] = []
        forEachCombination(of: folds, choosing: testFolds) { places in
            let test = places.map { $0 * size..<($0 == folds - 1 ? count : ($0 + 1) * size) }
            let train = (0..<count).filter { row in
                test.allSatisfy { row < $0.lowerBound - purge || row >= $0.upperBound + purge + embargo }
            }
            result.append(Split(train: Split.ranges(train), test: test))
        }
        return result
    }

    /// Returns how many complete paths through all folds the combinations make, C(N - 1, k - 1).
    ///
    /// O(k).
    public static func paths(folds: Int, testFolds: Int) -> Int {
        guard testFolds >= 1, testFolds <= folds else { return 0 }
        var result = 1
        for step in 0..<(testFolds - 1) { result = result * (folds - 1 - step) / (step + 1) }
        return result
    }

    /// i n / K for i = 0...K, halves to even.
    static func foldEdges(count: Int, folds: Int) -> [Int] {
        (0...folds).map { fold in
            let product = 2 * fold * count
            let (down, left) = (product / (2 * folds), product % (2 * folds))
            if left == folds { return down + down % 2 }
            return left > folds ? down + 1 : down
        }
    }

    /// Rows outside every block whose span keeps clear of every block.
    private static func purged(
        _ starts: [Int64], _ ends: [Int64], blocks: [Range<Int>], embargo: Int64
    ) -> [Range<Int>] {
        let spans = blocks.map { block in
            (
                block.reduce(Int64.max) { min($0, starts[$1]) }, block.reduce(Int64.min) { max($0, ends[$1]) }
            )
        }
        return Split.ranges(
            starts.indices.filter { row in
                for index in blocks.indices {
                    if blocks[index].contains(row) { return false }
                    let (first, last) = spans[index]
                    if starts[row] <= last && ends[row] >= first { return false }
                    // Written as a difference, which an embargo near the largest integer cannot overflow.
                    if starts[row] > last && starts[row].subtractingReportingOverflow(last).overflow == false
                        && starts[row] - last <= embargo
                    {
                        return false
                    }
                }
                return true
            })
    }

    private static func checkGaps(labelHorizon: Int, embargo: Int) throws(StatisticsError) {
        try Require.argument(
            labelHorizon >= 0 && embargo >= 0,
            "label horizon or purge \(labelHorizon), embargo \(embargo): expected 0 or more")
    }

    private static func checkCombination(folds: Int, testFolds: Int, count: Int) throws(StatisticsError) {
        try Require.argument(
            folds >= 2 && folds <= 20 && testFolds >= 1 && testFolds < folds,
            "\(testFolds) test folds of \(folds), expected 1..<folds of 2...20")
        try Require.count(count, atLeast: folds, "rows for \(folds) folds")
    }

    private static func checkSpans(_ starts: [Int64], _ ends: [Int64], embargo: Int64) throws(StatisticsError) {
        try Require.sameCount(ends.count, starts.count, "ends")
        try Require.argument(embargo >= 0, "embargo is \(embargo), expected 0 or more")
        for index in starts.indices {
            try Require.argument(
                ends[index] >= starts[index],
                "row \(index) ends at \(ends[index]) before its start \(starts[index]): an outcome follows its decision"
            )
        }
    }
}
