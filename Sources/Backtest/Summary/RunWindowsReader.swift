import Events
import LogEngine
import LogFormat
import Runtime

/// Joins scored windows with their outcomes while a log is read.
final class RunWindowsReader {
    private var result = RunWindows()
    private let uncertaintyMax: Double
    private let scoredOnly: Bool
    private var failure: LogError?
    private var hasEnded = false
    private var windowCount = 0
    /// Limits, smaller ones in tests.
    var windowsMax = RunWindows.windowsMax
    var assetsMax = RunWindows.assetsMax
    private var places: [DetectorID: Int] = [:]
    private var assetPlaces: [AssetID: Int] = [:]
    /// Windows whose outcomes may still come.
    private var open: [EventID: (detector: Int32, record: Int32)] = [:]
    /// The same by the time after which none can come, from `queueHead` on.
    private var queue: [(lastNanos: Int64, id: EventID)] = []
    private var queueHead = 0
    /// The facts that stand directly before the scores of the same window.
    private var facts: (asset: AssetID, timeframe: Timeframe, endNanos: Int64, isStale: Bool)?

    init(uncertaintyMax: Double, scoredOnly: Bool) {
        self.uncertaintyMax = uncertaintyMax
        self.scoredOnly = scoredOnly
    }

    func readOperations(_ path: String, _ environment: LogEnvironment) throws(LogError) {
        let scan = EventScan()
        try scan.on(RunStarted.self) { [self] event, _ in result.started = event }
        try scan.on(RunCompleted.self) { [self] event, head in
            result.completed = event
            result.endNanos = head.eventNanos
            hasEnded = true
        }
        try scan.read(path, environment: environment)
    }

    func readSignals(_ path: String, _ environment: LogEnvironment) throws(LogError) {
        let scan = EventScan()
        try scan.on(SignalScored.self) { [self] event, head in scored(event, head.eventNanos) }
        try scan.on(SignalEvaluated.self) { [self] event, _ in evaluated(event) }
        try scan.on(WindowFactsComputed.self) { [self] event, _ in computed(event) }
        try scan.on(KernelStateUpdated.self) { [self] _, _ in result.kernelUpdateCount += 1 }
        try scan.on(DetectorRegistered.self) { [self] event, _ in
            let place = place(event.detectorID)
            result.detectors[place].family = event.family
            result.detectors[place].definition = "\(event.versionHash)"
        }
        try scan.on(DetectorStateChanged.self) { [self] event, _ in
            let place = place(event.detectorID)
            result.detectors[place].state = event.to
            result.detectors[place].stateChanges += 1
        }
        try scan.on(SignalPublished.self) { [self] _, _ in result.publishedCount += 1 }
        try scan.on(SignalWithheld.self) { [self] event, _ in
            result.withheldCount += 1
            for reason in event.reasons { result.withheldReasons[Int(reason.rawValue)] += 1 }
        }
        try scan.read(path, environment: environment)
    }

    func finished(_ directory: String) throws(LogError) -> RunWindows {
        if let failure { throw failure }
        guard hasEnded else {
            throw LogError(
                .usage,
                "\(directory): its ops log holds no rep.RunCompleted, so the run has not ended: start the same replay "
                    + "again, it goes on where it was")
        }
        return result
    }

    private func place(_ id: DetectorID) -> Int {
        if let place = places[id] { return place }
        let place = result.detectors.count
        places[id] = place
        result.detectors.append(DetectorTape(id))
        return place
    }

    private func assetPlace(_ asset: AssetID) -> UInt16? {
        if let place = assetPlaces[asset] { return UInt16(place) }
        guard result.assets.count < assetsMax else {
            fail(.usage, "more than \(assetsMax) assets: report runs over fewer of them")
            return nil
        }
        assetPlaces[asset] = result.assets.count
        result.assets.append(asset)
        return UInt16(result.assets.count - 1)
    }

    private func fail(_ code: LogError.Code, _ message: String) {
        if failure == nil { failure = LogError(code, message) }
    }

    private func computed(_ event: WindowFactsComputed) {
        result.factsCount += 1
        if event.isStale { result.staleCount += 1 }
        facts = (event.asset, event.timeframe, event.windowEnd, event.isStale)
    }

