package import Events
package import LogEngine
import LogFormat
import Runtime

/// Everything that a run's logs say about its windows, read once (LRN-02, LRN-03).
///
/// Holds 56 bytes a window and detector, and 60 more for those whose last horizon has not passed; refuses more than
/// `windowsMax`.
package struct RunWindows: Sendable {
    /// Most windows of all detectors together: about 1 GB.
    package static let windowsMax = 16_000_000
    /// Most assets of a run.
    package static let assetsMax = 65_535

    /// The detectors in the order of the cohort.
    package internal(set) var detectors: [DetectorTape] = []
    /// The assets in the order in which windows named them.
    package internal(set) var assets: [AssetID] = []
    /// First and last moment at which a window ended; nil without windows.
    package internal(set) var asofNanos: ClosedRange<Int64>?
    /// Longest bar among the windows' timeframes, in seconds.
    package internal(set) var barSeconds: Int64 = 0
    /// Windows facts were computed for, and those whose data were old.
    package internal(set) var factsCount = 0
    package internal(set) var staleCount = 0
    /// Updates of kernel states.
    package internal(set) var kernelUpdateCount = 0
    /// Outcomes of windows that the log does not hold, or that came a second time or too late.
    package internal(set) var strayOutcomeCount = 0
    /// Signals that were let out.
    package internal(set) var publishedCount = 0
    /// Signals that were kept back, and each of their reasons by its raw value.
    package internal(set) var withheldCount = 0
    package internal(set) var withheldReasons = [Int](repeating: 0, count: WithheldReason.allCases.count)
    /// How the run began, and how it ended.
    package internal(set) var started = RunStarted()
    package internal(set) var completed = RunCompleted()
    /// Virtual end of the run.
    package internal(set) var endNanos: Int64 = 0

    /// Reads the `ops` and `sig` logs of the run in `directory`; a run without a `sig` log has no windows.
    ///
    /// - Parameters:
    ///   - uncertaintyMax: abstained windows above it take no position.
    ///   - scoredOnly: whether windows without a selection score take no position either.
    /// - Throws: `usage` for a folder that holds no finished run, or too many windows; `damaged`, `fileSystem`.
    package init(
        _ directory: String, uncertaintyMax: Double, scoredOnly: Bool = false, environment: LogEnvironment = .real()
    ) throws(LogError) {
        let reader = RunWindowsReader(uncertaintyMax: uncertaintyMax, scoredOnly: scoredOnly)
        let modules = EventScan.modules(in: directory, environment: environment)
        guard modules.contains(.ops) else {
            throw LogError(.usage, "\(directory): holds no ops log; name the folder that lotus replay --out wrote")
        }
        try reader.readOperations("\(directory)/\(Module.ops.text)", environment)
        if modules.contains(.sig) { try reader.readSignals("\(directory)/\(Module.sig.text)", environment) }
        self = try reader.finished(directory)
    }

    init() {}

    /// Number of windows of all detectors.
    package var windowCount: Int { detectors.reduce(0) { $0 + $1.windowCount } }
}
