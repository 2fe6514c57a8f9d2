import LogFormat
import Testing

/// Each limit and rule of a value: kept at the limit, refused above it.
@Suite struct ValueLimitTests {
    static func isAccepted(_ value: Value, _ type: FieldType, null: NullClass = .required) throws -> Bool {
        let schema = try Schema(name: "t", version: 1, fields: [Field("a", type, null: null)])
        guard try attempt({ try schema.validate([value]) }) != nil else { return false }
        let head = RecordHead(typeID: 1, appendNanos: 0, globalSeq: 1, eventNanos: 0)
        let events = [TestEvent(head: head, values: [value])]
        #expect(try unpack(try pack(events, [schema]), [schema]) == events)
        return true
    }

    @Test func `numbers that are not finite are refused by the maker`() throws {
        for bad in [Double.nan, .infinity, -.infinity, .signalingNaN] {
            #expect(try !Self.isAccepted(.double(bad), .f64))
            #expect(try !Self.isAccepted(.float(Float(bad)), .f32))
            #expect(try !Self.isAccepted(.list([.double(bad)]), .list(.f64, count: 0)))
            #expect(try !Self.isAccepted(.record([.float(Float(bad))]), .record([Field("x", .f32)])))
        }
        #expect(try Self.isAccepted(.double(.greatestFiniteMagnitude), .f64))
    }

    @Test func `numbers that are not finite are refused by the reader`() throws {
        for (type, bits) in [
            (FieldType.f64, [UInt8](repeating: 0, count: 6) + [0xF0, 0x7F]), (.f32, [0, 0, 0x80, 0x7F]),
        ] {
            let schema = try Schema(name: "t", version: 1, fields: [Field("a", type)])
            for nan in [0, 1] {
                var bytes = bits
                bytes[0] = UInt8(nan)
                let raw = RawBatch(bytes: [1 << 3, 0] + bytes, count: 1)
                #expect(throws: FormatError.self, "\(type)") { _ = try unpack(raw, [schema]) }
            }
        }
    }

    @Test func `values of another kind or size are refused`() throws {
        let types: [FieldType] = [
            .bool, .i32, .u64, .f64, .f32, .string, .bytes, .enumeration(["a"]), .list(.bool, count: 0),
            .record([Field("x", .bool)]),
        ]
        let values: [Value] = [
            .bool(true), .int(1), .uint(1), .double(1), .float(1), .string("s"), .bytes([1]), .symbol(0),
            .list([.bool(true)]),
            .record([.bool(true)]),
        ]
        for (i, type) in types.enumerated() {
            for (j, value) in values.enumerated() {
                #expect(try Self.isAccepted(value, type) == (i == j), "\(type) \(value)")
            }
            #expect(try !Self.isAccepted(.null, type))
            #expect(try Self.isAccepted(.null, type, null: .optional))
            #expect(try Self.isAccepted(.null, type, null: .late))
        }
        #expect(try Self.isAccepted(.int(Int64(Int32.max)), .i32))
        #expect(try !Self.isAccepted(.int(Int64(Int32.max) + 1), .i32))
        #expect(try !Self.isAccepted(.int(Int64(Int32.min) - 1), .i32))
        #expect(try !Self.isAccepted(.symbol(1), .enumeration(["a"])))
        #expect(try !Self.isAccepted(.bytes([1]), .fixed(size: 2)))
        #expect(try !Self.isAccepted(.list([.bool(true)]), .list(.bool, count: 2)))
        #expect(try !Self.isAccepted(.record([]), .record([Field("x", .bool)])))
    }

