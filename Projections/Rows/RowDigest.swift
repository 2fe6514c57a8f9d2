import LogFormat

/// SHA-256 of a row's canonical bytes, as a number that sums of rows are made of.
package struct RowDigest: Equatable, Sendable {
    /// Four words, the least significant one first.
    package var words = InlineArray<4, UInt64>(repeating: 0)

    /// Zero: the sum of no rows.
    package init() {}

    init(_ words: InlineArray<4, UInt64>) { self.words = words }

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
