package import Events
package import LogEngine
import LogFormat
package import Report
package import Runtime

/// What the market logs of a run held, lacked and refused.
package struct MarketSummary: MarketHandler, Sendable {
    private struct Listed: Sendable {
        var asset: AssetID
        var venue: String
        var events = 0
        var firstNanos = Int64.max
        var lastNanos = Int64.min
    }

    private struct Until: ReplayControl {
        let nanos: Int64
        func admits(_ nowNanos: Int64) -> Bool { nowNanos <= nanos }
    }

    /// By run-wide number, from 1.
    private var instruments: [Listed?] = [nil]
    private var counts = [Int](repeating: 0, count: Self.typeNames.count)
    private var gaps: [DataGap] = []
    private var halfSpreadSumBps = 0.0
    /// Quotes and books with two sides that do not cross.
    package private(set) var spreadCount = 0
    private var rejects: [ReasonCount] = []
    /// Records that were known before and not taken again.
    package private(set) var duplicateCount = 0
    /// Sources that were read to their end.
    package private(set) var sourceCount = 0

    private static let typeNames = [
        MarketInstrument.typeName, MarketTrade.typeName, MarketBook.typeName, MarketQuote.typeName,
        MarketCandle.typeName, MarketContext.typeName, MarketFunding.typeName, MarketGap.typeName,
    ]

    /// A summary of nothing.
    package init() {}

    /// Reads market logs, or roots and bundles that hold one, as the run did: up to the same moment.
    ///
    /// - Throws: as `MarketFeed`.
    package init(
        _ paths: [String], untilNanos: Int64? = nil, environment: LogEnvironment = .real()
    ) throws(LogError) {
        guard !paths.isEmpty else { return }
        let feed = try MarketFeed(paths, environment: environment)
        var control = Until(nanos: untilNanos ?? .max)
        try feed.run(into: &self, control: &control)
        let scan = EventScan()
        var sources: [MarketSourceRead] = []
        try scan.on(MarketSourceRead.self) { event, _ in sources.append(event) }
        for path in paths {
            try scan.read(MarketFeed.marketLog(in: path, environment: environment), environment: environment)
        }
        sourceCount = sources.count
        for source in sources {
            duplicateCount += Int(clamping: source.duplicateCount)
            for tally in source.rejects { refuse(tally) }
        }
        rejects.sort { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }

    /// Venue of an asset: `unknown` for one that no log lists, `several` for one that trades in more than one place.
    package func venue(of asset: AssetID) -> String {
        var found = "unknown"
        for listed in instruments.compactMap(\.self) where listed.asset == asset && listed.venue != found {
            if found != "unknown" { return "several" }
            found = listed.venue
        }
        return found
    }

    /// The section of the report.
    package var section: DataSection {
        var section = DataSection()
        section.instruments = instruments.compactMap(\.self).map { listed in
            InstrumentData(
                name: listed.asset.text, venue: listed.venue, events: listed.events,
                span: listed.events > 0 ? TimeSpan(listed.firstNanos, listed.lastNanos) : nil)
        }
        section.eventCounts = zip(Self.typeNames, counts).filter { $0.1 > 0 }.map { ReasonCount($0.0, $0.1) }
        section.gaps = gaps.enumerated().sorted {
            ($0.element.span.fromNanos, $0.element.span.toNanos, $0.offset)
                < ($1.element.span.fromNanos, $1.element.span.toNanos, $1.offset)
        }.map(\.element)
        section.rejects = rejects
        return section
    }

    /// Mean of half the quoted spread over `spreadCount` quotes and books, bps; nil without any.
    package var halfSpreadBps: Double? { spreadCount > 0 ? halfSpreadSumBps / Double(spreadCount) : nil }

    /// First and last moment of all instruments; nil without events.
    package var span: TimeSpan? {
        let seen = instruments.compactMap(\.self).filter { $0.events > 0 }
        guard let from = seen.map(\.firstNanos).min(), let to = seen.map(\.lastNanos).max() else { return nil }
        return TimeSpan(from, to)
    }

    private mutating func refuse(_ tally: Tally) {
        let count = Int(clamping: tally.count)
        if let place = rejects.firstIndex(where: { $0.reason == tally.name }) {
            rejects[place] = ReasonCount(tally.name, rejects[place].count &+ count)
        } else {
            rejects.append(ReasonCount(tally.name, count))
        }
    }

    /// The unit of the prices does not matter.
    private mutating func addSpread(_ bid: Int64, _ ask: Int64) {
        guard bid > 0, ask >= bid else { return }
        halfSpreadSumBps += (Double(ask) - Double(bid)) / (Double(ask) + Double(bid)) * 1e4
        spreadCount += 1
    }

    private mutating func count(_ kind: Int, _ instrument: Int32, _ head: MarketHead) {
        counts[kind] += 1
        let place = Int(instrument)
        guard instruments.indices.contains(place), var listed = instruments[place] else { return }
        listed.events += 1
        listed.firstNanos = min(listed.firstNanos, head.eventNanos)
        listed.lastNanos = max(listed.lastNanos, head.eventNanos)
        instruments[place] = listed
    }

    package mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) {
        let place = Int(event.instrument)
        counts[0] += 1
        guard place > 0 else { return }
        while instruments.count <= place { instruments.append(nil) }
        if instruments[place] == nil { instruments[place] = Listed(asset: event.asset, venue: event.venue) }
    }
    package mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) {
        count(1, event.instrument, head)
    }
    package mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) {
        count(2, event.instrument, head)
        if event.bidCount > 0, event.askCount > 0 {
            addSpread(Int64(event.bidPrices[0]), Int64(event.askPrices[0]))
        }
    }
    package mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) {
        count(3, event.instrument, head)
        if event.bidSize > 0, event.askSize > 0 { addSpread(event.bidPrice, event.askPrice) }
    }
    package mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) {
        count(4, event.instrument, head)
    }
    package mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) {
        count(5, event.instrument, head)
    }
    package mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) {
        count(6, event.instrument, head)
    }

    /// A gap is no event of the instrument's span: its ends are what lies around it.
    package mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) {
        counts[7] += 1
        let place = Int(event.instrument)
        let name = place > 0 && instruments.indices.contains(place) ? instruments[place]?.asset.text : nil
        let reason = event.reason.text.lowercased().replacing("_", with: " ")
        gaps.append(
            DataGap(
                instrument: name ?? "*", span: TimeSpan(event.fromNanos, head.eventNanos),
                reason: event.channel.isEmpty ? reason : "\(event.channel): \(reason)"))
    }
}
