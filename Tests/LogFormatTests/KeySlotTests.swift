import LogFormat
import Testing

/// The memory of key state is bounded, and encoder and decoder run into the bound at the same key.
@Suite struct KeySlotTests {
    /// A type with `lists` lists of 64 elements per key.
    static func schema(_ key: FieldType, lists: Int) throws -> Schema {
        var fields = [Field("k", key, isKey: true)]
        for index in 0..<lists {
            fields.append(Field("l\(index)", .list(.i32, count: 64), null: .optional, encoding: .keyMask))
        }
        return try Schema(name: "test.Wide", version: 1, fields: fields)
    }

    @Test(arguments: [FieldType.i64, .string])
    func `keys beyond the budget are packed without memory, and come back equal`(_ key: FieldType) throws {
        let lists = 500
        let schema = try Self.schema(key, lists: lists)
        let budget = FormatLimits.keySlotsMax / (lists * 64)
        let keyCount = budget + 8
        var events: [TestEvent] = []
        for index in 0..<keyCount * 3 {
            let number = (index * 7) % keyCount
            var values: [Value] = [key == .string ? .string("k\(number)") : .int(Int64(number) * 100)]
            values += (1..<lists).map { _ in .null }
            values.append(.list((0..<64).map { .int(Int64($0 * 1000 + number)) }))
            let head = RecordHead(typeID: 1, appendNanos: 0, globalSeq: UInt64(index + 1), eventNanos: 0)
            events.append(TestEvent(head: head, values: values))
        }
        let raw = try pack(events, [schema])
        #expect(try unpack(raw, [schema]) == events)
        // A known key's third event repeats its list with an empty mask; a key beyond the budget writes it all again.
        let full = try pack([events[0]], [schema]).bytes.count
        let repeated = keyCount * 2 - (keyCount - budget) * 2
        #expect(raw.bytes.count < full * (keyCount * 3 - repeated) + repeated * 100)
        #expect(raw.bytes.count > (full - 10) * (keyCount + (keyCount - budget) * 2))
    }

    @Test func `the budget is shared by all types of a batch and renewed for the next batch`() throws {
        let lists = 500
        let schemas = [try Self.schema(.i64, lists: lists), try Self.schema(.u64, lists: lists)]
        let state = makeState(schemas)
        var builder = BatchBuilder(state: state)
        var sizes: [Int] = []
        for _ in 0..<2 {
            for index in 0..<80 {
                let key: Value = index % 2 == 0 ? .int(Int64(index)) : .uint(UInt64(index))
                let list = Value.list((0..<64).map { .int(Int64($0 + 1)) })
                let values = [key] + (1..<lists).map { _ in Value.null } + [list]
                let head = RecordHead(
                    typeID: UInt16(1 + index % 2), appendNanos: 0, globalSeq: UInt64(index + 1), eventNanos: 0)
                try builder.append(values, head: head)
            }
            let raw = RawBatch(bytes: builder.raw.bytes, count: builder.count)
            #expect(try unpack(raw, schemas).count == 80)
            sizes.append(raw.bytes.count)
            builder.removeAll()
        }
        #expect(sizes[0] == sizes[1])
    }

    /// 16 lists of 64 elements: 1,024 slots a key.
    struct Wide: LogEvent {
        static let typeName = "test.WideTyped"
        static let version: UInt16 = 1
        var key: Int64 = 0
        var lists = [InlineArray<64, Int32>](repeating: .init(repeating: 0), count: 16)

        mutating func fields(_ v: inout some FieldVisitor) {
            v.i64("key", &key, isKey: true)
            let names: [StaticString] = [
                "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
            ]
            for index in 0..<16 { v.i32List(names[index], &lists[index], unit: "", step: 1, "") }
        }
    }

    @Test func `a Swift type meets the budget like its description does`() throws {
        let keyCount = FormatLimits.keySlotsMax / 1024 + 5
        var builder = BatchBuilder(state: makeState([try Wide.makeSchema()]), capacity: 1 << 20)
        for round in 0..<2 {
            for key in 0..<keyCount {
                var event = Wide()
                event.key = Int64(key)
                event.lists[round][key % 64] = 1 + Int32(key)
                let head = RecordHead(typeID: 1, appendNanos: 0, globalSeq: UInt64(builder.count + 1), eventNanos: 0)
                try builder.append(&event, head: head)
            }
        }
        let raw = RawBatch(bytes: builder.raw.bytes, count: builder.count)
        let again = try unpackTyped(raw, as: Wide.self)
        var wrong = 0
        for (index, (event, _)) in again.enumerated() {
            let key = index % keyCount, round = index / keyCount
            if event.key != Int64(key) || event.lists[round][key % 64] != 1 + Int32(key) { wrong += 1 }
            if event.lists[1 - round][key % 64] != 0 { wrong += 1 }
        }
        #expect(again.count == 2 * keyCount)
        #expect(wrong == 0)
        let last = try unpack(raw, [try Wide.makeSchema()]).last
        #expect(last?.values.first == .int(Int64(keyCount - 1)))
    }
}
