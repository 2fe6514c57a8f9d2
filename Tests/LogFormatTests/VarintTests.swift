import Testing

@testable import LogFormat

/// An event type whose fields together may be longer than the slack behind a batch.
private struct Wide: LogEvent, Equatable {
    static let typeName = "test.Wide"
    static let version: UInt16 = 1
    var instrument: Int32 = 1
    var first = InlineArray<64, Int32>(repeating: 0)
    var second = InlineArray<64, Int32>(repeating: 0)
    var third = InlineArray<64, Int32>(repeating: 0)
    var fourth = InlineArray<64, Int32>(repeating: 0)
    var noise = InlineArray<1100, Float>(repeating: 0)
    var last: Int64 = 0

    mutating func fields(_ v: inout some FieldVisitor) {
        v.i32("instrument", &instrument, isKey: true)
        v.i32List("first", &first, unit: "", step: 1_000_003, "")
        v.i32List("second", &second, unit: "", step: 1_000_003, "")
        v.i32List("third", &third, unit: "", step: 1_000_003, "")
        v.i32List("fourth", &fourth, unit: "", step: 1_000_003, "")
        v.f32List("noise", &noise, unit: "", "")
        v.i64("last", &last, encoding: .varint)
    }

    static func == (a: Wide, b: Wide) -> Bool {
        (0..<64).allSatisfy {
            a.first[$0] == b.first[$0] && a.second[$0] == b.second[$0] && a.third[$0] == b.third[$0]
                && a.fourth[$0] == b.fourth[$0]
        } && (0..<1100).allSatisfy { a.noise[$0] == b.noise[$0] } && a.last == b.last
    }
}

/// The readers that rely on slack instead of a check per byte.
@Suite struct VarintTests {
    static func taken(_ bytes: [UInt8]) -> (value: UInt64, byteCount: Int, isValid: Bool) {
        (bytes + [UInt8](repeating: 0xFF, count: 16)).withUnsafeBytes { raw in
            guard let start = raw.baseAddress else { return (0, 0, false) }
            var cursor = start
            var failed = false
            let value = takeVarint(&cursor, &failed)
            return (value, cursor - start, !failed)
        }
    }

    @Test func `varints of every length come back, and behind the tenth byte is none`() throws {
        var random = TestGenerator(seed: 5)
        for round in 0..<20_000 {
            let value = random.next() >> UInt64(round % 64)
            var buffer = ByteBuffer(capacity: 16)
            buffer.appendVarint(value)
            let found = Self.taken(buffer.bytes)
            #expect(found == (value, buffer.count, true), "\(value)")
        }
        for length in 1...9 {
            // Zeros may be written the long way.
            let long = [UInt8](repeating: 0x80, count: length) + [0]
            #expect(Self.taken(long) == (0, length + 1, true))
        }
        #expect(!Self.taken([UInt8](repeating: 0x80, count: 9) + [2]).isValid)
        #expect(!Self.taken([UInt8](repeating: 0xFF, count: 12)).isValid)
    }

    @Test func `a record longer than the slack is read whole, and refused wherever it is cut`() throws {
        var random = TestGenerator(seed: 6)
        var event = Wide()
        for index in 0..<64 {
            event.first[index] = Int32(truncatingIfNeeded: random.next())
            event.second[index] = Int32(truncatingIfNeeded: random.next())
            event.third[index] = Int32(truncatingIfNeeded: random.next())
            event.fourth[index] = Int32(truncatingIfNeeded: random.next())
        }
        for index in 0..<1100 { event.noise[index] = Float(index) / 7 }
        event.last = .min
        let head = RecordHead(typeID: 1, appendNanos: 0, globalSeq: 1, eventNanos: 0)
        let raw = try packTyped([(event, head)])
        #expect(try unpackTyped(raw, as: Wide.self).map(\.0) == [event])
        for length in 0..<raw.bytes.count {
            let cut = RawBatch(bytes: Array(raw.bytes[0..<length]), count: 1)
            #expect(try attempt { try unpackTyped(cut, as: Wide.self).count } == nil, "\(length)")
        }
    }

    @Test func `however wrong the bytes behind the end are, no more is read than the slack`() throws {
        let state = BatchState()
        state.register(try Wide.makeSchema(), typeID: 1)
        let memory = try #require(state.state(of: 1)?.memory)
        [UInt8](repeating: 0xFF, count: 32 << 10).withUnsafeBytes { raw in
            guard let end = raw.baseAddress else { return }
            var reader = FieldReader(cursor: end, end: end, memory: memory, eventNanos: 0)
            var event = Wide()
            event.fields(&reader)
            #expect(reader.failed)
            #expect(reader.cursor - end <= FieldReader.slack)
        }
    }
}
