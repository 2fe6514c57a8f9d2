import Glibc
import LogEngine

/// What the standard streams are, and messages for people.
enum Terminal {
    /// Whether standard output is read by a person.
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    /// Whether standard error is read by a person.
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1

    /// Colours that mean something.
    enum Style: String {
        /// Well.
        case good = "32"
        /// Worth a look.
        case warning = "33"
        /// Wrong.
        case bad = "1;31"
        /// Headings.
        case strong = "1"
        /// Less important.
        case faint = "2"
    }

    private static let wantsColour: Bool = {
        if let value = unsafe getenv("NO_COLOR"), unsafe value.pointee != 0 { return false }
        guard let terminal = unsafe getenv("TERM") else { return false }
        return unsafe String(cString: terminal) != "dumb"
    }()

    /// Text in a style, if a person reads standard output.
    static func styled(_ text: String, _ style: Style) -> String {
        outputIsTerminal && wantsColour ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// Whether standard output shows colours.
    static var usesColour: Bool { outputIsTerminal && wantsColour }

    /// Columns of the terminal behind standard output; 100 where there is none.
    static var columns: Int {
        var size = winsize()
        guard outputIsTerminal, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 100
        }
        return Int(size.ws_col)
    }

    /// Writes a line to standard error, in one piece.
    static func writeError(_ line: String) {
        Progress.clear()
        var bytes = Array((line + "\n").utf8)
        while !bytes.isEmpty {
            let count = unsafe write(STDERR_FILENO, bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes.removeFirst(count)
        }
    }

    /// Writes a message about something that went wrong.
    static func complain(_ message: String) {
        let colour = errorIsTerminal && wantsColour
        writeError((colour ? "\u{1b}[1;31mlotus:\u{1b}[0m " : "lotus: ") + message)
    }

    /// Nanoseconds on a clock that never steps.
    static var nanos: Int64 { RealClock().monotonicNanos() }
}
