import Events
import Foundation
import Market
import Statistics
import Testing

/// Cases by hand: missing feeds, gaps, one-sided books, bursts, silences, candles.
@Suite struct FeaturesCaseTests {
    static let five = [WindowKind(.minute1, everySeconds: 5)]

    private func quote(_ now: Int64, _ bid: Int64, _ ask: Int64, sizes: Int64 = 100_000_000) -> FeaturesInput {
        var quote = MarketQuote()
        quote.instrument = 1
        quote.bidPrice = bid * 100_000_000
        quote.askPrice = ask * 100_000_000
        quote.bidSize = sizes
        quote.askSize = sizes
        return FeaturesInput(event: .quote(quote), at: now, now: now)
    }

    private func trade(
        _ now: Int64, _ price: Int64, side: Side = .buy, size: Int64 = 100_000_000, at: Int64? = nil
    ) -> FeaturesInput {
        var trade = MarketTrade()
        trade.instrument = 1
        trade.price = price * 100_000_000
        trade.size = size
        trade.side = side
        return FeaturesInput(event: .trade(trade), at: at ?? now, now: now)
    }

    /// Whole prices from `bid` down and from `ask` up, sizes of `size`.
    private func book(
        _ now: Int64, bid: Int32, ask: Int32, levels: Int = 20, size: Int32 = 10, bids: Bool = true, asks: Bool = true
    ) -> FeaturesInput {
        var book = MarketBook()
        book.instrument = 1
        book.bidCount = bids ? Int32(levels) : 0
        book.askCount = asks ? Int32(levels) : 0
        for level in 0..<levels {
            book.bidPrices[level] = bid - Int32(level)
            book.askPrices[level] = ask + Int32(level)
            book.bidSizes[level] = size
            book.askSizes[level] = size
        }
        return FeaturesInput(event: .book(book), at: now, now: now)
    }

    private var listed: FeaturesInput {
        var listed = MarketInstrument()
        listed.instrument = 1
        listed.priceStep = 100_000_000
        listed.sizeStep = 10_000_000
        return FeaturesInput(event: .instrument(listed), at: featuresStart, now: featuresStart)
    }

