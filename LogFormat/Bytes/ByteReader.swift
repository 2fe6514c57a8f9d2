/// A checked cursor over bytes: every read names what it wants and throws a typed error instead of passing the end.
///
/// It borrows memory that its maker keeps alive; it is used within one function and never stored.
@safe
public struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    /// Offset of the next byte.
    public private(set) var offset: Int
    /// Name of the thing being read, for errors.
    let what: StaticString

    /// Makes a cursor at the start of `bytes`, which must outlive it.
    public init(_ bytes: UnsafeRawBufferPointer, what: StaticString) {
        unsafe self.bytes = bytes
        self.offset = 0
        self.what = what
    }

    /// The same bytes, to be read again from an offset that was passed.
    func moved(to passed: Int) -> ByteReader {
        var copy = self
        copy.offset = min(max(passed, 0), offset)
        return copy
    }

    /// Bytes not yet read.
    @inline(__always)
    public var remaining: Int { unsafe bytes.count &- offset }

    /// Fails unless `count` bytes are left.
    @inline(__always)
    public func need(_ count: Int) throws(FormatError) {
        guard count >= 0, count <= remaining else { throw Self.truncated(what, count, remaining) }
    }

    /// Not of the reader itself, which would be copied before each check.
    @inline(never)
    private static func truncated(_ what: StaticString, _ needed: Int, _ available: Int) -> FormatError {
        .truncated(what: "\(what)", needed: needed, available: available)
    }

    /// Reads an integer, little-endian.
    @inline(__always)
    public mutating func read<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) throws(FormatError) -> T {
        try need(MemoryLayout<T>.size)
        let value = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
        offset &+= MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    /// Reads an unsigned LEB128 number of at most ten bytes.
    @inline(__always)
    public mutating func readVarint() throws(FormatError) -> UInt64 {
        if remaining >= 10, let start = unsafe bytes.baseAddress {
            var failed = false
            // SAFETY: ten bytes follow, which is all that is looked at.
            var cursor = unsafe start + offset
            let value = unsafe takeVarint(&cursor, &failed)
            if !failed {
                offset = unsafe cursor - start
                return value
            }
        }
        return try readVarintByByte()
    }

    /// Near the end, and for the error of a number that is too long.
    @inline(never)
    private mutating func readVarintByByte() throws(FormatError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            try need(1)
            let byte = unsafe bytes[offset]
            offset += 1
            if shift == 63, byte > 1 { throw .invalid(what: "\(what)", detail: "varint above 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// Reads a varint that is a count of things of at least `unit` bytes each, of which at most `limit` are allowed.
    @inline(__always)
    public mutating func readCount(limit: Int, unit: Int, of thing: StaticString) throws(FormatError) -> Int {
        let value = try readVarint()
        guard value <= UInt64(limit) else {
            throw .limit(what: "\(thing)", found: Int(clamping: value), limit: limit)
        }
        try need(Int(value) * unit)
        return Int(value)
    }

    /// Reads `count` bytes without copying them.
    @inline(__always)
    public mutating func readBytes(_ count: Int) throws(FormatError) -> UnsafeRawBufferPointer {
        try need(count)
        // SAFETY: so many bytes are left.
        let slice = unsafe UnsafeRawBufferPointer(start: bytes.baseAddress.map { unsafe $0 + offset }, count: count)
        offset &+= count
        return unsafe slice
    }

    /// Reads `count` bytes into an array.
    public mutating func readArray(_ count: Int) throws(FormatError) -> [UInt8] {
        unsafe [UInt8](try readBytes(count))
    }

    /// Reads a varint length of at most `limit` and that many bytes of UTF-8.
    public mutating func readText(limit: Int) throws(FormatError) -> String {
        let count = try readCount(limit: limit, unit: 1, of: "text length")
        guard let text = unsafe String(validating: try readBytes(count), as: UTF8.self) else {
            throw .invalid(what: "\(what)", detail: "text is not UTF-8")
        }
        return text
    }

    /// Fails if any byte of the next `count` is not zero.
    public mutating func readZeros(_ count: Int) throws(FormatError) {
        guard unsafe isZero(try readBytes(count)) else {
            throw .invalid(what: "\(what)", detail: "a reserved byte is not zero")
        }
    }
}

/// Whether all bytes are zero.
public func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool { unsafe bytes.allSatisfy { $0 == 0 } }
