import Events
import Foundation
import Market
import Testing

/// No row depends on anything known at or after its end (AUD-06, EX-36, NEV-16).
@Suite struct FeaturesCausalityTests {
    static let kinds = [
        WindowKind(.minute1, everySeconds: 5), WindowKind(.minute5, everySeconds: 60),
        WindowKind(.minute1, everySeconds: 7),
    ]

    /// Runs what was known before `cut` and compares the rows at or before it with those of the whole run.
    private func check(_ inputs: [FeaturesInput], _ whole: [KeptRow], cut: Int64, _ note: Comment) throws {
        let known = inputs.prefix { $0.now < cut }
        let found = try rows(of: known, Self.kinds, until: cut)
        let expected = whole.prefix { $0.asof <= cut }
        #expect(found.count == expected.count && zip(found, expected).allSatisfy { $0 == $1 }, note)
    }

    @Test func `a stream cut at 200 random moments gives the same rows up to the cut`() throws {
        let seed: UInt64 = 0x51A7
        for gaps in [false, true] {
            let inputs = madeStream(seed: seed, seconds: 420, instruments: 2, gaps: gaps)
            let end = inputs[inputs.count - 1].now
            let whole = try rows(of: inputs, Self.kinds, until: end)
            var random = FeaturesGenerator(seed: seed + 1)
            for _ in 0..<100 {
                // Half of the cuts lie on the end of a window, where they hurt most.
                var cut = featuresStart + random.below(420 * second)
                if random.below(2) == 0 { cut -= cut % (5 * second) }
                try check(inputs, whole, cut: cut, "seed \(seed), gaps \(gaps), cut at \(cut)")
            }
        }
    }

    @Test(.enabled(if: RecordedMarket.isPresent))
    func `a recorded session cut at 200 random moments gives the same rows up to the cut`() throws {
        let seed: UInt64 = 77
        let inputs = RecordedMarket.session("BTC", instrument: 1, limit: 1200)
        let whole = try rows(of: inputs, Self.kinds, until: inputs[inputs.count - 1].now)
        #expect(whole.count > 80, "\(whole.count) rows")
        var random = FeaturesGenerator(seed: seed)
        let (first, last) = (inputs[0].now, inputs[inputs.count - 1].now)
        for _ in 0..<200 {
            var cut = first + random.below(last - first)
            if random.below(2) == 0 { cut -= cut % (5 * second) }
            try check(inputs, whole, cut: cut, "seed \(seed), cut at \(cut)")
        }
    }

    @Test func `the recorded session is there`() {
        if RecordedMarket.isPresent { return }
        Issue.record(
            "no data at \(RecordedMarket.folder.path): set LOTUS_DATA; no session was tried", severity: .warning)
    }