    @Test func `the number of values must be the number of fields`() throws {
        let schema = try Schema(name: "t", version: 1, fields: [Field("a", .bool, null: .optional)])
        for values in [[Value](), [.null, .null]] { #expect(throws: FormatError.self) { try schema.validate(values) } }
    }

    @Test func `a list may have 1,048,576 elements`() throws {
        let schema = try Schema(name: "t", version: 1, fields: [Field("a", .list(.bool, count: 0))])
        let limit = FormatLimits.listElementsMax
        #expect(try attempt { try schema.validate([.list([Value](repeating: .bool(true), count: limit))]) } != nil)
        #expect(try attempt { try schema.validate([.list([Value](repeating: .bool(true), count: limit + 1))]) } == nil)
        // 1,048,577 as a varint, and as many bytes.
        let raw = RawBatch(bytes: [1 << 3, 0, 0x81, 0x80, 0x40] + [UInt8](repeating: 1, count: limit + 1), count: 1)
        #expect(throws: FormatError.self) { _ = try unpack(raw, [schema]) }
    }

    /// Stable part 24 bytes, volatile part 20, and the length of the string.
    static let largestText = FormatLimits.eventBytesMax - 44 - 4

    @Test func `an event may be 8 MiB in canonical bytes`() throws {
        let schema = try Schema(name: "t", version: 1, fields: [Field("a", .string)])
        let text = String(repeating: "x", count: Self.largestText)
        let head = RecordHead(typeID: 1, appendNanos: 0, globalSeq: 1, eventNanos: 0)
        let raw = try pack([TestEvent(head: head, values: [.string(text)])], [schema])
        #expect(try canonical(raw, [schema])[0].count == FormatLimits.eventBytesMax)
        #expect(throws: FormatError.self) { try schema.validate([.string(text + "x")]) }
        // Two strings, each within the limit of a string.
        let pair = try Schema(name: "t", version: 1, fields: [Field("a", .string), Field("b", .string)])
        let half = String(repeating: "x", count: Self.largestText / 2 + 100)
        #expect(throws: FormatError.self) { try pair.validate([.string(half), .string(half)]) }
    }

    struct Text: LogEvent {
        static let typeName = "test.Text"
        static let version: UInt16 = 1
        var text = ""
        mutating func fields(_ v: inout some FieldVisitor) { v.string("text", &text, isKey: false, "") }
    }

    /// How many events a typed batch holds after one of `count` letters was offered.
    static func offer(_ count: Int) throws -> Int {
        var builder = BatchBuilder(state: makeState([try Text.makeSchema()]))
        var event = Text()
        event.text = String(repeating: "x", count: count)
        let head = RecordHead(typeID: 1, appendNanos: 0, globalSeq: 1, eventNanos: 0)
        do { try builder.append(&event, head: head) } catch {
            #expect(builder.raw.bytes.isEmpty)
            guard case .limit = error else { throw error }
        }
        return Int(builder.count)
    }

    @Test func `an event of a Swift type has the same limit`() throws {
        #expect(try Self.offer(Self.largestText) == 1)
        #expect(try Self.offer(Self.largestText + 1) == 0)
        #expect(try Self.offer(20 << 20) == 0)
    }

    @Test func `spare bits, bools above 1 and symbols beyond the last are refused by the reader`() throws {
        func isRead(_ type: FieldType, null: NullClass = .required, _ body: [UInt8]) throws -> Bool {
            let schema = try Schema(name: "t", version: 1, fields: [Field("a", type, null: null)])
            return try attempt { try unpack(RawBatch(bytes: [1 << 3, 0] + body, count: 1), [schema]) } != nil
        }
        #expect(try isRead(.bool, [1]))
        #expect(try !isRead(.bool, [2]))
        #expect(try isRead(.bool, null: .optional, [1, 1]))
        #expect(try !isRead(.bool, null: .optional, [3, 1]))
        #expect(try isRead(.enumeration(["a", "b"]), [1]))
        #expect(try !isRead(.enumeration(["a", "b"]), [2]))
        #expect(try isRead(.string, [2, 0xC3, 0xA4]))
        #expect(try !isRead(.string, [2, 0xC3, 0x28]))
        #expect(try !isRead(.string, [1, 0xC3]))
        let masked = try Schema(
            name: "t", version: 1,
            fields: [Field("k", .bool, isKey: true), Field("l", .list(.i32, count: 3), encoding: .keyMask)])
        #expect(try attempt { try unpack(RawBatch(bytes: [8, 0, 1, 4, 2], count: 1), [masked]) } != nil)
        #expect(try attempt { try unpack(RawBatch(bytes: [8, 0, 1, 8, 2], count: 1), [masked]) } == nil)
        // A narrow field must not hold a wide number.
        let wide = try Schema(name: "t", version: 1, fields: [Field("a", .i32)])
        #expect(
            try attempt { try unpack(RawBatch(bytes: [8, 0, 0x80, 0x80, 0x80, 0x80, 0x10], count: 1), [wide]) } == nil)
    }
}
