import Testing

@testable import Parquet

/// The bytes of Parquet's metadata and levels (AT15.2), by hand from the specifications.
@Suite struct BytesTests {
    @Test func `numbers, texts and structures are Thrift's compact protocol`() {
        var thrift = ThriftWriter()
        thrift.structure { outer in
            outer.i32(1, 1)
            outer.i64(3, -1)
            outer.i16(4, 300)
            outer.text(5, "ab")
            outer.structure(8) { inner in
                inner.bool(1, true)
                inner.bool(2, false)
                inner.i8(4, -2)
            }
            // Numbers of fields go on where they stood before the structure within.
            outer.i32s(9, [0, 3])
            outer.texts(10, ["x"])
        }
        #expect(
            thrift.bytes == [
                0x15, 0x02, 0x26, 0x01, 0x14, 0xD8, 0x04, 0x18, 0x02, 0x61, 0x62, 0x3C, 0x11, 0x12, 0x23, 0xFE, 0x00,
                0x19, 0x25, 0x00, 0x06, 0x19, 0x18, 0x01, 0x78, 0x00,
            ])
    }

    @Test func `long lists tell their length in a number of its own`() {
        var thrift = ThriftWriter()
        thrift.structure { $0.i32s(1, Array(repeating: 0, count: 200)) }
        #expect(thrift.bytes == [0x19, 0xF5, 0xC8, 0x01] + [UInt8](repeating: 0, count: 201))
    }

    @Test func `levels are runs, with their length before them`() {
        var levels = LevelRuns()
        for level in [0, 0, 0, 2, 1, 1] { levels.append(level) }
        #expect(levels.take() == [6, 0, 0, 0, 6, 0, 2, 2, 4, 1])
        for _ in 0..<100 { levels.append(1) }
        #expect(levels.take() == [3, 0, 0, 0, 0xC8, 0x01, 1])
        #expect(levels.take() == [0, 0, 0, 0])
    }
}
