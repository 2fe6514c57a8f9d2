import Glibc
import LogEngine
import Runtime

/// The second run of `lotus replay --prove`: the same words under circumstances that must not matter.
///
/// Another process with a hash seed of its own, on one core, with small batches and none in reserve, in another time
/// zone, language and folder; then every event of both runs is compared.
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

    /// Raw bytes of a batch of the second run.
    static let batchBytes = 3_000
    /// What of the second run is different, in words.
    static let circumstances =
        "a second process, on one core, with batches of 3,000 bytes, in another time zone, language and folder"
    private static let settings = ["TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"]

    /// Where the second run goes.
    var place: String { "\(out).proof" }

    /// Throws `usage` if something is in the way of the second run.
    func check() throws {
        guard RealFS().kind(place) == .nothing else {
            throw ToolError(.usage, "\(place) is in the way of the second run: look at it and remove it")
        }
    }

    /// Runs everything again and compares; nil where all is equal, and then the second run is removed.
    func difference(_ manifest: RunManifest) throws -> String? {
        try check()
        let second = "\(try Self.whole(out)).proof"
        let all =
            words + ["--out", second, "--quiet", "--batch-bytes", "\(Self.batchBytes)", "--pending-batches", "1"]
            + ["--cores", "1", "--folder", "/"]
        let status = waitFor(try startSelf(all, settings: Self.settings))
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
