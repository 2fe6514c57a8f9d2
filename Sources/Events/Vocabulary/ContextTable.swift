/// Contexts of windows, made once for each combination of bins (LRN-21, LRN-22).
///
/// Bins, key and hash of a context follow from which bins its numbers fall into, and windows of a day share a few
/// thousand combinations. A fixed number of them is remembered, so memory does not grow; one that was pushed out is
/// made again, to the same bytes.
package struct ContextTable: Sendable {
    /// Combinations that are remembered: a power of two.
    package static let countMax = 512

    private let quantizer: ContextQuantizer
    /// Code of the combination in each place; 0 for a free one.
    private var codes = [UInt64](repeating: 0, count: ContextTable.countMax)
    private var contexts = [WindowContext](repeating: WindowContext(), count: ContextTable.countMax)

    /// A table that remembers nothing yet.
    package init(_ quantizer: ContextQuantizer = ContextQuantizer()) { self.quantizer = quantizer }

    /// The context of a row without the numbers behind the bins, as `ContextQuantizer.context` makes it, and the code
    /// of its combination.
    package mutating func context(
        of row: borrowing FeatureRow, timeframe: Timeframe, horizon: Horizon, evidence: Double? = nil
    ) -> (code: UInt64, context: WindowContext) {
        let code = quantizer.code(of: row, timeframe: timeframe, horizon: horizon, evidence: evidence)
        let place = Int(truncatingIfNeeded: (code &* 0x9E37_79B9_7F4A_7C15) >> 55) & (Self.countMax - 1)
        if codes[place] != code {
            var made = quantizer.context(of: row, timeframe: timeframe, horizon: horizon, evidence: evidence)
            made.numbers = []
            contexts[place] = made
            codes[place] = code
        }
        return (code, contexts[place])
    }
}

extension ContextQuantizer {
    /// A number of its own for each combination of bins; never 0.
    ///
    /// Exact while their number fits into 64 bits; with `edgesMax` edges for every feature it takes 44.
    func code(of row: borrowing FeatureRow, timeframe: Timeframe, horizon: Horizon, evidence: Double?) -> UInt64 {
        var code: UInt64 = 1
        func add(_ place: Int, of count: Int) { code = code &* UInt64(count) &+ UInt64(place) }
        func add(_ value: Double?, _ edges: [Double]) {
            guard let value, value.isFinite else { return add(0, of: edges.count + 2) }
            add(1 + Self.place(value, edges), of: edges.count + 2)
        }
        add(row[.volatilityPercentile], percentileEdges)
        add(row[.surprise].map { 1 + Int(Self.regime($0).rawValue) } ?? 0, of: 4)
        add(evidence, evidenceEdges)
        add(row[.depthSlope], slopeEdges)
        add(row[.openInterestPercentile], percentileEdges)
        add(Int(Session(nanos: row.asofNanos).rawValue), of: 4)
        add(Int(timeframe.rawValue), of: 16)
        add(row[.spreadBps], spreadEdges)
        add(Int(horizon.rawValue), of: 4)
        add(row[.bookImbalance5], imbalanceEdges)
        add(row[.fundingPercentile], percentileEdges)
        return code
    }
}