    @Test func `a feed that is not there leaves its features missing`() throws {
        let inputs = (0..<30).map { trade(featuresStart + Int64($0) * second, 100 + Int64($0 % 3)) }
        let last = try #require(try rows(of: inputs, Self.five).last)
        let missing: [Feature] = [
            .spreadBps, .bookImbalance1, .bookImbalance5, .bookImbalance10, .depthSlope, .cancelRate, .sweep,
            .fundingRate, .openInterestChange, .basisBps, .markOracleBps, .micropriceDriftBps, .topDepthQuote,
            .secondsToFunding, .realisedSpreadBps,
        ]
        for feature in missing { #expect(last[feature] == nil, "\(feature.text)") }
        #expect(last[.tradeCount] == 5 && last[.tradedQuote] == 505 && !last.isStale)
        let quotes = (0..<30).map { quote(featuresStart + Int64($0) * second, 99, 101) }
        let only = try #require(try rows(of: quotes, Self.five).last)
        for feature in [.tradeCount, .aggressorRun, .relativeVolume, .bodyBps, .bookImbalance5] as [Feature] {
            #expect(only[feature] == nil, "\(feature.text)")
        }
        #expect(only[.spreadBps] == 200 && only.price == 100 * 100_000_000)
    }

    @Test func `one-sided and empty books give nothing that needs both sides`() throws {
        for (bids, asks) in [(true, false), (false, true), (false, false)] {
            let inputs =
                [listed]
                + (1..<12).map { book(featuresStart + Int64($0) * second, bid: 99, ask: 101, bids: bids, asks: asks) }
            let last = try #require(try rows(of: inputs, Self.five).last)
            for feature in [.spreadBps, .bookImbalance1, .bookImbalance5, .depthSlope, .topDepthQuote] as [Feature] {
                #expect(last[feature] == nil, "\(feature.text), bids \(bids), asks \(asks)")
            }
            #expect(last.price == 0 && !last.isStale)
        }
    }

    @Test func `crossed books and impossible numbers are refused and change nothing`() throws {
        var engine = try FeatureEngine(kinds: Self.five)
        for input in [listed, quote(featuresStart, 99, 101)] { engine.feed(input) { _ in } }
        let bad = [
            quote(featuresStart + 1, 101, 99), quote(featuresStart + 1, 0, 5),
            quote(featuresStart + 1, 1, 2, sizes: -1),
            book(featuresStart + 1, bid: 101, ask: 101), trade(featuresStart + 1, 0),
            trade(featuresStart + 1, 5, size: 0),
            trade(featuresStart + 1, 5, at: featuresStart + 60 * second), trade(featuresStart + 1, 5, at: -1),
        ]
        for input in bad { engine.feed(input) { _ in } }
        #expect(engine.refusedCount == Int64(bad.count))
        var found: [KeptRow] = []
        engine.advance(to: featuresStart + 5 * second) { found.append(KeptRow($0)) }
        #expect(found.first?.price == 100 * 100_000_000 && found.first?[.tradeCount] == nil)
    }

    @Test func `a gap makes its window stale and ends runs and chains`() throws {
        var inputs = [listed] + (1..<60).map { trade(featuresStart + Int64($0) * second, 100) }
        var gap = MarketGap()
        gap.instrument = 1
        gap.fromNanos = featuresStart + 20 * second
        inputs.insert(
            FeaturesInput(event: .gap(gap), at: featuresStart + 22 * second, now: featuresStart + 22 * second), at: 22)
        let made = try rows(of: inputs, Self.five)
        // The first window is not whole either: the data began in it.
        #expect(made.filter(\.isStale).map(\.asof) == [featuresStart + 5 * second, featuresStart + 25 * second])
        #expect(made.map { $0[.aggressorRun] } == [4, 9, 14, 19, 3, 8, 13, 18, 23, 28, 33])
        let after = try rows(
            of: inputs + [trade(featuresStart + 63 * second, 100)], Self.five, until: featuresStart + 65 * second)
        #expect(after.last?[.bodyBps] == nil, "the bar had a gap in it")
    }

    @Test func `an old book makes rows stale and book features missing, not the last ones again`() throws {
        var inputs = [listed, book(featuresStart + second, bid: 99, ask: 101)]
        inputs += (2..<40).map { trade(featuresStart + Int64($0) * second, 100) }
        let made = try rows(of: inputs, Self.five)
        #expect(made.dropFirst().map(\.isStale) == [false, true, true, true, true, true])
        #expect(made.map { $0[.bookImbalance5] } == [0, 0, nil, nil, nil, nil, nil])
        #expect(made.map(\.price).allSatisfy { $0 == 100 * 100_000_000 })
    }

    @Test func `trades of one millisecond keep their order and count as one burst`() throws {
        var inputs = [listed, book(featuresStart + second, bid: 99, ask: 101, size: 10)]
        let at = featuresStart + 6 * second
        // Three levels in one burst: 101, 102, 103; the fourth trade adds nothing to the count.
        inputs += [101, 102, 103, 104].map { trade(at, $0, size: 10_000_000) }
        inputs += [trade(at + 200_000_000, 99, side: .sell, size: 10_000_000)]
        // Half of five levels of 10 × 0.1 each: 2.5.
        inputs += [trade(at + second, 99, side: .sell, size: 250_000_000)]
        let made = try rows(of: inputs, Self.five, until: featuresStart + 10 * second)
        let row = try #require(made.last)
        #expect(row[.sweepCount] == 2 && row[.sweep] == 1)
        #expect(row[.longestRun] == 4 && row[.aggressorRun] == -2 && row[.tradeCount] == 6)
    }

    @Test func `cancel rate is removed less traded over added, of levels that both books show`() throws {
        let inputs = [
            listed, book(featuresStart + second, bid: 99, ask: 101, size: 10),
            // Every level but the two outermost of each side loses 4; the best bid moves up and adds one level of 6.
            book(featuresStart + 6 * second, bid: 100, ask: 101, size: 6),
            trade(featuresStart + 6 * second, 101),
            book(featuresStart + 7 * second, bid: 100, ask: 101, size: 20),
        ]
        let row = try #require(try rows(of: inputs, Self.five, until: featuresStart + 10 * second).last)
        // Bids 99...81 lose 4 × 19 and 100 adds 6; asks lose 4 × 20; then 40 levels gain 14; ten steps were traded.
        let wanted: Double = 146 / 566
        #expect(row[.cancelRate] == wanted)
    }

    @Test func `after a long silence there are no rows until something comes, and the next is stale`() throws {
        let day = 86_400 * second
        var inputs = [listed] + (1..<30).map { quote(featuresStart + Int64($0) * second, 99, 101) }
        inputs += (0..<10).map { quote(featuresStart + 7 * day + Int64($0) * second, 99, 101) }
        let made = try rows(of: inputs, Self.five)
        #expect(made.count < 140, "\(made.count) rows of ten minutes and a few seconds")
        let behind = made.filter { $0.asof > featuresStart + 7 * day }
        #expect(behind.map(\.isStale) == [true] && behind[0][.spreadBps] == 200)
    }

    @Test func `candles alone make the features of bars`() throws {
        var inputs: [FeaturesInput] = []
        for minute in 1...60 as ClosedRange<Int64> {
            var candle = MarketCandle()
            candle.instrument = 1
            candle.openNanos = featuresStart + (minute - 1) * 60 * second
            candle.open = 100_000_000 * (100 + minute)
            candle.close = candle.open + 50_000_000
            candle.high = candle.close + 25_000_000
            candle.low = candle.open - 100_000_000
            candle.volume = minute * 100_000_000
            let end = candle.openNanos + 60 * second
            inputs.append(FeaturesInput(event: .candle(candle), at: end, now: end))
        }
        let kinds = [WindowKind(.minute1, everySeconds: 30), WindowKind(.minute5, everySeconds: 60)]
        let made = try rows(of: inputs, kinds)
        let row = try #require(made.last { $0.kind == 0 })
        // The row behind candle 59 knows it; at the end of candle 60 nothing had been heard since, so there is no row:
        // a candle is known from its end on, not before.
        #expect(row.asof == featuresStart + 3570 * second && row.price == 15_950_000_000)
        #expect(row[.bodyBps].map { abs($0 - 0.5 / 159 * 1e4) < 1e-9 } == true)
        #expect(row[.closeLocation].map { abs($0 - 1.5 / 1.75) < 1e-9 } == true)
        #expect(row[.barReturnBps].map { abs($0 - (159.5 / 158.5 - 1) * 1e4) < 1e-9 } == true)
        #expect(row[.barVolumeRelative].map { abs($0 - 59.0 / 29.5) < 1e-9 } == true)
        #expect(row[.relativeStrengthIndex] == 100 && row[.tradeCount] == nil && !row.isStale)
        let five = try #require(made.last { $0.kind == 1 })
        #expect(five[.barReturnBps].map { abs($0 - (155.5 / 150.5 - 1) * 1e4) < 1e-9 } == true)
    }

    /// Decision 0020.
    @Test func `windows without news are passed over while there are only candles`() throws {
        func candle(_ minute: Int64) -> FeaturesInput {
            var candle = MarketCandle()
            candle.instrument = 1
            candle.openNanos = featuresStart + (minute - 1) * 60 * second
            (candle.open, candle.high, candle.low, candle.close) = (100, 100, 100, 100)
            let end = candle.openNanos + 60 * second
            return FeaturesInput(event: .candle(candle), at: end, now: end)
        }
        let kinds = [WindowKind(.minute1, everySeconds: 10), WindowKind(.minute5, everySeconds: 120)]
        let end = featuresStart + 600 * second
        let alone = try rows(of: (1...9).map(candle), kinds, until: end)
        #expect(alone.filter { $0.kind == 0 }.map(\.asof) == (1...9).map { featuresStart + ($0 * 60 + 10) * second })
        #expect(alone.filter { $0.kind == 1 }.map(\.asof) == (1...5).map { featuresStart + $0 * 120 * second })
        // From the first quote on there is a row in every window, whether something was heard in it or not.
        let inputs = (1...5).map(candle) + [quote(featuresStart + 301 * second, 99, 101)] + (6...9).map(candle)
        let both = try rows(of: inputs, kinds, until: end)
        #expect(both.filter { $0.kind == 0 && $0.asof > featuresStart + 300 * second }.count == 30)
        #expect(
            both.filter { $0.asof <= featuresStart + 300 * second }
                == alone.filter { $0.asof <= featuresStart + 300 * second })
    }

