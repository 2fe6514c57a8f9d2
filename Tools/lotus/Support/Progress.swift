import Glibc

/// A progress bar with rate and time left: only on a terminal, and only once the work has lasted a second.
final class Progress {
    private let label: String
    private let unit: Quantity
    private let startNanos = Terminal.nanos
    private var shownNanos: Int64 = 0

    /// What is counted.
    enum Quantity {
        /// Bytes, shown as MB and GB.
        case bytes
        /// Events.
        case events
    }

    nonisolated(unsafe) private static var isShown = false
    private static let patienceNanos: Int64 = 1_000_000_000
    private static let refreshNanos: Int64 = 100_000_000

    init(_ label: String, _ unit: Quantity) {
        self.label = label
        self.unit = unit
    }

    /// Tells how far the work has come; a total of 0 is unknown.
    func update(_ done: UInt64, of total: UInt64 = 0) {
        guard Terminal.errorIsTerminal else { return }
        let now = Terminal.nanos
        guard now - startNanos > Self.patienceNanos, now - shownNanos > Self.refreshNanos else { return }
        shownNanos = now
        let seconds = Double(now - startNanos) / 1e9
        var line = "\r\u{1b}[K\(label) "
        if total > 0 {
            let part = min(Double(done) / Double(total), 1)
            let filled = Int(part * 30)
            line += "[\(String(repeating: "#", count: filled))\(String(repeating: "-", count: 30 - filled))] "
            line += "\(Int(part * 100)) %  "
            if part > 0.01 { line += "\(Int(seconds / part - seconds + 0.5)) s left  " }
        }
        line += "\(format(done)), \(format(UInt64(Double(done) / seconds)))/s"
        write(line)
        unsafe Self.isShown = true
    }

    /// Shows a text of the caller's instead of a bar, as often as a bar.
    func show(_ text: @autoclosure () -> String) {
        guard Terminal.errorIsTerminal else { return }
        let now = Terminal.nanos
        guard now - shownNanos > Self.refreshNanos else { return }
        shownNanos = now
        write("\r\u{1b}[K\(label) \(text())")
        unsafe Self.isShown = true
    }

    private func format(_ value: UInt64) -> String {
        switch unit {
        case .bytes: Figures.bytes(value)
        case .events: "\(Figures.grouped(value)) events"
        }
    }

    /// Takes the bar away, so that a message stands on a line of its own.
    static func clear() {
        guard unsafe isShown else { return }
        unsafe isShown = false
        writeRaw("\r\u{1b}[K")
    }

    private func write(_ text: String) { Self.writeRaw(text) }

    private static func writeRaw(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// Numbers for people.
enum Figures {
    /// With a comma between thousands.
    static func grouped(_ value: UInt64) -> String {
        let digits = Array(String(value))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// Bytes in the unit that leaves one to four digits before the point.
    static func bytes(_ value: UInt64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var scaled = Double(value)
        var index = 0
        while scaled >= 1000, index + 1 < units.count {
            scaled /= 1000
            index += 1
        }
        return index == 0 ? "\(value) B" : "\(oneDecimal(scaled)) \(units[index])"
    }

    /// A number with one decimal.
    static func oneDecimal(_ value: Double) -> String {
        let tenths = UInt64((max(value, 0) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Columns of text, padded; numbers stand to the right.
    static func table(_ given: [[String]], rightAligned: Set<Int>) -> String {
        // Descriptions come from whoever made the schema: no control character may reach a terminal.
        let rows = given.map { row in
            row.map { cell in
                String(cell.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "?" : $0 })
            }
        }
        var widths: [Int] = []
        for row in rows {
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.count)
            }
        }
        return rows.map { row in
            var line = row.enumerated().map { index, cell in
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                return rightAligned.contains(index) ? padding + cell : cell + padding
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return "  " + line
        }.joined(separator: "\n")
    }
}
