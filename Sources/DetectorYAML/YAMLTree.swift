internal import PlacedYAML
internal import SignalEngine
internal import Yams

/// A node of a YAML file that knows its place.
struct YAMLTree {
    let node: Node
    let lines: [Substring]

    /// Largest file that is read, in bytes.
    static let bytesMax = 1 << 20

    init(node: Node, lines: [Substring]) {
        self.node = node
        self.lines = lines
    }

    /// The one document of a text.
    static func document(_ text: String) throws(LanguageError) -> YAMLTree {
        do throws(YAMLFailure) {
            let root = try YAMLDocuments.only(of: text, bytesMax: bytesMax)
            return YAMLTree(node: root, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        } catch {
            throw LanguageError(line: error.line, column: error.column, message: error.message)
        }
    }

    /// An error at this place.
    func error(_ message: String) -> LanguageError {
        LanguageError(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, message: message)
    }

    /// The text of a scalar, with the place of each of its bytes.
    func text(_ what: String) throws(LanguageError) -> SourceText {
        guard case .scalar(let scalar) = node else { throw error("\(what) is \(node.found), expected a text") }
        let (line, column) = (node.mark?.line ?? 1, node.mark?.column ?? 1)
        switch scalar.style {
        case .literal:
            // The block begins on the next line, indented; its text has lost the indentation.
            let body = line < lines.count ? lines[line] : ""
            let indent = body.prefix { $0 == " " }.count + 1
            return SourceText(scalar.string, line: line + 1, column: indent, indentColumn: indent)
        case .folded: throw error("\(what) is folded by '>', expected one line or a block after '|'")
        default: break
        }
        let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
        let start = column - 1 + (isQuoted ? 1 : 0)
        let rest = line - 1 < lines.count ? String(lines[line - 1].dropFirst(start)) : ""
        guard rest.hasPrefix(scalar.string) else {
            throw error("\(what) goes over several lines or has escapes, expected one line or a block after '|'")
        }
        return SourceText(scalar.string, line: line, column: start + 1, indentColumn: start + 1)
    }

    /// A finite number.
    func number(_ what: String) throws(LanguageError) -> Double {
        let text = try text(what)
        guard let value = Double(text.text), value.isFinite else {
            throw error("\(what) is '\(text.text)', expected a finite number")
        }
        return value
    }

    /// A truth value.
    func boolean(_ what: String) throws(LanguageError) -> Bool {
        switch try text(what).text {
        case "true": return true
        case "false": return false
        case let other: throw error("\(what) is '\(other)', expected true or false")
        }
    }

    /// The elements of a list.
    func list(_ what: String) throws(LanguageError) -> [YAMLTree] {
        guard case .sequence(let sequence) = node else { throw error("\(what) is \(node.found), expected a list") }
        return sequence.map { YAMLTree(node: $0, lines: lines) }
    }

    /// The keys and values of a mapping, in the order of the file.
    func pairs(_ what: String) throws(LanguageError) -> [(key: SourceText, value: YAMLTree)] {
        guard case .mapping(let mapping) = node else {
            throw error("\(what) is \(node.found), expected a mapping (key: value)")
        }
        var all: [(SourceText, YAMLTree)] = []
        for (key, value) in mapping {
            let name = try YAMLTree(node: key, lines: lines).text("a key of \(what)")
            all.append((name, YAMLTree(node: value, lines: lines)))
        }
        return all
    }
}
