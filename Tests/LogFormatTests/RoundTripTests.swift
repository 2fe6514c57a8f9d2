import LogFormat
import Testing

/// What goes into a batch comes out of it, whatever the types and however they are packed.
@Suite struct RoundTripTests {
    static func batch(_ random: inout TestGenerator, _ schemas: [Schema], events: Int) -> [TestEvent] {
        var last = RecordHead()
        return (0..<events).map { _ in
            let index = random.below(schemas.count)
            last = random.head(UInt16(index + 1), after: last)
            return TestEvent(head: last, values: random.values(schemas[index]))
        }
    }

    @Test func `random events of random types come back equal`() throws {
        var bytes = 0
        for seed in 0..<seedCount(300) {
            var random = TestGenerator(seed: UInt64(seed))
            let schemas = [try random.schema("test.A"), try random.schema("test.B")]
            let events = Self.batch(&random, schemas, events: 1 + random.below(30))
            let raw = try pack(events, schemas)
            #expect(try unpack(raw, schemas) == events, "seed \(seed)")
            bytes += raw.bytes.count
        }
        #expect(bytes > 10_000)
    }

    @Test func `canonical bytes do not depend on encodings, steps and documentation`() throws {
        for seed in 0..<seedCount(200) {
            var random = TestGenerator(seed: UInt64(seed) + 10_000)
            let schema = try random.schema()
            let other = try random.repacked(schema)
            #expect(schema.identityDigest == other.identityDigest, "seed \(seed)")
            let events = Self.batch(&random, [schema], events: 8)
            let first = try canonical(try pack(events, [schema]), [schema])
            let second = try canonical(try pack(events, [other]), [other])
            #expect(first == second, "seed \(seed)")
        }
    }

    @Test func `canonical bytes of different events differ`() throws {
        for seed in 0..<seedCount(100) {
            var random = TestGenerator(seed: UInt64(seed) + 20_000)
            let schema = try random.schema()
            let events = Self.batch(&random, [schema], events: 6)
            let all = try canonical(try pack(events, [schema]), [schema])
            for (i, a) in events.enumerated() {
                for (j, b) in events.enumerated() where i < j {
                    #expect((a == b) == (all[i] == all[j]), "seed \(seed)")
                }
            }
        }
    }

    @Test func `a description comes back from its bytes with the same identity`() throws {
        for seed in 0..<seedCount(300) {
            var random = TestGenerator(seed: UInt64(seed) + 30_000)
            let schema = try random.schema()
            let again = try Schema(description: schema.description)
            #expect(again == schema, "seed \(seed)")
            #expect(again.fingerprint == schema.fingerprint, "seed \(seed)")
        }
    }

    @Test func `every change of meaning changes the fingerprint`() throws {
        let base = Field("x", .decimal(scale: 2), unit: "USD")
        var variants: [Field] = [base]
        variants.append(Field("y", .decimal(scale: 2), unit: "USD"))
        variants.append(Field("x", .decimal(scale: 3), unit: "USD"))
        variants.append(Field("x", .i64, unit: "USD"))
        variants.append(Field("x", .decimal(scale: 2), unit: "EUR"))
        variants.append(Field("x", .decimal(scale: 2), null: .optional, unit: "USD"))
        variants.append(Field("x", .decimal(scale: 2), null: .late, unit: "USD"))
        variants.append(Field("x", .decimal(scale: 2), unit: "USD", isKey: true))
        variants.append(Field("x", .decimal(scale: 2), unit: "USD", isVolatile: true))
        var fingerprints = Set(try variants.map { try Schema(name: "t", version: 1, fields: [$0]).fingerprint })
        fingerprints.insert(try Schema(name: "t", version: 2, fields: [base]).fingerprint)
        fingerprints.insert(try Schema(name: "u", version: 1, fields: [base]).fingerprint)
        #expect(fingerprints.count == variants.count + 2)
        let documented = try Schema(name: "t", version: 1, fields: [base], documentation: "words")
        #expect(fingerprints.contains(documented.fingerprint))
    }

    @Test func `a type without fields holds only heads`() throws {
        let schema = try Schema(name: "test.Tick", version: 1, fields: [])
        let events = (1...5).map {
            TestEvent(
                head: RecordHead(typeID: 1, appendNanos: 5, globalSeq: UInt64($0), eventNanos: Int64($0)), values: [])
        }
        let raw = try pack(events, [schema])
        #expect(try unpack(raw, [schema]) == events)
        // Append time stands in the first record only: the others are a tag and a difference of event times.
        #expect(raw.bytes.count == 3 + 2 * 4)
    }

    @Test(arguments: [
        FieldType.bool, .i32, .i64, .u64, .decimal(scale: 1), .time, .enumeration(["a", "b"]), .string, .bytes,
        .fixed(size: 2),
    ])
    func `differences are taken per key, for each kind of key`(_ type: FieldType) throws {
        let schema = try Schema(
            name: "test.Keyed", version: 1,
            fields: [Field("k", type, isKey: true), Field("v", .i64, encoding: .keyDelta)])
        let keys: [Value] =
            switch type {
            case .bool: [.bool(false), .bool(true)]
            case .u64: [.uint(1), .uint(.max)]
            case .enumeration: [.symbol(0), .symbol(1)]
            case .string: [.string("a"), .string("b")]
            case .bytes, .fixed: [.bytes([1, 2]), .bytes([1, 3])]
            default: [.int(3), .int(-70_000)]
            }
        var events: [TestEvent] = []
        for index in 0..<20 {
            let head = RecordHead(typeID: 1, appendNanos: 0, globalSeq: UInt64(index + 1), eventNanos: 0)
            events.append(
                TestEvent(head: head, values: [keys[index % 2], .int(Int64(index % 2) * 1 << 50 + Int64(index))]))
        }
        let raw = try pack(events, [schema])
        #expect(try unpack(raw, [schema]) == events)
        let single = try pack([events[1]], [schema])
        // Without per-key state each of the twenty values would take eight bytes.
        #expect(raw.bytes.count < 20 * (single.bytes.count - 6))
    }
}
