import Events
import LogEngine
import LogFormat

@testable import Filters

/// Events of one type with a field of every kind, and what `lotus cat` prints of them.
struct Sample {
    static let symbols = ["BUY", "SELL", "NONE"]
    static let words = ["", "BTC", "BTC-USD", "ETH", "it's \"so\"", "a*b", "ä漢🜂", "true", "7"]
    static let leg: [Field] = [
        Field("size", .decimal(scale: 2)), Field("venue", .string, null: .optional),
    ]
    static let gate: [Field] = [
        Field("name", .string), Field("passed", .bool), Field("margin", .f64, null: .optional),
        Field("legs", .list(.record(leg), count: 0)),
    ]
    static let fields: [Field] = [
        Field("flag", .bool), Field("small", .i32), Field("big", .i64, null: .optional), Field("count", .u64),
        Field("ratio", .f64), Field("share", .f32, null: .optional), Field("symbol", .string, isVolatile: true),
        Field("note", .string, null: .optional, isVolatile: true), Field("blob", .bytes),
        Field("hash", .fixed(size: 3)),
        Field("price", .decimal(scale: 4)), Field("at", .time, null: .optional), Field("side", .enumeration(symbols)),
        Field("id", .fixed(size: 16), unit: "ulid"), Field("sizes", .list(.decimal(scale: 1), count: 0)),
        Field("grid", .list(.list(.i32, count: 0), count: 0), null: .optional),
        Field("gates", .list(.record(gate), count: 0)), Field("best", .record(gate), null: .optional),
        Field("last", .u64),
    ]

    let schema: Schema
    let canonical = CanonicalBytes()

    init() throws { schema = try Schema(name: "demo.Everything", version: 3, fields: Self.fields) }

    /// An event by chance, out of few values, so that comparisons often meet.
    static func values(_ random: inout SeededGenerator) -> [Value] { record(fields, &random) }

    private static func record(_ fields: [Field], _ random: inout SeededGenerator) -> [Value] {
        var values: [Value] = []
        for field in fields {
            let isThere = field.null == .required || random.chance(0.6)
            values.append(isThere ? value(field.type, &random) : .null)
        }
        return values
    }

    private static func value(_ type: FieldType, _ random: inout SeededGenerator) -> Value {
        switch type {
        case .bool: .bool(random.chance(0.5))
        case .i32: .int(Int64(random.below(7)) - 3)
        case .i64: .int(random.pick([-3, 0, 1, .max, .max - 1, .min, 9_007_199_254_740_993]))
        case .u64: .uint(random.pick([0, 1, 2, .max, .max - 1, 9_007_199_254_740_993]))
        case .f64: .double(random.pick([0, 0.1, -0.1, 1.5, 1e-7, 123_456_789.125, -2, 1e300]))
        case .f32: .float(random.pick([0, 0.1, 0.5, -1.25, 3e8]))
        case .string: .string(random.pick(words))
        case .bytes: .bytes(Array(random.pick([[], [0], [1, 2, 3], [255, 255]])))
        case .fixed(let size):
            .bytes([UInt8](repeating: UInt8(random.below(3)), count: size - 1) + [UInt8(random.below(2))])
        case .decimal:
            .int(random.pick([0, 1, -1, 5, 10, 15, 100, 25_000, .max, -250]))
        case .time: .int(random.pick([0, 1, -1, 1_767_323_045_500_000_000, 1_767_312_000_000_000_000]))
        case .enumeration: .symbol(UInt32(random.below(symbols.count)))
        case .list(let element, _): .list((0..<random.below(4)).map { _ in value(element, &random) })
        case .record(let fields): .record(record(fields, &random))
        }
    }

    static func head(_ random: inout SeededGenerator) -> RecordHead {
        RecordHead(
            typeID: 1, appendNanos: random.pick([0, 1_767_312_000_000_000_000, 5]),
            globalSeq: UInt64(random.below(5)) + 1,
            eventNanos: random.pick([-1, 0, 1, 1_767_323_045_500_000_000]))
    }

