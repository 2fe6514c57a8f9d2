extension LogCore {
    /// What a sync covers, so that the system call can run without holding the log.
    struct SyncTarget: Sendable {
        let file: FileID
        let mark: LogMark

        func run(_ fileSystem: any LogFS) throws(LogError) {
            try wrapping { () throws(FSError) in try fileSystem.syncData(file) }
        }
    }
}
