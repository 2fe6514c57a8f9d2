package import Events
package import Runtime

/// The plainest pipeline: counts what the market logs hold, by kind, and writes nothing but the run's own events.
package struct MarketTally: ReplayPipeline {
    private var instruments: Set<Int32> = []
    private var counts = InlineArray<7, Int64>(repeating: 0)
    private var firstNanos: Int64?

    /// Makes a tally of nothing.
    package init() {}

    private static let names = ["trades", "books", "quotes", "candles", "contexts", "fundings", "gaps"]

    private mutating func count(_ kind: Int, _ head: MarketHead) {
        counts[kind] += 1
        if firstNanos == nil { firstNanos = head.nowNanos }
    }

    package mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) {
        instruments.insert(event.instrument)
    }
    package mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) { count(0, head) }
    package mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) { count(1, head) }
    package mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) { count(2, head) }
    package mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) { count(3, head) }
    package mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) { count(4, head) }
    package mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) { count(5, head) }
    package mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) { count(6, head) }

    package mutating func finish(nowNanos: Int64) -> [Metric] {
        var metrics = [Metric("instruments", Double(instruments.count))]
        for (place, name) in Self.names.enumerated() { metrics.append(Metric(name, Double(counts[place]))) }
        // Whole seconds: a float holds them exactly for any span of time.
        metrics.append(Metric("span_seconds", firstNanos.map { Double((nowNanos - $0) / 1_000_000_000) }))
        return metrics
    }
}
