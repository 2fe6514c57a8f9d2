package import Events
package import LogEngine
package import LogFormat
import Runtime

/// A folder of frozen logs that carries its own description (REP-02, SCH-REP-1).
package enum Bundle {
    /// Copies the sealed logs of `root` into a new folder, with their manifest.
    ///
    /// The manifest gets its name last: a folder without it is no bundle, whatever happened in between.
    ///
    /// - Throws: `usage` when something is at `out` already, or a log has events behind its last seal.
    package static func freeze(
        _ root: RootLogs, to place: String, progress: (String) -> Void = { _ in }
    ) throws(LogError) -> BundleManifest {
        var out = place
        while out.count > 1, out.hasSuffix("/") { out.removeLast() }
        let fileSystem = root.environment.fileSystem
        guard fileSystem.kind(out) == .nothing else {
            throw LogError(.usage, "\(out) exists already; a bundle is made in a new folder: choose another name")
        }
        // Whether all is sealed is known before anything is copied; the files themselves are read once, while copied.
        try BundleManifest.checkSealed(root)
        try BundleManifest.makeDirectory(out, fileSystem)
        let manifest = try BundleManifest(root, copiedTo: out, progress: progress)
        do throws(FSError) {
            try fileSystem.createDurably(BundleManifest.fileName, in: out, Array(manifest.text.utf8))
        } catch { throw LogError(error) }
        let parent = out.lastIndex(of: "/").map { String(out[..<$0]) } ?? "."
        try BundleManifest.syncDirectory(parent.isEmpty ? "/" : parent, fileSystem)
        return manifest
    }

    /// Writes down on the ops log of the root that a bundle was made of it (REP-01); it is not part of the bundle.
    ///
    /// - Returns: the id of the record.
    /// - Throws: `locked` while a run has the root; `damaged` after a crash that the run has not gone on from.
    package static func record(
        _ manifest: BundleManifest, name: String, of root: RootLogs, options: LogOptions = LogOptions()
    ) throws(LogError) -> EventID {
        var event = FixtureFrozen()
        event.bundleHash = PayloadHash(manifest.digest)
        event.name = name
        event.byteCount = Int64(clamping: manifest.byteCount)
        return try OpsNotes.append([event], key: "frozen|\(manifest.digest)", to: root, options: options)[0]
    }

    /// Whether a folder calls itself a bundle.
    package static func isBundle(_ path: String, environment: LogEnvironment = .real()) -> Bool {
        environment.fileSystem.kind("\(path)/\(BundleManifest.fileName)") == .file
    }

    /// What is wrong with a bundle: lines of its manifest that its files do not bear out; empty if all is well.
    ///
    /// The manifest is made again from the files and compared with the one that is there.
    ///
    /// - Parameter name: `sha256:…` as it was printed when the bundle was made.
    package static func check(
        _ path: String, name: String? = nil, environment: LogEnvironment = .real()
    ) throws(LogError) -> (digest: Digest?, problems: [String]) {
        let place = "\(path)/\(BundleManifest.fileName)"
        let bytes: [UInt8]
        do throws(FSError) {
            bytes = try environment.fileSystem.readAll(place, limit: 64 << 20)
        } catch { throw LogError(error) }
        let stored = String(decoding: bytes, as: UTF8.self)
        let made: BundleManifest
        do throws(LogError) {
            made = try BundleManifest(try RootLogs(path, environment: environment))
        } catch {
            let changed = try changedFiles(path, stored, environment.fileSystem)
            return (nil, changed + ["\(place): cannot be made again from the files: \(error.message)"])
        }
        if stored == made.text {
            guard let name, name != "sha256:\(made.digest)" else { return (made.digest, []) }
            return (made.digest, ["\(place): is bundle sha256:\(made.digest), expected \(name): it was made anew"])
        }
        let lines = (
            stored.split(separator: "\n", omittingEmptySubsequences: false),
            made.text.split(separator: "\n", omittingEmptySubsequences: false)
        )
        var problems = try changedFiles(path, stored, environment.fileSystem)
        for index in 0..<max(lines.0.count, lines.1.count) {
            let old = index < lines.0.count ? String(lines.0[index]) : "nothing"
            let new = index < lines.1.count ? String(lines.1[index]) : "nothing"
            // The last line is a digest of the others: it adds nothing to them.
            guard old != new, problems.isEmpty || !old.hasPrefix("\"bundle_sha256\"") else { continue }
            problems.append("\(place): line \(index + 1) says \(old), the files say \(new)")
        }
        return (nil, problems)
    }

    /// Files of the bundle's folders whose hash the manifest does not name.
    private static func changedFiles(
        _ path: String, _ manifest: String, _ fileSystem: any LogFS
    ) throws(LogError) -> [String] {
        do throws(FSError) {
            var found: [String] = []
            for folder in try fileSystem.list(path) where fileSystem.kind("\(path)/\(folder)") == .directory {
                for name in try fileSystem.list("\(path)/\(folder)") {
                    let file = "\(path)/\(folder)/\(name)"
                    guard fileSystem.kind(file) == .file, let hashes = try? FrozenFile(file, fileSystem) else {
                        continue
                    }
                    if manifest.contains("\"sha256\":\"\(hashes.sha256)\"") { continue }
                    found.append("\(file): has SHA-256 \(hashes.sha256), which the manifest does not name")
                }
            }
            return found
        } catch { throw LogError(error) }
    }
}
