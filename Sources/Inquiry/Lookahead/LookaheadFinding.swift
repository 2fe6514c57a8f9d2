import Events
import LogEngine
import LogFormat
import Runtime

/// What a check for lookahead holds a pipeline to.
package enum LookaheadLaw: String, CaseIterable, Sendable {
    /// The market itself: nothing is recorded as known before it was over.
    case input
    /// A tape that ends at a moment leaves every record up to it as it is.
    case prefix
    /// Rubbish behind a moment leaves every record up to it as it is.
    case poison
}

/// A record that depends on something that became known after its time.
package struct LookaheadFinding: Equatable, Sendable {
    /// The law that it breaks.
    package let law: LookaheadLaw
    /// The moment at which the tape was cut or spoiled.
    package let cutNanos: Int64
    /// What stands there with the future as it was recorded; nil for nothing.
    package let with: RecordedEvent?
    /// What stands there without that future; nil for nothing.
    package let without: RecordedEvent?
    /// Field by field, what the future changed.
    package let fields: [FieldDifference]
    /// The detector whose record it is, or whose window it is about; nil for records that name none.
    package internal(set) var detector: String?
    /// How often the same kind of record was found.
    package internal(set) var count = 1

    init(_ law: LookaheadLaw, cutNanos: Int64, with: RecordedEvent?, without: RecordedEvent?) {
        self.law = law
        self.cutNanos = cutNanos
        self.with = with
        self.without = without
        if let with, let without {
            fields = FieldDifference.between(with, without, isExact: false)
        } else {
            fields = []
        }
        detector = record?.text("detector_id")
    }

    init(_ law: LookaheadLaw, cutNanos: Int64, event: RecordedEvent, fields: [FieldDifference]) {
        self.law = law
        self.cutNanos = cutNanos
        (with, without) = (event, nil)
        self.fields = fields
    }

    /// The record: as it stands with the future, else without it.
    private var record: RecordedEvent? { with ?? without }

    /// Name of the record's type.
    package var type: String { record?.schema.name ?? "" }

    /// The scored window that the record is about; nil for records that name none.
    var windowID: ULID? { record?["event_id"].ulid ?? record?["scored_id"].ulid }

    /// Whether another finding says the same about the same kind of record.
    func isLike(_ other: LookaheadFinding) -> Bool { type == other.type && detector == other.detector }

    /// One paragraph.
    package var text: String {
        let who = detector.map { " of \($0)" } ?? ""
        let nanos = record?.head.eventNanos ?? 0
        var lines = ["\(type)\(who) at \(TimeText.text(nanos)) \(verdict) (\(law.rawValue) law, found \(count) times)"]
        lines += fields.prefix(Self.fieldsShown).map { "    \($0.path): \($0.a ?? "none") -> \($0.b ?? "none")" }
        if fields.count > Self.fieldsShown { lines.append("    and \(fields.count - Self.fieldsShown) more fields") }
        return lines.joined(separator: "\n")
    }

    /// Most fields of a finding that are printed.
    private static let fieldsShown = 6

    private var verdict: String {
        let cut = TimeText.text(cutNanos)
        switch (law, with, without) {
        case (.input, _, _): return "is recorded as known before it was over"
        case (_, nil, _): return "vanishes when the market goes on behind \(cut)"
        case (_, _, nil): return "would not stand there had the market ended at \(cut)"
        case (.prefix, _, _): return "is another one when the market ends at \(cut)"
        case (.poison, _, _): return "is another one when the market goes on otherwise behind \(cut)"
        }
    }

    /// One JSON object.
    package var json: String {
        "{\"law\":\(jsonString(law.rawValue)),\"type\":\(jsonString(type)),"
            + "\"detector\":\(detector.map(jsonString) ?? "null"),\"count\":\(count),"
            + "\"cut\":\"\(TimeText.text(cutNanos))\",\"with\":\(with?.json ?? "null"),"
            + "\"without\":\(without?.json ?? "null"),\"fields\":[\(fields.map(\.json).joined(separator: ","))]}"
    }
}

/// A record of a pipeline, kept until it was compared.
struct KeptRecord {
    let name: String
    let nanos: Int64
    /// Hash of its stable canonical bytes.
    let hash: UInt64
    let event: any LogEvent

    /// The record with all its values.
    func recorded(in log: String, seq: UInt64 = 0) throws(LogError) -> RecordedEvent {
        try RecordedEvent(event, in: log, seq: seq, nanos: nanos)
    }
}

extension RecordedEvent {
    /// An event that stands on no log, as if it did.
    ///
    /// - Throws: `badEvent` for one that no log would take.
    init(_ event: some LogEvent, in log: String, seq: UInt64, globalSeq: UInt64 = 0, nanos: Int64) throws(LogError) {
        var event = event
        let head = RecordHead(typeID: 1, appendNanos: nanos, globalSeq: globalSeq, eventNanos: nanos)
        do throws(FormatError) {
            let state = BatchState()
            state.register(try type(of: event).makeSchema(), typeID: 1)
            var builder = BatchBuilder(state: state, capacity: 4096)
            try builder.append(&event, head: head)
            var batch = BatchReader(state: state)
            batch.open(raw: builder.raw, count: 1)
            _ = try batch.next()
            let (schema, values) = try batch.decodeValues()
            self.init(log: log, seq: seq, head: head, schema: schema, values: values)
        } catch { throw LogError(.badEvent, "\(type(of: event).typeName): \(error)") }
    }
}
