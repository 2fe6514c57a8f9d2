import Events
package import LogEngine
import LogFormat
package import Runtime
import Statistics

/// How long each detector's signals depend on where the market begins (freqtrade's recursive analysis, for a whole
/// chain).
///
/// Pipelines that start late run beside the one that saw everything, event by event, so that nothing is kept.
package struct WarmUpCheck {
    /// Late starts, spread evenly over the first half of the market.
    package static let startCount = 10
    /// Farthest that two signals may be apart and still be the same: memories that fade never vanish to the bit.
    package static let tolerance = 1e-9

    private let inputs: [String]
    private let declaredNanos: Int64
    private let environment: LogEnvironment

    /// Makes a check over market logs, or roots and bundles that hold one.
    ///
    /// - Parameter declaredNanos: after this long, signals must not depend on the start.
    package init(_ inputs: [String], declaredNanos: Int64, environment: LogEnvironment = .real()) {
        self.inputs = inputs
        self.declaredNanos = declaredNanos
        self.environment = environment
    }

    /// Runs the pipelines over the market in `span`, as a check for lookahead found it.
    ///
    /// - Throws: errors of the logs and of the pipeline.
    package func run<Pipeline: ReplayPipeline>(
        over span: ClosedRange<Int64>, progress: (UInt64, UInt64) -> Void = { _, _ in },
        _ make: (any EventOutput) throws(LogError) -> Pipeline
    ) throws(LogError) -> WarmUpReport {
        let output = SignalCollector()
        let step = (span.upperBound - span.lowerBound) / Int64(2 * Self.startCount)
        var late: [LateStart<Pipeline>] = []
        for index in 1...Self.startCount {
            late.append(LateStart(pipeline: try make(output), startNanos: span.lowerBound + Int64(index) * step))
        }
        var probe = WarmUpProbe(pipeline: try make(output), late: late, output: output)
        let end = try LookaheadTape(inputs, .whole, environment).run(into: &probe, progress: progress)
        try probe.finish(nowNanos: end)
        return WarmUpReport(
            declaredNanos: declaredNanos, starts: late.map(\.startNanos), endNanos: end,
            detectors: probe.found.sorted { $0.detector < $1.detector })
    }
}

/// How long one detector remembers.
package struct WarmUpFinding: Equatable, Sendable {
    /// The detector.
    package let detector: String
    /// Windows that a late start and the whole market both had to have, and how many were not the same.
    package var windowCount = 0
    package var differCount = 0
    /// Longest time from a start to a window whose signal depended on it; nil if none did.
    package var longestNanos: Int64?
    /// That window.
    package var lastNanos: Int64 = 0
}

/// What a check of warm-ups found.
package struct WarmUpReport: Equatable, Sendable {
    /// After this long, signals must not depend on the start.
    package let declaredNanos: Int64
    /// Where the late starts were.
    package let starts: [Int64]
    /// Where the market ends.
    package let endNanos: Int64
    /// By detector, in order of their names.
    package let detectors: [WarmUpFinding]

    /// Detectors that remember longer than was declared.
    package var shortfalls: [WarmUpFinding] { detectors.filter { ($0.longestNanos ?? -1) >= declaredNanos } }

    /// Whether the declared warm-up was enough, as far as was tried.
    package var isClean: Bool { shortfalls.isEmpty }

    /// For people.
    package var text: String {
        let declared = DurationText.text(declaredNanos)
        var lines = ["warm-up: \(starts.count) late starts, signals compared to \(WarmUpCheck.tolerance)"]
        for one in detectors {
            let verdict =
                switch one.longestNanos {
                case nil: "never depends on the start"
                case let longest? where longest < declaredNanos:
                    "depends on the start for \(DurationText.text(longest)), less than \(declared)"
                case let longest?:
                    "SHORTFALL: depends on the start for \(DurationText.text(longest)), at least "
                        + "\(DurationText.text(longest - declaredNanos)) longer than \(declared)"
                }
            lines.append("  \(one.detector)  \(verdict) (\(one.differCount) of \(one.windowCount) windows)")
        }
        return lines.joined(separator: "\n")
    }

    /// One JSON object.
    package var json: String {
        let all = detectors.map { one in
            "{\"detector\":\(jsonString(one.detector)),\"windows\":\(one.windowCount),\"differ\":\(one.differCount),"
                + "\"longest_seconds\":\(one.longestNanos.map { "\($0 / 1_000_000_000)" } ?? "null")}"
        }
        return "{\"clean\":\(isClean),\"declared_seconds\":\(declaredNanos / 1_000_000_000),"
            + "\"starts\":\(starts.count),\"detectors\":[\(all.joined(separator: ","))]}"
    }
}

