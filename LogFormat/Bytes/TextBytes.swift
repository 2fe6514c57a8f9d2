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
        bits |= unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        at += 8
    }
    while at < bytes.count {
        bits |= unsafe UInt64(bytes[at])
        at += 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
}
