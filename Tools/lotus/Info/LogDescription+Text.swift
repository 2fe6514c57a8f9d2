import Events
import LogEngine
import LogFormat

extension LogDescription {
    /// The description for people.
    var text: String {
        var lines = ["\(Terminal.styled(name ?? path, .strong))  \(path)"]
        lines.append("  log id \(logID ?? "unknown"), epoch \(epoch.map { "\($0)" } ?? "unknown")")
        let range = events > 0 ? ", seq \(segments.first?.baseSeq ?? 0)…\(lastSeq)" : ""
        let bytes = segments.reduce(0) { $0 + $1.bytes }
        lines.append("  \(Figures.grouped(events)) events\(range), \(Figures.bytes(bytes))")
        lines.append("  \(writerText)")
        if let recovery {
            lines.append("  last recovery \(recoveryNanos.map(TimeText.text) ?? ""): \(recovery)")
        }
        if !quarantines.isEmpty { lines.append("  set aside: \(quarantines.joined(separator: ", "))") }
        lines += ["", segmentTable]
        if !types.isEmpty { lines += ["", typeTable] }
        return lines.joined(separator: "\n")
    }

    private var writerText: String {
        let durable = durableSeq.map { ", durable up to \($0)" } ?? ""
        if let live {
            return "written to by process \(live.writerPID): written up to \(live.written.seq)\(durable)"
        }
        switch isClosedCleanly {
        case true?: return "closed cleanly\(durable)"
        case false?: return Terminal.styled("not closed cleanly", .warning) + ", the next writer recovers it\(durable)"
        case nil: return "no MANIFEST"
        }
    }

    private var segmentTable: String {
        var rows = [["segment", "base seq", "events", "batches", "bytes", "sealed", "first append", "last append"]]
        for segment in segments {
            rows.append([
                segment.name, "\(segment.baseSeq)", Figures.grouped(segment.events), "\(segment.batches)",
                Figures.bytes(segment.bytes), segment.isSealed ? "sealed" : "-",
                segment.firstAppendNanos.map(TimeText.text) ?? "-", segment.lastAppendNanos.map(TimeText.text) ?? "-",
            ])
        }
        let problems = segments.compactMap { segment in
            segment.problem.map { "\n  \(Terminal.styled("!", .bad)) \(segment.name): \($0)" }
        }
        return Figures.table(rows, rightAligned: [1, 2, 3, 4]) + problems.joined()
    }

    private var typeTable: String {
        var rows = [["id", "type", "events", "fields", "description"]]
        for type in types {
            rows.append([
                "\(type.typeID)", "\(type.schema.name)@\(type.schema.version)", type.events.map(Figures.grouped) ?? "-",
                "\(type.schema.fields.count)", type.schema.documentation,
            ])
        }
        return Figures.table(rows, rightAligned: [0, 2, 3])
    }

    /// The description for machines.
    var json: String {
        JSON.object([
            ("path", jsonString(path)), ("name", JSON.text(name)), ("log_id", JSON.text(logID)),
            ("epoch", JSON.number(epoch)), ("events", "\(events)"),
            ("first_seq", events > 0 ? JSON.number(segments.first?.baseSeq) : "0"), ("last_seq", "\(lastSeq)"),
            ("durable_seq", JSON.number(durableSeq)), ("bytes", "\(segments.reduce(0) { $0 + $1.bytes })"),
            ("closed_cleanly", isClosedCleanly.map { "\($0)" } ?? "null"), ("writer", writerJSON),
            ("recovery", recovery ?? "null"), ("recovered_at", JSON.text(recoveryNanos.map(TimeText.text))),
            ("quarantined", JSON.array(quarantines.map(jsonString))),
            ("segments", JSON.array(segments.map(json))), ("types", JSON.array(types.map(json))),
        ])
    }

    private var writerJSON: String {
        guard let live else { return "null" }
        return JSON.object([
            ("pid", "\(live.writerPID)"), ("epoch", "\(live.epoch)"), ("written_seq", "\(live.written.seq)"),
            ("durable_seq", "\(live.durable.seq)"),
        ])
    }

    private func json(_ segment: Segment) -> String {
        JSON.object([
            ("segment", jsonString(segment.name)), ("ordinal", "\(segment.ordinal)"),
            ("base_seq", "\(segment.baseSeq)"),
            ("events", "\(segment.events)"), ("batches", "\(segment.batches)"), ("bytes", "\(segment.bytes)"),
            ("sealed", "\(segment.isSealed)"),
            ("first_append_ts", JSON.text(segment.firstAppendNanos.map(TimeText.text))),
            ("last_append_ts", JSON.text(segment.lastAppendNanos.map(TimeText.text))),
            ("min_event_ts", JSON.text(segment.minEventNanos.map(TimeText.text))),
            ("max_event_ts", JSON.text(segment.maxEventNanos.map(TimeText.text))),
            ("problem", JSON.text(segment.problem)),
        ])
    }

    private func json(_ type: EventType) -> String {
        JSON.object([
            ("type_id", "\(type.typeID)"), ("type", jsonString(type.schema.name)),
            ("version", "\(type.schema.version)"),
            ("events", JSON.number(type.events)), ("doc", jsonString(type.schema.documentation)),
        ])
    }
}
