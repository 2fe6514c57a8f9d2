import ArgumentParser
import Events
import Inquiry
import LogEngine
import LogFormat

/// `lotus freeze`: the logs of a root as a bundle that never changes (REP-02, SCH-REP-1).
struct Freeze: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Copy the sealed logs of a root into a bundle that never changes.",
        discussion: """
            A bundle is a folder with the same logs and BUNDLE.json: the hashes of all files, the chain heads, where \
            the logs agree, the assets, the range of times, and the versions of code, priors and types. All of it \
            follows from the files: lotus verify makes it again and compares. Keep the printed hash somewhere else: it \
            names the bundle. Every log must be sealed to its end; --seal does that first.

            --record writes down on the ops log of the root that it was made; that record is not part of the bundle.

            EXAMPLES
              lotus freeze logs --out monday.bundle --seal
              lotus verify monday.bundle --deep
            """)

    @Argument(help: "The root of logs.")
    var root: String
    @Option(help: "Folder of the bundle; nothing may be there yet.")
    var out: String
    @Flag(help: "Seal logs that have events behind their last seal; no writer may be at work.")
    var seal = false
    @Flag(help: "Write rep.FixtureFrozen on the ops log of the root; no run may be at work.")
    var record = false
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        try NewLog.checkParent(of: out)
        let logs = try RootLogs(root)
        if seal { for name in logs.names { try sealEnd(logs.path(name)) } }
        let manifest = try Bundle.freeze(logs, to: out)
        let name = String(out.split(separator: "/").last ?? "")
        let recordID = record ? try Bundle.record(manifest, name: name, of: logs) : nil
        try Output.print(
            json
                ? JSON.object([
                    ("bundle", jsonString(out)), ("sha256", "\"\(manifest.digest)\""), ("logs", "\(manifest.logCount)"),
                    ("events", "\(manifest.eventCount)"), ("bytes", "\(manifest.byteCount)"),
                    ("cut_gsn", "\(manifest.cutGlobalSeq)"), ("record", JSON.text(recordID?.description)),
                ])
                : """
                \(out): \(Figures.grouped(manifest.eventCount)) events of \(manifest.logCount) logs, \
                \(Figures.bytes(manifest.byteCount)), agreed up to gsn \(manifest.cutGlobalSeq)
                bundle sha256:\(manifest.digest)\(recordID.map { "\nrecorded as \($0)" } ?? "")
                """)
        return .clean
    }

    private func sealEnd(_ log: String) throws {
        let maps = try LogLocation(log).segmentNames().map { try SegmentMaps.map(try LogLocation(log), $0) }
        guard let last = maps.last, last.seal == nil, !last.entries.isEmpty else { return }
        try LogWriter(log).close(seal: true)
    }
}
