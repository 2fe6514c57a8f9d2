import LogFormat

@testable import struct LogFormat.BatchReader

/// One event as a test knows it.
struct TestEvent: Equatable {
    var head: RecordHead
    var values: [Value]
}

/// A batch that stands nowhere: raw bytes, and how many events they hold.
struct RawBatch {
    var bytes: [UInt8]
    var count: UInt32
}

/// A state that knows `schemas` under the ids 1, 2, ….
func makeState(_ schemas: [Schema]) -> BatchState {
    let state = BatchState()
    for (index, schema) in schemas.enumerated() { state.register(schema, typeID: UInt16(index + 1)) }
    return state
}

/// Packs events by their descriptions.
func pack(_ events: [TestEvent], _ schemas: [Schema]) throws -> RawBatch {
    var builder = BatchBuilder(state: makeState(schemas), capacity: 64)
    for event in events {
        try schemas[Int(event.head.typeID) - 1].validate(event.values)
        try builder.append(event.values, head: event.head)
    }
    return RawBatch(bytes: builder.raw.bytes, count: builder.count)
}

/// Compresses raw bytes, whatever they are, with all hashes right unless another is given, and opens a reader on them.
func withReader<R>(
    _ raw: RawBatch, _ state: BatchState, rawHash: UInt64? = nil, _ body: (inout BatchReader) throws -> R
) throws -> R {
    let codec = FrameCodec()
    var frame = ByteBuffer()
    _ = raw.bytes.withUnsafeBytes { codec.compress($0, into: &frame) }
    var header = BlockHeader(kind: .batch, link: 0, firstSeq: 1, writerEpoch: 1, durableSeq: 0)
    header.count = raw.count
    header.rawLength = UInt32(raw.bytes.count)
    header.rawHash = rawHash ?? xxh3(raw.bytes, seed: 7)
    var reader = BatchReader(state: state)
    let stored = frame.bytes
    try stored.withRawBytes { bytes throws(FormatError) in try reader.open(header, stored: bytes, codec: codec, seed: 7)
    }
    return try body(&reader)
}

/// All events of a batch, by the descriptions.
func unpack(_ raw: RawBatch, _ schemas: [Schema]) throws -> [TestEvent] {
    try withReader(raw, makeState(schemas)) { reader in
        var events: [TestEvent] = []
        while try reader.next() {
            let head = reader.head
            events.append(TestEvent(head: head, values: try reader.decodeValues().values))
        }
        return events
    }
}

/// The canonical bytes of all events, one after another.
func canonical(_ raw: RawBatch, _ schemas: [Schema]) throws -> [[UInt8]] {
    try withReader(raw, makeState(schemas)) { reader in
        var encoder = CanonicalEncoder()
        var all: [[UInt8]] = []
        while try reader.next() {
            let parts = try encoder.encode(&reader) { stable, volatile in [UInt8](stable) + [UInt8](volatile) }
            all.append(parts.get())
        }
        return all
    }
}

extension Result where Failure == Never {
    /// The value of a result that cannot fail.
    func get() -> Success {
        switch self {
        case .success(let value): value
        }
    }
}

/// The error of a call that must fail as the format says, nil if it succeeds.
func formatFailure(_ body: () throws -> Void) throws -> FormatError? {
    do {
        try body()
        return nil
    } catch let error as FormatError {
        return error
    }
}

/// Every input that differs from `bytes` in one byte, in four ways, with the place; `stride` thins them out.
func mutations(_ bytes: [UInt8], stride: Int = 1) -> [(bytes: [UInt8], index: Int)] {
    var all: [(bytes: [UInt8], index: Int)] = []
    for index in Swift.stride(from: 0, to: bytes.count, by: stride) {
        for change in [UInt8(0x01), 0x80, 0xFF, bytes[index]] where change != 0 {
            var copy = bytes
            copy[index] ^= change
            all.append((copy, index))
        }
    }
    return all
}

/// The value of a call, or nil if it fails as the format says; any other error goes on.
func attempt<T>(_ body: () throws -> T) throws -> T? {
    do { return try body() } catch is FormatError { return nil }
}
