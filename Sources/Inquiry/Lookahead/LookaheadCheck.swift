import Events
package import LogEngine
import LogFormat
package import Runtime

/// Looks whether any record of a pipeline depends on what became known after its time (AUD-06, EX-36, NEV-16).
///
/// Three laws are tried on a recorded market. *Input*: nothing is recorded as known before it was over. *Prefix*: a
/// tape that ends at a moment leaves every record up to it as it is. *Poison*: so does rubbish behind the moment. At
/// each of many cuts a copy of the pipeline's state ends there and another one goes on with rubbish, which costs a few
/// events and not a run; at a few of them everything is run from the start, preparations included, on a tape that was
/// cut and on one that was spoiled.
package struct LookaheadCheck {
    /// How much is tried.
    package struct Options: Sendable {
        /// Moments at which copies end and are spoiled.
        package var cuts = 200
        /// Moments at which everything is run from the start, twice.
        package var wholeCuts = 1
        /// Spoiled events behind each cut.
        package var rubbishEvents = 64
        /// Seed of moments and rubbish.
        package var seed: UInt64 = 1
        /// Lengths after which windows end: every other cut lies on the end of one, where mistakes hide.
        package var gridNanos: [Int64] = [5_000_000_000]

        /// The usual amount.
        package init() {}
    }

    /// Most cuts of one kind.
    package static let cutsMax = 100_000

    private let inputs: [String]
    private let options: Options
    private let environment: LogEnvironment

    /// Makes a check over market logs, or roots and bundles that hold one.
    ///
    /// - Throws: `usage` for more or fewer cuts than can be made.
    package init(
        _ inputs: [String], options: Options = Options(), environment: LogEnvironment = .real()
    ) throws(LogError) {
        for (count, what) in [(options.cuts, "cuts"), (options.wholeCuts, "runs from the start")] {
            guard (0...Self.cutsMax).contains(count) else {
                throw LogError(.usage, "\(count) \(what), expected 0 to \(Self.cutsMax)")
            }
        }
        guard !options.gridNanos.isEmpty, options.gridNanos.allSatisfy({ $0 > 0 }) else {
            throw LogError(.usage, "windows end after \(options.gridNanos) ns, expected lengths above 0")
        }
        self.inputs = inputs
        self.options = options
        self.environment = environment
    }

    /// Tries the laws on a pipeline.
    ///
    /// - Parameters:
    ///   - progress: hears about the events of each pass: its number from 1, of how many, and how far it is.
    ///   - make: makes the pipeline; called once a run. Nothing but the tape may be looked at beforehand.
    /// - Throws: `usage` for a market without events; errors of the logs and of the pipeline.
    package func run<Pipeline: ReplayPipeline>(
        progress: (Int, Int, UInt64, UInt64) -> Void = { _, _, _, _ in },
        _ make: (LookaheadTape, any EventOutput) throws(LogError) -> Pipeline
    ) throws(LogError) -> LookaheadReport {
        let passes = 2 + 2 * options.wholeCuts
        var pass = 1
        let whole = tape(.whole)
        var look = MarketLook()
        try whole.run(into: &look) { progress(pass, passes, $0, $1) }
        guard let span = look.span else {
            throw LogError(.usage, "the market has no events, so there is nothing to cut: ingest some")
        }
        guard !span.upperBound.subtractingReportingOverflow(span.lowerBound).overflow else {
            throw LogError(.usage, "the market spans more than 292 years: its times cannot be right, ingest it again")
        }
        var random = SeededGenerator(seed: options.seed)
        let cuts = cuts(span, &random)
        pass += 1
        let output = LookaheadOutput()
        for finding in look.findings { output.add(finding) }
        var probe = LookaheadProbe(
            try make(whole, output), output, cuts: cuts, rubbishEvents: options.rubbishEvents, seed: options.seed)
        let end = try whole.run(into: &probe) { progress(pass, passes, $0, $1) }
        try probe.finish(nowNanos: end)
        let marks = output.marks
        for cut in wholeCuts(span, &random) {
            for (law, ending) in [
                (LookaheadLaw.prefix, LookaheadTape.Ending.cut(afterNanos: cut)),
                (.poison, .rubbish(afterNanos: cut, seed: options.seed)),
            ] {
                pass += 1
                let reference = LookaheadOutput.Reference(marks: marks, limitNanos: cut)
                let again = LookaheadOutput(reference: reference)
                try Self.run(tape(ending), again, make) { progress(pass, passes, $0, $1) }
                again.finishComparison()
                guard let (place, record) = again.parted else { continue }
                try output.found(law, cut, with: try self.record(place, of: marks.count, make), without: record)
            }
        }
        return LookaheadReport(
            inputs: inputs, eventCount: look.eventCount, recordCount: marks.count, span: span, cutCount: cuts.count,
            options: options, findings: try named(output.findings, make))
    }

    /// Gives findings about windows the names of the detectors that scored these.
    private func named<Pipeline: ReplayPipeline>(
        _ findings: [LookaheadFinding],
        _ make: (LookaheadTape, any EventOutput) throws(LogError) -> Pipeline
    ) throws(LogError) -> [LookaheadFinding] {
        let wanted = findings.compactMap { $0.detector == nil ? $0.windowID : nil }
        guard !wanted.isEmpty else { return findings }
        let finder = WindowFinder(Set(wanted))
        try Self.run(tape(.whole), finder, make) { _, _ in }
        return findings.map { finding in
            var finding = finding
            if finding.detector == nil { finding.detector = finding.windowID.flatMap { finder.detectors[$0] } }
            return finding
        }
    }

    private func tape(_ ending: LookaheadTape.Ending) -> LookaheadTape {
        LookaheadTape(inputs, ending, environment)
    }

    private static func run<Pipeline: ReplayPipeline>(
        _ tape: LookaheadTape, _ output: any EventOutput,
        _ make: (LookaheadTape, any EventOutput) throws(LogError) -> Pipeline, progress: (UInt64, UInt64) -> Void
    ) throws(LogError) {
        var pipeline = try make(tape, output)
        let end = try tape.run(into: &pipeline, progress: progress)
        _ = try pipeline.finish(nowNanos: end)
    }

    /// The record at a place of the whole run, which is run once more for it; nil behind its end.
    private func record<Pipeline: ReplayPipeline>(
        _ place: Int, of count: Int, _ make: (LookaheadTape, any EventOutput) throws(LogError) -> Pipeline
    ) throws(LogError) -> KeptRecord? {
        guard place < count else { return nil }
        let output = LookaheadOutput(wanted: place)
        try Self.run(tape(.whole), output, make) { _, _ in }
        return output.wantedRecord
    }

    /// Moments all over the market, ascending: random ones, and ends of windows.
    private func cuts(_ span: ClosedRange<Int64>, _ random: inout SeededGenerator) -> [Int64] {
        (0..<options.cuts).map { round in
            let moment = Self.moment(in: span, &random)
            guard round % 2 == 0 else { return moment }
            return max(span.lowerBound, moment - moment % random.pick(options.gridNanos))
        }.sorted()
    }

    /// Moments of the middle, where both what is kept and what is cut off is long.
    private func wholeCuts(_ span: ClosedRange<Int64>, _ random: inout SeededGenerator) -> [Int64] {
        let tenth = (span.upperBound - span.lowerBound) / 10
        let middle = (span.lowerBound + 3 * tenth)...(span.upperBound - 3 * tenth)
        return (0..<options.wholeCuts).map { _ in Self.moment(in: middle, &random) }
    }

    private static func moment(in span: ClosedRange<Int64>, _ random: inout SeededGenerator) -> Int64 {
        span.lowerBound + Int64(random.next() % (UInt64(span.upperBound - span.lowerBound) + 1))
    }
}

