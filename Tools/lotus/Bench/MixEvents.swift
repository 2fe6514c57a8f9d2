import LogEngine
import LogFormat

/// The trade of the benchmark mix, the same fields as the C floor's.
struct MixTrade: LogEvent {
    static let typeName = "bench.Trade"
    static let version: UInt16 = 1
    var instrument: Int32 = 0
    var receiveNanos: Int64 = 0
    var price: Int64 = 0
    var quantity: Int64 = 0
    var tradeID: UInt64 = 0
    var venue: Int32 = 0
    var condition: Int32 = 0
    var side: Int32 = 0
    var flags: Int32 = 0
    var channel: Int32 = 0

    @inline(__always)
    mutating func fields(_ v: inout some FieldVisitor) {
        v.i32("instrument", &instrument, isKey: true)
        v.time("receive_ns", &receiveNanos, encoding: .eventDelta, "")
        v.decimal("price", &price, scale: 6, unit: "", encoding: .keyDelta, step: 1_000_000, "")
        v.decimal("quantity", &quantity, scale: 6, unit: "", encoding: .varint, step: 1_000_000, "")
        v.u64("trade_id", &tradeID, encoding: .keyDelta)
        v.i32("venue", &venue)
        v.i32("condition", &condition)
        v.i32("side", &side)
        v.i32("flags", &flags)
        v.i32("channel", &channel)
    }
}

/// The 20-level book of the benchmark mix.
struct MixBook: LogEvent {
    static let typeName = "bench.Book"
    static let version: UInt16 = 1
    var instrument: Int32 = 0
    var receiveNanos: Int64 = 0
    var base: Int64 = 0
    var venue: Int32 = 0
    var depth: Int32 = 0
    var offsets = InlineArray<20, Int32>(repeating: 0)
    var quantities = InlineArray<20, Int32>(repeating: 0)

    @inline(__always)
    mutating func fields(_ v: inout some FieldVisitor) {
        v.i32("instrument", &instrument, isKey: true)
        v.time("receive_ns", &receiveNanos, encoding: .eventDelta, "")
        v.i32("venue", &venue)
        v.i32("depth", &depth)
        v.decimal("base", &base, scale: 6, unit: "", encoding: .keyDelta, step: 1_000_000, "")
        v.i32List("offsets", &offsets, unit: "", step: 1, "")
        v.i32List("quantities", &quantities, unit: "", step: 1, "")
    }
}

/// The detector score of the benchmark mix.
struct MixScore: LogEvent {
    static let typeName = "bench.Score"
    static let version: UInt16 = 1
    var instrument: Int32 = 0
    var receiveNanos: Int64 = 0
    var detector: Int32 = 0
    var scoreVersion: Int32 = 0
    var score = 0.0
    var deviation = 0.0
    var features = InlineArray<5, Float>(repeating: 0)
    var flags: Int32 = 0

    @inline(__always)
    mutating func fields(_ v: inout some FieldVisitor) {
        v.i32("instrument", &instrument)
        v.time("receive_ns", &receiveNanos, encoding: .eventDelta, "")
        v.i32("detector", &detector)
        v.i32("version", &scoreVersion)
        v.f64("score", &score, unit: "", "")
        v.f64("deviation", &deviation, unit: "", "")
        v.f32List("features", &features, unit: "", "")
        v.i32("flags", &flags)
    }
}

/// The type ids of the mix in one log.
struct MixTypes {
    let trade: UInt16
    let book: UInt16
    let score: UInt16

    init(_ writer: LogWriter) throws(LogError) {
        trade = try writer.register(MixTrade.self)
        book = try writer.register(MixBook.self)
        score = try writer.register(MixScore.self)
    }

    /// The ids as a log that is being read gives them.
    init?(_ registry: SchemaRegistry) {
        guard let trade = registry.typeID(MixTrade.typeName, version: 1),
            let book = registry.typeID(MixBook.typeName, version: 1),
            let score = registry.typeID(MixScore.typeName, version: 1)
        else { return nil }
        self.trade = trade
        self.book = book
        self.score = score
    }
}
