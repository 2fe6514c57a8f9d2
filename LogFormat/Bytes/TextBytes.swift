/// The text that UTF-8 bytes spell; nil if they are none.
///
/// `String(validating:)` is generic and finds its way through tables of the runtime with every call: a tenth of a fold
/// went into it. Nearly all texts of a log are ASCII, which is valid as it stands.
@usableFromInline
func makeText(_ utf8: UnsafeRawBufferPointer) -> String? {
    guard unsafe isASCII(utf8) else { return unsafe String(validating: utf8, as: UTF8.self) }
    return unsafe String(decoding: utf8.assumingMemoryBound(to: UInt8.self), as: UTF8.self)
}

/// Whether no byte has its high bit set.
private func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var bits: UInt64 = 0
    var at = 0
    while at + 8 <= bytes.count {
        bits |= unsafe word(bytes, at)
        at += 8
    }
    while at < bytes.count {
        bits |= unsafe UInt64(bytes[at])
        at += 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
}

/// Whether `text` consists of just these bytes.
@inlinable @inline(__always)
func holds(_ text: inout String, _ utf8: UnsafeRawBufferPointer) -> Bool {
    text.utf8.count == utf8.count && text.withUTF8 { unsafe isSame(UnsafeRawBufferPointer($0), utf8) }
}

/// Whether two buffers of one length hold the same bytes, eight at a time; the last eight may overlap those before.
@inlinable @inline(__always)
func isSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count >= 8 else {
        for at in 0..<a.count where unsafe a[at] != b[at] { return false }
        return true
    }
    let last = a.count - 8
    var at = 0
    while at < last {
        if unsafe word(a, at) != word(b, at) { return false }
        at += 8
    }
    return unsafe word(a, last) == word(b, last)
}

@inlinable @inline(__always)
func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
    unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
}