    private func scored(_ event: SignalScored, _ nanos: Int64) {
        guard failure == nil else { return }
        guard windowCount < windowsMax else {
            fail(
                .usage,
                "the run holds more than \(windowsMax) scored windows, which is what a report takes: replay "
                    + "a shorter span, or fewer detectors at once")
            return
        }
        let place = place(event.detectorID)
        if let horizon = result.detectors[place].horizon, horizon != event.horizon {
            fail(
                .damaged,
                "\(event.detectorID) scored windows for \(horizon.text) and for \(event.horizon.text) in one run, "
                    + "expected one horizon a detector")
            return
        }
        guard let asset = assetPlace(event.symbol) else { return }
        windowCount += 1
        let reason = abstainReason(event, nanos)
        let takes = reason == nil || reason == .noScore && !scoredOnly
        result.detectors[place].records.append(
            WindowRecord(
                asofNanos: nanos, signal: takes ? event.signal : 0, sigma: event.sigma ?? .nan, asset: asset,
                session: event.session, regime: event.regime?.rawValue ?? 255))
        result.detectors[place].horizon = event.horizon
        if let reason { result.detectors[place].abstainedCounts[reason.rawValue] += 1 }
        if reason == nil { result.detectors[place].scoredCount += 1 }
        if let sigma = event.sigma { result.detectors[place].scores.add(sigma) }
        let span = result.asofNanos ?? nanos...nanos
        result.asofNanos = min(span.lowerBound, nanos)...max(span.upperBound, nanos)
        result.barSeconds = max(result.barSeconds, event.timeframe.seconds)
        wait(event.lineage.id, place, nanos)
    }

    /// Why a window was abstained from; nil if it was not.
    private func abstainReason(_ event: SignalScored, _ nanos: Int64) -> AbstainReason? {
        guard event.abstained else { return nil }
        if let facts, facts.isStale, facts.asset == event.symbol, facts.timeframe == event.timeframe,
            facts.endNanos == nanos
        {
            return .stale
        }
        if let uncertainty = event.uncertainty, uncertainty > uncertaintyMax { return .uncertain }
        // With a score and nothing against it, only the detector's own silence is left.
        if event.sigma != nil { return .silent }
        return .noScore
    }

    /// Outcomes come at most the longest horizon later; what is older is let go.
    private func wait(_ id: EventID, _ place: Int, _ nanos: Int64) {
        while queueHead < queue.count, queue[queueHead].lastNanos < nanos {
            open[queue[queueHead].id] = nil
            queueHead += 1
        }
        if queueHead > 4_096, queueHead * 2 > queue.count {
            queue.removeFirst(queueHead)
            queueHead = 0
        }
        let (last, overflow) = nanos.addingReportingOverflow(3_600_000_000_000)
        queue.append((overflow ? .max : last, id))
        open[id] = (Int32(place), Int32(result.detectors[place].records.count - 1))
    }

    private func evaluated(_ event: SignalEvaluated) {
        guard let horizon = Horizon.allCases.first(where: { $0.seconds == event.horizonSeconds }),
            let (detector, record) = open[event.scoredID]
        else {
            result.strayOutcomeCount += 1
            return
        }
        let (place, row) = (Int(detector), Int(record))
        let isOwn = result.detectors[place].horizon == horizon
        if isOwn, result.detectors[place].records[row].hasOutcome {
            result.strayOutcomeCount += 1
            return
        }
        result.detectors[place].evaluatedCounts[Int(horizon.rawValue)] += 1
        let signal = result.detectors[place].records[row].signal
        if signal != 0 {
            let move = (signal > 0 ? event.forwardReturn : -event.forwardReturn) * 1e4
            result.detectors[place].outcomes[Int(horizon.rawValue)].add(move)
        }
        guard isOwn else { return }
        result.detectors[place].records[row].forwardReturn = event.forwardReturn
        result.detectors[place].records[row].favourableBps = event.favourableBps
        result.detectors[place].records[row].adverseBps = event.adverseBps
    }
}
