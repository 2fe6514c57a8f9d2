import LogFormat

/// SHA-256 of a row's canonical bytes, as a number that sums of rows are made of.
package struct RowDigest: Equatable, Sendable {
    /// Four words, the least significant one first.
    package var words = InlineArray<4, UInt64>(repeating: 0)

    /// Zero: the sum of no rows.
    package init() {}

    init(_ digest: Digest) {
        for index in 0..<32 { words[index >> 3] |= UInt64(digest.bytes[index]) << UInt64(8 * (index & 7)) }
    }

    /// Whether all words are the same.
    package static func == (a: RowDigest, b: RowDigest) -> Bool {
        a.words[0] == b.words[0] && a.words[1] == b.words[1] && a.words[2] == b.words[2] && a.words[3] == b.words[3]
    }

    /// Adds modulo 2^256.
    package mutating func add(_ other: RowDigest) {
        var carry: UInt64 = 0
        for index in 0..<4 {
            let (first, firstOverflow) = words[index].addingReportingOverflow(other.words[index])
            let (second, secondOverflow) = first.addingReportingOverflow(carry)
            words[index] = second
            carry = firstOverflow || secondOverflow ? 1 : 0
        }
    }

    /// Subtracts modulo 2^256.
    package mutating func subtract(_ other: RowDigest) {
        var borrow: UInt64 = 0
        for index in 0..<4 {
            let (first, firstOverflow) = words[index].subtractingReportingOverflow(other.words[index])
            let (second, secondOverflow) = first.subtractingReportingOverflow(borrow)
            words[index] = second
            borrow = firstOverflow || secondOverflow ? 1 : 0
        }
    }
}

extension RowDigest {
    /// 64 hexadecimal digits, the most significant ones first.
    package var text: String {
        var bytes: [UInt8] = []
        for index in 0..<32 {
            bytes.append(UInt8(truncatingIfNeeded: words[3 - (index >> 3)] >> UInt64(56 - 8 * (index & 7))))
        }
        return hex(bytes)
    }

    /// Reads what `text` writes.
    init?(text: String) {
        guard text.utf8.count == 64 else { return nil }
        self.init()
        var rest = text[...]
        for index in 0..<4 {
            guard let word = UInt64(rest.prefix(16), radix: 16) else { return nil }
            words[3 - index] = word
            rest = rest.dropFirst(16)
        }
    }
}

/// Makes canonical bytes of rows and digests of them, with reused memory.
///
/// Each cell is a tag and its value, little-endian; a text has its length before it.
struct RowHasher: ~Copyable {
    private var cells = CanonicalCells()

    init() {}

    mutating func digest<Row: ViewRow>(_ row: inout Row) -> RowDigest {
        cells.bytes.truncate(to: 0)
        row.fields(&cells)
        var hasher = SHA256Hasher()
        unsafe cells.bytes.withBytes { unsafe hasher.update($0) }
        return RowDigest(hasher.digest())
    }
}

/// The bytes of one row; the buffer is an object because visitors are copyable.
private struct CanonicalCells: CellVisitor {
    let bytes = Buffer()

    final class Buffer {
        private var buffer = ByteBuffer(capacity: 1024)

        func truncate(to count: Int) { buffer.truncate(to: count) }
        func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) { buffer.append(value) }
        func append(utf8 text: inout String) {
            text.withUTF8 { utf8 in
                buffer.append(UInt32(utf8.count))
                unsafe buffer.append(contentsOf: UnsafeRawBufferPointer(utf8))
            }
        }
        func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) { unsafe buffer.withUnsafeBytes { unsafe body($0) } }
    }

    mutating func integer(_ value: inout Int64) {
        bytes.append(UInt8(1))
        bytes.append(value)
    }

    mutating func real(_ value: inout Double) {
        bytes.append(UInt8(2))
        bytes.append(value.bitPattern)
    }

    mutating func text(_ value: inout String) {
        bytes.append(UInt8(3))
        bytes.append(utf8: &value)
    }

    mutating func symbolIndex(_ index: UInt8, of symbols: [String]) -> UInt8? {
        // The name, not the number: numbers of symbols may differ between programs, what a table says may not.
        var name = symbols[Int(index)]
        text(&name)
        return nil
    }

    mutating func bytes<let count: Int>(_ value: inout InlineArray<count, UInt8>) {
        bytes.append(UInt8(4))
        for index in 0..<count { bytes.append(value[index]) }
    }

    mutating func isPresent(_ hasValue: Bool) -> Bool {
        if !hasValue { bytes.append(UInt8(0)) }
        return hasValue
    }
}
