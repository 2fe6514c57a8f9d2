internal import CLotus

/// XXH3-64 of bytes with a seed (SPEC.md section 1).
public func xxh3(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    unsafe clotus_xxh3(bytes.baseAddress, bytes.count, seed)
}

/// XXH3-64 of bytes with a seed.
public func xxh3(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe xxh3($0, seed: seed) }
}

/// Versions of the C libraries, as written in each segment header.
public enum LibraryVersions {
    /// `XXH_versionNumber()`.
    public static var checksum: UInt32 { clotus_xxh_version() }
    /// `LZ4_versionNumber()`.
    public static var codec: UInt32 { clotus_lz4_version() }
}

/// Seed of all hashes of a block: ties it to its segment and to its place (SPEC.md section 5).
@inlinable
public func blockSeed(salt: UInt64, offset: UInt64) -> UInt64 { salt ^ (offset &* 0x9E37_79B9_7F4A_7C15) }

extension Array where Element == UInt8 {
    /// The array as a raw buffer, valid during `body`; errors keep their type, which `withUnsafeBytes` loses.
    public func withRawBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try unsafe withUnsafeBufferPointer { elements throws(E) in unsafe try body(UnsafeRawBufferPointer(elements)) }
    }
}
