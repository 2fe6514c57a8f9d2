internal import CLotus
internal import Glibc

/// The real disk: raw system calls, each repeated while a signal interrupts it.
public struct RealFS: LogFS {
    /// Makes the real file system.
    public init() {}

    /// Opens a file; it is closed across `exec`.
    public func open(_ path: String, _ mode: OpenMode) throws(FSError) -> FileID {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        let descriptor = try retrying("open", path) { unsafe clotus_open(path, flags | O_CLOEXEC, 0o644) }
        return FileID(descriptor)
    }

    /// Closes a file.
    public func close(_ file: FileID) { _ = Glibc.close(file.value) }

    /// `pread`.
    public func readSome(
        _ file: FileID, into target: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int {
        try retrying("read", "file \(file.value)") {
            unsafe Glibc.pread(file.value, target.baseAddress, target.count, off_t(offset))
        }
    }

    /// `pwrite`.
    public func writeSome(
        _ file: FileID, _ source: UnsafeRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int {
        try retrying("write", "file \(file.value)") {
            unsafe Glibc.pwrite(file.value, source.baseAddress, source.count, off_t(offset))
        }
    }

    /// `fdatasync`.
    public func syncData(_ file: FileID) throws(FSError) {
        _ = try retrying("fdatasync", "file \(file.value)") { fdatasync(file.value) }
    }

    /// `fsync` of the directory.
    public func syncDirectory(_ path: String) throws(FSError) {
        let directory = try open(path, .read)
        defer { close(directory) }
        _ = try retrying("fsync", path) { fsync(directory.value) }
    }

    /// `fstat`.
    public func size(_ file: FileID) throws(FSError) -> UInt64 {
        var status = stat()
        _ = try retrying("stat", "file \(file.value)") { unsafe fstat(file.value, &status) }
        return UInt64(status.st_size)
    }

    /// `ftruncate`.
    public func truncate(_ file: FileID, to size: UInt64) throws(FSError) {
        _ = try retrying("truncate", "file \(file.value)") { ftruncate(file.value, off_t(size)) }
    }

    /// Names in a directory, sorted by their bytes.
    public func list(_ path: String) throws(FSError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw FSError(code: errno, operation: "list", path: path) }
        defer { unsafe _ = closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// `mkdir`; an existing directory is fine.
    public func createDirectory(_ path: String) throws(FSError) {
        if unsafe mkdir(path, 0o755) != 0, errno != EEXIST || kind(path) != .directory {
            throw FSError(code: errno, operation: "mkdir", path: path)
        }
    }

    /// `rename`.
    public func rename(_ path: String, to newPath: String) throws(FSError) {
        _ = try retrying("rename", path) { unsafe Glibc.rename(path, newPath) }
    }

    /// `stat`.
    public func kind(_ path: String) -> PathKind {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return .nothing }
        return status.st_mode & S_IFMT == S_IFDIR ? .directory : .file
    }

    /// `flock`, exclusive, without waiting.
    public func lock(_ file: FileID) throws(FSError) -> Bool {
        while flock(file.value, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw FSError(code: errno, operation: "flock", path: "file \(file.value)") }
        }
        return true
    }

    /// `statvfs`: what an unprivileged process may still use.
    public func freeBytes(_ path: String) throws(FSError) -> UInt64 {
        var status = statvfs()
        _ = try retrying("statvfs", path) { unsafe statvfs(path, &status) }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    /// `mmap`, shared.
    public func map(
        _ file: FileID, byteCount: Int, writable: Bool
    ) throws(FSError) -> UnsafeMutableRawPointer {
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        let pointer = unsafe mmap(nil, byteCount, protection, MAP_SHARED, file.value, 0)
        guard let pointer = unsafe pointer, unsafe pointer != MAP_FAILED else {
            throw FSError(code: errno, operation: "mmap", path: "file \(file.value)")
        }
        return unsafe pointer
    }

    /// `munmap`.
    public func unmap(_ pointer: UnsafeMutableRawPointer, byteCount: Int) { unsafe _ = munmap(pointer, byteCount) }

    /// Repeats a call while a signal interrupts it.
    ///
    /// What the error names is made only when there is one: it took a quarter of a short read.
    private func retrying<T: FixedWidthInteger & SignedInteger>(
        _ operation: StaticString, _ path: @autoclosure () -> String, _ call: () -> T
    ) throws(FSError) -> T {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            guard code == EINTR else { throw FSError(code: code, operation: "\(operation)", path: path()) }
        }
    }
}

/// The system's text for an error number.
func systemMessage(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
