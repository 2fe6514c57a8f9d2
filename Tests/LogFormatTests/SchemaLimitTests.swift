import LogFormat
import Testing

/// Each limit and rule of a description: kept at the limit, refused above it, by maker and by reader alike.
@Suite struct SchemaLimitTests {
    static func schema(_ fields: [Field], name: String = "t", version: UInt16 = 1, documentation: String = "") throws
        -> Schema
    {
        try Schema(name: name, version: version, fields: fields, documentation: documentation)
    }

    static func isAccepted(_ fields: [Field], name: String = "t", documentation: String = "") throws -> Bool {
        let made = try attempt { try schema(fields, name: name, documentation: documentation) }
        if let made { #expect(try Schema(description: made.description) == made) }
        return made != nil
    }

    static func text(_ count: Int) -> String { String(repeating: "a", count: count) }

    static func nested(_ depth: Int) -> FieldType { depth == 0 ? .bool : .list(nested(depth - 1), count: 0) }

    @Test func `names, units, symbols and documentation may be as long as the limit`() throws {
        #expect(try Self.isAccepted([], name: Self.text(64)))
        #expect(try !Self.isAccepted([], name: Self.text(65)))
        #expect(try Self.isAccepted([Field(Self.text(64), .bool)]))
        #expect(try !Self.isAccepted([Field(Self.text(65), .bool)]))
        #expect(try Self.isAccepted([Field("a", .bool, unit: Self.text(64))]))
        #expect(try !Self.isAccepted([Field("a", .bool, unit: Self.text(65))]))
        #expect(try Self.isAccepted([Field("a", .enumeration([Self.text(64)]))]))
        #expect(try !Self.isAccepted([Field("a", .enumeration([Self.text(65)]))]))
        #expect(try Self.isAccepted([], documentation: Self.text(1024)))
        #expect(try !Self.isAccepted([], documentation: Self.text(1025)))
        #expect(try Self.isAccepted([Field("a", .bool, documentation: Self.text(1024))]))
        #expect(try !Self.isAccepted([Field("a", .bool, documentation: Self.text(1025))]))
    }

    @Test(arguments: ["a", "A_1", "_", "mkt.Trade", "a-b.c_9"]) func `good type names`(_ name: String) throws {
        #expect(try Self.isAccepted([], name: name))
    }

    @Test(arguments: ["", "1a", ".a", "-a", "a b", "\u{e4}", "a/b", "a\u{0}", "@a", "[a", "`a", "{a"])
    func `bad type names`(_ name: String) throws {
        #expect(try !Self.isAccepted([], name: name))
        #expect(try !Self.isAccepted([Field(name, .bool)]))
    }

    @Test(arguments: ["a.b", "a-b"]) func `field names hold no dots and dashes`(_ name: String) throws {
        #expect(try !Self.isAccepted([Field(name, .bool)]))
    }

    @Test func `names are unique within their record, not beyond`() throws {
        #expect(try !Self.isAccepted([Field("a", .bool), Field("a", .i32)]))
        #expect(try !Self.isAccepted([Field("a", .record([Field("b", .bool), Field("b", .bool)]))]))
        #expect(try Self.isAccepted([Field("a", .record([Field("a", .bool)]))]))
        #expect(try !Self.isAccepted([Field("a", .enumeration(["x", "x"]))]))
        #expect(try !Self.isAccepted([Field("a", .enumeration([""]))]))
        #expect(try !Self.isAccepted([Field("a", .enumeration([]))]))
    }

    @Test func `fields are counted over all levels up to 1,024`() throws {
        func fields(_ count: Int) -> [Field] { (0..<count).map { Field("f\($0)", .bool) } }
        #expect(try Self.isAccepted(fields(1024)))
        #expect(try !Self.isAccepted(fields(1025)))
        #expect(try Self.isAccepted(fields(1000) + [Field("r", .record(fields(23)))]))
        #expect(try !Self.isAccepted(fields(1000) + [Field("r", .record(fields(24)))]))
        #expect(try Self.isAccepted(fields(1022) + [Field("l", .list(.bool, count: 0))]))
        #expect(try !Self.isAccepted(fields(1023) + [Field("l", .list(.bool, count: 0))]))
    }

    @Test func `types nest eight deep, counting the field itself`() throws {
        #expect(try Self.isAccepted([Field("a", Self.nested(7))]))
        #expect(try !Self.isAccepted([Field("a", Self.nested(8))]))
        var record = FieldType.bool
        for _ in 0..<7 { record = .record([Field("r", record)]) }
        #expect(try Self.isAccepted([Field("a", record)]))
        #expect(try !Self.isAccepted([Field("a", .record([Field("r", record)]))]))
    }

    @Test func `sizes, scales, symbols and lists keep their limits`() throws {
        for (good, bad) in [
            (FieldType.fixed(size: 1), FieldType.fixed(size: 0)), (.fixed(size: 64), .fixed(size: 65)),
            (.decimal(scale: 0), .decimal(scale: -1)), (.decimal(scale: 18), .decimal(scale: 19)),
            (.list(.bool, count: 1 << 20), .list(.bool, count: 1 << 20 + 1)),
            (.list(.bool, count: 0), .list(.bool, count: -1)),
            (.enumeration((0..<4096).map { "s\($0)" }), .enumeration((0..<4097).map { "s\($0)" })),
        ] {
            #expect(try Self.isAccepted([Field("a", good)]), "\(good)")
            #expect(try !Self.isAccepted([Field("a", bad)]), "\(bad)")
        }
        #expect(try !Self.isAccepted([Field("a", .record([]))]))
    }

    @Test func `versions start at 1`() throws {
        #expect(try attempt { try Self.schema([], version: 0) } == nil)
        #expect(try attempt { try Self.schema([], version: .max) } != nil)
    }

    @Test func `a description may be 64 KiB long`() throws {
        func fields(_ last: Int) -> [Field] {
            (0..<63).map { Field("f\($0)", .bool, documentation: Self.text(1024)) }
                + [Field("last", .bool, documentation: Self.text(last))]
        }
        let base = try Self.schema(fields(0)).description.count
        // The length of a text longer than 127 bytes takes one byte more.
        let room = FormatLimits.schemaBytesMax - base - 1
        #expect((128...1024).contains(room))
        #expect(try Self.schema(fields(room)).description.count == FormatLimits.schemaBytesMax)
        #expect(try Self.isAccepted(fields(room)))
        #expect(try !Self.isAccepted(fields(room + 1)))
    }

    @Test func `steps go from 1 to the largest signed number, and need an encoding`() throws {
        for (step, isGood) in [
            (UInt64(0), false), (1, true), (UInt64(Int64.max), true), (UInt64(Int64.max) + 1, false), (.max, false),
        ] {
            for encoding in [FieldEncoding.varint, .delta, .eventDelta] {
                #expect(try Self.isAccepted([Field("a", .i64, encoding: encoding, step: step)]) == isGood, "\(step)")
            }
        }
        #expect(try !Self.isAccepted([Field("a", .i64, encoding: .plain, step: 2)]))
        #expect(try Self.isAccepted([Field("a", .i64, encoding: .plain)]))
    }

    @Test func `number encodings are for numbers, masks for short lists of integers behind a key`() throws {
        let key = Field("k", .i32, isKey: true)
        let types: [FieldType] = [
            .bool, .f64, .f32, .string, .bytes, .fixed(size: 8), .enumeration(["a"]), .list(.i64, count: 3),
            .record([Field("a", .i32)]),
        ]
        for type in types {
            for encoding in [FieldEncoding.varint, .delta, .keyDelta, .eventDelta] {
                #expect(try !Self.isAccepted([key, Field("a", type, encoding: encoding)]), "\(type) \(encoding)")
            }
        }
        for (type, isGood) in [
            (FieldType.list(.i32, count: 1), true), (.list(.i64, count: 64), true), (.list(.u64, count: 9), true),
            (.list(.i32, count: 65), false), (.list(.i32, count: 0), false), (.list(.f32, count: 4), false),
            (.list(.time, count: 4), false), (.i32, false),
        ] {
            #expect(try Self.isAccepted([key, Field("a", type, encoding: .keyMask)]) == isGood, "\(type)")
            #expect(try !Self.isAccepted([Field("a", type, encoding: .keyMask), key]), "\(type) before the key")
        }
        #expect(try !Self.isAccepted([Field("a", .i32, encoding: .keyDelta), key]))
        #expect(try !Self.isAccepted([Field("a", .i32, encoding: .keyDelta)]))
    }

    @Test func `there is at most one key, always present, and of a kind that can be equal`() throws {
        #expect(try !Self.isAccepted([Field("a", .i32, isKey: true), Field("b", .i32, isKey: true)]))
        #expect(try !Self.isAccepted([Field("a", .i32, null: .optional, isKey: true)]))
        #expect(try !Self.isAccepted([Field("a", .i32, null: .late, isKey: true)]))
        #expect(try Self.isAccepted([Field("a", .i32, isKey: true, isVolatile: true)]))
        for type in [FieldType.f64, .f32, .list(.i32, count: 2), .record([Field("x", .i32)])] {
            #expect(try !Self.isAccepted([Field("a", type, isKey: true)]), "\(type)")
        }
    }

    @Test func `fields of records have no marks of their own`() throws {
        for bad in [
            Field("x", .i32, isKey: true), Field("x", .i32, isVolatile: true), Field("x", .i32, encoding: .delta),
            Field("x", .i32, encoding: .plain), Field("x", .i32, step: 5), Field("x", .i32, documentation: "d"),
        ] {
            #expect(try !Self.isAccepted([Field("a", .record([bad]))]))
            #expect(try !Self.isAccepted([Field("a", .list(.record([bad]), count: 0))]))
        }
        #expect(try Self.isAccepted([Field("a", .record([Field("x", .i32, null: .late, unit: "m")]))]))
    }
}
