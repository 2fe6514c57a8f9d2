/// A growable run of bytes that the encoders append to; memory is kept between uses.
@safe
public struct ByteBuffer: ~Copyable {
    @usableFromInline var memory: BufferMemory

    /// Makes an empty buffer with room for `capacity` bytes.
    public init(capacity: Int = 256) { unsafe memory = BufferMemory(capacity: max(capacity, 64)) }

    deinit { unsafe memory.base.deallocate() }

    /// Bytes in use.
    @inlinable
    public var count: Int { unsafe memory.count }

    /// Forgets the content, keeps the memory.
    public mutating func removeAll() { unsafe memory.count = 0 }

    /// Cuts the content to its first `newCount` bytes.
    public mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count, "Invariant: a buffer is cut within its content")
        unsafe memory.count = newCount
    }

    /// The content as a raw buffer, valid during `body`.
    @inlinable
    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        unsafe try body(UnsafeRawBufferPointer(start: memory.base, count: memory.count))
    }

    /// The content as a raw buffer, valid until the buffer is changed or goes.
    var all: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: memory.base, count: memory.count) }

    /// Grows by `extra` bytes, lets `body` fill them, and keeps as many as it returns.
    public mutating func appendUninitialized<E: Error>(
        _ extra: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        unsafe memory.reserve(extra)
        let room = unsafe UnsafeMutableRawBufferPointer(start: memory.base + memory.count, count: extra)
        let made = unsafe try body(room)
        precondition(made >= 0 && made <= extra, "Invariant: no more bytes are made than there is room for")
        unsafe memory.count += made
    }

    /// The content as an array.
    public var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }
}

extension ByteBuffer {
    /// Appends an integer, little-endian.
    @inlinable @inline(__always)
    public mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) { unsafe memory.append(value) }

    /// Appends an unsigned LEB128 number.
    @inlinable @inline(__always)
    public mutating func appendVarint(_ value: UInt64) { unsafe memory.appendVarint(value) }

    /// Appends a signed number or difference with its step (SPEC.md section 9).
    @inlinable @inline(__always)
    mutating func appendNumber(_ value: Int64, step: UInt64) { unsafe memory.appendNumber(value, step: step) }

    /// Appends an unsigned value with its step.
    @inlinable @inline(__always)
    mutating func appendUnsigned(_ value: UInt64, step: UInt64) { unsafe memory.appendUnsigned(value, step: step) }

    /// Appends bytes as they are.
    public mutating func append(contentsOf source: UnsafeRawBufferPointer) {
        unsafe memory.append(contentsOf: source)
    }

    /// Appends bytes as they are.
    public mutating func append(contentsOf source: [UInt8]) {
        unsafe source.withUnsafeBytes { unsafe memory.append(contentsOf: $0) }
    }

    /// Appends a varint length and UTF-8 bytes.
    public mutating func appendText(_ text: String) {
        var copy = text
        copy.withUTF8 { utf8 in
            appendVarint(UInt64(utf8.count))
            unsafe append(contentsOf: UnsafeRawBufferPointer(utf8))
        }
    }

    /// Appends `extra` zero bytes.
    public mutating func appendZeros(_ extra: Int) {
        guard extra > 0 else { return }
        unsafe memory.reserve(extra)
        unsafe (memory.base + memory.count).initializeMemory(as: UInt8.self, repeating: 0, count: extra)
        unsafe memory.count += extra
    }

    /// Overwrites an integer that was appended before.
    public mutating func set<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        precondition(
            offset >= 0 && offset + MemoryLayout<T>.size <= count, "Invariant: only written bytes are overwritten")
        unsafe memory.base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }
}
