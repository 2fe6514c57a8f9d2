import Glibc
import LogEngine
import Runtime

/// The second run of `lotus replay --prove`: the same words under circumstances that must not matter.
///
/// `SecondRun` has the circumstances; every event of both runs is compared.
struct Proof {
    /// The first run's folder.
    let out: String
    /// The words of the first run, without those that name its folder; paths whole.
    let words: [String]

    init(out: String, words: [String]) {
        var path = out
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        (self.out, self.words) = (path, words)
    }

    /// Where the second run goes.
    var place: String { SecondRun.place(beside: out) }

    /// Throws `usage` if something is in the way of the second run.
    func check() throws {
        guard RealFS().kind(place) == .nothing else {
            throw ToolError(.usage, "\(place) is in the way of the second run: look at it and remove it")
        }
    }

    /// Runs everything again and compares; nil where all is equal, and then the second run is removed.
    func difference(_ manifest: RunManifest) throws -> String? {
        try check()
        let second = SecondRun.place(beside: try Self.whole(out))
        let all =
            words + ["--out", second, "--quiet", "--batch-bytes", "\(SecondRun.batchBytes)"]
            + ["--pending-batches", "\(SecondRun.pendingBatches)", "--cores", "\(SecondRun.cores)"]
            + ["--folder", SecondRun.folder] + Progress.words
        let status = waitFor(try startSelf(all, settings: SecondRun.settings))
        guard !Interrupt.isRequested else {
            // Half a second run is of no use to the next one.
            try RunFolder.remove(second, manifest)
            throw LogError(
                .closed, "\(out): stopped within the second run; the first is done, the same command proves it")
        }
        guard status == 0 else {
            throw ToolError("the second run in \(second) ended with status \(status >> 8); start it alone to see why")
        }
        if let difference = try RunDigest.difference(out, second) { return difference }
        try RunFolder.remove(second, manifest)
        return nil
    }

    /// The path from the root of the file system, for a process in another folder.
    static func whole(_ path: String) throws -> String {
        guard let found = unsafe realpath(path, nil) else { throw ToolError("\(path): is not there") }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
