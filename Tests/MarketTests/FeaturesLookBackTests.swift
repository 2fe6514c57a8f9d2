import Events
import Market
import Testing

/// No feature reaches back farther than its definition says: a market that starts late has the same values once that
/// long has passed.
@Suite struct FeaturesLookBackTests {
    private static let kind = WindowKind(.minute1, everySeconds: 5)

    /// A market without silences: a trade, a book, a context and a settlement keep coming.
    private static func market(_ seed: UInt64, hours: Int64) -> [FeaturesInput] {
        var random = FeaturesGenerator(seed: seed)
        var listed = MarketInstrument()
        (listed.instrument, listed.priceStep, listed.sizeStep) = (1, 10_000_000, 1000)
        var inputs = [FeaturesInput(event: .instrument(listed), at: featuresStart, now: featuresStart)]
        var mid: Int64 = 1_000_000
        for tick in 1...(hours * 3600 / 4) {
            let now = featuresStart + tick * 4 * second
            mid += random.below(41) - 20
            var events: [FeaturesInput.Event] = []
            for _ in 0..<2 {
                var trade = MarketTrade()
                (trade.instrument, trade.receivedNanos) = (1, now)
                trade.price = (mid + random.below(9) - 4) * 10_000_000
                trade.size = (1 + random.below(2000)) * 1000
                trade.side = random.below(2) == 0 ? .buy : .sell
                events.append(.trade(trade))
            }
            events.append(.book(madeBook(1, mid: mid, levels: 12, &random)))
            if tick % 15 == 0 {
                var context = MarketContext()
                context.instrument = 1
                context.fundingRate = random.below(100_000_000) - 50_000_000
                context.openInterest = 3_000_000_000_000 + random.below(1_000_000_000)
                context.oraclePrice = mid * 10_000_000 + random.below(5_000_000)
                context.markPrice = mid * 10_000_000 + random.below(5_000_000)
                events.append(.context(context))
            }
            inputs += events.map { FeaturesInput(event: $0, at: now, now: now) }
        }
        return inputs
    }

    @Test func `every feature is what it would have been once its look-back has passed`() throws {
        let seed: UInt64 = 0xB0B
        let inputs = Self.market(seed, hours: 5)
        let whole = try rows(of: inputs, [Self.kind])
        var longest = [Int64](repeating: -1, count: Feature.allCases.count)
        var missing = Feature.allCases
        let (events, listings) = (Array(inputs.dropFirst()), Array(inputs.prefix(1)))
        for minutes in [7, 41] as [Int64] {
            let start = featuresStart + minutes * 60 * second + 1_500_000_000
            let late = try rows(of: listings + events.filter { $0.now >= start }, [Self.kind])
            let first = try #require(events.first { $0.now >= start }).now
            var next = whole.firstIndex { $0.asof > first } ?? 0
            for row in late where row.asof > first {
                while whole[next].asof < row.asof { next += 1 }
                for (place, feature) in Feature.allCases.enumerated() {
                    let (a, b) = (whole[next][feature], row[feature])
                    let isSame =
                        a.flatMap { a in b.map { abs($0 - a) <= 1e-9 * max(1, abs(a)) } } ?? (a == nil && b == nil)
                    if !isSame { longest[place] = max(longest[place], row.asof - first) }
                    if b != nil { missing.removeAll { $0 == feature } }
                }
            }
        }
        for (place, feature) in Feature.allCases.enumerated() {
            let back = FeatureDefinition.lookBack(feature)
            guard back.endless == nil else { continue }
            // A window that begins in the middle is no whole window, and its row is stale.
            let said = (back.seconds(Self.kind) + 2 * Int64(Self.kind.everySeconds)) * second
            #expect(
                longest[place] < said,
                "\(feature.text) depends on the start for \(longest[place] / second) s, it says \(said / second) s")
        }
        // The others need a memory of days (5,000 bars) or settlements; the definitions are larger than this market.
        #expect(Set(missing).isSubset(of: []), "never there in a late start: \(missing.map(\.text))")
    }

    @Test func `a look-back is said in words`() {
        #expect(FeatureDefinition.lookBack(.minuteOfDay).text == "nothing: the clock alone")
        #expect(FeatureDefinition.lookBack(.tradeCount).text == "W")
        #expect(FeatureDefinition.lookBack(.imbalanceShock).text == "512 rows, 10 s")
        #expect(FeatureDefinition.lookBack(.barReturnBps).text == "2 bars")
        #expect(FeatureDefinition.lookBack(.aggressorRun).text == "without bound: the trades of one side up to now")
    }
}
