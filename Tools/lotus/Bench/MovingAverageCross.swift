import Events
import LogEngine
import LogFormat
import Runtime

/// The rule of the peer comparison: long one unit while the mean of the last 50 prices is above that of the last 500.
///
/// Fast above slow and flat: buy one unit at this price; fast below slow and long: sell it. Prices are whole ticks, so
/// the sums are exact and every program must see the same crosses.
struct MovingAverageCross<Sink: FillSink>: MarketHandler {
    static var fast: Int { 50 }
    static var slow: Int { 500 }

    var sink: Sink
    private(set) var tickCount = 0
    private(set) var fillCount = 0
    /// Bought less sold, in 1e-8 of the quote currency.
    private(set) var cash: Int64 = 0
    private(set) var lastPrice: Int64 = 0
    private(set) var isLong = false
    /// Sum over fills of price times sign times their number: tells two lists of fills apart.
    private(set) var fillSum: Int64 = 0

    private var prices = InlineArray<512, Int64>(repeating: 0)
    private var fastSum: Int64 = 0
    private var slowSum: Int64 = 0

    init(_ sink: Sink) { self.sink = sink }

    /// What the account is worth at the last price.
    var equity: Int64 { cash + (isLong ? lastPrice : 0) }

    @inline(__always)
    mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) throws(LogError) {
        let price = event.price
        let place = tickCount & 511
        // A place that was never written holds 0, which is what a window that is not full yet must give up.
        fastSum &+= price &- prices[(tickCount &- Self.fast) & 511]
        slowSum &+= price &- prices[(tickCount &- Self.slow) & 511]
        prices[place] = price
        tickCount &+= 1
        lastPrice = price
        guard tickCount >= Self.slow else { return }
        let difference = fastSum &* Int64(Self.slow) &- slowSum &* Int64(Self.fast)
        if difference > 0, !isLong {
            try fill(1, price, head)
        } else if difference < 0, isLong {
            try fill(-1, price, head)
        }
    }

    private mutating func fill(_ sign: Int64, _ price: Int64, _ head: MarketHead) throws(LogError) {
        isLong = sign > 0
        cash -= sign * price
        fillCount += 1
        fillSum &+= sign &* price &* Int64(fillCount)
        try sink.filled(number: fillCount, sign: sign, price: price, cash: cash, head: head)
    }
}

/// Hears of every fill.
protocol FillSink {
    mutating func filled(number: Int, sign: Int64, price: Int64, cash: Int64, head: MarketHead) throws(LogError)
}

/// Nothing is written.
struct NoSink: FillSink {
    mutating func filled(number: Int, sign: Int64, price: Int64, cash: Int64, head: MarketHead) {}
}

/// Order, fill and position of every trade, on a log.
struct LogSink: FillSink {
    let writer: LogWriter
    private let orderType: UInt16
    private let fillType: UInt16
    private let positionType: UInt16

    init(_ writer: LogWriter) throws(LogError) {
        self.writer = writer
        orderType = try writer.register(PeerOrder.self)
        fillType = try writer.register(PeerFill.self)
        positionType = try writer.register(PeerPosition.self)
    }

    mutating func filled(number: Int, sign: Int64, price: Int64, cash: Int64, head: MarketHead) throws(LogError) {
        var order = PeerOrder()
        (order.number, order.sign) = (Int64(number), sign)
        try writer.append(&order, typeID: orderType, eventNanos: head.nowNanos, appendNanos: head.nowNanos)
        var fill = PeerFill()
        (fill.number, fill.sign, fill.price) = (Int64(number), sign, price)
        try writer.append(&fill, typeID: fillType, eventNanos: head.nowNanos, appendNanos: head.nowNanos)
        var position = PeerPosition()
        (position.units, position.cash) = (sign > 0 ? 1 : 0, cash)
        try writer.append(&position, typeID: positionType, eventNanos: head.nowNanos, appendNanos: head.nowNanos)
    }
}

/// An order of the peer task.
struct PeerOrder: LogEvent {
    static let typeName = "bench.Order"
    static let version: UInt16 = 1
    var number: Int64 = 0
    var sign: Int64 = 0

    mutating func fields(_ v: inout some FieldVisitor) {
        v.i64("number", &number)
        v.i64("sign", &sign)
    }
}

/// A fill of the peer task.
struct PeerFill: LogEvent {
    static let typeName = "bench.Fill"
    static let version: UInt16 = 1
    var number: Int64 = 0
    var sign: Int64 = 0
    var price: Int64 = 0

    mutating func fields(_ v: inout some FieldVisitor) {
        v.i64("number", &number)
        v.i64("sign", &sign)
        v.decimal("price", &price, scale: 8)
    }
}

/// The position after a fill of the peer task.
struct PeerPosition: LogEvent {
    static let typeName = "bench.Position"
    static let version: UInt16 = 1
    var units: Int64 = 0
    var cash: Int64 = 0

    mutating func fields(_ v: inout some FieldVisitor) {
        v.i64("units", &units)
        v.decimal("cash", &cash, scale: 8)
    }
}
