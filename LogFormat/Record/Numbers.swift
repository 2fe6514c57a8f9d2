/// Number coding of SPEC.md section 9: zigzag varints, and steps for values that lie on a grid.
@inlinable @inline(__always)
public func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)) }

/// Inverse of `zigzag`.
@inlinable @inline(__always)
public func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value &>> 1) ^ (0 &- Int64(bitPattern: value & 1)) }

/// Reads a varint without a check per byte: at least ten readable bytes must follow `cursor`.
///
/// Numbers of a few bytes of any length cost the same: eight bytes are taken at once, and their groups of seven bits
/// are moved together, so that the processor has no length to guess wrong.
@inlinable @inline(__always)
func takeVarint(_ cursor: inout UnsafeRawPointer, _ failed: inout Bool) -> UInt64 {
    let word = unsafe UInt64(littleEndian: cursor.loadUnaligned(as: UInt64.self))
    // Most numbers are one byte.
    if word & 0x80 == 0 {
        unsafe cursor += 1
        return word & 0x7F
    }
    // The top bit of the byte that ends the number is clear.
    let ends = ~word & 0x8080_8080_8080_8080
    if ends == 0 {
        let long = unsafe longVarint(cursor)
        unsafe cursor += long.byteCount
        if !long.isValid { failed = true }
        return long.value
    }
    unsafe cursor += (ends.trailingZeroBitCount &+ 1) &>> 3
    var value = word & (ends ^ (ends &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
    value = (value & 0x007F_007F_007F_007F) | (value & 0x7F00_7F00_7F00_7F00) &>> 1
    value = (value & 0x0000_3FFF_0000_3FFF) | (value & 0x3FFF_0000_3FFF_0000) &>> 2
    return (value & 0x0FFF_FFFF) | (value & 0x0FFF_FFFF_0000_0000) &>> 4
}

/// Reads a varint of more than eight bytes; by value, so that the caller's state can stay in registers.
@usableFromInline @inline(never)
func longVarint(_ start: UnsafeRawPointer) -> (value: UInt64, byteCount: Int, isValid: Bool) {
    var value: UInt64 = 0
    for index in 0..<10 {
        let byte = unsafe UInt64(start.load(fromByteOffset: index, as: UInt8.self))
        value |= (byte & 0x7F) &<< UInt64(7 &* index)
        if byte < 0x80 { return (value, index &+ 1, index < 9 || byte <= 1) }
    }
    return (value, 10, false)
}

extension ByteReader {
    /// Reads what `appendNumber` wrote.
    mutating func readNumber(step: UInt64) throws(FormatError) -> Int64 {
        let coded = try readVarint()
        if step == 1 { return unzigzag(coded) }
        if coded == 0 { return unzigzag(try readVarint()) }
        return unzigzag(coded &- 1) &* Int64(bitPattern: step)
    }

    /// Reads what `appendUnsigned` wrote.
    mutating func readUnsigned(step: UInt64) throws(FormatError) -> UInt64 {
        let coded = try readVarint()
        if step == 1 { return coded }
        if coded == 0 { return try readVarint() }
        return (coded &- 1) &* step
    }
}
