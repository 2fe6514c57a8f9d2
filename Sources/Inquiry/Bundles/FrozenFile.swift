import CLotus
package import LogEngine
package import LogFormat

/// A file of a bundle, by its hashes.
package struct FrozenFile: Equatable, Sendable {
    package let byteCount: UInt64
    /// XXH64, as `xxhsum -H64` prints it.
    package let xxh64: UInt64
    package let sha256: Digest

    /// Reads a file once and, if `target` is given, writes its bytes there: beside the name first, so that the name
    /// stands for the whole file or for nothing.
    ///
    /// - Throws: `fileSystem`, `noSpace`.
    package init(
        _ path: String, copiedTo target: (directory: String, name: String)? = nil, _ fileSystem: any LogFS
    ) throws(LogError) {
        do throws(FSError) {
            let source = try fileSystem.open(path, .read)
            defer { fileSystem.close(source) }
            let bytes = try fileSystem.size(source)
            let chunkBytes = 4 << 20
            var hasher = SHA256Hasher()
            guard let state = unsafe clotus_xxh64_make() else {
                throw FSError(code: 12, operation: "allocate", path: path)
            }
            defer { unsafe clotus_xxh64_free(state) }
            let copy = try target.map { place throws(FSError) in
                try fileSystem.open("\(place.directory)/\(place.name).new", .create)
            }
            defer { if let copy { fileSystem.close(copy) } }
            var offset: UInt64 = 0
            while offset < bytes {
                let chunk = try fileSystem.read(source, count: Int(min(UInt64(chunkBytes), bytes - offset)), at: offset)
                guard !chunk.isEmpty else { break }
                hasher.update(chunk)
                unsafe chunk.withUnsafeBytes { unsafe clotus_xxh64_update(state, $0.baseAddress, $0.count) }
                if let copy { try fileSystem.write(copy, chunk, at: offset) }
                offset += UInt64(chunk.count)
            }
            if let copy, let target {
                try fileSystem.syncData(copy)
                try fileSystem.rename(
                    "\(target.directory)/\(target.name).new", to: "\(target.directory)/\(target.name)")
            }
            byteCount = offset
            xxh64 = unsafe clotus_xxh64_digest(state)
            sha256 = hasher.digest()
        } catch { throw LogError(error) }
    }
}
