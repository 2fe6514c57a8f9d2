/// Numbers and records in the shape in which venues nearly always write them, read a word at a time.
///
/// Each of these takes exactly what the general readers take at that place, with the same value, or takes nothing, and
/// then the general reader decides. So they are shortcuts and never a second opinion.
package enum QuickRead {
    /// The eight bytes at `place`, the first one lowest; nil where fewer are left.
    @inline(__always)
    static func word(_ text: Span<UInt8>, _ place: Int) -> UInt64? {
        guard place &+ 8 <= text.count else { return nil }
        let bytes = unsafe text.bytes
        // In range: place + 8 is at most the count.
        let loaded = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
        return UInt64(littleEndian: loaded)
    }

    /// How many of the lowest bytes of a word are digits.
    @inline(__always)
    static func digitCount(_ word: UInt64) -> Int {
        // A byte that is no digit gets its high bit in one of the two; a carry can only spoil the bytes above it.
        let others = ((word &+ 0x4646_4646_4646_4646) | (word &- 0x3030_3030_3030_3030)) & 0x8080_8080_8080_8080
        return others.trailingZeroBitCount &>> 3
    }

    /// The number that the lowest `count` bytes of a word write, 1 to 8 digits.
    @inline(__always)
    static func value(_ word: UInt64, _ count: Int) -> UInt64 {
        // Digits move to the high end, zeros come in before them; then pairs, fours and the eight are joined.
        let digits = (word &- 0x3030_3030_3030_3030) &<< UInt64(truncatingIfNeeded: 8 &* (8 &- count))
        let pairs = digits &* 10 &+ digits &>> 8
        let low = (pairs & 0x0000_00ff_0000_00ff) &* 0x000f_4240_0000_0064
        let high = (pairs &>> 16 & 0x0000_00ff_0000_00ff) &* 0x0000_2710_0000_0001
        return (low &+ high) &>> 32
    }

    /// Tens by their power, for what a number lacks to eight decimals.
    @inline(__always)
    private static func power(_ exponent: Int) -> UInt64 {
        switch exponent {
        case 0: 1
        case 1: 10
        case 2: 100
        case 3: 1_000
        case 4: 10_000
        case 5: 100_000
        case 6: 1_000_000
        default: 10_000_000
        }
    }

    /// A number at `place`, which moves behind it, in 1e-8: 1 to 7 digits, then nothing or a point and 1 to 7 digits.
    ///
    /// Nil, and the place as it was, for every other number; what follows is not looked at beyond that it is no part of
    /// the number.
    @inline(__always)
    static func price(_ text: Span<UInt8>, _ place: inout Int) -> Int64? {
        guard let first = word(text, place) else { return nil }
        let whole = digitCount(first)
        // With eight digits or none the end of the number does not show.
        guard whole > 0, whole < 8 else { return nil }
        let stop = UInt8(truncatingIfNeeded: first &>> UInt64(truncatingIfNeeded: 8 &* whole))
        let scaled = value(first, whole) &* 100_000_000
        guard stop == UInt8(ascii: ".") else {
            guard stop | 0x20 != UInt8(ascii: "e") else { return nil }
            place &+= whole
            return Int64(truncatingIfNeeded: scaled)
        }
        guard let second = word(text, place &+ whole &+ 1) else { return nil }
        let decimals = digitCount(second)
        guard decimals > 0, decimals < 8 else { return nil }
        let end = UInt8(truncatingIfNeeded: second &>> UInt64(truncatingIfNeeded: 8 &* decimals))
        guard end | 0x20 != UInt8(ascii: "e") else { return nil }
        place &+= whole &+ 1 &+ decimals
        return Int64(truncatingIfNeeded: scaled &+ value(second, decimals) &* power(8 &- decimals))
    }

    /// Whether the `count` bytes at `place` are the lowest ones of `wanted`; if so, the place moves behind them.
    @inline(__always)
    static func takes(_ wanted: UInt64, _ count: Int, _ text: Span<UInt8>, _ place: inout Int) -> Bool {
        guard let found = word(text, place) else { return false }
        guard count == 8 ? found == wanted : (found ^ wanted) &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count) == 0
        else { return false }
        place &+= count
        return true
    }

    /// Moves over 1 to 7 digits.
    @inline(__always)
    private static func passesDigits(_ text: Span<UInt8>, _ place: inout Int) -> Bool {
        guard let found = word(text, place) else { return false }
        let count = digitCount(found)
        guard count > 0, count < 8 else { return false }
        place &+= count
        return true
    }

    /// A level of a book at `place`, which moves behind it: `{"px":"…","sz":"…","n":…}` or with `n` first.
    ///
    /// Nil, and the place as it was, for any other text.
    @inline(__always)
    static func level(_ text: Span<UInt8>, _ place: inout Int) -> (price: Int64, size: Int64)? {
        var at = place
        let countsLast = takes(0x0022_3a22_7870_227b, 7, text, &at)  // {"px":"
        if !countsLast {
            guard takes(0x0000_003a_226e_227b, 5, text, &at), passesDigits(text, &at),  // {"n":
                takes(0x0022_3a22_7870_222c, 7, text, &at)  // ,"px":"
            else { return nil }
        }
        guard let price = price(text, &at), takes(0x223a_227a_7322_2c22, 8, text, &at),  // ","sz":"
            let size = self.price(text, &at)
        else { return nil }
        if countsLast {
            guard takes(0x0000_3a22_6e22_2c22, 6, text, &at), passesDigits(text, &at),  // ","n":
                text[at] == UInt8(ascii: "}")
            else { return nil }
            at &+= 1
        } else {
            guard at &+ 2 <= text.count, text[at] == UInt8(ascii: "\""), text[at &+ 1] == UInt8(ascii: "}") else {
                return nil
            }
            at &+= 2
        }
        place = at
        return (price, size)
    }

    /// The first place from `start` on with a byte; the length of the text if there is none.
    @inline(__always)
    package static func first(_ byte: UInt8, in text: Span<UInt8>, from start: Int) -> Int {
        var at = start
        let wanted = UInt64(byte) &* 0x0101_0101_0101_0101
        while let found = word(text, at) {
            let other = found ^ wanted
            let hits = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
            if hits != 0 { return at &+ hits.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < text.count, text[at] != byte { at &+= 1 }
        return min(at, text.count)
    }
}

/// The name of a member as one word, to be told from others by one comparison.
struct NameKey: Equatable {
    /// Its bytes, the first one lowest; 0 for names of more than eight.
    var word: UInt64
    var count: Int

    @inline(__always)
    init(_ word: UInt64, _ count: Int) {
        self.word = word
        self.count = count
    }

    /// The name that stands at a token.
    @inline(__always)
    init(_ token: Token, in text: Span<UInt8>) {
        count = token.count
        word = 0
        guard count <= 8 else { return }
        if let found = QuickRead.word(text, token.start) {
            word = count == 8 ? found : found & (1 &<< UInt64(truncatingIfNeeded: 8 &* count) &- 1)
        } else {
            for index in 0..<count {
                word |= UInt64(text[token.start &+ index]) &<< UInt64(truncatingIfNeeded: 8 &* index)
            }
        }
    }

    static var px: NameKey { NameKey(0x7870, 2) }
    static var sz: NameKey { NameKey(0x7a73, 2) }
    static var time: NameKey { NameKey(0x656d_6974, 4) }
    static var side: NameKey { NameKey(0x6564_6973, 4) }
    static var coin: NameKey { NameKey(0x6e69_6f63, 4) }
    static var tid: NameKey { NameKey(0x64_6974, 3) }
}
