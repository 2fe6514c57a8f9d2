internal import SignalEngine
internal import Yams

/// A node of a YAML file that knows its place.
struct YAMLTree {
    let node: Node
    let lines: [Substring]

    /// Largest file that is read, in bytes.
    static let bytesMax = 1 << 20
    /// Deepest nesting of brackets, so that the parser's recursion stays small.
    static let bracketsMax = 64

    init(node: Node, lines: [Substring]) {
        self.node = node
        self.lines = lines
    }

    /// The one document of a text.
    static func document(_ text: String) throws(LanguageError) -> YAMLTree {
        guard text.utf8.count <= bytesMax else {
            throw LanguageError(
                line: 1, column: 1, message: "holds \(text.utf8.count) bytes, expected at most \(bytesMax)")
        }
        try checkBrackets(text)
        func failure(_ mark: Mark?, _ message: String) -> LanguageError {
            LanguageError(line: mark?.line ?? 1, column: mark?.column ?? 1, message: message)
        }
        do {
            let parser = try Parser(yaml: text)
            guard let root = try parser.nextRoot() else {
                throw failure(nil, "holds nothing, expected a mapping (key: value)")
            }
            if let second = try parser.nextRoot() {
                throw failure(second.mark, "holds a second document, expected one: take out the line with '---'")
            }
            return YAMLTree(
                node: root, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        } catch let error as LanguageError {
            throw error
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw failure(mark, "is not YAML: \(problem)")
            case .duplicatedKeysInMapping(let keys, let context):
                throw failure(context.mark, "a mapping holds a key twice: \(keys.sorted().joined(separator: ", "))")
            default: throw failure(nil, "is not YAML: \(error)")
            }
        } catch {
            throw failure(nil, "cannot be read: \(error)")
        }
    }

    private static func checkBrackets(_ text: String) throws(LanguageError) {
        var (depth, line, column) = (0, 1, 0)
        for byte in text.utf8 {
            column += 1
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            case UInt8(ascii: "\n"): (line, column) = (line + 1, 0)
            default: break
            }
            if depth > bracketsMax {
                throw LanguageError(
                    line: line, column: max(1, column), message: "more than \(bracketsMax) open brackets")
            }
        }
    }

    /// An error at this place.
    func error(_ message: String) -> LanguageError {
        LanguageError(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, message: message)
    }

    /// The text of a scalar, with the place of each of its bytes.
    func text(_ what: String) throws(LanguageError) -> SourceText {
        guard case .scalar(let scalar) = node else { throw error("\(what) is \(found), expected a text") }
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
        guard case .sequence(let sequence) = node else { throw error("\(what) is \(found), expected a list") }
        return sequence.map { YAMLTree(node: $0, lines: lines) }
    }

    /// The keys and values of a mapping, in the order of the file.
    func pairs(_ what: String) throws(LanguageError) -> [(key: SourceText, value: YAMLTree)] {
        guard case .mapping(let mapping) = node else {
            throw error("\(what) is \(found), expected a mapping (key: value)")
        }
        var all: [(SourceText, YAMLTree)] = []
        for (key, value) in mapping {
            let name = try YAMLTree(node: key, lines: lines).text("a key of \(what)")
            all.append((name, YAMLTree(node: value, lines: lines)))
        }
        return all
    }

    private var found: String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "'\(scalar.string)'"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
