import Events
import LogFormat
import Testing

@testable import LogEngine
@testable import Runtime

/// A small market on a simulated disk.
struct ReplayMarket {
    let disk: SimulatedDisk
    let environment: LogEnvironment
    static let start: Int64 = 1_700_000_000_000_000_000

    init() throws {
        disk = SimulatedDisk(seed: 9)
        var environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: 5)
        environment.isProcessAlive = { _ in false }
        self.environment = environment
    }

    init(_ disk: SimulatedDisk) {
        self.disk = disk
        var environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: 6)
        environment.isProcessAlive = { _ in false }
        self.environment = environment
    }

    static func options(batchBytes: Int = 64 << 10) -> LogOptions {
        var options = LogOptions()
        options.reserveBytes = 0
        options.batchBytes = batchBytes
        return options
    }

    /// Trades, quotes, books and the rest of two instruments, 10 ms apart, from a seed.
    func write(
        _ path: String, count: Int, seed: UInt64, symbols: [String] = ["BTC", "ETH"], stepNanos: Int64 = 10_000_000,
        batchBytes: Int = 4 << 10, seal: Bool = true
    ) throws {
        let writer = try LogWriter(
            path, options: Self.options(batchBytes: batchBytes), environment: environment)
        var random = SeededGenerator(seed: seed)
        let (listing, trade) = (try writer.register(MarketInstrument.self), try writer.register(MarketTrade.self))
        let (quote, book) = (try writer.register(MarketQuote.self), try writer.register(MarketBook.self))
        let (candle, context) = (try writer.register(MarketCandle.self), try writer.register(MarketContext.self))
        let (funding, gap) = (try writer.register(MarketFunding.self), try writer.register(MarketGap.self))
        let source = try writer.register(MarketSourceRead.self)
        for (place, symbol) in symbols.enumerated() {
            var event = MarketInstrument()
            (event.instrument, event.venue, event.symbol) = (Int32(place) + 1, "venue", symbol)
            event.asset = AssetID("\(symbol)-USD")
            try writer.append(&event, typeID: listing, eventNanos: Self.start)
        }
        for index in 0..<count {
            let nanos = Self.start + Int64(index) * stepNanos
            let instrument = Int32(random.below(symbols.count)) + 1
            let received = nanos + Int64(random.below(5_000_000))
            switch random.below(20) {
            case 0..<8:
                var event = MarketTrade()
                (event.instrument, event.receivedNanos) = (instrument, received)
                event.price = 10_000_000 * Int64(600_000 + random.below(100))
                event.size = 100_000 * Int64(1 + random.below(50))
                event.tradeID = UInt64(index) + 1
                try writer.append(&event, typeID: trade, eventNanos: nanos)
            case 8..<12:
                var event = MarketQuote()
                (event.instrument, event.receivedNanos) = (instrument, received)
                (event.bidPrice, event.askPrice) = (5_000_000, 5_000_100)
                try writer.append(&event, typeID: quote, eventNanos: nanos)
            case 12..<15:
                var event = MarketBook()
                (event.instrument, event.receivedNanos, event.bidCount, event.askCount) = (instrument, received, 1, 1)
                (event.bidPrices[0], event.askPrices[0]) = (Int32(random.below(1000)), 1001)
                try writer.append(&event, typeID: book, eventNanos: nanos)
            case 15:
                var event = MarketCandle()
                (event.instrument, event.openNanos, event.close) = (instrument, nanos - 60, 5)
                try writer.append(&event, typeID: candle, eventNanos: nanos)
            case 16:
                var event = MarketContext()
                (event.instrument, event.receivedNanos, event.markPrice) = (instrument, received, 7)
                try writer.append(&event, typeID: context, eventNanos: nanos)
            case 17:
                var event = MarketFunding()
                (event.instrument, event.rate) = (instrument, 12)
                try writer.append(&event, typeID: funding, eventNanos: nanos)
            case 18:
                var event = MarketGap()
                (event.instrument, event.fromNanos) = (random.below(2) == 0 ? 0 : instrument, nanos - 1_000_000)
                try writer.append(&event, typeID: gap, eventNanos: nanos)
            default:
                var event = MarketSourceRead()
                event.name = "file \(index)"
                try writer.append(&event, typeID: source, eventNanos: nanos)
            }
        }
        try writer.close(seal: seal)
    }
}

/// Writes down everything it is told.
struct Listener: MarketHandler, Equatable {
    struct Entry: Equatable {
        var kind: String
        var instrument: Int32
        var value: Int64
        var head: MarketHead
    }

    var entries: [Entry] = []

    private mutating func add(_ kind: String, _ instrument: Int32, _ value: Int64, _ head: MarketHead) {
        entries.append(Entry(kind: kind, instrument: instrument, value: value, head: head))
    }

    mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) {
        let whole = copy event
        add("listed \(whole.symbol)", whole.instrument, 0, head)
    }
    mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) {
        add("trade", event.instrument, event.price, head)
    }
    mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) {
        add("book", event.instrument, Int64(event.bidPrices[0]), head)
    }
    mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) {
        add("quote", event.instrument, event.askPrice, head)
    }
    mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) {
        add("candle", event.instrument, event.close, head)
    }
    mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) {
        add("context", event.instrument, event.markPrice ?? 0, head)
    }
    mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) {
        add("funding", event.instrument, event.rate, head)
    }
    mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) {
        add("gap", event.instrument, event.fromNanos, head)
    }
}

/// What the feed must tell of one log, by reading it event by event with the generic reader.
func slowly(_ path: String, _ market: ReplayMarket) throws -> [Listener.Entry] {
    let walk = try EventWalk(path, environment: market.environment)
    var now = Int64.min
    var found = Listener()
    func decode<Event: LogEvent>(_ walk: EventWalk, _ type: Event.Type) throws -> Event {
        var event = try Event.empty()
        try walk.read { batch throws(FormatError) in
            var decoder = try EventDecoder<Event>()
            try decoder.decode(&batch, into: &event)
        }
        return event
    }
    while try walk.next() {
        var head = MarketHead()
        (head.eventNanos, head.globalSeq) = (walk.head.eventNanos, walk.head.globalSeq)
        func become(_ nanos: Int64) {
            now = max(now, nanos)
            head.nowNanos = now
        }
        switch walk.schema?.name {
        case MarketInstrument.typeName:
            head.nowNanos = now
            found.listed(try decode(walk, MarketInstrument.self), head)
        case MarketTrade.typeName:
            let event = try decode(walk, MarketTrade.self)
            become(event.receivedNanos)
            found.traded(event, head)
        case MarketBook.typeName:
            let event = try decode(walk, MarketBook.self)
            become(event.receivedNanos)
            found.book(event, head)
        case MarketQuote.typeName:
            let event = try decode(walk, MarketQuote.self)
            become(event.receivedNanos)
            found.quote(event, head)
        case MarketContext.typeName:
            let event = try decode(walk, MarketContext.self)
            become(event.receivedNanos)
            found.context(event, head)
        case MarketCandle.typeName:
            become(head.eventNanos)
            found.candle(try decode(walk, MarketCandle.self), head)
        case MarketFunding.typeName:
            become(head.eventNanos)
            found.funding(try decode(walk, MarketFunding.self), head)
        case MarketGap.typeName:
            become(head.eventNanos)
            found.gap(try decode(walk, MarketGap.self), head)
        default: break
        }
    }
    return found.entries
}

extension LogEvent {
    /// An event to decode into.
    static func empty() throws -> Self { Self() }
}
