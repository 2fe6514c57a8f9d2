package import Events
package import LogEngine
package import LogFormat
package import Runtime
import Statistics

/// The ratio of every detector of a run while it is written, for the run's last event: what later runs deflate theirs
/// by (REP-05).
///
/// One convention for all runs, whatever their reports choose: periods of one hour from the first window on, the
/// default costs, all windows of the run. Over other periods it is this ratio times the root of the lengths' quotient.
package final class TrialRatios {
    /// Length of the periods.
    package static let periodNanos: Int64 = 3_600_000_000_000
    /// Metric that names that length, in seconds.
    package static let periodName = "sharpe_period_seconds"
    /// Most periods: two years.
    static let periodsMax = 17_544

    /// A window whose outcome is still to come.
    private struct Open {
        let detector: Int
        let period: Int
        let signal: Double
    }

    private struct Detector {
        let id: DetectorID
        var horizonSeconds: Int64 = 0
        var sums: [CompensatedSum] = []
        var counts: [Int] = []
        var windows = 0
    }

    private let cost: Double
    private let uncertaintyMax: Double
    private var detectors: [Detector] = []
    private var places: [DetectorID: Int] = [:]
    private var firstNanos: Int64?
    private var lastPeriod = 0
    private var open: [EventID: Open] = [:]
    private var waiting: [(nanos: Int64, id: EventID)] = []
    private var waitingHead = 0

    /// Nothing was seen yet.
    package init(_ rules: ReportRules = ReportRules()) {
        cost = rules.roundTripBps / 1e4
        uncertaintyMax = rules.uncertaintyMax
    }

    /// One metric a detector in the order in which they were registered, nil where there is no ratio, and the period.
    package var metrics: [Metric] {
        let period = Metric(Self.periodName, Double(Self.periodNanos / 1_000_000_000))
        return [period] + detectors.map { Metric(TrialCount.ratioPrefix + $0.id.text, ratio($0)) }
    }

    private func ratio(_ detector: Detector) -> Double? {
        guard firstNanos != nil, detector.horizonSeconds > 0, detector.windows >= Self.windowsMin,
            lastPeriod + 1 >= PaperResult.periodsMin
        else { return nil }
        let turns = Double(Self.periodNanos / 1_000_000_000) / Double(detector.horizonSeconds)
        let returns = (0...lastPeriod).map { period in
            guard detector.counts.indices.contains(period), detector.counts[period] > 0 else { return 0.0 }
            return detector.sums[period].value / Double(detector.counts[period]) * turns
        }
        return (try? Sharpe(returns: returns))?.ratio
    }

    /// Windows with an outcome below which there is no ratio, as in a report.
    private static let windowsMin = 30

    private func place(_ id: DetectorID) -> Int {
        if let place = places[id] { return place }
        places[id] = detectors.count
        detectors.append(Detector(id: id))
        return detectors.count - 1
    }

    func registered(_ id: DetectorID) { _ = place(id) }

    func scored(_ event: SignalScored, at nanos: Int64) {
        letGo(before: nanos)
        let first = firstNanos ?? nanos
        firstNanos = first
        let period = (nanos - first) / Self.periodNanos
        guard period >= 0, period < Int64(Self.periodsMax) else { return }
        lastPeriod = max(lastPeriod, Int(period))
        let place = place(event.detectorID)
        detectors[place].horizonSeconds = event.horizon.seconds
        let isUncertain = event.abstained && (event.uncertainty ?? 0) > uncertaintyMax
        open[event.lineage.id] = Open(detector: place, period: Int(period), signal: isUncertain ? 0 : event.signal)
        waiting.append((nanos + event.horizon.seconds * 1_000_000_000, event.lineage.id))
    }

    func evaluated(_ event: SignalEvaluated) {
        guard let window = open[event.scoredID], detectors[window.detector].horizonSeconds == event.horizonSeconds
        else { return }
        open[event.scoredID] = nil
        let profit = window.signal * event.forwardReturn - abs(window.signal) * cost
        let missing = window.period + 1 - detectors[window.detector].sums.count
        if missing > 0 {
            detectors[window.detector].sums += [CompensatedSum](repeating: CompensatedSum(), count: missing)
            detectors[window.detector].counts += [Int](repeating: 0, count: missing)
        }
        detectors[window.detector].sums[window.period].add(profit)
        detectors[window.detector].counts[window.period] += 1
        detectors[window.detector].windows += 1
    }

    /// Lets go of windows whose horizon has passed without an outcome; horizons differ, so some wait a little longer.
    private func letGo(before nanos: Int64) {
        while waitingHead < waiting.count, waiting[waitingHead].nanos < nanos {
            open[waiting[waitingHead].id] = nil
            waitingHead += 1
        }
        if waitingHead > 4_096, waitingHead * 2 > waiting.count {
            waiting.removeFirst(waitingHead)
            waitingHead = 0
        }
    }
}

/// An output that lets a run's ratios see what is written.
package final class TrialTape: EventOutput {
    private let output: any EventOutput
    private let ratios: TrialRatios

    /// Passes everything on to `output`.
    package init(_ output: any EventOutput, _ ratios: TrialRatios) {
        self.output = output
        self.ratios = ratios
    }

    package var lastGlobalSeq: UInt64 { output.lastGlobalSeq }

    package func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        if Event.self == SignalScored.self, let scored = event as? SignalScored {
            ratios.scored(scored, at: eventNanos)
        } else if Event.self == SignalEvaluated.self, let evaluated = event as? SignalEvaluated {
            ratios.evaluated(evaluated)
        } else if let registered = event as? DetectorRegistered {
            ratios.registered(registered.detectorID)
        }
        return try output.append(&event, to: module, eventNanos: eventNanos, flags: flags)
    }
}
