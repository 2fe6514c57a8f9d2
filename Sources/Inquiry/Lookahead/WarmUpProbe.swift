import Events
import LogEngine
import LogFormat
import Runtime

/// A pipeline that has missed the beginning.
struct LateStart<Pipeline: ReplayPipeline> {
    var pipeline: Pipeline
    let startNanos: Int64
    /// When the first event became known to it; nothing was said of windows that ended before.
    fileprivate var firstNanos: Int64?
    /// The same of one asset: an asset that came later began later.
    fileprivate var firstOfAsset: [AssetID: Int64] = [:]
    /// Windows since then in which a detector spoke on an asset, by the collector's numbers.
    fileprivate var spokenCounts: [Int] = []

    init(pipeline: Pipeline, startNanos: Int64) {
        self.pipeline = pipeline
        self.startNanos = startNanos
    }
}

/// Runs the pipelines side by side.
struct WarmUpProbe<Pipeline: ReplayPipeline>: AnyMarketHandler {
    private var pipeline: Pipeline
    private var late: [LateStart<Pipeline>]
    private let output: SignalCollector
    private var assets: [Int32: AssetID] = [:]
    private var listed: Set<AssetID> = []
    private(set) var found: [WarmUpFinding] = []

    init(pipeline: Pipeline, late: [LateStart<Pipeline>], output: SignalCollector) {
        self.pipeline = pipeline
        self.late = late
        self.output = output
    }

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) {
        try event.tell(&pipeline, head)
        let said = output.take()
        if case .listed(let instrument) = event {
            assets[instrument.instrument] = instrument.asset
            listed.insert(instrument.asset)
        }
        for place in late.indices {
            if !event.isListing {
                guard head.nowNanos >= late[place].startNanos else { continue }
                late[place].firstNanos = late[place].firstNanos ?? head.nowNanos
                if let asset = assets[event.instrument], late[place].firstOfAsset[asset] == nil {
                    late[place].firstOfAsset[asset] = head.nowNanos
                }
            }
            try event.tell(&late[place].pipeline, head)
            compare(said, output.take(), place)
        }
    }

    mutating func finish(nowNanos: Int64) throws(LogError) {
        _ = try pipeline.finish(nowNanos: nowNanos)
        let said = output.take()
        for place in late.indices {
            _ = try late[place].pipeline.finish(nowNanos: nowNanos)
            compare(said, output.take(), place)
        }
    }

    /// Both come in the same order; a window that only one of them has depends on the start as well.
    private mutating func compare(_ whole: [SignalCollector.Signal], _ part: [SignalCollector.Signal], _ place: Int) {
        guard late[place].firstNanos != nil else { return }
        var next = 0
        for one in whole {
            let isThere = next < part.count && part[next].id == one.id
            let isSame =
                isThere && part[next].abstained == one.abstained
                && abs(part[next].signal - one.signal) <= WarmUpCheck.tolerance
            if isThere { next += 1 }
            note(one, isSame, place)
        }
        for one in part[next...] { note(one, false, place) }
    }

    /// When what was said of the asset began; nil if nothing of it was told so far.
    private func firstNanos(_ asset: AssetID, _ place: Int) -> Int64? {
        listed.contains(asset) ? late[place].firstOfAsset[asset] : late[place].firstNanos
    }

    private mutating func note(_ one: SignalCollector.Signal, _ isSame: Bool, _ place: Int) {
        guard let first = firstNanos(one.asset, place), one.nanos > first else { return }
        while late[place].spokenCounts.count <= one.strand { late[place].spokenCounts.append(0) }
        if !one.abstained { late[place].spokenCounts[one.strand] += 1 }
        let at: Int
        if let known = found.firstIndex(where: { $0.detector == one.detector }) {
            at = known
        } else {
            at = found.count
            found.append(WarmUpFinding(one.detector))
        }
        found[at].note(
            isSame: isSame, isSpeaking: !one.abstained, after: one.nanos - first,
            spoken: late[place].spokenCounts[one.strand])
    }
}

/// Keeps the signals that were said since it was asked last.
final class SignalCollector: EventOutput {
    /// What was said about a window.
    struct Signal {
        let id: EventID
        let detector: String
        let asset: AssetID
        /// Number of the detector on the asset.
        let strand: Int
        let nanos: Int64
        let signal: Double
        let abstained: Bool
    }

    private(set) var lastGlobalSeq: UInt64 = 0
    private var signals: [Signal] = []
    private var strands: [String: Int] = [:]

    func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        lastGlobalSeq += 1
        if Event.self == SignalScored.self, let scored = event as? SignalScored {
            let detector = "\(scored.detectorID)"
            let key = "\(detector)|\(scored.symbol)"
            let strand = strands[key] ?? strands.count
            strands[key] = strand
            signals.append(
                Signal(
                    id: scored.lineage.id, detector: detector, asset: scored.symbol, strand: strand,
                    nanos: eventNanos, signal: scored.signal, abstained: scored.abstained))
        }
        return Place(module: module, seq: lastGlobalSeq, globalSeq: lastGlobalSeq)
    }

    func take() -> [Signal] {
        defer { signals.removeAll(keepingCapacity: true) }
        return signals
    }
}
