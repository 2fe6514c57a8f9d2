import Events
import Foundation
import Market
import Testing

/// Bars: exact bounds, the rule for late trades, and the venue's own candles.
@Suite struct FeaturesBarTests {
    private func trade(_ builder: inout BarBuilder, _ price: Int64, _ size: Int64, _ nanos: Int64) -> [Bar] {
        var closed: [Bar] = []
        while let bar = builder.next(endingBy: nanos) { closed.append(bar) }
        _ = builder.add(price: price, size: size, nanos: nanos)
        return closed
    }

    /// Whether the builder took a candle.
    private func takes(_ builder: inout BarBuilder, _ candle: Bar) -> Bool { builder.add(candle) }

    /// Whether the builder took a trade.
    private func takes(_ builder: inout BarBuilder, price: Int64, size: Int64, _ nanos: Int64) -> Bool {
        builder.add(price: price, size: size, nanos: nanos)
    }

    @Test func `bounds are exact to the nanosecond`() {
        var builder = BarBuilder(seconds: 60)
        #expect(trade(&builder, 10, 1, 59_999_999_999).isEmpty)
        let first = trade(&builder, 20, 2, 60_000_000_000)
        #expect(first.count == 1 && first[0].openNanos == 0 && first[0].tradeCount == 1)
        #expect(first[0].open == 10 && first[0].close == 10 && first[0].volume == 1)
        // The data began in the first bar, so it is not whole.
        #expect(first.map(\.isComplete) == [false])
        #expect(trade(&builder, 15, 4, 119_999_999_999).isEmpty)
        #expect(builder.next(endingBy: 119_999_999_999) == nil)
        let second = builder.next(endingBy: 120_000_000_000)
        #expect(second?.high == 20 && second?.low == 15 && second?.close == 15 && second?.volume == 6)
        #expect(second?.isComplete == true && second?.followsDirectly == true)
    }

    @Test func `bars without trades are handed out, empty, and long silences are jumped over`() {
        var builder = BarBuilder(seconds: 1)
        _ = trade(&builder, 10, 1, 0)
        let bars = trade(&builder, 12, 1, 4 * second)
        #expect(bars.map(\.isEmpty) == [false, true, true, true])
        #expect(bars.map(\.close) == [10, 10, 10, 10] && bars.map(\.volume) == [1, 0, 0, 0])
        let far = 100_000 * second
        let after = trade(&builder, 13, 1, far)
        #expect(after.count == 1, "the bar in progress, and nothing for the silence")
        let next = builder.next(endingBy: far + second)
        #expect(next?.openNanos == far && next?.followsDirectly == false && next?.isComplete == false)
    }

    @Test func `a late trade changes no bar that was handed out`() {
        var builder = BarBuilder(seconds: 60)
        _ = trade(&builder, 10, 1, 30 * second)
        _ = trade(&builder, 11, 1, 61 * second)
        #expect(!takes(&builder, price: 99, size: 50, 59 * second))
        #expect(builder.lateCount == 1)
        // Late within the bar in progress is fine: bounds count, not order.
        #expect(takes(&builder, price: 5, size: 1, 60 * second))
        #expect(builder.next(endingBy: 120 * second)?.low == 5)
    }

    @Test func `a gap makes the bar in progress incomplete, and only that one`() {
        var builder = BarBuilder(seconds: 60)
        _ = trade(&builder, 10, 1, 0)
        _ = trade(&builder, 10, 1, 60 * second)
        builder.markIncomplete()
        let bars = trade(&builder, 10, 1, 180 * second)
        #expect(bars.map(\.isComplete) == [false, true])
    }

    @Test func `volume stays at the largest number where it does not fit`() {
        var builder = BarBuilder(seconds: 60)
        _ = trade(&builder, 1, .max, 0)
        _ = trade(&builder, 1, .max, 1)
        #expect(builder.next(endingBy: 60 * second)?.volume == .max)
    }

