import LogEngine
import Projections

/// `lotus rebuild all` in a process of its own: how long it takes, and how much memory it has at most.
struct RebuildProcess {
    /// Events that the file has come to hold.
    let events: UInt64
    let rows: UInt64
    let seconds: Double
    let peakMegabytes: Int
    let byteCount: UInt64

    /// Rebuilds `root` into `file`, or goes on from where it stands.
    static func run(_ root: String, into file: String, upTo globalSeq: UInt64? = nil) throws -> RebuildProcess {
        var words = ["rebuild", "all", "--root", root, "--out", file]
        if let globalSeq { words += ["--as-of", "seq:\(globalSeq)"] }
        let process = try MeasuredProcess.run(words)
        guard process.exitCode == 0 else {
            throw ToolError("\(file): the rebuild failed (exit status \(process.exitCode)); run it by itself")
        }
        let store = try ProjectionStore(file, subject: "all")
        var state = try store.resume()
        let hashes = state.tableHashes()
        try store.close()
        let handle = try RealFS().open(file, .read)
        defer { RealFS().close(handle) }
        return RebuildProcess(
            events: state.position.folded, rows: hashes.reduce(0) { $0 + $1.rows }, seconds: process.seconds,
            peakMegabytes: process.peakMegabytes, byteCount: try RealFS().size(handle))
    }
}