    @Test func `shapes of candles are told from each other`() throws {
        func facts(_ bars: [(Int64, Int64, Int64, Int64)]) throws -> KeptRow {
            var inputs: [FeaturesInput] = []
            for (index, bar) in bars.enumerated() {
                var candle = MarketCandle()
                candle.instrument = 1
                candle.openNanos = featuresStart + Int64(index) * 60 * second
                (candle.open, candle.high, candle.low, candle.close) = bar
                let end = candle.openNanos + 60 * second
                inputs.append(FeaturesInput(event: .candle(candle), at: end, now: end))
            }
            let end = featuresStart + Int64(bars.count) * 60 * second + 5 * second
            return try #require(try rows(of: inputs, Self.five, until: end).last)
        }
        let rising = try facts([(105, 106, 99, 100), (100, 107, 99, 106)])
        #expect(rising[.engulfing] == 1 && rising[.pinBar] == 0 && rising[.barGap] == 0)
        #expect(try facts([(100, 106, 99, 105), (106, 107, 98, 99)])[.engulfing] == -1)
        #expect(try facts([(100, 106, 99, 105), (104, 107, 98, 106)])[.engulfing] == 0, "the same direction")
        #expect(try facts([(100, 106, 99, 105), (105, 106, 90, 104)])[.pinBar] == 1)
        #expect(try facts([(100, 106, 99, 105), (105, 120, 104, 106)])[.pinBar] == -1)
        #expect(try facts([(100, 106, 99, 105), (107, 108, 106, 107)])[.barGap] == 1)
        let flat = try facts([(100, 100, 100, 100), (100, 100, 100, 100)])
        #expect(flat[.closeLocation] == nil && flat[.bodyBps] == 0 && flat[.relativeStrengthIndex] == nil)
    }

