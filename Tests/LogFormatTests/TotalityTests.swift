import LogFormat
import Testing

/// Any bytes given to any decoder of the format: a value or a typed error, and never anything else.
@Suite struct TotalityTests {
    static func index(_ random: inout TestGenerator) -> IndexPayload {
        let entries = (0..<random.below(6)).map { _ in
            var header = BlockHeader(kind: .batch, link: 0, firstSeq: random.next() >> 8, writerEpoch: 0, durableSeq: 0)
            header.count = UInt32(truncatingIfNeeded: random.next())
            header.minEventNanos = random.integer()
            return IndexEntry(header, offset: random.next())
        }
        let leaves = (0..<random.below(4)).map { _ in
            MerkleLeaf(identity: Digest(random.bytes(32)), logical: Digest(random.bytes(32)))
        }
        let types = (0..<random.below(4)).map { IndexPayload.TypeCount(typeID: UInt16($0 + 1), events: random.next()) }
        return IndexPayload(firstLeaf: random.next(), batches: entries, leaves: leaves, types: types)
    }

    static func decodedIndex(_ bytes: [UInt8]) throws(FormatError) -> IndexPayload {
        try bytes.withRawBytes { raw throws(FormatError) in try IndexPayload(raw) }
    }

    static func decodedSeal(_ bytes: [UInt8]) throws(FormatError) -> SealPayload {
        try bytes.withRawBytes { raw throws(FormatError) in try SealPayload(raw) }
    }

    @Test func `an index comes back from its bytes; other lengths and changed counts are refused`() throws {
        for seed in 0..<30 {
            var random = TestGenerator(seed: UInt64(seed))
            let index = Self.index(&random)
            let bytes = index.encoded()
            #expect(try Self.decodedIndex(bytes) == index, "seed \(seed)")
            for length in 0..<bytes.count {
                #expect(throws: FormatError.self) { _ = try Self.decodedIndex(Array(bytes[0..<length])) }
            }
            #expect(throws: FormatError.self) { _ = try Self.decodedIndex(bytes + [0]) }
            for (changed, place) in mutations(bytes) {
                let again = try attempt { try Self.decodedIndex(changed) }
                if (8..<24).contains(place) { #expect(again == nil, "seed \(seed), byte \(place)") }
                #expect(again != index, "seed \(seed), byte \(place)")
            }
        }
    }

    @Test func `huge counts in an index are refused without taking memory`() {
        var bytes = [UInt8](repeating: 0, count: 24)
        for index in 8..<20 { bytes[index] = 0xFF }
        #expect(throws: FormatError.self) { _ = try Self.decodedIndex(bytes) }
    }

    @Test func `a seal comes back from its bytes; every other length and reserved byte is refused`() throws {
        var random = TestGenerator(seed: 1)
        for _ in 0..<20 {
            var bytes = random.bytes(264)
            bytes.replaceSubrange(164..<168, with: [0, 0, 0, 0])
            let seal = try Self.decodedSeal(bytes)
            #expect(seal.encoded() == bytes)
            for (changed, place) in mutations(bytes, stride: 3) {
                let again = try attempt { try Self.decodedSeal(changed) }
                #expect(again?.encoded() == ((164..<168).contains(place) ? nil : changed), "byte \(place)")
            }
            for length in [0, 1, 263, 265, 1000] {
                #expect(throws: FormatError.self) { _ = try Self.decodedSeal(random.bytes(length)) }
            }
        }
    }

    @Test func `descriptions that are cut, changed or random are refused or obey every rule`() throws {
        var taken = 0, refused = 0
        for seed in 0..<seedCount(25) {
            var random = TestGenerator(seed: UInt64(seed) + 100)
            let schema = try random.schema()
            let bytes = schema.description
            for length in 0..<bytes.count {
                #expect(throws: FormatError.self, "seed \(seed)") {
                    _ = try Schema(description: Array(bytes[0..<length]))
                }
            }
            #expect(throws: FormatError.self) { _ = try Schema(description: bytes + [0]) }
            for (changed, place) in mutations(bytes, stride: bytes.count / 200 + 1) {
                guard let other = try attempt({ try Schema(description: changed) }) else {
                    refused += 1
                    continue
                }
                taken += 1
                // What is accepted can be written and read again, and is not taken for the original.
                #expect(try Schema(description: other.description) == other, "seed \(seed), byte \(place)")
                #expect(other != schema, "seed \(seed), byte \(place)")
            }
            for _ in 0..<20 { _ = try attempt { try Schema(description: random.bytes(random.below(80))) } }
        }
        #expect(taken > 100 && refused > 100)
    }

