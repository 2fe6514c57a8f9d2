import Events
import LogEngine
import LogFormat
import Testing

@testable import Filters

/// What the language says, in single cases (docs/filters.md; AT14.3).
@Suite struct FilterMeaningTests {
    /// Whether a filter takes an event of one field.
    private func takes(_ text: String, _ type: FieldType, _ value: Value, unit: String = "") throws -> Bool {
        let schema = try Schema(name: "demo.One", version: 1, fields: [Field("x", type, null: .optional, unit: unit)])
        let filter = try Filter(text)
        try filter.check([FilterSubject(log: "a", schema: schema)], isOpen: false)
        guard let predicate = filter.predicate(for: schema, log: "a") else { return false }
        let head = RecordHead(typeID: 1, appendNanos: 5, globalSeq: 7, eventNanos: 6)
        return try unsafe CanonicalBytes().encode([value], schema, head: head) { stable, volatile in
            unsafe predicate.takes(head, seq: 3, stable: stable, volatile: volatile)
        }
    }

    @Test func `numbers are compared as they are printed, not as floats`() throws {
        let big = Value.int(9_007_199_254_740_993)
        #expect(try takes("data.x = 9007199254740993", .i64, big))
        #expect(try !takes("data.x = 9007199254740992", .i64, big))
        #expect(try takes("data.x > 9007199254740992.5", .i64, big))
        #expect(try takes("data.x = 18446744073709551615", .u64, .uint(.max)))
        #expect(try takes("data.x < 18446744073709551616", .u64, .uint(.max)))
        #expect(try takes("data.x = 0.3", .decimal(scale: 8), .int(30_000_000)))
        #expect(try takes("data.x = \"0.30000000\"", .decimal(scale: 8), .int(30_000_000)))
        #expect(try takes("data.x < 0.300000000000000000001", .decimal(scale: 8), .int(30_000_000)))
        #expect(try !takes("data.x <= 0.299999999999999999999", .decimal(scale: 8), .int(30_000_000)))
        #expect(try takes("data.x > -0.000000001", .decimal(scale: 8), .int(0)))
        #expect(try takes("data.x >= -1e-999 and data.x <= 1e-999", .decimal(scale: 8), .int(0)))
        #expect(try takes("data.x < 1e999 and data.x > -1e999", .i64, .int(.max)))
        #expect(try takes("data.x = 0.1", .f32, .float(0.1)))
        #expect(try !takes("data.x < 0.1", .f32, .float(0.1)))
    }

    @Test func `nothing compares with what is not there`() throws {
        for text in ["data.x = 1", "data.x != 1", "data.x < 1", "data.x >= 1", "data.x in (1, 2)", "has data.x"] {
            #expect(try !takes(text, .i64, .null), "\(text)")
            #expect(try takes("not \(text)", .i64, .null), "\(text)")
        }
        #expect(try takes("has data.x", .i64, .int(0)))
    }

    @Test func `of a list one element is enough, and of an empty one nothing holds`() throws {
        let list = FieldType.list(.i64, count: 0)
        let values = Value.list([.int(1), .int(5)])
        #expect(try takes("data.x = 5", list, values))
        #expect(try takes("data.x != 5", list, values))
        #expect(try !takes("not data.x = 5", list, values))
        #expect(try takes("data.x < 2 and data.x > 4", list, values))
        #expect(try !takes("data.x != 5", list, .list([])))
        #expect(try takes("has data.x", list, .list([])))
    }

    @Test func `texts, symbols, ids and times are what is printed`() throws {
        #expect(try takes("data.x ~ BTC*", .string, .string("BTC-USD")))
        #expect(try takes("data.x ~ '*-*D'", .string, .string("BTC-USD")))
        #expect(try !takes("data.x ~ 'aba*aba'", .string, .string("ababa")))
        #expect(try takes("data.x ~ 'aba*ba'", .string, .string("ababa")))
        #expect(try takes("data.x = \"a\\u00e4\\n\"", .string, .string("aä\n")))
        #expect(try takes("data.x >= BUY and data.x < SELL", .enumeration(["SELL", "BUY"]), .symbol(1)))
        #expect(try takes("data.x in (BUY, SELL)", .enumeration(["BUY", "SELL", "NONE"]), .symbol(1)))
        let id = Value.bytes([UInt8](repeating: 0, count: 15) + [9])
        #expect(try takes("data.x = 00000000000000000000000009", .fixed(size: 16), id, unit: "ulid"))
        #expect(try takes("data.x ~ *9", .fixed(size: 16), id, unit: "ulid"))
        #expect(try takes("data.x = 1970-01-01T00:00:00.000000005Z", .time, .int(5)))
        #expect(try takes("data.x >= 1970-01-01 and data.x = 5", .time, .int(5)))
        #expect(try takes("event_ts = 6 and append_ts < 1970-01-02 and gsn = 7 and seq = 3", .bool, .null))
    }

    @Test func `not binds closest, then and, then or`() throws {
        #expect(try takes("seq = 3 or seq = 4 and seq = 5", .bool, .null))
        #expect(try !takes("(seq = 3 or seq = 4) and seq = 5", .bool, .null))
        #expect(try takes("not seq = 4 and seq = 3", .bool, .null))
    }

    @Test func `types of which nothing can be taken are known before any event`() throws {
        let one = try Schema(name: "demo.One", version: 1, fields: [Field("x", .i64)])
        let two = try Schema(name: "demo.Two", version: 1, fields: [Field("y", .i64)])
        func types(_ text: String) throws -> [String] {
            let filter = try Filter(text)
            return [one, two].filter { filter.mayTake($0, log: "a") }.map(\.name)
        }
        #expect(try types("type = demo.One") == ["demo.One"])
        #expect(try types("data.y = 1") == ["demo.Two"])
        #expect(try types("not data.y = 1") == ["demo.One", "demo.Two"])
        #expect(try types("type in (demo.One, demo.Two) and has data.x") == ["demo.One"])
        #expect(try types("log = b or type = demo.Two and version = 1") == ["demo.Two"])
        #expect(try types("type != demo.One and not (data.y = 1 or seq < 5)") == ["demo.Two"])
    }

    @Test func `bounds follow from what is joined by and and or`() throws {
        func seqs(_ text: String) throws -> [UInt64] {
            let bounds = try Filter(text).bounds
            return [bounds.firstSeq, bounds.lastSeq]
        }
        #expect(try seqs("seq > 5 and seq <= 9.5 and data.x = 1") == [6, 9])
        #expect(try seqs("seq in (7, 3) or seq = 12") == [3, 12])
        #expect(try seqs("seq > 5 or data.x = 1") == [1, .max])
        #expect(try seqs("not seq > 5") == [1, .max])
        #expect(try seqs("seq > 5 and seq < 6") == [.max, 0])
        let bounds = try Filter("event_ts >= 1970-01-02 and append_ts < 1970-01-03 and seq != 4").bounds
        let day: Int64 = 86_400_000_000_000
        #expect(bounds.eventNanos == day...Int64.max && bounds.appendNanos == Int64.min...(2 * day - 1))
    }
}
