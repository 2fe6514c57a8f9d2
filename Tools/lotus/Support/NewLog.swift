import LogEngine

/// What has to hold where a log is about to be made.
enum NewLog {
    /// Refuses a directory whose parent is missing: nothing but the log itself is ever made.
    static func checkParent(of log: String) throws(ToolError) {
        var path = log[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard RealFS().kind(String(path)) == .nothing else { return }
        guard let slash = path.lastIndex(of: "/") else { return }
        let parent = slash == path.startIndex ? "/" : String(path[..<slash])
        let found: String
        switch RealFS().kind(parent) {
        case .directory: return
        case .file: found = "\(parent) is a file; expected a directory there: choose another place for the log"
        case .nothing:
            found = "\(parent) is not there; expected a directory, in which the log is made: mkdir -p \(quoted(parent))"
        }
        throw ToolError("\(log): \(found)")
    }

    /// A path as a shell takes it.
    private static func quoted(_ path: String) -> String {
        let plain = path.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if plain { return path }
        let pieces = path.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + pieces.joined(separator: "'\\''") + "'"
    }
}
