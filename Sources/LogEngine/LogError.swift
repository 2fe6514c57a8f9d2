public import LogFormat

/// Why the engine did not do what it was asked, with what was found and what to do.
public struct LogError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure; callers switch on it.
    public enum Code: String, Sendable {
        /// No log at that path.
        case notALog
        /// Another writer holds the log.
        case locked
        /// Acknowledged data is damaged or missing; the log is read-only until it is salvaged.
        case damaged
        /// The log was written by a newer format.
        case unsupported
        /// The disk is full, or nearly so.
        case noSpace
        /// An earlier write or sync failed; nothing more is accepted.
        case poisoned
        /// The file system refused.
        case fileSystem
        /// Another description of the same type and version.
        case schemaClash
        /// The event breaks a rule of its schema or a limit.
        case badEvent
        /// The bytes are not what the format says.
        case format
        /// A cursor points into a history that is no longer there.
        case rewound
        /// The log is closed.
        case closed
        /// Something else that was asked for does not exist or makes no sense.
        case usage
    }

    /// What kind of failure.
    public var code: Code
    /// Found, expected, what to do: for a person.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Wraps a format error of something at `place`.
    public init(_ error: FormatError, at place: String) {
        if case .unsupported = error {
            self.init(.unsupported, "\(place): \(error)")
        } else {
            self.init(.format, "\(place): \(error)")
        }
    }

    /// Wraps a file system error.
    public init(_ error: FSError) {
        let isFull = error.code == 28 || error.code == 122  // ENOSPC, EDQUOT
        let remedy =
            switch error.code {
            case 28, 122: "; free space on the disk, then open the log again"
            case 30: "; the file system is read-only: remount it for writing, or only read the log"
            case 13, 1: "; check the owner and permissions of the directory"
            case 5: "; the device reports an error: check it before writing again"
            default: ""
            }
        self.init(isFull ? .noSpace : .fileSystem, "\(error)\(remedy)")
    }

    /// The message.
    public var description: String { message }
}

/// Runs `body` and wraps its file system error.
func wrapping<T>(_ body: () throws(FSError) -> T) throws(LogError) -> T {
    do throws(FSError) { return try body() } catch { throw LogError(error) }
}

/// Runs `body` and wraps its format error with the place it happened.
func wrapping<T>(at place: String, _ body: () throws(FormatError) -> T) throws(LogError) -> T {
    do throws(FormatError) { return try body() } catch { throw LogError(error, at: place) }
}
