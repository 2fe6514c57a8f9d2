package import Events
package import LogEngine
import Market
package import Runtime
package import SignalEngine
package import Weave

/// The Signal Engine on a stream of market events: windows, detectors, scores and outcomes, all onto the `sig` log
/// (ARC-17, REP-09).
///
/// A function of the market events and of its setup. Every event first lets time pass: windows that ended before it
/// became known are closed, scored and recorded, and outcomes whose horizon has passed are taken (LRN-04); then the
/// event itself is looked at. So nothing that is recorded at a time depends on anything that became known later
/// (NEV-16).
package struct SignalPipeline: ReplayPipeline {
    private var features: FeatureEngine
    private var desk: ScoringDesk
    /// Tokens of every tenth of a second, where they are asked for.
    private var tape: MicroTape?

    /// Makes a pipeline that has seen nothing.
    ///
    /// - Parameters:
    ///   - engine: the cohort with its setup; its window kinds are what the features are made for.
    ///   - output: the run's logs.
    ///   - priors: records of another root's priors that the run begins with; none for the knobs of the manifest.
    /// - Throws: `usage` for a cohort whose windows cannot be made, or a cadence of the tape that is not allowed.
    package init(_ engine: SignalEngine, output: any EventOutput, priors: [PriorsRecord] = []) throws(LogError) {
        do throws(FeatureError) {
            features = try FeatureEngine(kinds: engine.kinds)
            if let millis = engine.setup.tapeMillis { tape = try MicroTape(cadenceMillis: millis) }
        } catch { throw LogError(.usage, "the cohort asks for windows that cannot be made: \(error)") }
        desk = ScoringDesk(engine, output: output, adopted: priors)
    }

    private mutating func advance(_ head: MarketHead) throws(LogError) {
        if !desk.isStarted { try desk.start(head) }
        try pass(to: head.nowNanos)
        try desk.passed(head)
    }

    /// Closes all that ends up to a moment, in order of time.
    private mutating func pass(to nanos: Int64) throws(LogError) {
        guard tape != nil else { return try Self.advance(&features, &desk, to: nanos) }
        var batches: [MicroTapeSealed] = []
        tape?.advance(to: nanos) { batches.append($0) }
        guard !batches.isEmpty else { return try Self.advance(&features, &desk, to: nanos) }
        try Self.advance(&features, &desk, to: nanos, batches)
    }

    /// Apart from the pipeline, so that features and desk are plainly two things.
    @inline(__always)
    private static func advance(
        _ features: inout FeatureEngine, _ desk: inout ScoringDesk, to nanos: Int64
    ) throws(LogError) {
        try features.advance(to: nanos) { (row: borrowing FeatureRow) throws(LogError) in try desk.window(row) }
    }

    /// The same with batches of tokens in between: a batch comes before a window that ends with its last token.
    private static func advance(
        _ features: inout FeatureEngine, _ desk: inout ScoringDesk, to nanos: Int64, _ batches: [MicroTapeSealed]
    ) throws(LogError) {
        var next = 0
        try features.advance(to: nanos) { (row: borrowing FeatureRow) throws(LogError) in
            while next < batches.count, batches[next].lastNanos <= row.asofNanos {
                try desk.sealed(batches[next])
                next += 1
            }
            try desk.window(row)
        }
        for batch in batches[next...] { try desk.sealed(batch) }
    }

    /// Outcomes are taken on the same price as the windows.
    private mutating func tellPrice(_ instrument: Int32, _ head: MarketHead) {
        let price = features.price(of: instrument)
        if price > 0 { desk.price(instrument, price, head) }
    }

    package mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) throws(LogError) {
        var head = head
        // Instruments are listed before anything became known.
        if head.nowNanos == .min { head.nowNanos = head.eventNanos }
        try advance(head)
        desk.list(event.instrument, event.asset)
        features.apply(event, eventNanos: head.eventNanos)
        tape?.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) throws(LogError) {
        try advance(head)
        features.apply(event, eventNanos: head.eventNanos)
        tape?.apply(event, eventNanos: head.eventNanos)
        tellPrice(event.instrument, head)
    }

    package mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) throws(LogError) {
        try advance(head)
        features.apply(event, eventNanos: head.eventNanos)
        tape?.apply(event, eventNanos: head.eventNanos)
        tellPrice(event.instrument, head)
    }

    package mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) throws(LogError) {
        try advance(head)
        features.apply(event, eventNanos: head.eventNanos)
        tape?.apply(event, eventNanos: head.eventNanos)
        tellPrice(event.instrument, head)
    }

    package mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) throws(LogError) {
        try advance(head)
        features.apply(event, eventNanos: head.eventNanos)
        tape?.apply(event, eventNanos: head.eventNanos)
        tellPrice(event.instrument, head)
    }

    package mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) throws(LogError) {
        try advance(head)
        features.apply(event, eventNanos: head.eventNanos)
        tape?.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) throws(LogError) {
        try advance(head)
        features.apply(event, eventNanos: head.eventNanos)
        tape?.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) throws(LogError) {
        try advance(head)
        features.apply(event, eventNanos: head.eventNanos)
        tape?.apply(event, eventNanos: head.eventNanos)
        desk.gap(event)
    }

    /// Closes what ends up to the last moment of the run; windows whose horizon has not passed have no outcome.
    package mutating func finish(nowNanos: Int64) throws(LogError) -> [Metric] {
        try pass(to: nowNanos)
        try desk.finish(nowNanos)
        return desk.metrics
    }
}
