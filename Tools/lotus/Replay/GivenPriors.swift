import Events
import Inquiry
import LogEngine
import LogFormat
import Runtime
import Weave

/// The priors of another root that a replay begins with (REP-11, LRN-61).
struct GivenPriors {
    /// What leads to the version, in order.
    let records: [PriorsRecord]
    let version: PriorsVersion
    private let setHash: PayloadHash

    /// Reads them: `ROOT` for the last version, `ROOT@VERSION` for another, named as for `lotus diff priors`.
    init(_ text: String) throws {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let root = try RootLogs(parts[0])
        let history = root.names.contains(Module.sig.text) ? try PriorsHistory(.sig, of: root) : nil
        guard let history, let last = history.versions.last else {
            throw ToolError(.usage, "--priors \(parts[0]): has no version of priors of sig; name a root that has one")
        }
        version = parts.count == 2 ? try history.version(parts[1]) : last.name
        records = try history.records(to: version)
        setHash = try history.set(of: version).hash
    }

    /// What of them can change an output byte, for the run's manifest.
    var settings: [(name: String, value: RunConfiguration.Value)] {
        [("priors/version", .text(version.text)), ("priors/set", .text("\(setHash)"))]
    }
}
