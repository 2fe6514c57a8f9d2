/// Number coding of SPEC.md section 9: zigzag varints, and steps for values that lie on a grid.
@inlinable @inline(__always)
public func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)) }

/// Inverse of `zigzag`.
@inlinable @inline(__always)
public func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value &>> 1) ^ (0 &- Int64(bitPattern: value & 1)) }

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
