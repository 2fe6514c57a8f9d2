import Events
import Filters
import LogEngine
import LogFormat

/// Prints the events of one type.
final class TypePrinter {
    let schema: Schema
    let plan: RecordPlan
    /// What `--where` asks of the type's events; nil if nothing.
    let predicate: FilterPredicate?
    /// `,"type":"x.y","version":1,"event_ts":"`.
    private let head: [UInt8]
    private static let seqLabel = Array("\"seq\":".utf8)
    private static let appendLabel = Array("\",\"append_ts\":\"".utf8)
    private static let dataLabel = Array("\",\"data\":".utf8)

    init(_ schema: Schema, _ predicate: FilterPredicate?) {
        self.schema = schema
        self.predicate = predicate
        plan = RecordPlan(schema.fields)
        head = Array(",\"type\":\(jsonString(schema.name)),\"version\":\(schema.version),\"event_ts\":\"".utf8)
    }

    /// Appends one event, given by its canonical parts.
    func append(
        _ form: EventPrinter.Form, seq: UInt64, head: RecordHead, stable: UnsafeRawBufferPointer,
        volatile: UnsafeRawBufferPointer, origin: [UInt8], to buffer: inout ByteBuffer
    ) {
        if form == .canonical {
            unsafe buffer.append(contentsOf: stable)
            unsafe buffer.append(contentsOf: volatile)
            return
        }
        guard var parts = unsafe EventParts(stable: stable, volatile: volatile, plan: plan) else { return }
        if form == .csv { return appendRow(seq, head, &parts, to: &buffer) }
        buffer.append(UInt8(ascii: "{"))
        if !origin.isEmpty { buffer.append(contentsOf: origin) }
        buffer.append(contentsOf: Self.seqLabel)
        buffer.appendDigits(seq)
        buffer.append(contentsOf: self.head)
        TimeText.append(head.eventNanos, to: &buffer)
        buffer.append(contentsOf: Self.appendLabel)
        TimeText.append(head.appendNanos, to: &buffer)
        buffer.append(contentsOf: Self.dataLabel)
        buffer.appendData(plan, &parts)
        buffer.append(UInt8(ascii: "}"))
        buffer.append(UInt8(ascii: "\n"))
    }

    /// Appends the row of column names (RFC 4180).
    func appendHeader(to buffer: inout ByteBuffer) {
        let names = ["seq", "event_ts", "append_ts"] + schema.fields.map(\.name)
        buffer.append(contentsOf: Array(names.joined(separator: ",").utf8))
        buffer.append(UInt8(ascii: "\n"))
    }

    private func appendRow(
        _ seq: UInt64, _ head: RecordHead, _ parts: inout EventParts, to buffer: inout ByteBuffer
    ) {
        buffer.appendDigits(seq)
        buffer.append(UInt8(ascii: ","))
        TimeText.append(head.eventNanos, to: &buffer)
        buffer.append(UInt8(ascii: ","))
        TimeText.append(head.appendNanos, to: &buffer)
        for member in plan.members {
            buffer.append(UInt8(ascii: ","))
            guard parts.isPresent(member) else { continue }
            parts.withPart(of: member) { cursor in buffer.appendCell(member.type, &cursor) }
        }
        buffer.append(UInt8(ascii: "\n"))
    }
}

extension ByteBuffer {
    /// Appends a value as a cell: scalars bare, lists and records as JSON text; an empty string is `""`.
    fileprivate mutating func appendCell(_ plan: TypePlan, _ cursor: inout PlainCursor) {
        switch plan {
        case .string: unsafe appendCell(cursor.take(Int(cursor.take(UInt32.self))))
        case .symbols(let symbols, _):
            unsafe symbols[Int(cursor.take(UInt32.self))].withUnsafeBytes { unsafe appendCell($0) }
        case .bytes, .fixed, .ulid, .time, .decimal, .list, .record:
            var cell = ByteBuffer(capacity: 256)
            cell.appendValue(plan, &cursor)
            let isQuoted = if case .list = plan { false } else if case .record = plan { false } else { true }
            unsafe cell.withUnsafeBytes { text in
                unsafe appendCell(isQuoted ? UnsafeRawBufferPointer(rebasing: text.dropFirst().dropLast()) : text)
            }
        default: appendValue(plan, &cursor)
        }
    }

    private mutating func appendCell(_ text: UnsafeRawBufferPointer) {
        let quote = UInt8(ascii: "\"")
        let needsQuotes = unsafe text.isEmpty || text.contains { [10, 13, quote, UInt8(ascii: ",")].contains($0) }
        guard needsQuotes else { return unsafe append(contentsOf: text) }
        append(quote)
        for index in 0..<text.count {
            let byte = unsafe text[index]
            if byte == quote { append(quote) }
            append(byte)
        }
        append(quote)
    }
}
