import Foundation

/// One finding of a rule: where, and what to do instead.
struct Violation: CustomStringConvertible, Equatable {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// A file of the repository, by its path from the root.
struct SourceFile {
    let path: String
    let bytes: [UInt8]

    init(_ path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// A planted file, for testing the rules themselves.
    init(_ path: String, _ text: String) { self.init(path, bytes: Array(text.utf8)) }

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// What follows the last dot of the name; empty for `Makefile` and for `.gitignore`.
    var fileExtension: String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return String(name[name.index(after: dot)...])
    }

    /// The text, or nil for binary content.
    var text: String? {
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    func isUnder(_ folder: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }
}

/// The lines of a text, without their ends.
func lines(of text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

/// The repository that these tests stand in.
enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file that is committed or could be (not ignored), in order of path.
    static let files: [SourceFile] = paths(
        gitArguments: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    ).compactMap { path in
        guard let data = try? Data(contentsOf: root.appending(path: path)) else { return nil }
        return SourceFile(path, bytes: Array(data))
    }

    /// Paths that git has; nil where this is no git work tree.
    static let committedPaths: [String]? = run(["ls-files", "-z", "--cached"])

    static func swiftFiles(under folder: String) -> [SourceFile] {
        files.filter { $0.isUnder(folder) && $0.fileExtension == "swift" }
    }

    private static func paths(gitArguments: [String]) -> [String] {
        Array(Set(run(gitArguments) ?? walk())).sorted()
    }

    private static func run(_ arguments: [String]) -> [String]? {
        let git = Process()
        git.executableURL = URL(filePath: "/usr/bin/env")
        git.arguments = ["git", "-C", root.path(percentEncoded: false)] + arguments
        let output = Pipe()
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: "\0").map(String.init)
    }

    /// Without git (an unpacked archive): everything but build products.
    private static func walk() -> [String] {
        let skipped: Set = [".git", "__pycache__", ".venv", "Package.resolved"]
        let found = FileManager.default.enumerator(atPath: root.path(percentEncoded: false))
        var paths: [String] = []
        while let path = found?.nextObject() as? String {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            if skipped.contains(name) || name.hasPrefix(".build") {
                found?.skipDescendants()
            } else if (try? root.appending(path: path).resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile
                == true
            {
                paths.append(path)
            }
        }
        return paths
    }
}

/// Swift code with comments and the insides of string literals blanked out, line for line and column for column.
///
/// Code inside `\( )` stays. Good enough to look for calls; it is no parser.
func codeOnly(_ text: String) -> String {
    var mask = SwiftMask(text)
    return mask.run()
}

private struct SwiftMask {
    private let input: [UInt8]
    private var output: [UInt8]
    private var at = 0

    private static let quote = UInt8(ascii: "\"")
    private static let hash = UInt8(ascii: "#")
    private static let newline = UInt8(ascii: "\n")

    init(_ text: String) {
        input = Array(text.utf8)
        output = input
    }

    mutating func run() -> String {
        code(untilParenthesis: false)
        return String(decoding: output, as: UTF8.self)
    }

    private func looks(at text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in
            at + wanted.count <= input.count && input[at..<at + wanted.count].elementsEqual(wanted)
        }
    }

    private mutating func blank(_ count: Int = 1) {
        for index in at..<min(at + count, input.count) where input[index] != Self.newline {
            output[index] = UInt8(ascii: " ")
        }
        at += count
    }

    private mutating func code(untilParenthesis: Bool) {
        var depth = 0
        while at < input.count {
            if looks(at: "//") {
                while at < input.count, input[at] != Self.newline { blank() }
            } else if looks(at: "/*") {
                comment()
            } else if let hashes = literalStart() {
                literal(hashes: hashes)
            } else {
                if input[at] == UInt8(ascii: "(") { depth += 1 }
                if input[at] == UInt8(ascii: ")") {
                    if untilParenthesis, depth == 0 { return }
                    depth -= 1
                }
                at += 1
            }
        }
    }

    private mutating func comment() {
        var depth = 0
        repeat {
            if looks(at: "/*") {
                depth += 1
                blank(2)
            } else if looks(at: "*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && at < input.count
    }

    /// Number of `#` before a quote that stands here; nil if no literal starts here.
    private func literalStart() -> Int? {
        var index = at
        while index < input.count, input[index] == Self.hash { index += 1 }
        return index < input.count && input[index] == Self.quote ? index - at : nil
    }

    private func stands(_ bytes: [UInt8]) -> Bool {
        at + bytes.count <= input.count && input[at..<at + bytes.count].elementsEqual(bytes)
    }

    private mutating func literal(hashes: Int) {
        let marks = [UInt8](repeating: Self.hash, count: hashes)
        at += hashes
        let isLong = looks(at: "\"\"\"")
        let quotes = [UInt8](repeating: Self.quote, count: isLong ? 3 : 1)
        at += quotes.count
        let escape = [UInt8(ascii: "\\")] + marks
        while at < input.count {
            if stands(quotes + marks) {
                at += quotes.count + hashes
                return
            }
            if !isLong, input[at] == Self.newline { return }
            if stands(escape + [UInt8(ascii: "(")]) {
                at += escape.count + 1
                code(untilParenthesis: true)
            } else if stands(escape) {
                blank(escape.count + 1)
            } else {
                blank()
            }
        }
    }
}
