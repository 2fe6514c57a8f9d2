import Glibc
import LogEngine

/// The loop that reads lines and appends events, while another thread acknowledges them.
final class Intake {
    private let writer: LogWriter
    private var parser: LineParser
    private let acknowledger: Acknowledger
    private let reader: LineReader
    private let progress = Progress("append", .bytes)
    private let inputBytes: UInt64
    private var output = Output()

    private(set) var appended: UInt64 = 0
    private(set) var refused: UInt64 = 0
    private let firstSeq: UInt64
    private var lineNumber: UInt64 = 0

    init(_ writer: LogWriter, _ types: LineTypes, _ level: AppendLevel, _ stop: StopPipe) {
        self.writer = writer
        parser = LineParser(types)
        let acknowledger = Acknowledger(writer, level)
        self.acknowledger = acknowledger
        reader = LineReader(wakeDescriptor: stop.readDescriptor) { acknowledger.setIdle($0) }
        firstSeq = writer.lastSeq + 1
        var status = stat()
        let isFile = unsafe fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        inputBytes = isFile ? UInt64(max(0, status.st_size)) : 0
    }

    /// Reads to the end, or until asked to stop, and waits for the last acknowledgement.
    ///
    /// - Throws: why the log takes no more; what was acknowledged before stays.
    func run() throws(LogError) {
        acknowledger.setIdle(false)
        let failure = takeLines()
        Progress.clear()
        // A failed acknowledgement is the cause, a refused append its consequence.
        output = try acknowledger.finish()
        if let failure { throw failure }
        if reader.failure != 0 {
            throw LogError(FSError(code: reader.failure, operation: "read", path: "standard input"))
        }
    }

    private func takeLines() -> LogError? {
        while !acknowledger.isBroken {
            switch reader.next() {
            case .end: return nil
            case .tooLong:
                lineNumber += 1
                refuse("longer than \(LineReader.lineBytesMax >> 20) MiB")
            case .line(let range):
                lineNumber += 1
                if let failure = take(range) { return failure }
                if lineNumber & 1023 == 0 { progress.update(reader.byteCount, of: inputBytes) }
            }
        }
        return nil
    }

    private func take(_ range: Range<Int>) -> LogError? {
        let buffer = reader.buffer
        let text = buffer.span.extracting(range)
        if isBlank(text) { return nil }
        let event: EventLine
        do throws(LineError) { event = try parser.parse(text) } catch {
            refuse(error.description)
            return nil
        }
        do throws(LogError) {
            let seq = try writer.append(
                event.values, typeID: event.typeID, eventNanos: event.eventNanos, flags: event.flags)
            appended += 1
            acknowledger.note(seq)
        } catch {
            guard error.code == .badEvent else { return error }
            refuse(error.message)
        }
        return nil
    }

    private func isBlank(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where text[index] != 0x20 && text[index] != 9 && text[index] != 13 { return false }
        return true
    }

    private func refuse(_ reason: String) {
        refused += 1
        Terminal.writeError("line \(lineNumber): \(reason)")
    }

    /// Prints what was done: for machines on standard output, for a person on standard error.
    func sumUp(json: Bool) throws(LogError) {
        let range = appended > 0 ? (firstSeq, firstSeq + appended - 1) : nil
        if json {
            output.line(
                JSON.object([
                    ("appended", "\(appended)"), ("refused", "\(refused)"), ("first_seq", JSON.number(range?.0)),
                    ("last_seq", JSON.number(range?.1)),
                ]))
            try output.flush()
        } else if Terminal.errorIsTerminal {
            let events = range.map { ", seq \($0.0)…\($0.1)" } ?? ""
            Terminal.writeError(
                "\(Figures.grouped(appended)) events appended\(events); \(Figures.grouped(refused)) refused")
        }
        if output.isClosed {
            throw LogError(.fileSystem, "nobody reads the acknowledgements: standard output was closed")
        }
    }
}
