import LogFormat
import Testing

/// Digests, roots and number coding against values computed elsewhere.
@Suite struct HashTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `SHA-256 gives the digests of FIPS 180-4`(_ text: String, _ digest: String) {
        #expect(Digest(hashing: Array(text.utf8)).description == digest)
    }

    @Test func `SHA-256 of a million letters, in pieces of all sizes`() {
        var hasher = SHA256Hasher()
        var left = 1_000_000, size = 1
        while left > 0 {
            hasher.update([UInt8](repeating: UInt8(ascii: "a"), count: min(size, left)))
            left -= min(size, left)
            size = size * 3 % 1009 + 1
        }
        #expect(hasher.digest().description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `lengths around the block size hash alike in one piece and byte by byte`() {
        for count in 50...140 {
            let bytes = (0..<count).map { UInt8($0) }
            var hasher = SHA256Hasher()
            for byte in bytes { hasher.update([byte]) }
            #expect(hasher.digest() == Digest(hashing: bytes), "\(count) bytes")
        }
    }

    @Test func `XXH3 gives the values of xxHash 0.8`() {
        #expect(xxh3([], seed: 0) == 0x2D06_8005_38D3_94C2)
        #expect(xxh3([], seed: 1) != xxh3([], seed: 0))
        #expect(xxh3(Array("abc".utf8), seed: 0) == 0x78AF_5F94_892F_3950)
    }

    static func leaf(_ byte: UInt8) -> Digest { Digest([UInt8](repeating: byte, count: 32)) }

    static func node(_ left: Digest, _ right: Digest) -> Digest { Digest(hashing: [1] + left.bytes + right.bytes) }

    @Test func `Merkle roots of none to five leaves`() {
        let leaves = (1...5).map { Self.leaf(UInt8($0)) }
        #expect(merkleRoot([]) == .zero)
        #expect(merkleRoot([leaves[0]]) == leaves[0])
        let two = Self.node(leaves[0], leaves[1])
        #expect(merkleRoot(Array(leaves[0..<2])) == two)
        #expect(merkleRoot(Array(leaves[0..<3])) == Self.node(two, leaves[2]))
        let four = Self.node(two, Self.node(leaves[2], leaves[3]))
        #expect(merkleRoot(Array(leaves[0..<4])) == four)
        #expect(merkleRoot(leaves) == Self.node(four, leaves[4]))
        #expect(merkleRoot(leaves.reversed()) != merkleRoot(leaves))
    }

    @Test func `a leaf covers 1,024 events, and its logical digest no volatile part`() {
        func run(_ count: Int, volatile: UInt8) -> (leaves: [MerkleLeaf], partial: MerkleLeaf, pending: UInt64) {
            var accumulator = LeafAccumulator()
            for index in 0..<count {
                withUnsafeBytes(of: UInt64(index).littleEndian) { stable in
                    withUnsafeBytes(of: volatile) { accumulator.add(stable: stable, volatile: $0) }
                }
            }
            return (accumulator.takeLeaves(), accumulator.partialLeaf(), accumulator.pending)
        }
        let before = run(1023, volatile: 1), full = run(1024, volatile: 1), other = run(1024, volatile: 2)
        #expect(before.leaves.isEmpty && before.pending == 1023 && before.partial != .zero)
        #expect(full.leaves.count == 1 && full.pending == 0 && full.partial == .zero)
        #expect(full.leaves[0].logical == other.leaves[0].logical)
        #expect(full.leaves[0].identity != other.leaves[0].identity)
        let stable = (0..<1024).flatMap { index in (0..<8).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) } }
        let digest = Digest(hashing: stable)
        #expect(full.leaves[0].logical == Digest(hashing: [0] + digest.bytes))
        let volatile = Digest(hashing: [UInt8](repeating: 1, count: 1024))
        #expect(full.leaves[0].identity == Digest(hashing: [0] + digest.bytes + volatile.bytes))
    }

    @Test(arguments: [
        (UInt64(0), 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (1 << 35 - 1, 5), (1 << 35, 6), (.max >> 1, 9),
        (.max, 10),
    ])
    func `varints take seven bits a byte and come back`(_ value: UInt64, _ count: Int) throws {
        var buffer = ByteBuffer()
        buffer.appendVarint(value)
        #expect(buffer.count == count)
        let bytes = buffer.bytes
        #expect(try Self.varint(bytes) == value)
        for length in 0..<count { #expect(throws: FormatError.self) { _ = try Self.varint(Array(bytes[0..<length])) } }
        // Near the end it is read byte by byte, with bytes behind it in one piece: the same number, the same place.
        for behind in 0...12 {
            let all = bytes + [UInt8](repeating: 0xA5, count: behind)
            let place = try all.withRawBytes { raw throws(FormatError) in
                var reader = ByteReader(raw, what: "test")
                #expect(try reader.readVarint() == value)
                return reader.offset
            }
            #expect(place == count, "\(behind) bytes behind")
        }
    }

    static func varint(_ bytes: [UInt8]) throws(FormatError) -> UInt64 {
        try bytes.withRawBytes { raw throws(FormatError) in
            var reader = ByteReader(raw, what: "test")
            return try reader.readVarint()
        }
    }

    @Test func `a varint longer than needed is accepted, one above 64 bits is not`() throws {
        #expect(try Self.varint([0x81, 0x80, 0x00]) == 1)
        let nine = [UInt8](repeating: 0xFF, count: 9)
        #expect(try Self.varint(nine + [1]) == .max)
        #expect(throws: FormatError.self) { _ = try Self.varint(nine + [2]) }
        #expect(throws: FormatError.self) { _ = try Self.varint(nine + [0x80, 0]) }
        #expect(throws: FormatError.self) { _ = try Self.varint(nine + [2, 0, 0]) }
    }

    @Test(arguments: [(Int64(0), UInt64(0)), (-1, 1), (1, 2), (-2, 3), (.max, .max - 1), (.min, .max)])
    func `zigzag puts small numbers of both signs first`(_ number: Int64, _ coded: UInt64) {
        #expect(zigzag(number) == coded)
        #expect(unzigzag(coded) == number)
    }

    @Test func `an LZ4 frame comes back, and any other length is refused`() throws {
        let codec = FrameCodec()
        var random = TestGenerator(seed: 5)
        for size in [0, 1, 100, 65_536, 65_537, 300_000, 5_000_000] {
            let raw =
                (0..<size / 2).map { UInt8(truncatingIfNeeded: $0 / 9) } + random.bytes(min(size - size / 2, 70_000))
            var frame = ByteBuffer()
            _ = raw.withUnsafeBytes { codec.compress($0, into: &frame) }
            let stored = frame.bytes
            func decoded(_ count: Int) throws(FormatError) -> [UInt8] {
                var target = ByteBuffer()
                try stored.withRawBytes { bytes throws(FormatError) in
                    try codec.decompress(bytes, rawCount: count, into: &target)
                }
                return target.bytes
            }
            #expect(try decoded(raw.count) == raw, "\(size) bytes")
            #expect(throws: FormatError.self) { _ = try decoded(raw.count + 1) }
            if raw.count > 0 { #expect(throws: FormatError.self) { _ = try decoded(raw.count - 1) } }
        }
    }

    @Test func `damaged, shortened, lengthened and random LZ4 frames are refused or decode to the length asked for`()
        throws
    {
        let codec = FrameCodec()
        var random = TestGenerator(seed: 6)
        let raw = (0..<600).map { UInt8(truncatingIfNeeded: $0 / 7) } + random.bytes(100)
        var frame = ByteBuffer()
        _ = raw.withUnsafeBytes { codec.compress($0, into: &frame) }
        let good = frame.bytes
        func check(_ bytes: [UInt8]) throws -> Bool {
            var target = ByteBuffer()
            do {
                try bytes.withRawBytes { stored throws(FormatError) in
                    try codec.decompress(stored, rawCount: raw.count, into: &target)
                }
            } catch { return false }
            return target.count == raw.count
        }
        #expect(try check(good))
        for length in 0..<good.count { #expect(try !check(Array(good[0..<length])), "length \(length)") }
        #expect(try !check(good + [0]))
        for (bytes, _) in mutations(good) { _ = try check(bytes) }
        for _ in 0..<300 { #expect(try !check(random.bytes(random.below(300)))) }
        // The codec still works after all that.
        #expect(try check(good))
    }
}
