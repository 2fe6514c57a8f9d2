import Glibc
import LogEngine
import LogFormat

/// Called by libFuzzer before the first input.
///
/// With LOTUS_FUZZ_SEEDS=FOLDER it writes one healthy input for each target there, and ends.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    guard let folder = getenv("LOTUS_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
    do { try writeSeeds(folder) } catch { fatalError("\(error)") }
    exit(0)
}

func writeSeeds(_ folder: String) throws {
    func write(_ name: String, _ bytes: [UInt8]) {
        guard let file = fopen("\(folder)/\(name)", "w") else { fatalError("cannot write \(name)") }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
    let (batch, count) = try healthyBatch()
    write("batch", [0, UInt8(count - 1)] + batch)
    let codec = FrameCodec()
    var frame = ByteBuffer()
    _ = batch.withUnsafeBytes { codec.compress($0, into: &frame) }
    write("frame", [1, UInt8(batch.count >> 8), UInt8(batch.count & 255)] + frame.bytes)
    write("description", [2] + (try makeRichSchema()).description)
    let log = FuzzLog.shared
    let manifest = log.files.first { $0.key.hasSuffix("/MANIFEST") }?.value ?? []
    write("manifest", [3, 0] + manifest)
    write("manifest-rehashed", [3, 1] + manifest)
    let cursor = Cursor(logID: Array(1...16), epoch: 1, seq: 2, hash: 3, ordinal: 4, offset: 5)
    write("cursor", [4] + cursor.encoded())
    let sealed = log.files[log.segments[0]] ?? []
    write("header", [5, 1] + sealed[4096..<4224])
    write("segment-header", [5, 2] + sealed[8..<504])
    write("seal", [6] + sealed.suffix(264))
    write(
        "index",
        [6] + [UInt8](repeating: 0, count: 8) + [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
            + [UInt8](repeating: 7, count: 144))
    for mode in UInt8(0)..<4 { write("segment-\(mode)", [7, mode, mode & 1, 60, 1, 2, 7, 200, 1, 3, 9]) }
    let filter = "not (data.a >= -1.5e3 or log in (sig, \"m\\u00e4\")) and type ~ fuzz.*\r\nand has data.l"
    write("filter", [filterSelector] + Array(filter.utf8))
    write("segment-cut", [7, 0, 1, 90, 2, 0, 0])
}

/// Events of both types of the harness, as raw bytes.
func healthyBatch() throws -> (raw: [UInt8], count: UInt32) {
    let state = BatchState()
    state.register(try FuzzEvent.makeSchema(), typeID: 1)
    state.register(try makeRichSchema(), typeID: 2)
    var builder = BatchBuilder(state: state)
    for index in 0..<2 {
        var event = FuzzEvent(
            key: 1, delta: 2, keyed: 3000, event: 4, unsigned: 50, flag: true, ratio: 1.5, note: "note")
        event.levels[index] = 8
        try builder.append(
            &event, head: RecordHead(typeID: 1, appendNanos: 1, globalSeq: UInt64(2 * index + 1), eventNanos: 9))
        try builder.append(
            [
                .string("key"), .int(25), .list((0..<64).map { .uint(UInt64($0 % 3 * 3)) }),
                .list([.list([.record([.null, .symbol(1)]), .record([.int(-4), .symbol(0)])]), .list([])]),
                .bytes([1, 2, 3, 4, 5]), .int(-7),
                .int(20), .bytes([9, 8]), .float(2), .uint(77),
            ],
            head: RecordHead(typeID: 2, flags: .late, appendNanos: 5, globalSeq: UInt64(2 * index + 2), eventNanos: 11))
    }
    return (builder.raw.bytes, builder.count)
}
