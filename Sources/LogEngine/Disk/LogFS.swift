internal import LogFormat

/// A file opened through a `LogFS`.
public struct FileID: Hashable, Sendable {
    /// Descriptor or table index.
    public let value: Int32

    /// Wraps a descriptor.
    public init(_ value: Int32) { self.value = value }
}

/// What a file is opened for.
public enum OpenMode: Sendable {
    /// Must exist, only read.
    case read
    /// Must exist, read and written.
    case readWrite
    /// Must not exist; created, read and written.
    case create
}

/// A failed file operation: which one, on what, and the system's reason.
public struct FSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `errno` of the operation.
    public var code: Int32
    /// Name of the operation.
    public var operation: String
    /// What it was done to.
    public var path: String

    /// Makes an error.
    public init(code: Int32, operation: String, path: String) {
        self.code = code
        self.operation = operation
        self.path = path
    }

    /// One sentence for a person.
    public var description: String { "\(operation) \(path): \(systemMessage(code))" }
}

/// Everything the engine does to a disk.
///
/// The real one makes system calls; the simulated one fails and forgets on command.
///
/// Primitives may transfer fewer bytes than asked; the engine uses the complete forms of the extension. Files are
/// never removed: nothing in
/// the engine needs to, and what cannot be called cannot be called by mistake.
public protocol LogFS: Sendable {
    /// Opens a file.
    func open(_ path: String, _ mode: OpenMode) throws(FSError) -> FileID
    /// Closes a file; errors do not matter, since everything that matters was synced before.
    func close(_ file: FileID)
    /// Reads up to the length of `target` at `offset`; 0 means end of file.
    func readSome(_ file: FileID, into target: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FSError) -> Int
    /// Writes a prefix of `source` at `offset` and returns its length, at least 1.
    func writeSome(_ file: FileID, _ source: UnsafeRawBufferPointer, at offset: UInt64) throws(FSError) -> Int
    /// Makes the content and size of a file durable.
    func syncData(_ file: FileID) throws(FSError)
    /// Makes the names in a directory durable.
    func syncDirectory(_ path: String) throws(FSError)
    /// Size of a file.
    func size(_ file: FileID) throws(FSError) -> UInt64
    /// Cuts or extends a file.
    func truncate(_ file: FileID, to size: UInt64) throws(FSError)
    /// Names in a directory, sorted by their bytes.
    func list(_ path: String) throws(FSError) -> [String]
    /// Makes a directory; it may exist already.
    func createDirectory(_ path: String) throws(FSError)
    /// Gives a file another name in the same directory, replacing what had it.
    func rename(_ path: String, to newPath: String) throws(FSError)
    /// Whether a path is a directory, a file, or nothing.
    func kind(_ path: String) -> PathKind
    /// Takes the exclusive lock of a file without waiting; false if someone else holds it. Held until the file is
    /// closed.
    func lock(_ file: FileID) throws(FSError) -> Bool
    /// Bytes that can still be written to the file system that holds `path`.
    func freeBytes(_ path: String) throws(FSError) -> UInt64
    /// Maps a file shared; valid until `unmap`.
    func map(_ file: FileID, byteCount: Int, writable: Bool) throws(FSError) -> UnsafeMutableRawPointer
    /// Ends a mapping.
    func unmap(_ pointer: UnsafeMutableRawPointer, byteCount: Int)
}

/// What stands at a path.
public enum PathKind: Sendable {
    /// Nothing, or something unreadable.
    case nothing
    /// A file.
    case file
    /// A directory.
    case directory
}

extension LogFS {
    /// Writes all of `source` at `offset`, however many calls that takes.
    public func write(_ file: FileID, _ source: UnsafeRawBufferPointer, at offset: UInt64) throws(FSError) {
        var done = 0
        while done < source.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: source[done...])
            done += unsafe try writeSome(file, rest, at: offset + UInt64(done))
        }
    }

    /// Writes all of `source` at `offset`.
    public func write(_ file: FileID, _ source: [UInt8], at offset: UInt64) throws(FSError) {
        unsafe try source.withRawBytes { bytes throws(FSError) in unsafe try write(file, bytes, at: offset) }
    }

    /// Reads up to `target.count` bytes at `offset`; fewer only at the end of the file.
    public func read(
        _ file: FileID, into target: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int {
        var done = 0
        while done < target.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let got = unsafe try readSome(file, into: rest, at: offset + UInt64(done))
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Reads up to `count` bytes at `offset` into an array.
    public func read(_ file: FileID, count: Int, at offset: UInt64) throws(FSError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(FSError) in
            unsafe try read(file, into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
        bytes.removeLast(count - got)
        return bytes
    }

    /// Reads a whole file of at most `limit` bytes.
    public func readAll(_ path: String, limit: Int) throws(FSError) -> [UInt8] {
        let file = try open(path, .read)
        defer { close(file) }
        return try read(file, count: Int(min(try size(file), UInt64(limit))), at: 0)
    }

    /// Creates a file with `content` under its final name, so that after a crash it is there whole or not at all.
    ///
    /// Writes beside it, syncs, renames, syncs the directory: the only way files get their names.
    public func createDurably(_ name: String, in directory: String, _ content: [UInt8]) throws(FSError) {
        let temporary = "\(directory)/\(name).new"
        let file: FileID
        if kind(temporary) == .file {
            file = try open(temporary, .readWrite)
            try truncate(file, to: 0)
        } else {
            file = try open(temporary, .create)
        }
        defer { close(file) }
        try write(file, content, at: 0)
        try syncData(file)
        try rename(temporary, to: "\(directory)/\(name)")
        try syncDirectory(directory)
    }
}
