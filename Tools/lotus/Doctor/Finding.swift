import LogFormat

/// Something that is not as it should be: what was found, what was expected, and what to do.
struct Finding {
    /// Kinds of findings, as written.
    enum Kind: String {
        // The machine.
        case library, clock
        case openFiles = "open_files"
        case fileSize = "file_size"
        case freeSpace = "free_space"
        case manifests
        // The root.
        case permissions
        case key
        case order
        // A log.
        case unreadable
        case logManifest = "log_manifest"
        case commitPage = "commit_page"
        case writer, crash, leftover, stranger
        case setAside = "set_aside"
        case segment, cursor, schema, future
    }

    let kind: Kind
    /// The file, folder or limit that it is about.
    let place: String
    let found: String
    let expected: String
    let advice: String

    /// For people.
    var text: String {
        "\(Terminal.styled("!", .bad)) \(kind.rawValue)  \(place)\n    found     \(found)\n    expected  \(expected)"
            + "\n    do        \(advice)"
    }

    /// For machines.
    var json: String {
        JSON.object([
            ("kind", jsonString(kind.rawValue)), ("place", jsonString(place)), ("found", jsonString(found)),
            ("expected", jsonString(expected)), ("do", jsonString(advice)),
        ])
    }
}
