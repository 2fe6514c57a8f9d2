package import Yams

/// Why a text cannot be read as YAML, and where.
package struct YAMLFailure: Error, Equatable {
    /// The line, from 1.
    package let line: Int
    /// The column in it, from 1.
    package let column: Int
    /// What was found and what was expected.
    package let message: String
}

/// The documents of a YAML text, as nodes that know their places.
///
/// The parser below refuses more than a thousand open levels, so its recursion stays small. Aliases stay shared nodes:
/// whoever walks them must bound its steps, or ask only for what its format names.
package enum YAMLDocuments {
    /// The one document of a text.
    ///
    /// - Throws: a text of more than `bytesMax` bytes, one that is not YAML, or one that holds no document or a second.
    package static func only(of text: String, bytesMax: Int) throws(YAMLFailure) -> Node {
        let roots = try all(of: text, bytesMax: bytesMax, atMost: 2)
        guard let root = roots.first else {
            throw YAMLFailure(line: 1, column: 1, message: "holds nothing, expected a mapping (key: value)")
        }
        guard roots.count == 1 else {
            throw failure(
                roots[1].mark, "holds a second document, expected one: take out the line with '---'")
        }
        return root
    }

    /// The documents of a text, in order, none of them looked at behind the first `atMost`.
    ///
    /// - Throws: a text of more than `bytesMax` bytes, or one that is not YAML.
    package static func all(
        of text: String, bytesMax: Int, atMost: Int = .max
    ) throws(YAMLFailure) -> [Node] {
        guard text.utf8.count <= bytesMax else {
            throw YAMLFailure(
                line: 1, column: 1,
                message: "holds \(text.utf8.count) bytes, expected at most \(bytesMax): name the right file")
        }
        var roots: [Node] = []
        do {
            let parser = try Parser(yaml: text)
            while roots.count < atMost, let root = try parser.nextRoot() { roots.append(root) }
        } catch let error as YamlError {
            throw failure(error)
        } catch {
            throw YAMLFailure(line: 1, column: 1, message: "cannot be read: \(error)")
        }
        return roots
    }

    private static func failure(_ mark: Mark?, _ message: String) -> YAMLFailure {
        YAMLFailure(line: mark?.line ?? 1, column: mark?.column ?? 1, message: message)
    }

    private static func failure(_ error: YamlError) -> YAMLFailure {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            failure(mark, "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            failure(context.mark, "a mapping holds a key twice: \(keys.sorted().joined(separator: ", "))")
        default: failure(nil, "is not YAML: \(error)")
        }
    }
}

extension Node {
    /// What it is, for messages that say what was found.
    package var found: String {
        switch self {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "'\(scalar.string)'"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