    @Test func `a divergence is told when its pivot is confirmed, two bars later`() throws {
        // Falls steeply to a low, recovers, falls slowly to a lower low: the index is higher there.
        var closes = [Double](repeating: 1000, count: 20)
        closes += [990, 970, 940, 900, 930, 950, 960, 965, 950, 930, 915, 905, 899, 910, 920, 930]
        var inputs: [FeaturesInput] = []
        for (index, close) in closes.enumerated() {
            var candle = MarketCandle()
            candle.instrument = 1
            candle.openNanos = featuresStart + Int64(index) * 60 * second
            candle.open = Int64(close) * 100
            candle.high = candle.open
            candle.low = candle.open
            candle.close = candle.open
            let end = candle.openNanos + 60 * second
            inputs.append(FeaturesInput(event: .candle(candle), at: end, now: end))
        }
        let made = try rows(of: inputs, Self.five)
        let told = made.filter { $0[.rsiDivergence] == 1 }.map { ($0.asof - featuresStart) / (60 * second) }
        // The pivot is close 32, confirmed by close 34, whose candle ends at minute 35; the row there knows it after
        // it.
        #expect(Set(told) == [35] || Set(told) == [35, 36], "\(told)")
        #expect(!made.contains { $0.asof <= featuresStart + 35 * 60 * second && $0[.rsiDivergence] == 1 })
        #expect(!made.contains { $0[.rsiDivergence] == -1 })
    }

