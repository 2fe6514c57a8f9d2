/// How much each player adds to a common result (DSI-23).
///
/// `value` takes a set as bits, bit i for player i, and must come from data that the players were not trained on.
public enum Shapley {
    /// Most players that `exact` takes: 4,096 values.
    public static let exactMax = 12

    /// Returns the exact value of each player; O(2^players * players), each set valued once.
    ///
    /// Throws `invalidArgument` unless there are 0...12 players, `nonFiniteInput` where a value is not finite.
    /// - Source: Shapley 1953.
    public static func exact(players: Int, value: (UInt64) -> Double) throws(StatisticsError) -> [Double] {
        try Require.argument(
            players >= 0 && players <= exactMax, "\(players) players, expected 0...\(exactMax): sample orders instead")
        let values = (0..<(1 << players)).map { value(UInt64($0)) }
        try Require.finite(values, "value of a set")
        // 1 / (players * C(players - 1, size)) is the share of orders in which exactly this set comes before.
        var shares = [Double](repeating: 0, count: max(players, 1))
        var ways = 1.0
        for size in 0..<players {
            shares[size] = 1 / (Double(players) * ways)
            ways = ways * Double(players - 1 - size) / Double(size + 1)
        }
        return (0..<players).map { player in
            var sum = CompensatedSum()
            for set in values.indices where set >> player & 1 == 0 {
                sum.add(shares[set.nonzeroBitCount] * (values[set | 1 << player] - values[set]))
            }
            return sum.value
        }
    }

    /// What sampled orders say.
    public struct Estimate: Sendable, Equatable {
        /// Value of each player; their sum is value(all) - value(none) for any orders.
        public let values: [Double]
        /// Standard error of each; NaN for fewer than two independent units.
        public let standardErrors: [Double]
    }

    /// Returns estimates from orders of joining; with `isPaired` each order counts together with its reversal, which
    /// halves the noise.
    ///
    /// O(orders * players) values.
    ///
    /// Throws `insufficientData` without orders, `invalidArgument` unless each is a permutation of all of up to 64
    /// players, `nonFiniteInput` where a value is not finite.
    public static func sampled(
        players: Int, orders: [[Int]], isPaired: Bool, value: (UInt64) -> Double
    ) throws(StatisticsError) -> Estimate {
        try Require.argument(players >= 0 && players <= 64, "\(players) players, expected 0...64")
        try Require.count(orders.count, atLeast: 1, "orders")
        var units: [[Double]] = []
        for order in orders {
            try Require.argument(
                order.sorted() == Array(0..<players), "order \(order), expected each of 0..<\(players) once")
            var unit = try gains(players, order, value)
            if isPaired {
                let other = try gains(players, order.reversed(), value)
                unit = unit.indices.map { (unit[$0] + other[$0]) / 2 }
            }
            units.append(unit)
        }
        let columns = (0..<players).map { player in Moments(checked: units.map { $0[player] }) }
        let root = Double(units.count).squareRoot()
        return Estimate(values: columns.map(\.mean), standardErrors: columns.map { $0.deviation(ddof: 1) / root })
    }

    private static func gains(
        _ players: Int, _ order: [Int], _ value: (UInt64) -> Double
    ) throws(StatisticsError) -> [Double] {
        var result = [Double](repeating: 0, count: players)
        var set: UInt64 = 0
        var before = value(set)
        try Require.finite(before, "value of the empty set")
        for player in order {
            set |= 1 << UInt64(player)
            let after = value(set)
            try Require.finite(after, "value of set \(set)")
            result[player] = after - before
            before = after
        }
        return result
    }
}
