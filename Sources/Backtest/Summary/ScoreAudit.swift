package import Events
package import LogEngine
import LogFormat
import Runtime
import SignalEngine

/// Computes all scores of a log again from their records (SIG-06).
package struct ScoreAudit: Equatable, Sendable {
    /// A score that does not follow from its record.
    package struct Finding: Equatable, Sendable {
        package let id: EventID
        package let detector: DetectorID
        /// The step, and what was recorded and computed there.
        package let step: String
        package let recorded: Double?
        package let computed: Double?
    }

    /// Scored windows.
    package private(set) var windowCount = 0
    /// Those without a score.
    package private(set) var withoutScoreCount = 0
    /// Those of an older version, without the steps.
    package private(set) var withoutStepsCount = 0
    /// Those whose score follows.
    package private(set) var followCount = 0
    /// Those whose score does not.
    package private(set) var differCount = 0
    /// The first of the latter.
    package private(set) var findings: [Finding] = []

    /// Most findings that are kept.
    package static let findingsMax = 20

    /// Reads the `sig` log at `path` to its end.
    ///
    /// - Throws: as `EventScan.read`.
    package init(_ path: String, environment: LogEnvironment = .real()) throws(LogError) {
        var counted = ScoreAudit()
        let scan = EventScan()
        try scan.on(SignalScored.self) { event, _ in counted.add(event) }
        try scan.read(path, environment: environment)
        self = counted
    }

    private init() {}

    private mutating func add(_ event: SignalScored) {
        windowCount += 1
        switch ScoreCheck(event) {
        case .withoutScore: withoutScoreCount += 1
        case .withoutSteps: withoutStepsCount += 1
        case .follows: followCount += 1
        case .differs(let step, let recorded, let computed):
            differCount += 1
            guard findings.count < Self.findingsMax else { return }
            findings.append(
                Finding(
                    id: event.lineage.id, detector: event.detectorID, step: step, recorded: recorded,
                    computed: computed))
        }
    }
}
