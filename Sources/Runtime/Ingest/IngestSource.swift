import Events
import LogEngine
package import LogFormat
package import Market

/// A file that is to be read, before it is.
package struct IngestFile: Sendable {
    /// Where it is.
    package let path: String
    /// What it is.
    package let format: SourceFormat
    /// SHA-256 of its bytes.
    package let digest: Digest
    /// Its size in bytes.
    package let size: UInt64

    /// Its name, without its folder.
    package var name: String { SourceName(path).file }
    /// Its place in a session: by name; files of one name in several folders by what they hold.
    var order: [UInt8] { Array(name.utf8) + [0] + digest.bytes }
    /// Its folder.
    var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    /// First bytes by which formats are told apart.
    static let headBytes = 64 << 10

    /// Looks at a file.
    ///
    /// - Throws: `format` with all kinds that are known if it is none of them; `fileSystem`.
    init(_ path: String, _ fileSystem: any LogFS, progress: (UInt64) -> Void) throws(LogError) {
        self.path = path
        let name = SourceName(path)
        if let reason = SourceFormat.unread(name) {
            (format, digest, size) = (.unread(reason), .zero, 0)
            return
        }
        let feed = LineFeed(try SourceBytes(path, fileSystem))
        let head = try feed.head(Self.headBytes)
        do throws(UnknownSource) {
            format = try SourceFormat.detect(head, name)
        } catch {
            throw LogError(.format, "\(path): found \(error.found); known are: \(SourceFormat.known)")
        }
        (digest, size) = try SourceBytes.hash(path, fileSystem, progress)
    }
}

/// A source while it is read.
final class IngestSource {
    let file: IngestFile
    let bytes: SourceBytes
    /// When the current record becomes known: its receipt or, in tables, the end of what it tells of; nil at the end.
    ///
    /// Documents stand at the smallest.
    private(set) var stampNanos: Int64?
    /// In tables of bars, the end of the current row's stretch.
    private var endNanos: Int64?

    private let feed: LineFeed
    private let isStamped: Bool
    private var collector: CollectorTable?
    private var candles: CandleTable?
    private var funding: FundingTable?
    private var document: DocumentReader?
    private var lineNumber = 0

    /// Opens a file and moves to its first record.
    init(_ file: IngestFile, _ fileSystem: any LogFS, into intake: inout Intake) throws(LogError) {
        self.file = file
        bytes = try SourceBytes(file.path, fileSystem)
        feed = LineFeed(bytes)
        var isStamped = false
        switch file.format {
        case .collector(let kind, let symbol):
            collector = CollectorTable(kind, symbol: symbol)
            isStamped = true
        case .frames: isStamped = true
        case .candles(let layout): candles = CandleTable(layout)
        case .funding(let layout): funding = FundingTable(layout)
        case .document(let kind): document = DocumentReader(kind)
        case .unread: break
        }
        self.isStamped = isStamped
        guard document == nil else {
            stampNanos = .min
            return
        }
        try advance(&intake)
    }

    /// Moves to the next record that has a stamp; refuses those that have none.
    func advance(_ intake: inout Intake) throws(LogError) {
        while try feed.next() {
            lineNumber += 1
            countLong(&intake)
            guard feed.lineCount > 0 else {
                intake.note(.emptyLine)
                continue
            }
            if lineNumber == 1, isHeader {
                intake.note(.header)
                continue
            }
            guard isStamped else {
                // Rows that step back, or tell no time, are refused when they are read, at the time that is reached.
                stampNanos = max(stampNanos ?? .min, feed.withLine { known(of: $0) } ?? .min)
                return
            }
            if let nanos = feed.withLine({ stamp(of: $0) }) {
                stampNanos = nanos
                return
            }
            intake.reject(.badStamp)
        }
        countLong(&intake)
        stampNanos = nil
    }

    private func stamp(of line: Span<UInt8>) -> Int64? {
        var at = 0
        return collector != nil ? try? Moment.seconds(line, &at) : try? Moment.stamp(line, &at)
    }

    private func known(of line: Span<UInt8>) -> Int64? {
        if let funding { return funding.knownNanos(line) }
        guard let times = candles?.times(line, after: endNanos) else { return nil }
        endNanos = max(endNanos ?? .min, times.endNanos)
        return times.knownNanos
    }

    private func countLong(_ intake: inout Intake) {
        for _ in 0..<feed.longLineCount { intake.reject(.lineTooLong) }
        feed.longLineCount = 0
    }

    /// Whether the first line is a header: tables that have one begin with a letter.
    private var isHeader: Bool {
        guard collector != nil || candles != nil || funding != nil else { return false }
        return feed.withLine { $0[0] | 0x20 >= UInt8(ascii: "a") && $0[0] | 0x20 <= UInt8(ascii: "z") }
    }

    /// Reads the current record, with all that came at the same moment, and moves on.
    func take(_ frames: inout FrameLines?, into intake: inout Intake) throws(LogError) {
        guard let nanos = stampNanos else { return }
        if document != nil {
            stampNanos = nil
            return try readDocument(&intake)
        }
        if collector != nil {
            repeat {
                feed.withLine { collector?.line($0, receivedNanos: nanos, into: &intake) }
                try advance(&intake)
            } while stampNanos == nanos
            collector?.endFrame(receivedNanos: nanos, into: &intake)
            return
        }
        feed.withLine { line in
            if isStamped {
                frames?.line(line, receivedNanos: nanos, into: &intake)
            } else if candles != nil {
                candles?.line(line, into: &intake)
            } else {
                funding?.line(line, into: &intake)
            }
        }
        try advance(&intake)
    }

    private func readDocument(_ intake: inout Intake) throws(LogError) {
        guard let text = try feed.rest(limit: DocumentReader.bytesMax) else {
            return intake.reject(.lineTooLong)
        }
        document?.read(text.span, into: &intake)
    }

    /// What ended the source early, for a person.
    func trouble() -> String? {
        bytes.checkEnd()
        return bytes.trouble
    }
}