    /// Garbage behind a moment must not change the rows before it, whatever it holds.
    @Test func `rubbish after a moment changes nothing before it`() throws {
        let seed: UInt64 = 99
        let inputs = madeStream(seed: seed, seconds: 300, instruments: 2)
        let whole = try rows(of: inputs, Self.kinds)
        var random = FeaturesGenerator(seed: seed)
        for round in 0..<25 {
            let keep = Int(random.below(Int64(inputs.count - 10))) + 5
            var poisoned = Array(inputs.prefix(keep))
            let from = poisoned[keep - 1].now
            for _ in 0..<40 { poisoned.append(rubbish(after: from, &random)) }
            poisoned.sort { $0.now < $1.now }
            let found = try rows(of: poisoned, Self.kinds).filter { $0.asof <= from }
            #expect(
                found == whole.filter { $0.asof <= from }, "seed \(seed), round \(round): \(keep) events were kept")
        }
    }

    private func rubbish(after now: Int64, _ random: inout FeaturesGenerator) -> FeaturesInput {
        let extremes: [Int64] = [.min, -1, 0, 1, .max, 1 << 40]
        let time = now + 1 + random.below(30 * second)
        let at = extremes[Int(random.below(6))]
        let number = Int32(truncatingIfNeeded: random.below(5) == 0 ? extremes[Int(random.below(6))] : 1)
        switch random.below(6) {
        case 0:
            var trade = MarketTrade()
            trade.instrument = number
            trade.price = extremes[Int(random.below(6))]
            trade.size = extremes[Int(random.below(6))]
            return FeaturesInput(event: .trade(trade), at: random.below(2) == 0 ? at : time, now: time)
        case 1:
            var book = MarketBook()
            book.instrument = number
            book.bidCount = Int32(truncatingIfNeeded: random.next())
            book.askCount = Int32(random.below(21))
            for level in 0..<20 {
                book.bidPrices[level] = Int32(truncatingIfNeeded: random.next())
                book.askSizes[level] = Int32(truncatingIfNeeded: random.next())
            }
            return FeaturesInput(event: .book(book), at: time, now: time)
        case 2:
            var quote = MarketQuote()
            quote.instrument = number
            quote.bidPrice = extremes[Int(random.below(6))]
            quote.bidSize = extremes[Int(random.below(6))]
            quote.askPrice = extremes[Int(random.below(6))]
            quote.askSize = extremes[Int(random.below(6))]
            return FeaturesInput(event: .quote(quote), at: time, now: time)
        case 3:
            var candle = MarketCandle()
            candle.instrument = number
            candle.seconds = Int32(truncatingIfNeeded: extremes[Int(random.below(6))])
            candle.openNanos = extremes[Int(random.below(6))]
            candle.open = 5
            candle.high = .max
            candle.low = 1
            candle.close = 7
            return FeaturesInput(event: .candle(candle), at: time, now: time)
        case 4:
            var context = MarketContext()
            context.instrument = number
            context.fundingRate = extremes[Int(random.below(6))]
            context.oraclePrice = extremes[Int(random.below(6))]
            context.openInterest = extremes[Int(random.below(6))]
            return FeaturesInput(event: .context(context), at: time, now: time)
        default:
            var listed = MarketInstrument()
            listed.instrument = number
            listed.priceStep = extremes[Int(random.below(6))]
            listed.sizeStep = extremes[Int(random.below(6))]
            return FeaturesInput(event: .instrument(listed), at: time, now: time)
        }
    }

    @Test func `how often time is told makes no difference`() throws {
        let inputs = madeStream(seed: 5, seconds: 200, instruments: 3, gaps: true)
        let end = inputs[inputs.count - 1].now + 3600 * second
        var engine = try FeatureEngine(kinds: Self.kinds)
        var often: [KeptRow] = []
        var clock = inputs[0].now
        for input in inputs {
            while clock < input.now {
                engine.advance(to: clock) { often.append(KeptRow($0)) }
                clock += 333_000_000
            }
            engine.feed(input) { often.append($0) }
        }
        while clock < end {
            engine.advance(to: clock) { often.append(KeptRow($0)) }
            clock += 777_000_000
        }
        engine.advance(to: end) { often.append(KeptRow($0)) }
        #expect(try rows(of: inputs, Self.kinds, until: end) == often)
    }

    @Test func `rows come in order of end, instrument and kind`() throws {
        let made = try rows(of: madeStream(seed: 8, seconds: 200, instruments: 3), Self.kinds)
        #expect(made.count > 200)
        let keys = made.map { ($0.asof, Int64($0.instrument), Int64($0.kind)) }
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 })
        #expect(made.allSatisfy { $0.asof % (Int64(Self.kinds[Int($0.kind)].everySeconds) * second) == 0 })
    }

    /// What reaches us exactly at the end of a window is not in its row.
    @Test func `an event at the end of a window belongs to the next`() throws {
        var trade = MarketTrade()
        trade.instrument = 1
        trade.price = 100_000_000
        trade.size = 100_000_000
        func input(_ now: Int64) -> FeaturesInput { FeaturesInput(event: .trade(trade), at: now, now: now) }
        let inputs = [input(featuresStart + second), input(featuresStart + 5 * second)]
        let made = try rows(of: inputs, [WindowKind(.minute1, everySeconds: 5)], until: featuresStart + 10 * second)
        #expect(made.map { $0[.tradeCount] } == [1, 1])
    }
}
