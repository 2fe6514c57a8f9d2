package import LogEngine
package import Runtime

/// A recorded market as a pipeline under test may see it: whole, cut at a moment, or with rubbish behind it.
///
/// Whatever a pipeline prepares before its first event it must take from this tape, so that preparations are cut and
/// poisoned with it.
package struct LookaheadTape: Sendable {
    /// How it goes on behind a moment.
    package enum Ending: Equatable, Sendable {
        case whole
        /// What became known later is not told.
        case cut(afterNanos: Int64)
        /// What became known later has the same shape, times and instruments, and other numbers.
        case rubbish(afterNanos: Int64, seed: UInt64)
    }

    /// Market logs, or roots and bundles that hold one.
    package let inputs: [String]
    /// How it ends.
    package let ending: Ending
    let environment: LogEnvironment

    /// A tape of market logs, or of roots and bundles that hold one.
    package init(_ inputs: [String], _ ending: Ending, _ environment: LogEnvironment) {
        self.inputs = inputs
        self.ending = ending
        self.environment = environment
    }

    /// Tells a handler the tape; the moment at which it ends.
    ///
    /// - Throws: errors of the logs; what the handler throws.
    @discardableResult
    package func run<Handler: MarketHandler>(
        into handler: inout Handler, progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(LogError) -> Int64 {
        let feed = try MarketFeed(inputs, environment: environment)
        if case .rubbish(let nanos, let seed) = ending {
            var spoiled = Spoiled(handler, afterNanos: nanos, seed: seed)
            try tell(feed, &spoiled, progress)
            handler = spoiled.inner
        } else {
            try tell(feed, &handler, progress)
        }
        if case .cut(let nanos) = ending { return nanos }
        return feed.nowNanos
    }

    private func tell<Handler: MarketHandler>(
        _ feed: MarketFeed, _ handler: inout Handler, _ progress: (UInt64, UInt64) -> Void
    ) throws(LogError) {
        var last = Int64.max
        if case .cut(let nanos) = ending { last = nanos }
        try withoutActuallyEscaping(progress) { (progress) throws(LogError) in
            var control = Told(lastNanos: last, progress: progress)
            _ = try feed.run(into: &handler, control: &control)
        }
    }
}

/// Ends before the first event that became known after a moment.
private struct Told: ReplayControl {
    let lastNanos: Int64
    let progress: (UInt64, UInt64) -> Void

    mutating func admits(_ nowNanos: Int64) -> Bool { nowNanos <= lastNanos }

    mutating func progressed(_ done: UInt64, of total: UInt64, nowNanos: Int64) { progress(done, total) }
}

/// Passes a market on, with rubbish for numbers from a moment on.
struct Spoiled<Inner: MarketHandler>: AnyMarketHandler {
    var inner: Inner
    private let afterNanos: Int64
    private let rubbish: Rubbish

    init(_ inner: Inner, afterNanos: Int64, seed: UInt64) {
        self.inner = inner
        self.afterNanos = afterNanos
        rubbish = Rubbish(seed: seed)
    }

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) {
        try (head.nowNanos > afterNanos ? rubbish.instead(of: event, head) : event).tell(&inner, head)
    }
}
