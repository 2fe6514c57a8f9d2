import Events
import LogEngine
import LogFormat
import Market
import Runtime

/// A recorded market in memory, to be written out longer or for more assets than it was.
///
/// Repetitions follow each other with shifted times; copies of instruments are instruments of their own with the same
/// events at the same moments.
struct MarketTape: MarketHandler {
    /// Events that are kept at most: the pattern is repeated anyway.
    static let eventsMax = 400_000

    private enum Kept {
        case traded(MarketTrade)
        /// Place among the books, which are too large to stand here.
        case book(Int)
        case quote(MarketQuote)
        case candle(MarketCandle)
        case context(MarketContext)
        case funding(MarketFunding)
        case gap(MarketGap)
    }

    private struct Entry {
        var kept: Kept
        var instrument: Int32
        var eventNanos: Int64
    }

    private var entries: [Entry] = []
    private var books: [MarketBook] = []
    private var instruments: [MarketInstrument] = []
    private var (firstNanos, lastNanos) = (Int64.max, Int64.min)

    /// Reads what stands in the market log of a root, bundle or log.
    init(_ path: String) throws {
        let feed = try MarketFeed([MarketFeed.marketLog(in: path)])
        var control = Unhindered()
        try feed.run(into: &self, control: &control)
        guard !entries.isEmpty else { throw ToolError("\(path): holds no market events to repeat") }
    }

    /// Events of one repetition of the tape as it was recorded.
    var count: Int { entries.count }
    /// Instruments that were recorded.
    var instrumentCount: Int { instruments.count }

    private mutating func keep(_ kept: Kept, _ instrument: Int32, _ head: MarketHead) {
        guard entries.count < Self.eventsMax else { return }
        entries.append(Entry(kept: kept, instrument: instrument, eventNanos: head.eventNanos))
        (firstNanos, lastNanos) = (min(firstNanos, head.nowNanos), max(lastNanos, head.nowNanos))
    }

    mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) { instruments.append(copy event) }
    mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) {
        keep(.traded(copy event), event.instrument, head)
    }
    mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) {
        guard entries.count < Self.eventsMax else { return }
        books.append(copy event)
        keep(.book(books.count - 1), event.instrument, head)
    }
    mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) {
        keep(.quote(copy event), event.instrument, head)
    }
    mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) {
        keep(.candle(copy event), event.instrument, head)
    }
    mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) {
        keep(.context(copy event), event.instrument, head)
    }
    mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) {
        keep(.funding(copy event), event.instrument, head)
    }
    mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) {
        keep(.gap(copy event), event.instrument, head)
    }

    /// Writes about `events` events as a sealed market log of a root; how many they are.
    ///
    /// - Parameter assets: instruments, each a copy of a recorded one in turn; nil for those that were recorded.
    func write(_ root: String, events: Int, assets: Int? = nil) throws -> Int {
        try RealFS().createDirectory(root)
        let writer = try Root(root, modules: [.mkt])
        let copies = copies(assets ?? instruments.count)
        for (number, source) in copies.joined().sorted(by: { $0.number < $1.number }).map({ ($0.number, $0.source) }) {
            var listed = instruments[source]
            listed.instrument = number
            listed.symbol += "-\(number)"
            listed.asset = AssetID("\(listed.asset.text)-\(number)")
            try writer.append(&listed, to: .mkt, eventNanos: firstNanos)
        }
        // Whole seconds, so that windows of a repetition lie where they lay before.
        let span = (lastNanos - firstNanos) / 1_000_000_000 * 1_000_000_000 + 10_000_000_000
        var written = 0
        var round: Int64 = 0
        while written < events {
            let before = written
            for entry in entries where written < events {
                for copy in copies[Int(entry.instrument)] where written < events {
                    try append(entry, copy.number, round * span, to: writer)
                    written += 1
                }
            }
            round += 1
            guard written > before else { throw ToolError("no recorded instrument is among \(copies.count) copies") }
        }
        try writer.close(seal: true)
        return written
    }

    /// By recorded number, the copies of an instrument: their numbers, and the place of its listing.
    private func copies(_ assets: Int) -> [[(number: Int32, source: Int)]] {
        let top = instruments.map { Int($0.instrument) }.max() ?? 0
        var copies = [[(number: Int32, source: Int)]](repeating: [], count: top + 1)
        for asset in 0..<assets {
            let source = asset % instruments.count
            copies[Int(instruments[source].instrument)].append((Int32(asset + 1), source))
        }
        return copies
    }

    private func append(_ entry: Entry, _ number: Int32, _ shift: Int64, to root: Root) throws(LogError) {
        let nanos = entry.eventNanos + shift
        // Where a source told no receipt, 0 stands for it.
        func moved(_ received: Int64) -> Int64 { received == 0 ? 0 : received + shift }
        switch entry.kept {
        case .traded(var event):
            (event.instrument, event.receivedNanos) = (number, moved(event.receivedNanos))
            try root.append(&event, to: .mkt, eventNanos: nanos)
        case .book(let place):
            var event = books[place]
            (event.instrument, event.receivedNanos) = (number, moved(event.receivedNanos))
            try root.append(&event, to: .mkt, eventNanos: nanos)
        case .quote(var event):
            (event.instrument, event.receivedNanos) = (number, moved(event.receivedNanos))
            try root.append(&event, to: .mkt, eventNanos: nanos)
        case .context(var event):
            (event.instrument, event.receivedNanos) = (number, moved(event.receivedNanos))
            try root.append(&event, to: .mkt, eventNanos: nanos)
        case .candle(var event):
            event.instrument = number
            event.openNanos += shift
            try root.append(&event, to: .mkt, eventNanos: nanos)
        case .funding(var event):
            event.instrument = number
            try root.append(&event, to: .mkt, eventNanos: nanos)
        case .gap(var event):
            event.instrument = number
            event.fromNanos += shift
            try root.append(&event, to: .mkt, eventNanos: nanos)
        }
    }
}
