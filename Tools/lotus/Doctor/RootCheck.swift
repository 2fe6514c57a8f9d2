import Events
import Glibc
import LogEngine
import LogFormat
import Runtime

/// What of a root would get in the way of work; nothing of it is changed.
struct RootCheck {
    private(set) var findings: [Finding] = []
    /// Logs that were looked at.
    let logs: [String]
    private let root: String

    /// - Parameter bytesMin: free space that is expected.
    init(_ path: String, bytesMin: UInt64) throws {
        var root = path
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        guard RealFS().kind(root) == .directory else {
            throw ToolError(.usage, "\(path): is no folder; name a root of logs or a log")
        }
        self.root = root
        let isLog = RealFS().kind("\(root)/\(LogPaths.manifest)") == .file
        logs = isLog ? [root] : LogLocation.logs(in: root)
        guard !logs.isEmpty else {
            throw ToolError(.usage, "\(path): holds no logs; name a root of logs or a log")
        }
        permissions(of: root, isFolder: true)
        let free = try RealFS().freeBytes(root)
        if free < bytesMin {
            findings.append(
                Finding(
                    kind: .freeSpace, place: root, found: "\(Figures.bytes(free)) free",
                    expected: "at least \(Figures.bytes(bytesMin)) (--free)",
                    advice: "free space on this disk, or move the root to a larger one; writers stop before it is full")
            )
        }
        try keys()
        let now = RealClock().wallNanos()
        for log in logs {
            var check = LogCheck(log, nowNanos: now)
            try check.run()
            findings += check.findings
        }
        if !isLog, !findings.contains(where: { $0.isDamage }) { try order() }
    }

    /// Private keys that others may read (SEC-09).
    private mutating func keys() throws {
        for name in try RealFS().list(root) where name.hasSuffix(".key") {
            let path = "\(root)/\(name)"
            guard let mode = FileMode(path), mode.bits & 0o077 != 0 else { continue }
            findings.append(
                Finding(
                    kind: .key, place: path, found: "mode \(mode.text): others may read the private key",
                    expected: "mode 0600",
                    advice: "chmod 600 \(path), and if others were on this machine: lotus herald keys new, then rotate")
            )
        }
    }

    /// Logs of a root have one order; what a crash took from its middle is known to the ops log.
    private mutating func order() throws {
        let modules = EventScan.modules(in: root)
        guard !modules.isEmpty else { return }
        let known =
            modules.contains(.ops) ? try CutRecords.read("\(root)/\(Module.ops.text)", environment: .real()) : []
        let cut = try ConsistentCut.find(modules.map { "\(root)/\($0.text)" }, known: known, environment: .real())
        guard !cut.isWhole else { return }
        findings.append(
            Finding(
                kind: .order, place: root,
                found: "events behind gsn \(cut.globalSeq) are missing, \(cut.orphanCount) later ones are there",
                expected: "every event up to gsn \(cut.lastGlobalSeq), over all logs",
                advice: "if a log is missing, put it back; after a crash start the writer of the root once, which "
                    + "records the hole"))
    }

    private mutating func permissions(of path: String, isFolder: Bool) {
        if let finding = FileMode.finding(path, isFolder: isFolder) { findings.append(finding) }
    }
}

extension Finding {
    /// Whether recorded bytes are concerned.
    var isDamage: Bool {
        switch kind {
        case .unreadable, .logManifest, .segment, .cursor, .commitPage: true
        default: false
        }
    }
}

/// Who may do what with a file.
struct FileMode {
    let bits: UInt32

    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        bits = UInt32(status.st_mode) & 0o7777
    }

    var text: String {
        let digits = String(bits, radix: 8)
        return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
    }

    /// What is wrong with the mode of a file or folder of a log: its owner works in it, and nobody else writes.
    static func finding(_ path: String, isFolder: Bool) -> Finding? {
        guard let mode = FileMode(path) else { return nil }
        let needed: UInt32 = isFolder ? 0o700 : 0o600
        let isShort = mode.bits & needed != needed
        guard isShort || mode.bits & 0o002 != 0 else { return nil }
        return Finding(
            kind: .permissions, place: path,
            found: "mode \(mode.text): \(isShort ? "its owner cannot work in it" : "anybody may write into it")",
            expected: isFolder ? "mode 0755 or 0700" : "mode 0644 or 0600",
            advice: "chmod \(isShort ? (isFolder ? "u+rwx" : "u+rw") : "o-w") \(path)")
    }
}
