package import LogFormat

/// A ULID: 48 bits of milliseconds since 1970, then 80 bits that tell ids of the same millisecond apart (GEN-02).
///
/// Lotus never draws ids: they are derived from what they name, so that a replay gives the same ones (GEN-03).
package struct ULID: Hashable, Comparable, Sendable {
    /// The milliseconds, and the first 16 of the other bits.
    package let high: UInt64
    /// The last 64 bits.
    package let low: UInt64

    /// Makes an id of its 128 bits.
    @inlinable
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The id of something that happened at `eventNanos`: the random part is the start of SHA-256 over the deriving
    /// module and the key (GEN-03).
    ///
    /// Times before 1970 and after the year 10889 are held at the ends of the 48 bits.
    package init(module: String, key: String, eventNanos: Int64) {
        self.init(ULIDSeed(module: module, key: key), eventNanos: eventNanos)
    }

    /// The id of something that happened at `eventNanos`, of a key that was hashed before.
    package init(_ seed: ULIDSeed, eventNanos: Int64) {
        let millis = UInt64(clamping: eventNanos / 1_000_000) & 0xFFFF_FFFF_FFFF
        high = millis << 16 | UInt64(seed.high)
        low = seed.low
    }

    /// Reads 16 bytes, the first ones first.
    package init(bigEndian bytes: UnsafeRawBufferPointer) {
        high = unsafe UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// The 16 bytes, the first ones first.
    package var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - 8 * ($0 & 7))) }
    }

    /// Milliseconds since 1970.
    package var millis: UInt64 { high >> 16 }

    /// Order of the 128 bits, which is the order of the texts.
    @inlinable
    package static func < (a: ULID, b: ULID) -> Bool { a.high != b.high ? a.high < b.high : a.low < b.low }

    /// Crockford's base 32: no I, L, O, U.
    private static let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    /// The character of the lowest five bits.
    @inline(__always)
    private static func character(_ bits: UInt64) -> UInt8 {
        // SAFETY: five bits are at most 31, the place of the last character.
        unsafe alphabet.utf8Start[Int(truncatingIfNeeded: bits & 31)]
    }

    /// The 26 characters.
    package var text: String {
        var bytes = InlineArray<26, UInt8>(repeating: 0)
        var span = bytes.mutableSpan
        write(to: &span, at: 0)
        return String(decoding: (0..<26).map { bytes[$0] }, as: UTF8.self)
    }

    /// Writes the 26 characters of `text` from `place` on, without making one.
    package func write(to bytes: inout MutableSpan<UInt8>, at place: Int) {
        // Twelve characters hold 60 bits; the first two hold the eight that are left.
        let middle = high << 4 | low >> 60
        bytes[place] = Self.character(high >> 61)
        bytes[place + 1] = Self.character(high >> 56)
        for index in 0..<12 {
            bytes[place + 13 - index] = Self.character(middle >> UInt64(5 * index))
            bytes[place + 25 - index] = Self.character(low >> UInt64(5 * index))
        }
    }

    /// Reads the 26 characters, in either case; nil if they are no ULID of 128 bits.
    package init?(text: String) {
        let characters = Array(text.utf8)
        guard characters.count == 26 else { return nil }
        var bits: UInt128 = 0
        for (index, character) in characters.enumerated() {
            let upper = character >= UInt8(ascii: "a") ? character & 0xDF : character
            let digit = (0..<32).first { Self.character($0) == upper }
            guard let digit, index > 0 || digit < 8 else { return nil }
            bits = bits << 5 | UInt128(digit)
        }
        high = UInt64(truncatingIfNeeded: bits >> 64)
        low = UInt64(truncatingIfNeeded: bits)
    }
}

