/// Why a database of projections cannot be used: what was found, what was expected, what to do.
package struct ProjectionError: Error, CustomStringConvertible {
    /// What kind of failure.
    package enum Kind: Sendable {
        /// SQLite or the disk failed.
        case database
        /// The file is no database of these projections, or of another version of them.
        case foreign
    }

    /// What kind of failure.
    package let kind: Kind
    /// What was found, what was expected, what to do.
    package let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
