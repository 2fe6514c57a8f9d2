/// The memory behind a `ByteBuffer`, passed around by value inside the encoders; whoever holds it last gives it back.
@usableFromInline
@unsafe
struct BufferMemory {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var count: Int
    @usableFromInline var capacity: Int

    init(capacity: Int) {
        unsafe self.capacity = capacity
        unsafe self.count = 0
        unsafe self.base = .allocate(byteCount: capacity, alignment: 16)
    }

    /// Makes room for `extra` more bytes.
    @inlinable @inline(__always)
    mutating func reserve(_ extra: Int) {
        if unsafe count &+ extra > capacity { unsafe grow(extra) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ extra: Int) {
        let wanted = unsafe max(capacity * 2, count + extra)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        unsafe fresh.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = fresh
        unsafe capacity = wanted
    }

    @inlinable @inline(__always)
    mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        unsafe reserve(MemoryLayout<T>.size)
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: count, as: T.self)
        unsafe count &+= MemoryLayout<T>.size
    }

    @inlinable @inline(__always)
    mutating func appendVarint(_ value: UInt64) {
        unsafe reserve(10)
        if value < 0x80 {
            unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: count, as: UInt8.self)
            unsafe count &+= 1
            return
        }
        var rest = value
        while rest >= 0x80 {
            unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
            unsafe count &+= 1
            rest &>>= 7
        }
        unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: count, as: UInt8.self)
        unsafe count &+= 1
    }

    @inlinable @inline(__always)
    mutating func append(contentsOf source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress, source.count > 0 else { return }
        unsafe reserve(source.count)
        unsafe (base + count).copyMemory(from: start, byteCount: source.count)
        unsafe count += source.count
    }

    /// Appends a signed number or difference with its step (SPEC.md section 9).
    @inlinable @inline(__always)
    mutating func appendNumber(_ value: Int64, step: UInt64) {
        if step == 1 { return unsafe appendVarint(zigzag(value)) }
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: Int64(bitPattern: step))
        if remainder == 0 { return unsafe appendVarint(zigzag(quotient) &+ 1) }
        unsafe append(UInt8(0))
        unsafe appendVarint(zigzag(value))
    }

    /// Appends an unsigned value with its step.
    @inlinable @inline(__always)
    mutating func appendUnsigned(_ value: UInt64, step: UInt64) {
        if step == 1 { return unsafe appendVarint(value) }
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: step)
        if remainder == 0 { return unsafe appendVarint(quotient &+ 1) }
        unsafe append(UInt8(0))
        unsafe appendVarint(value)
    }
}
