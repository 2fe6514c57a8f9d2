import Events
import Inquiry
import LogEngine
import Runtime
import SignalEngine

/// An event as a planted detector keeps it.
struct Sample {
    enum Kind { case trade, quote, context, funding, gap, candle }

    var kind = Kind.trade
    var instrument: Int32 = 0
    /// When it became known, and what moment it is about.
    var now: Int64 = 0
    var about: Int64 = 0
    /// Price, open interest, rate, or the start of a gap.
    var value = 0.0
    var size = 0.0
}

/// What a planted detector looks at when it speaks.
struct World {
    /// What has become known so far.
    var seen: [Sample] = []
    /// What was taken from the tape before it began; empty for those that prepare nothing.
    private(set) var prepared: [Sample] = []
    /// What it said before.
    var said: [Double] = []

    static let step = 5 * LeakMarket.second

    private func isPrice(_ sample: Sample) -> Bool { sample.kind == .trade && sample.instrument == 1 }

    /// Prices of trades that became known in a stretch.
    func prices(_ from: Int64, _ to: Int64, of samples: [Sample]? = nil) -> [Double] {
        (samples ?? seen).filter { isPrice($0) && $0.now >= from && $0.now < to }.map(\.value)
    }

    /// The last price that was known before a moment; 0 for none.
    func price(before nanos: Int64, of samples: [Sample]? = nil) -> Double {
        (samples ?? seen).last { isPrice($0) && $0.now < nanos }?.value ?? 0
    }

    /// The first sample of a kind from a moment on.
    func first(_ kind: Sample.Kind, from nanos: Int64) -> Sample? { seen.first { $0.kind == kind && $0.now >= nanos } }

    /// The last sample of a kind before a moment.
    func last(_ kind: Sample.Kind, before nanos: Int64) -> Sample? { seen.last { $0.kind == kind && $0.now < nanos } }

    /// Prices of trades and prices at the ends of windows, of what was prepared.
    private(set) var allPrices: [Double] = []
    private(set) var allWindows: [Double] = []

    mutating func prepare(_ samples: [Sample]) {
        prepared = samples
        allPrices = prices(.min, .max, of: samples)
        guard let first = samples.first?.now, let last = samples.last?.now else { return }
        for end in stride(from: first + Self.step, through: last, by: Int(Self.step)) {
            allWindows.append(price(before: end, of: samples))
        }
    }
}

/// A detector that was planted to be caught, or to be left alone.
struct Plant: Sendable {
    /// What it writes.
    enum Record: Sendable { case scored, evaluated, published, stateChanged }

    let name: String
    var record = Record.scored
    /// The field that gives it away.
    var field = "signal"
    /// It waits for so long before it speaks about a window, and dates back.
    var lateSeconds: Int64 = 0
    /// It takes an event in before it closes the windows that ended earlier.
    var looksFirst = false
    /// It reads the whole tape before it begins.
    var prepares = false
    /// The one law that finds it; nil where several do.
    var law: LookaheadLaw?
    /// What it says about the window that ends at a moment; nil for nothing at all.
    let value: @Sendable (World, Int64) -> Double?
}

/// Runs a planted detector: a window every five seconds.
struct PlantedDetector: ReplayPipeline, AnyMarketHandler {
    private let plant: Plant
    private let output: any EventOutput
    private var world = World()
    private var nextEnd: Int64?

    init(_ plant: Plant, _ tape: LookaheadTape, _ output: any EventOutput) throws(LogError) {
        self.plant = plant
        self.output = output
        guard plant.prepares else { return }
        var all = Samples()
        try tape.run(into: &all)
        world.prepare(all.samples)
    }

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) {
        guard let sample = Sample(event, head) else { return }
        let step = World.step
        if nextEnd == nil { nextEnd = (head.nowNanos / step + 1) * step }
        if plant.looksFirst { world.seen.append(sample) }
        try speak(upTo: head.nowNanos - plant.lateSeconds * LeakMarket.second)
        if !plant.looksFirst { world.seen.append(sample) }
    }

    mutating func finish(nowNanos: Int64) throws(LogError) -> [Metric] {
        try speak(upTo: nowNanos)
        return []
    }

    private mutating func speak(upTo limit: Int64) throws(LogError) {
        while let end = nextEnd, end <= limit {
            nextEnd = end + World.step
            guard let value = plant.value(world, end) else { continue }
            world.said.append(value)
            try record(value, end)
        }
    }

    private func record(_ value: Double, _ nanos: Int64) throws(LogError) {
        var scored = SignalScored()
        scored.lineage.id = EventID(module: .sig, key: "\(plant.name)|scored", eventNanos: nanos)
        scored.detectorID = DetectorID(plant.name)
        scored.symbol = AssetID("BTC-USD")
        if plant.record == .scored {
            if plant.field == "abstained" { scored.abstained = value > 0 } else { scored.signal = Self.squash(value) }
        }
        _ = try output.append(&scored, to: .sig, eventNanos: nanos, flags: [])
        let id = EventID(module: .sig, key: "\(plant.name)|more", eventNanos: nanos)
        switch plant.record {
        case .scored: break
        case .evaluated:
            var event = SignalEvaluated()
            (event.lineage.id, event.scoredID) = (id, scored.lineage.id)
            if plant.field == "mfe_bps" { event.favourableBps = abs(value) } else { event.benchPrice = Int64(value) }
            _ = try output.append(&event, to: .sig, eventNanos: nanos, flags: [])
        case .published:
            var event = SignalPublished()
            (event.lineage.id, event.scoredID) = (id, scored.lineage.id)
            (event.detectorID, event.asset) = (scored.detectorID, scored.symbol)
            event.calibratedHit = abs(Self.squash(value))
            _ = try output.append(&event, to: .sig, eventNanos: nanos, flags: [])
        case .stateChanged:
            var event = DetectorStateChanged()
            (event.lineage.id, event.detectorID) = (id, scored.detectorID)
            event.evidence = [Metric("threshold", value)]
            _ = try output.append(&event, to: .sig, eventNanos: nanos, flags: [])
        }
    }

    /// Whatever it is, within -1...1.
    private static func squash(_ value: Double) -> Double { value / (1 + abs(value)) }
}

extension Sample {
    init?(_ event: AnyMarketEvent, _ head: MarketHead) {
        (now, about) = (head.nowNanos, head.eventNanos)
        switch event {
        case .listed, .book: return nil
        case .traded(let event):
            (kind, instrument) = (.trade, event.instrument)
            (value, size) = (Double(event.price), Double(event.size))
        case .quote(let event): (kind, instrument, value) = (.quote, event.instrument, Double(event.bidPrice))
        case .context(let event):
            (kind, instrument, value) = (.context, event.instrument, Double(event.openInterest ?? 0))
        case .funding(let event): (kind, instrument, value) = (.funding, event.instrument, Double(event.rate))
        case .gap(let event): (kind, instrument, value) = (.gap, event.instrument, Double(event.fromNanos))
        case .candle(let event): (kind, instrument, value) = (.candle, event.instrument, Double(event.close))
        }
    }
}

/// All samples of a tape.
private struct Samples: AnyMarketHandler {
    var samples: [Sample] = []

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) {
        if let sample = Sample(event, head) { samples.append(sample) }
    }
}