/// The part of a derived id that its key alone decides: who names many moments by one key hashes it once (GEN-03).
package struct ULIDSeed: Equatable, Sendable {
    /// The first 16 of the 80 bits.
    package let high: UInt16
    /// The last 64.
    package let low: UInt64

    /// The start of SHA-256 over `module|key`.
    package init(module: String, key: String) {
        var hasher = SHA256Hasher()
        hasher.update(utf8: module)
        hasher.update(utf8: "|")
        hasher.update(utf8: key)
        self.init(hasher)
    }

    /// The start of SHA-256 over `module|key`.
    package init(module: Module, key: String) { self.init(module: module.text, key: key) }

    /// The start of what a hasher has taken: `module|key`.
    package init(_ hasher: SHA256Hasher) {
        let words = hasher.leadingWords()
        high = UInt16(truncatingIfNeeded: words.0 >> 48)
        low = words.0 << 16 | words.1 >> 48
    }
}

/// What kind of thing an id names.
package protocol IDKind: Sendable {
    /// What stands before the 26 characters when the id is written.
    static var prefix: String { get }
}

/// An id of one kind of thing; ids of different kinds do not mix.
package struct ID<Kind: IDKind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The id itself.
    package var ulid: ULID

    /// Wraps a ULID.
    @inlinable
    package init(_ ulid: ULID) { self.ulid = ulid }

    /// Derives an id (GEN-03).
    package init(module: Module, key: String, eventNanos: Int64) {
        ulid = ULID(module: module.text, key: key, eventNanos: eventNanos)
    }

    /// Derives an id of a key that was hashed before (GEN-03).
    package init(_ seed: ULIDSeed, eventNanos: Int64) { ulid = ULID(seed, eventNanos: eventNanos) }

    /// Reads what `description` writes; nil for anything else.
    package init?(text: String) {
        guard text.hasPrefix(Kind.prefix), let ulid = ULID(text: String(text.dropFirst(Kind.prefix.count))) else {
            return nil
        }
        self.ulid = ulid
    }

    /// Reads 16 bytes, the first ones first; nil for another number.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 = halves.0 << 8 | UInt64(bytes[index])
            halves.1 = halves.1 << 8 | UInt64(bytes[index + 8])
        }
        ulid = ULID(high: halves.0, low: halves.1)
    }

    /// The text, with the prefix of its kind.
    package var description: String { Kind.prefix + ulid.text }

    /// Order of the ids.
    @inlinable
    package static func < (a: ID, b: ID) -> Bool { a.ulid < b.ulid }
}

extension ID: EventElement {
    /// The id of all zeros, to decode into.
    @inlinable
    package init() { ulid = ULID(high: 0, low: 0) }

    /// Visits the id as 16 bytes, the first ones first, so that bytes sort like ids.
    @inlinable
    package mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) {
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        for index in 0..<8 {
            bytes[index] = UInt8(truncatingIfNeeded: ulid.high &>> UInt64(56 - 8 * index))
            bytes[index + 8] = UInt8(truncatingIfNeeded: ulid.low &>> UInt64(56 - 8 * index))
        }
        visitor.fixed(name, &bytes, unit: "ulid", isKey: false, documentation)
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 0..<8 {
            high = high << 8 | UInt64(bytes[index])
            low = low << 8 | UInt64(bytes[index + 8])
        }
        ulid = ULID(high: high, low: low)
    }
}

/// A domain event.
package enum EventKind: IDKind { package static let prefix = "" }
/// One story from evidence to outcome.
package enum LifecycleKind: IDKind { package static let prefix = "L-" }
/// A braid.
package enum BraidKind: IDKind { package static let prefix = "B-" }
/// A run of a job, an experiment or a replay.
package enum RunKind: IDKind { package static let prefix = "R-" }

/// Id of a domain event.
package typealias EventID = ID<EventKind>
/// Id of a lifecycle (VOC-11).
package typealias LifecycleID = ID<LifecycleKind>
/// Id of a braid.
package typealias BraidID = ID<BraidKind>
/// Id of a run.
package typealias RunID = ID<RunKind>