    @Test func `a description is only accepted in the one form that is written`() throws {
        let bytes = try Schema(name: "t", version: 1, fields: []).description
        // The same length in two bytes instead of one.
        let longer = [bytes[0] | 0x80, 0] + bytes.dropFirst()
        let again = try attempt { try Schema(description: Array(longer)) }
        #expect(again == nil || again?.description == Array(longer))
    }

    @Test func `a hundred thousand nested types in a description do not overflow the stack`() {
        let nest = [UInt8](repeating: 7, count: 60_000)
        #expect(throws: FormatError.self) {
            _ = try Schema(description: [0xFF, 0xFF, 0x03] + [1, 97, 1, 0, 1, 1, 97, 0, 0, 0] + nest)
        }
    }

    /// All three ways through a batch: as values, as canonical bytes, and passing over.
    private static func walk(_ raw: RawBatch, _ schemas: [Schema]) throws -> [TestEvent]? {
        let values = try attempt { try unpack(raw, schemas) }
        let bytes = try attempt { try canonical(raw, schemas) }
        #expect((values == nil) == (bytes == nil))
        #expect(values?.count == bytes?.count)
        let skipped = try attempt {
            try withReader(raw, makeState(schemas)) { reader in
                var count = 0
                while try reader.next() {
                    try reader.skip()
                    count += 1
                }
                return count
            }
        }
        #expect(skipped == values?.count)
        return values
    }

    @Test func `changed and cut batches with right hashes are refused or give events that fit their types`() throws {
        var taken = 0, refused = 0
        for seed in 0..<seedCount(20) {
            var random = TestGenerator(seed: UInt64(seed) + 200)
            let schemas = [try random.schema("test.A"), try random.schema("test.B")]
            let events = RoundTripTests.batch(&random, schemas, events: 4)
            let raw = try pack(events, schemas)
            for (bytes, place) in mutations(raw.bytes, stride: raw.bytes.count / 60 + 1) {
                guard let found = try Self.walk(RawBatch(bytes: bytes, count: raw.count), schemas) else {
                    refused += 1
                    continue
                }
                taken += 1
                for event in found {
                    let schema = schemas[Int(event.head.typeID) - 1]
                    #expect(throws: Never.self, "seed \(seed), byte \(place)") { try schema.validate(event.values) }
                }
            }
            for length in Swift.stride(from: 0, to: raw.bytes.count, by: raw.bytes.count / 100 + 1) {
                let cut = RawBatch(bytes: Array(raw.bytes[0..<length]), count: raw.count)
                #expect(try Self.walk(cut, schemas) == nil, "seed \(seed), length \(length)")
            }
            for _ in 0..<50 {
                _ = try Self.walk(
                    RawBatch(bytes: random.bytes(random.below(200)), count: UInt32(1 + random.below(10))), schemas)
            }
        }
        #expect(taken > 100 && refused > 100)
    }

    @Test func `decoded bytes that are not those that were written are refused`() throws {
        let schema = try Schema(name: "t", version: 1, fields: [])
        let raw = RawBatch(bytes: [1 << 3, 0], count: 1)
        #expect(try withReader(raw, makeState([schema])) { $0.remaining } == 1)
        let error = try formatFailure { _ = try withReader(raw, makeState([schema]), rawHash: 1) { $0.remaining } }
        guard case .badHash = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a batch with more or fewer events than it says is refused`() throws {
        var random = TestGenerator(seed: 300)
        let schema = try random.schema()
        let raw = try pack(RoundTripTests.batch(&random, [schema], events: 5), [schema])
        for count in [UInt32(1), 4, 6, 1 << 20] {
            #expect(try Self.walk(RawBatch(bytes: raw.bytes, count: count), [schema]) == nil, "\(count) events")
        }
    }

    @Test func `unknown types and flags are refused by name`() throws {
        let schema = try Schema(name: "t", version: 1, fields: [])
        #expect(
            try formatFailure { _ = try unpack(RawBatch(bytes: [2 << 3, 0], count: 1), [schema]) }
                == .unknownType(typeID: 2))
        for flags in [UInt8(0), 64, 128] {
            #expect(
                try Self.walk(RawBatch(bytes: [1 << 3 | 4, flags, 0], count: 1), [schema]) == nil, "flags \(flags)")
        }
        #expect(try Self.walk(RawBatch(bytes: [1 << 3 | 4, 63, 0], count: 1), [schema])?.count == 1)
        for tag in [[UInt8](), [0x00], [0x80, 0x80, 0x20]] {
            #expect(try Self.walk(RawBatch(bytes: tag + [0], count: 1), [schema]) == nil, "tag \(tag)")
        }
    }
}
