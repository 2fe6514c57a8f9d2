package import Events
import LogFormat

/// What tells rows apart, with a hash that is cheap and the same in every process.
///
/// The hash only spreads keys over a table in memory; nothing that can be seen depends on it.
package protocol RowKey: Hashable, Comparable, Sendable {
    /// 64 bits that differ for different keys with near certainty.
    var spread: UInt64 { get }
}

/// Mixes 64 bits into others (the multiply-and-fold step of wyhash).
@inline(__always)
private func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = (a ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: b ^ 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
}

extension ID: RowKey {
    @inline(__always)
    package var spread: UInt64 { mixed(ulid.high, ulid.low) }
}

extension String: RowKey {
    package var spread: UInt64 {
        if let spread = unsafe utf8.withContiguousStorageIfAvailable({
            unsafe xxh3(UnsafeRawBufferPointer($0), seed: 0)
        }) {
            return spread
        }
        var copy = self
        return copy.withUTF8 { unsafe xxh3(UnsafeRawBufferPointer($0), seed: 0) }
    }
}

extension Name: RowKey {
    package var spread: UInt64 { text.spread }
}

extension Int64: RowKey {
    @inline(__always)
    package var spread: UInt64 { mixed(UInt64(bitPattern: self), 1) }
}

extension Module: RowKey {
    @inline(__always)
    package var spread: UInt64 { mixed(UInt64(rawValue), 2) }
}

/// A key of two parts.
package struct Pair<First: RowKey, Second: RowKey>: RowKey {
    /// What is compared first.
    package var first: First
    /// What decides between equals.
    package var second: Second

    /// Makes a key.
    package init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    @inline(__always)
    package var spread: UInt64 { Self.spread(first, second) }

    /// The hash of a key that need not be made for it.
    @inline(__always)
    static func spread(_ first: First, _ second: Second) -> UInt64 { mixed(first.spread, second.spread) }

    /// Order of the first parts, then of the second ones.
    package static func < (a: Pair, b: Pair) -> Bool { a.first != b.first ? a.first < b.first : a.second < b.second }
}
