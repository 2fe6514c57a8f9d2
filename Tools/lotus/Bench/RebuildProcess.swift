import Glibc
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
        let start = wallSeconds()
        var usage = rusage()
        var status: Int32 = 0
        let child = try startSelf(words, quietly: true)
        unsafe wait4(child, &status, 0, &usage)
        let seconds = wallSeconds() - start
        guard status == 0 else { throw ToolError("\(file): the rebuild failed (status \(status)); run it by itself") }
        let store = try ProjectionStore(file, subject: "all")
        var state = try store.resume()
        let hashes = state.tableHashes()
        try store.close()
        let handle = try RealFS().open(file, .read)
        defer { RealFS().close(handle) }
        return RebuildProcess(
            events: state.position.folded, rows: hashes.reduce(0) { $0 + $1.rows }, seconds: seconds,
            peakMegabytes: usage.ru_maxrss / 1024, byteCount: try RealFS().size(handle))
    }
}
