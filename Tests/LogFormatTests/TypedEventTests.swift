import LogFormat
import Testing

/// Swift event types and descriptions are two ways to the same bytes.
@Suite struct TypedEventTests {
    static func events(_ random: inout TestGenerator, _ count: Int) -> [(Everything, RecordHead)] {
        var last = RecordHead()
        return (0..<count).map { _ in
            last = random.head(1, after: last)
            return (Everything.random(&random), last)
        }
    }

    @Test func `a Swift type packs to the very bytes that its description packs to`() throws {
        let schema = try Everything.makeSchema()
        #expect(schema.fields.count == 18)
        for seed in 0..<seedCount(100) {
            var random = TestGenerator(seed: UInt64(seed))
            let events = Self.events(&random, 1 + random.below(20))
            let typed = try packTyped(events)
            let dynamic = try pack(events.map { TestEvent(head: $0.1, values: $0.0.values) }, [schema])
            #expect(typed.bytes == dynamic.bytes, "seed \(seed)")
        }
    }

    @Test func `a Swift type comes back from its bytes`() throws {
        for seed in 0..<seedCount(100) {
            var random = TestGenerator(seed: UInt64(seed) + 1000)
            let events = Self.events(&random, 1 + random.below(20))
            let again = try unpackTyped(try packTyped(events), as: Everything.self)
            #expect(again.map(\.0) == events.map(\.0), "seed \(seed)")
            #expect(again.map(\.1) == events.map(\.1), "seed \(seed)")
        }
    }

    @Test func `a text key keeps its own differences`() throws {
        let events = (0..<30).map { index in
            let head = RecordHead(typeID: 1, appendNanos: 0, globalSeq: UInt64(index + 1), eventNanos: 0)
            return (Named(name: "n\(index % 3)", value: Int64(index % 3) << 40 + Int64(index)), head)
        }
        let raw = try packTyped(events)
        let again = try unpack(raw, [try Named.makeSchema()])
        #expect(again.map(\.values) == events.map(\.0.values))
        let typed = try unpackTyped(raw, as: Named.self)
        #expect(typed.map(\.0.values) == events.map(\.0.values))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a float that is not finite is refused, and leaves no byte behind`(_ bad: Double) throws {
        var first = Everything(), second = Everything(), third = Everything()
        first.ratio = bad
        second.weight = Float(bad)
        third.scores[1] = Float(bad)
        var builder = BatchBuilder(state: makeState([try Everything.makeSchema()]))
        let head = RecordHead(typeID: 1, appendNanos: 1, globalSeq: 1, eventNanos: 1)
        for event in [first, second, third] {
            var copy = event
            var refused = false
            do { try builder.append(&copy, head: head) } catch { refused = true }
            #expect(refused)
            let left = builder.raw.count + Int(builder.count)
            #expect(left == 0)
        }
    }

    /// Typed and dynamic decoder agree about every input: both refuse it, or both find the same events.
    @Test func `both decoders agree about every changed byte`() throws {
        let schema = try Everything.makeSchema()
        var refused = 0, taken = 0
        for seed in 0..<seedCount(6) {
            var random = TestGenerator(seed: UInt64(seed) + 2000)
            let raw = try packTyped(Self.events(&random, 3))
            for (bytes, index) in mutations(raw.bytes) {
                let changed = RawBatch(bytes: bytes, count: raw.count)
                let dynamic = try attempt { try unpack(changed, [schema]) }
                let typed = try attempt { try unpackTyped(changed, as: Everything.self) }
                #expect(dynamic?.map(\.values) == typed?.map(\.0.values), "seed \(seed), byte \(index)")
                #expect(dynamic?.map(\.head) == typed?.map(\.1), "seed \(seed), byte \(index)")
                if dynamic == nil { refused += 1 } else { taken += 1 }
            }
        }
        #expect(refused > 100 && taken > 100)
    }

    @Test func `both decoders refuse every shortened batch`() throws {
        let schema = try Everything.makeSchema()
        var random = TestGenerator(seed: 3000)
        let raw = try packTyped(Self.events(&random, 3))
        for length in 0..<raw.bytes.count {
            let cut = RawBatch(bytes: Array(raw.bytes[0..<length]), count: raw.count)
            #expect(throws: FormatError.self, "length \(length)") { _ = try unpack(cut, [schema]) }
            #expect(throws: FormatError.self, "length \(length)") { _ = try unpackTyped(cut, as: Everything.self) }
        }
    }

    @Test func `reading on after an error stays within the batch`() throws {
        var random = TestGenerator(seed: 4000)
        let state = makeState([try Everything.makeSchema()])
        let type = try #require(state.state(of: 1))
        for _ in 0..<50 {
            // A head of the known type that runs over the end, then whatever.
            let raw = RawBatch(bytes: random.bytes(random.below(40)) + [0x08, 0x80], count: 100_000)
            let failures = try withReader(raw, state) { reader in Self.readOn(&reader, type) }
            #expect(failures > 5000)
        }
    }

    /// How many of 6,000 attempts to go on fail.
    private static func readOn(_ reader: inout BatchReader, _ type: TypeState) -> Int {
        var event = Everything()
        var failures = 0
        for _ in 0..<2000 {
            do { _ = try reader.next() } catch { failures += 1 }
            do { try reader.decode(&event, type) } catch { failures += 1 }
            do { _ = try reader.decodeValues() } catch { failures += 1 }
        }
        return failures
    }
}
