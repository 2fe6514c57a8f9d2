import Events
package import LogEngine
import LogFormat
package import Runtime
import Statistics

/// After how long a detector's signals must not depend on where the market began.
package struct WarmUpLimit: Equatable, Sendable {
    /// After this long.
    package let nanos: Int64
    /// From one window to the next, where only windows count in which the detector spoke; nil where all time counts.
    ///
    /// A detector remembers windows in which its inputs were there, and silences lengthen that.
    package let windowNanos: Int64?
    /// Why it has no bound; empty where it has: then nothing is too long.
    package let endless: [String]

    /// Makes a limit.
    package init(nanos: Int64, windowNanos: Int64? = nil, endless: [String] = []) {
        self.nanos = nanos
        self.windowNanos = windowNanos
        self.endless = endless
    }
}

/// How long each detector's signals depend on where the market begins (freqtrade's recursive analysis, for a whole
/// chain).
///
/// Pipelines that start late run beside the one that saw everything, event by event, so that nothing is kept.
package struct WarmUpCheck {
    /// Late starts, spread evenly over the first half of the market.
    package static let startCount = 10
    /// Most late starts.
    package static let startsMax = 100
    /// Farthest that two signals may be apart and still be the same: memories that fade never vanish to the bit.
    package static let tolerance = 1e-9

    private let inputs: [String]
    private let starts: Int
    private let limit: (String) -> WarmUpLimit
    private let environment: LogEnvironment

    /// Makes a check over market logs, or roots and bundles that hold one.
    ///
    /// - Parameters:
    ///   - starts: late starts, 1 or more.
    ///   - limit: what holds for a detector.
    package init(
        _ inputs: [String], starts: Int = WarmUpCheck.startCount, environment: LogEnvironment = .real(),
        limit: @escaping (String) -> WarmUpLimit
    ) {
        self.inputs = inputs
        self.starts = starts
        self.limit = limit
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
        let step = (span.upperBound - span.lowerBound) / Int64(2 * starts)
        var late: [LateStart<Pipeline>] = []
        for index in 1...starts {
            late.append(LateStart(pipeline: try make(output), startNanos: span.lowerBound + Int64(index) * step))
        }
        var probe = WarmUpProbe(pipeline: try make(output), late: late, output: output)
        let end = try LookaheadTape(inputs, .whole, environment).run(into: &probe, progress: progress)
        try probe.finish(nowNanos: end)
        return WarmUpReport(
            startCount: starts,
            detectors: probe.found.map { found in
                var found = found
                found.limit = limit(found.detector)
                return found
            }.sorted { $0.detector < $1.detector })
    }
}

/// How long one detector remembers.
package struct WarmUpFinding: Equatable, Sendable {
    /// The detector.
    package let detector: String
    /// After how long its signals must not depend on the start.
    package fileprivate(set) var limit = WarmUpLimit(nanos: 0)
    /// Windows that a late start and the whole market both had to have, and how many were not the same.
    package fileprivate(set) var windowCount = 0
    package fileprivate(set) var differCount = 0
    /// Windows of them in which the detector spoke who saw everything.
    package fileprivate(set) var speakingCount = 0
    /// Longest time from a start to a window whose signal depended on it; nil if none did.
    package fileprivate(set) var longestNanos: Int64?
    /// Most windows from a start to such a one, it included, in which the detector spoke who saw everything.
    package fileprivate(set) var spokenCount = 0

    /// How long it depends on the start, as its limit counts.
    private var countedNanos: Int64? {
        guard let longestNanos, let windowNanos = limit.windowNanos else { return longestNanos }
        return min(longestNanos, Int64(spokenCount) * windowNanos)
    }

    /// Whether it remembers longer than its limit allows.
    package var isShort: Bool { limit.endless.isEmpty && (countedNanos ?? -1) >= limit.nanos }

    fileprivate var text: String {
        var bound = "warm-up \(DurationText.text(limit.nanos))"
        if !limit.endless.isEmpty { bound += " and without bound (\(limit.endless.joined(separator: "; ")))" }
        guard let longestNanos, let countedNanos else {
            return "\(speakingCount == 0 ? "never spoke" : "never depends on the start"), \(bound)"
        }
        var longest = "depends on the start for \(DurationText.text(longestNanos))"
        if countedNanos < longestNanos { longest += " (\(DurationText.text(countedNanos)) of it speaking)" }
        guard isShort else { return "\(longest), \(bound)" }
        return
            "SHORTFALL: \(longest), at least \(DurationText.text(countedNanos - limit.nanos)) longer than its \(bound)"
    }

    fileprivate var json: String {
        func seconds(_ nanos: Int64?) -> String { nanos.map { "\($0 / 1_000_000_000)" } ?? "null" }
        return "{\"detector\":\(jsonString(detector)),\"windows\":\(windowCount),\"differ\":\(differCount),"
            + "\"speaking\":\(speakingCount),"
            + "\"longest_seconds\":\(seconds(longestNanos)),\"speaking_seconds\":\(seconds(countedNanos)),"
            + "\"declared_seconds\":\(seconds(limit.nanos)),"
            + "\"without_bound\":[\(limit.endless.map(jsonString).joined(separator: ","))],\"short\":\(isShort)}"
    }

    init(_ detector: String) { self.detector = detector }

    /// Takes a window that ended so long after a start, behind so many others in which the detector spoke.
    mutating func note(isSame: Bool, isSpeaking: Bool, after nanos: Int64, spoken: Int) {
        windowCount += 1
        if isSpeaking { speakingCount += 1 }
        guard !isSame else { return }
        differCount += 1
        longestNanos = max(nanos, longestNanos ?? nanos)
        spokenCount = max(spoken, spokenCount)
    }
}

/// What a check of warm-ups found.
package struct WarmUpReport: Equatable, Sendable {
    /// How many late starts there were.
    package let startCount: Int
    /// By detector, in order of their names.
    package let detectors: [WarmUpFinding]

    /// Detectors that remember longer than was declared.
    package var shortfalls: [WarmUpFinding] { detectors.filter(\.isShort) }

    /// Whether the declared warm-ups were enough, as far as was tried.
    package var isClean: Bool { shortfalls.isEmpty }

    /// For people.
    package var text: String {
        let head = "warm-up: \(startCount) late starts, signals compared to \(WarmUpCheck.tolerance)"
        let lines = detectors.map { "  \($0.detector)  \($0.text) (\($0.differCount) of \($0.windowCount) windows)" }
        return ([head] + lines).joined(separator: "\n")
    }

    /// One JSON object.
    package var json: String {
        "{\"clean\":\(isClean),\"starts\":\(startCount),"
            + "\"detectors\":[\(detectors.map(\.json).joined(separator: ","))]}"
    }
}