/// Looks at a market alone: how much there is, and whether anything is recorded as known before it was over.
private struct MarketLook: AnyMarketHandler {
    var eventCount: UInt64 = 0
    private(set) var span: ClosedRange<Int64>?
    private(set) var findings: [LookaheadFinding] = []

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) {
        guard !event.isListing else { return }
        eventCount += 1
        span = (span?.lowerBound ?? head.nowNanos)...head.nowNanos
        guard case .candle(let candle) = event else { return }
        let (end, overflow) = candle.openNanos.addingReportingOverflow(Int64(candle.seconds) * 1_000_000_000)
        guard overflow || end > head.nowNanos else { return }
        let last = head.nowNanos &- Int64(candle.seconds) * 1_000_000_000
        guard findings.isEmpty else { return findings[0].count += 1 }
        findings.append(
            LookaheadFinding(
                .input, cutNanos: head.nowNanos,
                event: try RecordedEvent(
                    candle, in: Module.mkt.text, seq: 0, globalSeq: head.globalSeq, nanos: head.eventNanos),
                fields: [
                    FieldDifference(
                        path: "open_time", a: "\"\(TimeText.text(candle.openNanos))\"",
                        b: "\"\(TimeText.text(last))\"")
                ]))
    }
}

/// Looks who scored some windows.
private final class WindowFinder: EventOutput {
    private let wanted: Set<ULID>
    private(set) var detectors: [ULID: String] = [:]
    private(set) var lastGlobalSeq: UInt64 = 0

    init(_ wanted: Set<ULID>) { self.wanted = wanted }

    func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        lastGlobalSeq += 1
        if let scored = event as? SignalScored, wanted.contains(scored.lineage.id.ulid) {
            detectors[scored.lineage.id.ulid] = "\(scored.detectorID)"
        }
        return Place(module: module, seq: lastGlobalSeq, globalSeq: lastGlobalSeq)
    }
}