/// A pipeline that has missed the beginning.
private struct LateStart<Pipeline: ReplayPipeline> {
    var pipeline: Pipeline
    let startNanos: Int64
    /// When the first event became known to it; nothing was said of windows that ended before.
    var firstNanos: Int64?
}

/// Runs the pipelines side by side.
private struct WarmUpProbe<Pipeline: ReplayPipeline>: AnyMarketHandler {
    var pipeline: Pipeline
    var late: [LateStart<Pipeline>]
    let output: SignalCollector
    private(set) var found: [WarmUpFinding] = []

    init(pipeline: Pipeline, late: [LateStart<Pipeline>], output: SignalCollector) {
        self.pipeline = pipeline
        self.late = late
        self.output = output
    }

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) {
        try event.tell(&pipeline, head)
        let said = output.take()
        for place in late.indices {
            if !event.isListing {
                guard head.nowNanos >= late[place].startNanos else { continue }
                late[place].firstNanos = late[place].firstNanos ?? head.nowNanos
            }
            try event.tell(&late[place].pipeline, head)
            compare(said, output.take(), late[place])
        }
    }

    mutating func finish(nowNanos: Int64) throws(LogError) {
        _ = try pipeline.finish(nowNanos: nowNanos)
        let said = output.take()
        for place in late.indices {
            _ = try late[place].pipeline.finish(nowNanos: nowNanos)
            compare(said, output.take(), late[place])
        }
    }

    /// Both come in the same order; a window that only one of them has depends on the start as well.
    private mutating func compare(
        _ whole: [SignalCollector.Signal], _ late: [SignalCollector.Signal], _ start: LateStart<Pipeline>
    ) {
        guard let firstNanos = start.firstNanos else { return }
        var next = 0
        for one in whole where one.nanos > firstNanos {
            let isThere = next < late.count && late[next].id == one.id
            let isSame =
                isThere && late[next].abstained == one.abstained
                && abs(late[next].signal - one.signal) <= WarmUpCheck.tolerance
            if isThere { next += 1 }
            note(one, isSame, firstNanos)
        }
        for one in late[next...] { note(one, false, firstNanos) }
    }

    private mutating func note(_ one: SignalCollector.Signal, _ isSame: Bool, _ firstNanos: Int64) {
        let place: Int
        if let known = found.firstIndex(where: { $0.detector == one.detector }) {
            place = known
        } else {
            place = found.count
            found.append(WarmUpFinding(detector: one.detector))
        }
        found[place].windowCount += 1
        guard !isSame else { return }
        found[place].differCount += 1
        guard one.nanos - firstNanos > found[place].longestNanos ?? -1 else { return }
        found[place].longestNanos = one.nanos - firstNanos
        found[place].lastNanos = one.nanos
    }
}

/// Keeps the signals that were said since it was asked last.
private final class SignalCollector: EventOutput {
    /// What was said about a window.
    struct Signal {
        let id: EventID
        let detector: String
        let nanos: Int64
        let signal: Double
        let abstained: Bool
    }

    private(set) var lastGlobalSeq: UInt64 = 0
    private var signals: [Signal] = []

    func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        lastGlobalSeq += 1
        if Event.self == SignalScored.self, let scored = event as? SignalScored {
            signals.append(
                Signal(
                    id: scored.lineage.id, detector: "\(scored.detectorID)", nanos: eventNanos, signal: scored.signal,
                    abstained: scored.abstained))
        }
        return Place(module: module, seq: lastGlobalSeq, globalSeq: lastGlobalSeq)
    }

    func take() -> [Signal] {
        defer { signals.removeAll(keepingCapacity: true) }
        return signals
    }
}
