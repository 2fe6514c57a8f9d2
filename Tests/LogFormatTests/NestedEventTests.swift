import LogFormat
import Testing

/// Optional fields, symbols, identifiers, records and lists of Swift types, against the path that goes by descriptions.
@Suite struct NestedEventTests {
    static func events(_ random: inout TestGenerator, _ count: Int) -> [(Nested, RecordHead)] {
        var last = RecordHead()
        return (0..<count).map { _ in
            last = random.head(1, after: last)
            return (Nested.random(&random), last)
        }
    }

    @Test func `a nested type packs to the very bytes that its description packs to, and comes back`() throws {
        let schema = try Nested.makeSchema()
        for seed in 0..<seedCount(100) {
            var random = TestGenerator(seed: UInt64(seed) + 5000)
            let events = Self.events(&random, 1 + random.below(12))
            let typed = try packTyped(events)
            let dynamic = try pack(events.map { TestEvent(head: $0.1, values: $0.0.values) }, [schema])
            #expect(typed.bytes == dynamic.bytes, "seed \(seed)")
            let again = try unpackTyped(typed, as: Nested.self)
            #expect(again.map(\.0) == events.map(\.0), "seed \(seed)")
            #expect(again.map(\.1) == events.map(\.1), "seed \(seed)")
        }
    }

    @Test func `an event that was decoded into before takes nothing over from what it held`() throws {
        for seed in 0..<seedCount(100) {
            var random = TestGenerator(seed: UInt64(seed) + 8000)
            let nested = Self.events(&random, 20)
            let again = try unpackTyped(try packTyped(nested), as: Nested.self, reuses: true)
            #expect(again.map(\.0) == nested.map(\.0), "seed \(seed)")
            var last = RecordHead()
            let flat = (0..<20).map { _ in
                last = random.head(1, after: last)
                return (Everything.random(&random), last)
            }
            let flatAgain = try unpackTyped(try packTyped(flat), as: Everything.self, reuses: true)
            #expect(flatAgain.map(\.0) == flat.map(\.0), "seed \(seed)")
        }
    }

    @Test func `the description carries null classes, ranges, volatility and symbols`() throws {
        let description = try Nested.describe()
        let fields = Dictionary(uniqueKeysWithValues: description.schema.fields.map { ($0.name, $0) })
        #expect(fields["side"]?.isKey == true)
        #expect(fields["side"]?.type == .enumeration(["BUY", "SELL", "NONE"]))
        #expect(fields["first"]?.null == .optional)
        #expect(fields["maybe"]?.null == .late)
        #expect(fields["took"]?.isVolatile == true)
        #expect(fields["id"]?.type == .fixed(size: 16))
        #expect(
            description.ranges.map(\.path) == ["probability", "ratio", "inner.maybe", "maybe.maybe", "inners.maybe"])
        #expect(description.notes.map(\.path) == ["inner.id", "maybe.id", "inners.id"])
    }

    @Test func `both decoders agree about every changed byte of a nested event`() throws {
        let schema = try Nested.makeSchema()
        var refused = 0, taken = 0
        for seed in 0..<seedCount(2) {
            var random = TestGenerator(seed: UInt64(seed) + 6000)
            let raw = try packTyped(Self.events(&random, 2))
            for (bytes, index) in mutations(raw.bytes) {
                let changed = RawBatch(bytes: bytes, count: raw.count)
                let dynamic = try attempt { try unpack(changed, [schema]) }
                let typed = try attempt { try unpackTyped(changed, as: Nested.self) }
                #expect(dynamic?.map(\.values) == typed?.map(\.0.values), "seed \(seed), byte \(index)")
                if dynamic == nil { refused += 1 } else { taken += 1 }
            }
            for length in 0..<raw.bytes.count {
                let cut = RawBatch(bytes: Array(raw.bytes[0..<length]), count: raw.count)
                #expect(throws: FormatError.self, "length \(length)") { _ = try unpackTyped(cut, as: Nested.self) }
            }
        }
        #expect(refused > 100 && taken > 100)
    }

    @Test func `a value that is not finite or outside of its range is refused and named`() throws {
        var outside = Nested(), inside = Nested(), listed = Nested()
        outside.probability = 1.5
        inside.inner.maybe = .infinity
        listed.amounts = [1, .nan]
        var builder = BatchBuilder(state: makeState([try Nested.makeSchema()]))
        let head = RecordHead(typeID: 1, appendNanos: 1, globalSeq: 1, eventNanos: 1)
        for (event, name) in [(outside, "probability"), (inside, "maybe"), (listed, "amounts")] {
            var copy = event
            var found = ""
            do { try builder.append(&copy, head: head) } catch { found = "\(error)" }
            #expect(found.contains(name), "\(found)")
            let left = builder.raw.count
            #expect(left == 0)
        }
    }

    @Test func `a field that may be absent cannot be packed per key`() throws {
        struct Wrong: LogEvent {
            static let typeName = "test.Wrong"
            static let version: UInt16 = 1
            var key: Int64 = 0
            var price: Int64?
            mutating func fields(_ v: inout some FieldVisitor) {
                v.i64("key", &key, isKey: true)
                v.optional(&price, .optional, 0) { v, price in v.i64("price", &price, encoding: .keyDelta) }
            }
        }
        #expect(throws: FormatError.self) { try Wrong.makeSchema() }
    }
}