    @Test(arguments: [1, 5, 15, 30, 60, 300, 900, 1800, 3600] as [Int32])
    func `bars of every length agree with a recount of all trades`(_ seconds: Int32) {
        let seed: UInt64 = 4
        var builder = BarBuilder(seconds: seconds)
        var closed: [Bar] = []
        var trades: [(price: Int64, size: Int64, at: Int64)] = []
        for input in madeStream(seed: seed, seconds: 4000) {
            guard case .trade(let event) = input.event else { continue }
            closed += trade(&builder, event.price, event.size, input.at)
            trades.append((event.price, event.size, input.at))
        }
        let length = Int64(seconds) * second
        for (index, bar) in closed.enumerated() {
            let inside = trades.filter { $0.at >= bar.openNanos && $0.at < bar.openNanos + length }
            let last = index > 0 ? closed[index - 1].close : 0
            #expect(bar.openNanos % length == 0 && bar.endNanos == bar.openNanos + length)
            #expect(bar.open == inside.first?.price ?? last && bar.close == inside.last?.price ?? last, "seed \(seed)")
            #expect(bar.high == inside.map(\.price).max() ?? last && bar.low == inside.map(\.price).min() ?? last)
            #expect(bar.volume == inside.reduce(0) { $0 + $1.size } && bar.tradeCount == Int64(inside.count))
        }
        #expect(closed.count >= 1)
    }

    /// No recording holds trades and candles of the same time, but one holds 30-minute and hourly candles of one venue:
    /// the hour made of two halves is the venue's own hour, price for price.
    @Test(.enabled(if: RecordedMarket.isPresent)) func `half hours make the venue's own hours`() throws {
        var hours: [Int64: [Int64]] = [:]
        for line in RecordedMarket.lines("derived/hl-BTC-1h.csv") {
            hours[(Int64(line[0]) ?? 0) * 1_000_000] = (1...5).map { RecordedMarket.scaled(line[$0], 8) }
        }
        let format = ISO8601DateFormatter()
        var builder = BarBuilder(seconds: 3600)
        var (compared, equal, volumes) = (0, 0, 0)
        // The last half hour was still running when the file was made.
        for line in RecordedMarket.lines("flagged/hl-candles-30m/BTC_ohlc_30.csv").dropLast() {
            let text = String(line[0]).replacing(" ", with: "T") + "Z"
            let end = Int64(try #require(format.date(from: text)).timeIntervalSince1970) + 1
            var candle = Bar()
            candle.seconds = 1800
            candle.openNanos = (end - 1800) * second
            candle.open = RecordedMarket.scaled(line[1], 8)
            candle.high = RecordedMarket.scaled(line[2], 8)
            candle.low = RecordedMarket.scaled(line[3], 8)
            candle.close = RecordedMarket.scaled(line[4], 8)
            candle.volume = RecordedMarket.scaled(line[5], 8)
            candle.isComplete = true
            #expect(takes(&builder, candle))
            while let bar = builder.next(endingBy: candle.endNanos) {
                guard bar.isComplete, let venue = hours[bar.openNanos] else { continue }
                compared += 1
                if [bar.open, bar.high, bar.low, bar.close] == Array(venue[..<4]) { equal += 1 }
                // The file's volumes went through a float.
                if abs(bar.volume - venue[4]) <= 2000 { volumes += 1 }
            }
        }
        #expect(compared == 1047, "\(compared) hours")
        #expect(equal == compared && volumes == compared, "\(equal) of \(compared) prices, \(volumes) volumes")
    }

    @Test func `candles with a hole make an incomplete bar, and of another length are refused`() {
        func candle(_ minute: Int64, seconds: Int32 = 60) -> Bar {
            var bar = Bar()
            bar.seconds = seconds
            bar.openNanos = minute * 60 * second
            bar.open = 10
            bar.high = 12
            bar.low = 9
            bar.close = 11
            bar.volume = 5
            bar.isComplete = true
            return bar
        }
        var builder = BarBuilder(seconds: 300)
        for minute in [0, 1, 2, 4] as [Int64] { #expect(takes(&builder, candle(minute))) }
        #expect(!takes(&builder, candle(4)), "the same again")
        #expect(!takes(&builder, candle(3)), "out of order")
        #expect(!takes(&builder, candle(5, seconds: 120)), "of another length")
        #expect(builder.next(endingBy: 300 * second)?.isComplete == false)
        for minute in 5...9 { #expect(takes(&builder, candle(Int64(minute)))) }
        let whole = builder.next(endingBy: 600 * second)
        #expect(whole?.isComplete == true && whole?.volume == 25 && whole?.open == 10 && whole?.close == 11)
    }
}