    /// What a filter says of an event; also whether what it says without the payload agrees.
    func takes(_ filter: Filter, _ values: [Value], _ head: RecordHead, seq: UInt64 = 1) throws -> Bool {
        guard let predicate = filter.predicate(for: schema, log: "sig") else { return false }
        let answer = try unsafe canonical.encode(values, schema, head: head) { stable, volatile in
            unsafe predicate.takes(head, seq: seq, stable: stable, volatile: volatile)
        }
        if let early = predicate.verdict(head, seq: seq), early != answer { throw Disagreement() }
        return answer
    }

    struct Disagreement: Error {}

    /// The line that `lotus cat` prints of a root.
    func line(_ values: [Value], _ head: RecordHead, seq: UInt64) throws -> [UInt8] {
        let plan = RecordPlan(schema.fields)
        return try unsafe canonical.encode(values, schema, head: head) { stable, volatile in
            guard var parts = unsafe EventParts(stable: stable, volatile: volatile, plan: plan) else { return [] }
            var text = ByteBuffer(capacity: 1024)
            let start =
                "{\"log\":\"sig\",\"seq\":\(seq),\"gsn\":\(head.globalSeq),\"type\":\"\(schema.name)\",\"version\":3,"
                + "\"event_ts\":\"\(TimeText.text(head.eventNanos))\","
                + "\"append_ts\":\"\(TimeText.text(head.appendNanos))\","
                + "\"data\":"
            text.append(contentsOf: Array(start.utf8))
            text.appendData(plan, &parts)
            text.append(UInt8(ascii: "}"))
            return text.bytes
        }
    }
}

/// A value of JSON, its numbers as they are written.
indirect enum Printed {
    case text([UInt8])
    /// A number, true or false.
    case word(String)
    case list([Printed])
    case object([(name: String, value: Printed)])

    init(_ bytes: [UInt8]) {
        var at = 0
        self = Self.read(bytes, &at)
    }

    private static func read(_ bytes: [UInt8], _ at: inout Int) -> Printed {
        switch bytes[at] {
        case UInt8(ascii: "\""): return .text(text(bytes, &at))
        case UInt8(ascii: "["):
            var elements: [Printed] = []
            at += 1
            while bytes[at] != UInt8(ascii: "]") {
                if bytes[at] == UInt8(ascii: ",") { at += 1 }
                elements.append(read(bytes, &at))
            }
            at += 1
            return .list(elements)
        case UInt8(ascii: "{"):
            var members: [(String, Printed)] = []
            at += 1
            while bytes[at] != UInt8(ascii: "}") {
                if bytes[at] == UInt8(ascii: ",") { at += 1 }
                let name = String(decoding: text(bytes, &at), as: UTF8.self)
                at += 1
                members.append((name, read(bytes, &at)))
            }
            at += 1
            return .object(members)
        default:
            let start = at
            while at < bytes.count, ![UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}")].contains(bytes[at]) {
                at += 1
            }
            return .word(String(decoding: bytes[start..<at], as: UTF8.self))
        }
    }

    /// A text; of escapes the samples have only `\"`.
    private static func text(_ bytes: [UInt8], _ at: inout Int) -> [UInt8] {
        var found: [UInt8] = []
        at += 1
        while bytes[at] != UInt8(ascii: "\"") {
            if bytes[at] == UInt8(ascii: "\\") { at += 1 }
            found.append(bytes[at])
            at += 1
        }
        at += 1
        return found
    }

    /// Everything that stands at a path, through lists.
    func values(_ path: ArraySlice<String>) -> [Printed] {
        switch self {
        case .list(let elements) where !path.isEmpty: return elements.flatMap { $0.values(path) }
        case .object(let members):
            guard let name = path.first else { return [self] }
            return members.filter { $0.name == name }.flatMap { $0.value.values(path.dropFirst()) }
        default: return path.isEmpty ? [self] : []
        }
    }

    /// The single values, of lists within lists too.
    var scalars: [Printed] { if case .list(let elements) = self { elements.flatMap(\.scalars) } else { [self] } }
}
