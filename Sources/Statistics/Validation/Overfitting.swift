/// The probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey et al.
///
/// 2017).
///
/// Never a gate by itself: one run in ten over pure noise stays below 0.2.
public struct Overfitting: Sendable, Equatable {
    /// Share of splits whose best configuration in sample ranks at or below the median out of sample.
    public let probability: Double
    /// ln(w / (1 - w)) per split, w the relative rank out of sample of the best in sample; splits in lexicographic
    /// order.
    public let logits: [Double]
    /// Ratio out of sample against ratio in sample of the chosen: slope and intercept; nil where the latter are equal.
    public let degradation: (slope: Double, intercept: Double)?
    /// Share of splits whose chosen configuration has a negative ratio out of sample.
    public let lossProbability: Double

    /// Mean of the logits.
    public var meanLogit: Double { logits.compensatedMean }

    /// Tells whether two results are equal.
    public static func == (a: Overfitting, b: Overfitting) -> Bool {
        a.probability == b.probability && a.logits == b.logits && a.lossProbability == b.lossProbability
            && a.degradation?.slope == b.degradation?.slope && a.degradation?.intercept == b.degradation?.intercept
    }

    /// Largest number of blocks: C(20, 10) is 184,756 splits.
    public static let blocksMax = 20

    /// Splits returns of all configurations (`returns[period][configuration]`) into `blocks` and measures;
    /// O(periods * configurations + C(S, S/2) * configurations * (S + log configurations)).
    ///
    /// The oldest periods beyond a multiple of the blocks are left out. A configuration without spread has the ratio 0
    /// or a million times the sign of its mean. Throws `invalidArgument` unless blocks are even and in 2...20,
    /// `insufficientData` for fewer than two configurations or two periods a block, `invalidShape` for ragged rows.
    public init(returns: [[Double]], blocks: Int) throws(StatisticsError) {
        try Require.argument(
            blocks >= 2 && blocks <= Self.blocksMax && blocks % 2 == 0,
            "blocks is \(blocks), expected an even number in 2...\(Self.blocksMax)")
        try Require.count(returns.count, atLeast: 2 * blocks, "periods for \(blocks) blocks")
        let width = returns[0].count
        try Require.count(width, atLeast: 2, "configurations")
        for row in returns {
            try Require.sameCount(row.count, width, "configurations of a period")
            try Require.finite(row, "returns")
        }
        let sums = BlockSums(returns: Array(returns.dropFirst(returns.count % blocks)), blocks: blocks)
        var (logits, inside, outside): ([Double], [Double], [Double]) = ([], [], [])
        forEachHalf(of: blocks) { chosen in
            let before = sums.ratios(where: chosen, equals: true)
            let after = sums.ratios(where: chosen, equals: false)
            var best = 0
            for index in before.indices where before[index] > before[best] { best = index }
            let rank = Self.rank(of: best, in: after)
            let share = rank / Double(width + 1)
            logits.append(Elementary.log(share / (1 - share)))
            inside.append(before[best])
            outside.append(after[best])
        }
        let splits = Double(logits.count)
        // Rank (N + 1) / 2 gives a quotient of exactly 1 and a logit of exactly 0, which counts as overfit.
        probability = Double(logits.count { $0 <= 0 }) / splits
        lossProbability = Double(outside.count { $0 < 0 }) / splits
        self.logits = logits
        degradation = Self.line(inside, outside)
    }

    /// The average rank of one value, 1 for the smallest.
    private static func rank(of index: Int, in values: [Double]) -> Double {
        var (below, equal) = (0, 0)
        for value in values {
            if value < values[index] { below += 1 } else if value == values[index] { equal += 1 }
        }
        return Double(below) + Double(equal + 1) / 2
    }

    private static func line(_ x: [Double], _ y: [Double]) -> (slope: Double, intercept: Double)? {
        let (first, second) = (x.compensatedMean, y.compensatedMean)
        var (square, product) = (CompensatedSum(), CompensatedSum())
        for index in x.indices {
            square.add((x[index] - first) * (x[index] - first))
            product.add((x[index] - first) * (y[index] - second))
        }
        let variance = square.value / Double(x.count)
        guard variance > (1e-12 * first) * (1e-12 * first) else { return nil }
        let slope = product.value / square.value
        return (slope, second - slope * first)
    }
}

/// Sums of returns and of their squares per block and configuration, about the configuration's mean.
///
/// They make a split cost one step a block and configuration, not one a period.
private struct BlockSums {
    let blocks: Int
    let size: Int
    let means: [Double]
    let scales: [Double]
    let sums: [Double]
    let squares: [Double]

    init(returns: [[Double]], blocks: Int) {
        let width = returns[0].count
        self.blocks = blocks
        size = returns.count / blocks
        let n = Double(returns.count)
        let means = (0..<width).map { column in Sum.of(returns.map { $0[column] }) / n }
        self.means = means
        scales = (0..<width).map { column in returns.reduce(0) { max($0, abs($1[column])) } }
        var sums = [Double](repeating: 0, count: blocks * width)
        var squares = sums
        for (period, row) in returns.enumerated() {
            let start = period / size * width
            for column in 0..<width {
                let d = row[column] - means[column]
                sums[start + column] += d
                squares[start + column] += d * d
            }
        }
        self.sums = sums
        self.squares = squares
    }

    /// The ratio of every configuration over the blocks whose flag equals `wanted`.
    func ratios(where chosen: [Bool], equals wanted: Bool) -> [Double] {
        let width = means.count
        let n = Double(size * blocks / 2)
        var total = [Double](repeating: 0, count: width)
        var square = total
        for block in 0..<blocks where chosen[block] == wanted {
            for column in 0..<width {
                total[column] += sums[block * width + column]
                square[column] += squares[block * width + column]
            }
        }
        return (0..<width).map { column in
            let left = total[column] / n
            let variance = max(0, square[column] / n - left * left) * n / (n - 1)
            let mean = means[column] + left
            let noise = 1e-12 * scales[column]
            if variance > noise * noise { return mean / variance.squareRoot() }
            return abs(mean) <= noise ? 0 : mean > 0 ? 1e6 : -1e6
        }
    }
}

/// Calls `body` with every choice of half of `count` places, in lexicographic order.
private func forEachHalf(of count: Int, _ body: ([Bool]) -> Void) {
    forEachCombination(of: count, choosing: count / 2) { places in
        var chosen = [Bool](repeating: false, count: count)
        for place in places { chosen[place] = true }
        body(chosen)
    }
}

/// Calls `body` with every sorted choice of `size` places below `count`, in lexicographic order.
func forEachCombination(of count: Int, choosing size: Int, _ body: ([Int]) -> Void) {
    guard size >= 0, size <= count else { return }
    var places = Array(0..<size)
    while true {
        body(places)
        var last = size - 1
        while last >= 0 && places[last] == count - size + last { last -= 1 }
        if last < 0 { return }
        places[last] += 1
        for next in places.indices where next > last { places[next] = places[next - 1] + 1 }
    }
}
