import ArgumentParser
import Events
import Glibc
import LogFormat

/// How long work tells of its progress on standard error.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
    /// A bar if a person reads it, nothing else.
    case auto
    /// One JSON object a line.
    case json
    /// Nothing.
    case none
}

/// The flag of all verbs that may take long.
struct ProgressOptions: ParsableArguments {
    @Option(
        name: .customLong("progress"),
        help: "On standard error: auto (a bar on a terminal), json (lines), none.")
    var style = ProgressStyle.auto

    func validate() { Progress.use(style) }
}

/// How far a piece of work has come, with rate, time left, simulated time and memory: as a bar on a terminal once the
/// work has lasted half a second, or as lines of JSON from its beginning; at most ten times a second.
final class Progress {
    /// What is counted.
    enum Quantity: String {
        /// Bytes, shown as MB and GB.
        case bytes
        /// Events.
        case events
        /// Runs of a sweep.
        case cells
        /// Worlds that were made up.
        case worlds
    }

    private let label: String
    private let unit: Quantity
    private let startNanos = Terminal.nanos

    // Only the thread that does a verb's work tells of it.
    nonisolated(unsafe) private static var style = ProgressStyle.auto
    nonisolated(unsafe) private static var isShown = false
    nonisolated(unsafe) private static var shownNanos = Int64.min
    private static let patienceNanos: Int64 = 500_000_000
    private static let refreshNanos: Int64 = 100_000_000

    /// Sets how all work is told of.
    static func use(_ style: ProgressStyle) { unsafe self.style = style }

    /// Whether anything is told at all.
    static var isWanted: Bool {
        switch unsafe style {
        case .auto: Terminal.errorIsTerminal
        case .json: true
        case .none: false
        }
    }

    /// The words that let another process tell in the same way.
    static var words: [String] { ["--progress", unsafe style.rawValue] }

    /// Begins a piece of work; as JSON it is told at once.
    init(_ label: String, _ unit: Quantity) {
        (self.label, self.unit) = (label, unit)
        if unsafe Self.style == .json { update(0) }
    }

    /// Tells how far the work has come; a total of 0 is unknown.
    ///
    /// - Parameter virtualNanos: the moment of the market that it has come to.
    func update(_ done: UInt64, of total: UInt64 = 0, virtualNanos: Int64? = nil) {
        guard let now = isDue(isPatient: true) else { return }
        let seconds = Double(now - startNanos) / 1e9
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let left = total > 0 && rate > 0 ? Double(total > done ? total - done : 0) / rate : nil
        let moment = virtualNanos.flatMap { $0 > .min ? TimeText.text($0) : nil }
        if unsafe Self.style == .json {
            Self.write(
                JSON.object([
                    ("phase", jsonString(label)), ("done", "\(done)"), ("total", total > 0 ? "\(total)" : "null"),
                    ("unit", jsonString(unit.rawValue)), ("seconds", decimals(seconds, 3)),
                    ("per_s", decimals(rate, 0)), ("eta_s", left.map { decimals($0, 1) } ?? "null"),
                    ("virtual", JSON.text(moment)), ("rss_bytes", Memory.residentBytes.map { "\($0)" } ?? "null"),
                ]) + "\n")
            return
        }
        var line = "\r\u{1b}[K\(label) "
        if total > 0 {
            let part = min(Double(done) / Double(total), 1)
            let filled = Int(part * 20)
            line += "[\(String(repeating: "#", count: filled))\(String(repeating: "-", count: 20 - filled))] "
            line += "\(Int(part * 100)) %  "
            if part > 0.01, let left { line += "\(Int(left + 0.5)) s left  " }
        }
        line += "\(format(done)), \(format(UInt64(rate)))/s"
        if let moment { line += "  \(moment.prefix(19))" }
        if let bytes = Memory.residentBytes { line += "  \(Figures.bytes(bytes))" }
        Self.write(line)
        unsafe Self.isShown = true
    }

    /// Shows a text of the caller's instead of a bar, as often as a bar; as JSON the text alone.
    func show(_ text: @autoclosure () -> String) {
        guard isDue(isPatient: false) != nil else { return }
        if unsafe Self.style == .json {
            return Self.write(JSON.object([("phase", jsonString(label)), ("text", jsonString(text()))]) + "\n")
        }
        Self.write("\r\u{1b}[K\(label) \(text())")
        unsafe Self.isShown = true
    }

    /// The time, if something is to be told now.
    private func isDue(isPatient: Bool) -> Int64? {
        let style = unsafe Self.style
        guard Self.isWanted else { return nil }
        let now = Terminal.nanos
        guard unsafe Self.shownNanos == .min || now - Self.shownNanos >= Self.refreshNanos else { return nil }
        guard style == .json || !isPatient || now - startNanos > Self.patienceNanos else { return nil }
        unsafe Self.shownNanos = now
        return now
    }

    private func format(_ value: UInt64) -> String {
        switch unit {
        case .bytes: Figures.bytes(value)
        case .events, .cells, .worlds: "\(Figures.grouped(value)) \(unit.rawValue)"
        }
    }

    /// Takes the bar away, so that a message stands on a line of its own.
    static func clear() {
        guard unsafe isShown else { return }
        unsafe isShown = false
        write("\r\u{1b}[K")
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// What this process takes of the machine.
enum Memory {
    /// Bytes that lie in memory now; nil where the system does not say.
    static var residentBytes: UInt64? {
        guard let words = KernelFile.text("/proc/self/statm")?.split(separator: " ") else { return nil }
        guard words.count > 1, let pages = UInt64(words[1]) else { return nil }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// A short file that the kernel makes while it is read: it has no size.
enum KernelFile {
    /// Its text; nil where there is none.
    static func text(_ path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe _ = fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
