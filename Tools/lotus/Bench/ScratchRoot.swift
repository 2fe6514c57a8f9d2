import Events
import Glibc
import LogEngine
import LogFormat
import Runtime

/// A root as a run writes it: scores, outcomes, publications and deliveries of four detectors, and the market that they
/// are about.
struct ScratchRoot {
    /// What is not as in other roots.
    enum Deviation {
        /// The first score from this event on says something else in one field.
        case changed(at: Int)
        /// There is one event more, before the first score from this event on.
        case inserted(at: Int)
    }

    private var deviation: Deviation?
    /// Trades before each scored window, which no view reads; they are not among the events that are asked for.
    private let tradesPerWindow: Int
    private var random = SeededGenerator(seed: 7)
    private var nanos: Int64 = 1_760_000_000_000_000_000
    private var made = 0
    private var trades: UInt64 = 0
    /// Windows whose outcome is not known yet.
    private var open: [EventID] = []

    /// Makes a root with or without a market.
    init(tradesPerWindow: Int = 0, deviation: Deviation? = nil) {
        self.tradesPerWindow = tradesPerWindow
        self.deviation = deviation
    }

    /// Appends `count` events.
    mutating func append(_ count: Int, to directory: String, seal: Bool = false) throws {
        let root = try Root(directory, modules: [.mkt, .sig, .dm, .herald, .weave])
        var trade = MarketTrade()
        trade.instrument = 1
        var scored = SignalScored()
        scored.symbol = "BTC-USD"
        scored.priorsVersion = "sig:2025-09-05.v1"
        scored.quality = QualityParts()
        scored.kernel = KernelParts()
        var outcome = SignalEvaluated()
        var published = SignalPublished()
        published.asset = "BTC-USD"
        published.envelope = Envelope()
        published.envelope?.to = [.dm]
        published.envelope?.schemaRef = "urn:schema:sig.signal_published:v1"
        var withheld = SignalWithheld()
        withheld.reasons = [.belowTau]
        var delivery = DeliveryRecorded()
        var receipt = MessageReceived()
        let end = made + count
        while made < end {
            nanos += 250_000_000
            for _ in 0..<tradesPerWindow { try append(&trade, to: root) }
            let detector = DetectorID("breakout_v\(made & 3)")
            scored.lineage = lineage(.sig)
            scored.detectorID = detector
            scored.conditionKey = "session=US|hbar=\(random.below(8))|spread=\(random.below(8))"
            scored.signal = Double(random.below(2001)) / 1000 - 1
            scored.sigma = Double(random.below(1001)) / 1000
            scored.quality?.score = scored.sigma
            scored.kernel?.deltaPhi = scored.sigma
            scored.kernel?.theta = 0.25
            scored.kairos = nil
            try deviate(&scored, root)
            try root.append(&scored, to: .sig, eventNanos: nanos)
            open.append(scored.lineage.id)
            if open.count > 120, made < end {
                outcome.lineage = lineage(.sig)
                outcome.scoredID = open.removeFirst()
                outcome.forwardReturn = Double(random.below(2001)) / 1e6 - 0.001
                outcome.hit = outcome.forwardReturn > 0
                try root.append(&outcome, to: .sig, eventNanos: nanos)
            }
            guard made + 4 < end else { continue }
            if random.chance(0.1) {
                published.lineage = lineage(.sig)
                published.scoredID = scored.lineage.id
                published.detectorID = detector
                published.envelope?.dedupeKey = "\(made)"
                try root.append(&published, to: .sig, eventNanos: nanos)
                delivery.lineage = lineage(.herald)
                delivery.messageID = published.lineage.id
                try root.append(&delivery, to: .herald, eventNanos: nanos)
                receipt.lineage = lineage(.dm)
                receipt.messageID = published.lineage.id
                try root.append(&receipt, to: .dm, eventNanos: nanos)
            } else if random.chance(0.3) {
                withheld.lineage = lineage(.sig)
                withheld.scoredID = scored.lineage.id
                try root.append(&withheld, to: .sig, eventNanos: nanos)
            }
        }
        try root.close(seal: seal)
    }

    /// Does what is to be done once.
    private mutating func deviate(_ scored: inout SignalScored, _ root: Root) throws {
        switch deviation {
        case .changed(let at) where made >= at: scored.kairos = 0.5
        case .inserted(let at) where made >= at:
            var withheld = SignalWithheld()
            // Ids of the others follow from their number, which stays.
            withheld.lineage = Lineage(id: EventID(module: .sig, key: "inserted", eventNanos: nanos))
            try root.append(&withheld, to: .sig, eventNanos: nanos)
        default: return
        }
        deviation = nil
    }

    /// Appends an alarm, the only one.
    mutating func appendAlarm(to directory: String) throws {
        let root = try Root(directory, modules: [.mkt, .sig, .dm, .herald, .weave])
        var alarm = AlarmRaised()
        alarm.lineage = lineage(.sig)
        try root.append(&alarm, to: .sig, eventNanos: nanos)
        try root.close()
    }

    private mutating func append(_ trade: inout MarketTrade, to root: Root) throws {
        trades += 1
        trade.receivedNanos = nanos
        trade.price = 11_000_000_000_000 + Int64(random.below(1000)) * 100_000_000
        trade.size = Int64(1 + random.below(100_000)) * 1000
        trade.tradeID = trades
        try root.append(&trade, to: .mkt, eventNanos: nanos)
    }

    private mutating func lineage(_ module: Module) -> Lineage {
        made += 1
        return Lineage(id: EventID(module: module, key: "\(made)", eventNanos: nanos), seenGlobalSeq: UInt64(made))
    }

    /// Removes a root of logs with all its files.
    static func remove(_ directory: String) {
        let fileSystem = RealFS()
        for name in (try? fileSystem.list(directory)) ?? [] {
            let path = "\(directory)/\(name)"
            if fileSystem.kind(path) == .directory { remove(path) } else { unsafe unlink(path) }
        }
        unsafe rmdir(directory)
    }
}
