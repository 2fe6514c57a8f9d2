/// Walks the canonical bytes of an event (SPEC.md section 10) that our own encoder made of checked data.
@safe
package struct PlainCursor {
    // SAFETY: `take` is the only access and checks the end; the bytes outlive the cursor, which never leaves the
    // closure it is made in.
    private var at: UnsafeRawPointer
    private let end: UnsafeRawPointer

    package init?(_ bytes: UnsafeRawBufferPointer, skipping head: Int) {
        guard let start = bytes.baseAddress, bytes.count >= head else { return nil }
        unsafe at = start + head
        unsafe end = start + bytes.count
    }

    /// Takes `count` bytes.
    @inline(__always)
    package mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
        precondition(unsafe count <= end - at, "Invariant: canonical bytes hold what their schema says")
        let start = unsafe at
        unsafe at += count
        return unsafe UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Takes an integer, little-endian.
    @inline(__always)
    package mutating func take<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> T {
        T(littleEndian: unsafe take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
    }

    /// Takes the map that tells which of `count` optional members are present.
    package mutating func takePresence(_ count: Int) -> Presence {
        unsafe Presence(bits: unsafe take((count + 7) / 8))
    }

    /// Which optional members are present, asked for in order.
    @safe
    package struct Presence {
        // SAFETY: lives as long as the cursor it came from.
        private let bits: UnsafeRawBufferPointer
        private var index = 0

        fileprivate init(bits: UnsafeRawBufferPointer) { unsafe self.bits = bits }

        /// Whether the next optional member is present.
        package mutating func next() -> Bool {
            defer { index += 1 }
            return unsafe bits[index >> 3] >> UInt8(index & 7) & 1 == 1
        }
    }
}
