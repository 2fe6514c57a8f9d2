import LogEngine
import LogFormat

/// Entry point of libFuzzer: the first byte selects what is tried, the rest is its input.
///
/// A decoder may throw; it may not trap, read where it should not (AddressSanitizer looks), take much memory
/// (libFuzzer looks) or break one of the
/// promises that are checked here with `precondition`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let selector = bytes.first else { return 0 }
    let input = Array(bytes.dropFirst())
    // The others keep the numbers that the inputs of Fixtures/fuzz begin with.
    if selector == filterSelector {
        fuzzFilter(input)
        return 0
    }
    switch selector % 8 {
    case 0: fuzzBatch(input)
    case 1: fuzzFrame(input)
    case 2: fuzzDescription(input)
    case 3: fuzzManifest(input)
    case 4: fuzzCursor(input)
    case 5: fuzzHeaders(input)
    case 6: fuzzPayloads(input)
    default: fuzzSegment(input)
    }
    return 0
}

/// The value of a call, or nil if it fails with the error type of the format.
func attempt<T>(_ body: () throws(FormatError) -> T) -> T? { try? body() }

func fuzzFrame(_ input: [UInt8]) {
    guard input.count >= 2 else { return }
    let rawCount = Int(input[0]) << 8 | Int(input[1])
    var target = ByteBuffer()
    let codec = FrameCodec()
    try? Array(input.dropFirst(2)).withRawBytes { frame throws(FormatError) in
        try codec.decompress(frame, rawCount: rawCount, into: &target)
    }
    precondition(target.count == 0 || target.count == rawCount, "a frame decodes to what was asked for or to nothing")
}

func fuzzDescription(_ input: [UInt8]) {
    guard let schema = attempt({ () throws(FormatError) in try Schema(description: input) }) else { return }
    precondition(schema.description == input, "a description has one form")
    precondition(attempt { () throws(FormatError) in try Schema(description: schema.description) } == schema)
}

/// Half of the inputs get their hashes made right, so that what is behind the hash is reached.
func fuzzManifest(_ input: [UInt8]) {
    guard let mode = input.first else { return }
    var bytes = Array(input.dropFirst())
    if mode & 1 == 1 {
        var offset = 0
        while offset + 32 <= bytes.count {
            bytes.replaceSubrange(offset..<offset + 4, with: [0x4C, 0x4D, 0x41, 0x4E])
            let length = Int(bytes[offset + 8]) | Int(bytes[offset + 9]) << 8
            bytes[offset + 10] = 0
            bytes[offset + 11] = 0
            let end = min(offset + 32 + length, bytes.count)
            rehash(
                &bytes, at: offset, hashAt: 16, count: end - offset, seed: blockSeed(salt: 0, offset: UInt64(offset)))
            offset = end
        }
    }
    let manifest = Manifest(decoding: bytes)
    precondition(manifest.validEnd <= UInt64(bytes.count))
    precondition((manifest.failure == nil) == (manifest.validEnd == UInt64(bytes.count)))
    _ = (
        manifest.identity?.name, manifest.lastEpoch, manifest.schemas.count, manifest.sealedSegments.count,
        manifest.durableSeq
    )
}

func fuzzCursor(_ input: [UInt8]) {
    if let cursor = attempt({ () throws(FormatError) in try Cursor(input) }) { precondition(cursor.encoded() == input) }
    guard input.count >= 120 else { return }
    var bytes = Array(input[0..<120]) + [UInt8](repeating: 0, count: 8)
    let hash = xxh3(Array(bytes[0..<120]), seed: 0)
    for index in 0..<8 { bytes[120 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
    if let cursor = attempt({ () throws(FormatError) in try Cursor(bytes) }) { precondition(cursor.encoded() == bytes) }
}

func fuzzHeaders(_ input: [UInt8]) {
    guard let mode = input.first else { return }
    var bytes = Array(input.dropFirst())
    if bytes.count >= 128, mode & 1 == 1 {
        rehash(&bytes, at: 0, hashAt: 16, count: 128, seed: blockSeed(salt: 5, offset: 4096))
    }
    if let header = attempt({ () throws(FormatError) in
        try bytes.withRawBytes { raw throws(FormatError) in try BlockHeader.decode(raw, salt: 5, offset: 4096) }
    }) {
        var again = ByteBuffer()
        var copy = header
        copy.encode(into: &again, salt: 5, offset: 4096)
        precondition(again.bytes == Array(bytes[0..<128]), "a header that is accepted has one form")
    }
    // The same bytes as the beginning of both copies of a segment header.
    var page = [UInt8](repeating: 0, count: 4096)
    for offset in [8, 2048] {
        for (index, byte) in bytes.prefix(496).enumerated() { page[offset + index] = byte }
        if mode & 2 == 2 { page.replaceSubrange(offset..<offset + 8, with: Array("LOTUSSEG".utf8)) }
        let hash = xxh3(Array(page[offset..<offset + 496]), seed: 0x4C4F_5455_5348_4452 + UInt64(offset))
        for index in 0..<8 { page[offset + 496 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
    }
    if let found = attempt({ () throws(FormatError) in try SegmentHeader.decode(page) }) {
        precondition(
            found.header.headerID == xxh3(Array(page[8..<504]), seed: found.header.salt), "the id covers all bytes")
    }
}

func fuzzPayloads(_ input: [UInt8]) {
    if let index = attempt({ () throws(FormatError) in
        try input.withRawBytes { raw throws(FormatError) in try IndexPayload(raw) }
    }) {
        precondition(index.encoded().count == input.count)
    }
    if let seal = attempt({ () throws(FormatError) in
        try input.withRawBytes { raw throws(FormatError) in try SealPayload(raw) }
    }) {
        precondition(seal.encoded() == input)
    }
}

/// Sets the hash at `hashAt`, within `count` bytes from `start` on, as if it had been zero.
func rehash(_ bytes: inout [UInt8], at start: Int, hashAt: Int, count: Int, seed: UInt64) {
    bytes.replaceSubrange(start + hashAt..<start + hashAt + 8, with: [UInt8](repeating: 0, count: 8))
    let hash = xxh3(Array(bytes[start..<start + count]), seed: seed)
    for index in 0..<8 { bytes[start + hashAt + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
}
