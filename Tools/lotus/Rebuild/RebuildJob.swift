import Events
import LogEngine
import LogFormat
import Projections
import Runtime

/// Where a rebuild ends.
struct RebuildEnd {
    /// The last event that is folded.
    var globalSeq: UInt64 = .max
    /// The history ends before the first event that was appended later.
    var appendNanos: Int64 = .max
    /// Whether the user asked for an end.
    let isGiven: Bool

    /// Reads `seq:N` or `time:T`.
    init(_ text: String?) throws(ToolError) {
        isGiven = text != nil
        guard let text else { return }
        if text.hasPrefix("seq:"), let place = UInt64(text.dropFirst(4)) {
            globalSeq = place
        } else if text.hasPrefix("time:") {
            let moment = Array(text.dropFirst(5).utf8)
            do throws(TimeText.Failure) { appendNanos = try TimeText.parse(moment.span, allowsDate: true) } catch {
                throw ToolError(.usage, "'\(text)': \(error.detail)")
            }
        } else {
            throw ToolError(
                .usage, "'\(text)' is no end; expected seq:N (global sequence number) or time:2026-01-02T03:04:05Z")
        }
    }
}

/// Folds the logs of a root into a file, from wherever the file stands.
struct RebuildJob {
    let root: String
    let subject: String
    let modules: [Module]?
    var end: RebuildEnd
    /// Events folded between two transactions.
    var portion = Self.eventsPerTransaction

    /// As many events between two transactions that their cost does not show.
    static let eventsPerTransaction: UInt64 = 50_000

    func run(into file: String, progress: (UInt64, UInt64) -> Void) throws -> RebuildResult {
        let start = Terminal.nanos
        let store = try ProjectionStore(file, subject: subject)
        let saving = SavingThread(store)
        let folder = Folder()
        folder.state = try store.resume()
        let from = folder.state.position
        let reader = try RootReader(root, modules: modules, after: from.seqs, wants: Folder.wants)
        guard from.globalSeq <= reader.cut.globalSeq else {
            throw ToolError(
                "\(file): has come to event \(from.globalSeq), but the logs of \(root) end at \(reader.cut.globalSeq); "
                    + "it belongs to another root, or the logs were set back: delete it and rebuild")
        }
        let total = min(end.globalSeq, reader.cut.globalSeq) - min(from.globalSeq, end.globalSeq)
        var read: UInt64 = 0
        while true {
            let count = try reader.read(
                upTo: end.globalSeq, appendNanos: end.appendNanos, most: portion
            ) { (batch, place) throws(FormatError) in
                try folder.fold(
                    &batch,
                    EventPlace(
                        module: place.module, seq: place.seq, globalSeq: place.globalSeq,
                        eventNanos: batch.head.eventNanos))
                if place.globalSeq & 0x3FFF == 0 { progress(place.globalSeq - from.globalSeq, total) }
            }
            read += count
            // A file without any event says so too.
            if count > 0 || from.globalSeq == 0 { try saving.save(&folder.state) }
            if count < portion { break }
            guard !Interrupt.isRequested else {
                try saving.finish()
                try Interrupt.check(file)
                break
            }
        }
        try saving.finish()
        let hashes = folder.state.tableHashes()
        let hash = try store.value("state_hash") ?? ""
        try store.close()
        return RebuildResult(
            file: file, subject: subject, position: folder.state.position, from: from, read: read, stateHash: hash,
            hashes: hashes, nanos: Terminal.nanos - start)
    }
}

/// What a rebuild did.
struct RebuildResult {
    var file: String
    let subject: String
    let position: FoldPosition
    let from: FoldPosition
    let read: UInt64
    let stateHash: String
    let hashes: [TableHash]
    let nanos: Int64

    private var eventsPerSecond: Double { Double(read) / max(Double(nanos) / 1e9, 1e-9) }

    var text: String {
        let rows = hashes.reduce(0) { $0 + $1.rows }
        let start = from.globalSeq == 0 ? "" : ", going on from \(Figures.grouped(from.globalSeq))"
        return """
            \(file): up to global sequence number \(Figures.grouped(position.globalSeq))
              \(Figures.grouped(read)) events read\(start), \(Figures.grouped(UInt64(eventsPerSecond))) events/s
              \(Figures.grouped(rows)) rows in \(hashes.count(where: { $0.rows > 0 })) of \(hashes.count) tables
              state hash \(stateHash)
            """
    }

    func json(status: String, more: [(String, String)] = []) -> String {
        let tables = hashes.map { hash in
            JSON.object([
                ("table", jsonString(hash.name)), ("rows", "\(hash.rows)"), ("row_sum", jsonString(hash.sum.text)),
            ])
        }
        return JSON.object(
            [
                ("status", jsonString(status)), ("file", jsonString(file)), ("subject", jsonString(subject)),
                ("gsn", "\(position.globalSeq)"), ("from_gsn", "\(from.globalSeq)"), ("events_read", "\(read)"),
                ("events_folded", "\(position.folded)"), ("events_per_s", decimals(eventsPerSecond, 0)),
                ("state_hash", jsonString(stateHash)),
            ] + more + [("tables", JSON.array(tables))])
    }
}
