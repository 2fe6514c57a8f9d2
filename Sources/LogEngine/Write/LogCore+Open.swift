internal import LogFormat

extension LogCore {
    /// Locks and recovers a log, making it if there is none.
    package static func open(
        _ directory: String, name: String?, options: LogOptions, environment: LogEnvironment
    ) throws(LogError) -> LogCore {
        try options.check()
        let fileSystem = environment.fileSystem
        let logName = name ?? String(directory.split(separator: "/").last ?? "log")
        guard LogPaths.isLogName(logName) else {
            throw LogError(.usage, "'\(logName)' cannot name a log: use 1 to 63 of a-z, 0-9, _ and -")
        }
        if fileSystem.kind(directory) != .directory {
            guard fileSystem.kind(directory) == .nothing else {
                throw LogError(.notALog, "\(directory) is a file, a log is a directory")
            }
            try wrapping { () throws(FSError) in
                try fileSystem.createDirectory(directory)
                try fileSystem.syncDirectory(parent(of: directory))
            }
        }
        let lockFile = try takeLock(directory, environment)
        var recovery = Recovery(environment: environment, directory: directory, options: options)
        do throws(LogError) {
            let opened = try recovery.open(name: logName)
            return try LogCore(
                environment: environment, directory: directory, options: options, lockFile: lockFile, opened: opened)
        } catch {
            for file in recovery.openedFiles { fileSystem.close(file) }
            fileSystem.close(lockFile)
            throw error
        }
    }

    private static func parent(of path: String) -> String {
        var trimmed = Substring(path)
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    private static func takeLock(_ directory: String, _ environment: LogEnvironment) throws(LogError) -> FileID {
        let fileSystem = environment.fileSystem
        let path = "\(directory)/\(LogPaths.lock)"
        let file: FileID
        do throws(FSError) {
            file = try fileSystem.open(path, .create)
        } catch {
            file = try wrapping { () throws(FSError) in try fileSystem.open(path, .readWrite) }
        }
        let isOurs: Bool
        do throws(FSError) {
            isOurs = try fileSystem.lock(file)
            if isOurs {
                // Written over the old text and cut after it, so that whoever is refused meanwhile reads a name.
                let text = Array("pid \(environment.processID) boot \(hex(environment.bootID))".utf8)
                try fileSystem.write(file, text, at: 0)
                try fileSystem.truncate(file, to: UInt64(text.count))
            }
        } catch {
            fileSystem.close(file)
            throw LogError(error)
        }
        guard isOurs else {
            let holder = (try? fileSystem.read(file, count: 100, at: 0)) ?? []
            fileSystem.close(file)
            throw LogError(
                .locked,
                "\(directory): another writer holds this log (\(String(decoding: holder, as: UTF8.self))); "
                    + "a log has one writer: stop that process, or append through it")
        }
        return file
    }
}
