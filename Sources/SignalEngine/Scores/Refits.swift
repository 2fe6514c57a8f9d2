import Statistics

/// Uncertainty of a detector that has no siblings: the variance of its signal over bootstrap refits (DEF-19).
///
/// What can be fitted anew about a fixed recipe is which way its signal points. A refit draws the strand's outcomes
/// again, in blocks, fits r = a + b s, and speaks s where b > 0 and -s where b < 0. So a detector whose direction the
/// outcomes bear out in every refit has none, and one whose direction is a toss-up has the square of its signal.
enum Refits {
    /// Refits of a refresh.
    static let count = 25

    /// The mean direction of the refits, -1...1; nil without outcomes or where the signal never varied.
    ///
    /// O(count n). The draws follow from the seed alone.
    /// - Parameter block: mean length of a block in windows: those that share a horizon belong together.
    static func direction(signals: [Double], returns: [Double], block: Double, seed: UInt64) -> Double? {
        let n = min(signals.count, returns.count)
        guard n >= 2, signals.contains(where: { $0 != signals[0] }) else { return nil }
        let mean = max(1, min(block, Double(n) / 3))
        let plan = BlockBootstrap(scheme: .stationary(meanBlock: mean), replicates: count, seed: seed)
        var sum = 0.0
        for replicate in 0..<count {
            guard let rows = try? plan.indices(count: n, replicate: replicate) else { return nil }
            let slope = slope(signals, returns, rows)
            sum += slope > 0 ? 1 : slope < 0 ? -1 : 0
        }
        return sum / Double(count)
    }

    /// Variance over the refits of a signal, 0...1.
    static func uncertainty(of signal: Double, direction: Double) -> Double {
        min(1, max(0, signal * signal * (1 - direction * direction)))
    }

    /// Covariance of the drawn rows, which has the sign of the fitted slope; 0 where the drawn signals are all equal.
    private static func slope(_ signals: [Double], _ returns: [Double], _ rows: [Int]) -> Double {
        var (s, r) = (CompensatedSum(), CompensatedSum())
        for row in rows {
            s.add(signals[row])
            r.add(returns[row])
        }
        let (meanS, meanR) = (s.value / Double(rows.count), r.value / Double(rows.count))
        var product = CompensatedSum()
        for row in rows { product.add((signals[row] - meanS) * (returns[row] - meanR)) }
        return product.value
    }
}
