import ArgumentParser
import Events
import LogEngine
import LogFormat

/// The ticks of the peer comparison, as its generator writes them: `ts_ns,px_tick,qty_lot,buyer`, a header first.
struct PeerTape {
    /// A tick is 0.1, a lot 0.001.
    static let priceScale: Int64 = 10_000_000
    static let sizeScale: Int64 = 100_000

    var nanos: [Int64] = []
    var ticks: [Int64] = []
    var lots: [Int64] = []
    var buys: [Bool] = []

    /// Reads the file; the first line that is not four whole numbers is named.
    init(_ path: String) throws {
        let bytes = try RealFS().readAll(path, limit: 4 << 30)
        var (fields, column, line) = ([Int64](repeating: 0, count: 4), 0, 1)
        guard let header = bytes.firstIndex(of: 10) else { throw ValidationError("\(path): no line in it") }
        for byte in bytes[(header + 1)...] {
            switch byte {
            case 48...57:
                let (scaled, overflow) = fields[column].multipliedReportingOverflow(by: 10)
                let (value, carry) = scaled.addingReportingOverflow(Int64(byte - 48))
                guard !overflow, !carry else { throw ValidationError("\(path): line \(line + 1) is out of range") }
                fields[column] = value
            case 44 where column < 3:
                column += 1
                fields[column] = 0
            case 10 where column == 3:
                line += 1
                nanos.append(fields[0])
                ticks.append(fields[1])
                lots.append(fields[2])
                buys.append(fields[3] != 0)
                (column, fields[0]) = (0, 0)
            default:
                throw ValidationError("\(path): line \(line + 1) is not ts_ns,px_tick,qty_lot,buyer")
            }
        }
        guard let first = nanos.first, let last = nanos.last, last >= first else {
            throw ValidationError("\(path): holds no ticks in order of time")
        }
    }

    /// Writes the tape, so many times behind itself, as a sealed market log.
    func write(to path: String, repeats: Int) throws {
        let writer = try LogWriter(path)
        var listing = MarketInstrument()
        (listing.instrument, listing.venue, listing.symbol) = (1, "synthetic", "BTC")
        (listing.asset, listing.priceStep, listing.sizeStep) = ("BTC-USD", Self.priceScale, Self.sizeScale)
        let listed = try writer.register(MarketInstrument.self)
        try writer.append(&listing, typeID: listed, eventNanos: nanos[0], appendNanos: nanos[0])
        let type = try writer.register(MarketTrade.self)
        let span = nanos[nanos.count - 1] - nanos[0] + 80_000_000
        var trade = MarketTrade()
        trade.instrument = 1
        for round in 0..<repeats {
            for index in nanos.indices {
                let time = nanos[index] + Int64(round) * span
                trade.receivedNanos = time
                trade.price = ticks[index] * Self.priceScale
                trade.size = lots[index] * Self.sizeScale
                trade.side = buys[index] ? .buy : .sell
                trade.tradeID = UInt64(round * nanos.count + index) + 1
                try writer.append(&trade, typeID: type, eventNanos: time, appendNanos: time)
            }
        }
        try writer.close(seal: true)
    }

    /// The fills of the rule, from prefix sums over the whole tape: another way than the strategy's own.
    func expected(repeats: Int) -> (fills: Int, sum: Int64) {
        var prefix: [Int64] = [0]
        prefix.reserveCapacity(ticks.count + 1)
        for tick in ticks { prefix.append(prefix[prefix.count - 1] + tick) }
        let total = prefix[ticks.count]
        func sum(upTo index: Int) -> Int64 { Int64(index / ticks.count) * total + prefix[index % ticks.count] }
        let (fast, slow) = (MovingAverageCross<NoSink>.fast, MovingAverageCross<NoSink>.slow)
        var (fills, weighted, isLong) = (0, Int64(0), false)
        for end in stride(from: slow, through: ticks.count * repeats, by: 1) {
            let here = sum(upTo: end)
            let difference =
                (here - sum(upTo: end - fast)) * Int64(slow) - (here - sum(upTo: end - slow)) * Int64(fast)
            guard difference > 0 && !isLong || difference < 0 && isLong else { continue }
            isLong = difference > 0
            fills += 1
            let price = ticks[(end - 1) % ticks.count] * Self.priceScale
            weighted &+= (isLong ? price : -price) &* Int64(fills)
        }
        return (fills, weighted)
    }
}