    @Test func `fundings tell how far away the next one is`() throws {
        func funding(_ hours: Int64) -> FeaturesInput {
            var funding = MarketFunding()
            funding.instrument = 1
            funding.rate = 100_000_000
            let at = featuresStart - featuresStart % (8 * 3600 * second) + hours * 3600 * second
            return FeaturesInput(event: .funding(funding), at: at, now: at)
        }
        let kinds = [WindowKind(.hour1, everySeconds: 60)]
        let base = funding(0).at
        let one = try rows(of: [funding(0)], kinds, until: base + 60 * second)
        #expect(one.last?[.secondsToFunding] == nil && one.last?[.fundingRate] == 1e-4)
        let two = try rows(of: [funding(0), funding(8)], kinds, until: base + (8 * 3600 + 60) * second)
        #expect(two.last?[.secondsToFunding] == 28_740.0)
    }

    /// The surprise of the engine is that of `Statistics`, which is tested against an oracle (DEF-07).
    @Test func `surprise is the rank of the smoothed negative log density`() throws {
        let seed: UInt64 = 7
        var random = FeaturesGenerator(seed: seed)
        var inputs: [FeaturesInput] = []
        var mids: [Double] = []
        var mid: Int64 = 1_000_000
        for step in 0..<(12 * 260) as Range<Int64> {
            mid += random.below(1 + 2 * (1 + step / 300)) - (1 + step / 300)
            var quote = MarketQuote()
            quote.instrument = 1
            quote.bidPrice = (mid - 1) * 1_000_000
            quote.askPrice = (mid + 1) * 1_000_000
            quote.bidSize = 1
            quote.askSize = 1
            let now = featuresStart + step * 5 * second + 1
            inputs.append(FeaturesInput(event: .quote(quote), at: now, now: now))
            mids.append(Double(mid) * 1_000_000)
        }
        let kinds = [WindowKind(.minute1, everySeconds: 60)]
        let made = try rows(of: inputs, kinds, until: featuresStart + 260 * 60 * second)
        var logs: [Double] = []
        for minute in 0..<260 {
            // Steps end at 5 s, 10 s ...: the mid of step k is that of quote k - 1, and the first has none before it.
            let inside = (minute * 12 - 1)..<(minute * 12 + 11)
            var sum = 0.0
            for index in inside where index >= 0 {
                let change = Elementary.log(mids[index + 1] / mids[index])
                sum += change * change
            }
            logs.append(Elementary.log(max(sum, 1e-12)))
        }
        let surprise = try Smoothing.surprise(logs, halfLife: 96, skip: 20).surprise
        let ranks = try Ranks.trailing(try Smoothing.exponential(surprise, span: 12), window: 2000)
        #expect(made.count == 260)
        var compared = 0
        for (minute, row) in made.enumerated() {
            #expect(abs((row[.realisedVariance] ?? 0) - Elementary.exp(logs[minute])) < 1e-15, "seed \(seed)")
            guard minute - 20 >= 199 else {
                #expect(row[.surprise] == nil)
                continue
            }
            compared += 1
            #expect(row[.surprise] == ranks[minute - 20], "seed \(seed), minute \(minute)")
        }
        #expect(compared == 41)
    }

    @Test func `trades that are on their way at the end of a bar are in it, later ones are not`() throws {
        let end = featuresStart + 120 * second
        var inputs = [trade(featuresStart, 100)] + (1..<12).map { trade(featuresStart + Int64($0) * 10 * second, 100) }
        // Half a second late: within the two seconds of grace.
        inputs.append(trade(end + 500_000_000, 110, at: end - 100_000_000))
        inputs.append(trade(end + 6 * second, 100, at: end + 6 * second))
        inputs.append(trade(end + 7 * second, 500, at: end - 1))
        var engine = try FeatureEngine(kinds: Self.five)
        var made: [KeptRow] = []
        for input in inputs { engine.feed(input) { made.append($0) } }
        engine.advance(to: end + 10 * second) { made.append(KeptRow($0)) }
        #expect(made.last { $0.asof == end }?[.bodyBps] == nil, "the bar is not closed at its end")
        #expect(made.last { $0.asof == end + 5 * second }?[.bodyBps] == 1000)
        #expect(made.last?[.bodyBps] == 1000 && engine.lateTradeCount == 1)
        #expect(made.last?[.tradeCount] == 2, "but both count in their window")
    }
}
