extension LogCore {
    /// What a sync covers, so that the system call can run without holding the log.
    package struct SyncTarget: Sendable {
        let file: FileID
        let mark: LogMark

        /// Makes the file durable, as far as it was written when the sync began.
        package func run(_ fileSystem: any LogFS) throws(LogError) {
            try wrapping { () throws(FSError) in try fileSystem.syncData(file) }
        }
    }
}
