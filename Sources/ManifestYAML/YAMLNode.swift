internal import PlacedYAML
internal import Yams

/// Why a manifest cannot be read: where, what was found, what was expected.
package struct ManifestError: Error, Equatable, CustomStringConvertible {
    /// The file.
    package let file: String
    /// Its line, from 1.
    package let line: Int
    /// The column in it, from 1.
    package let column: Int
    /// What was found and what was expected.
    package let message: String

    /// `file:line:column: message`.
    package var description: String { "\(file):\(line):\(column): \(message)" }
}

/// A node of a YAML file that knows its place.
struct YAMLNode {
    let file: String
    private let node: Node

    /// Largest file that is read.
    static let bytesMax = 4 << 20

    /// Reads the one document of a text.
    static func document(_ text: String, file: String) throws(ManifestError) -> YAMLNode {
        do throws(YAMLFailure) {
            return YAMLNode(file: file, node: try YAMLDocuments.only(of: text, bytesMax: bytesMax))
        } catch {
            throw ManifestError(file: file, line: error.line, column: error.column, message: error.message)
        }
    }

    private init(file: String, node: Node) {
        self.file = file
        self.node = node
    }

    /// An error at this place.
    func error(_ message: String) -> ManifestError {
        ManifestError(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, message: message)
    }

    /// The text of a scalar.
    func text(_ what: String) throws(ManifestError) -> String {
        guard case .scalar(let scalar) = node else { throw error("\(what) is \(node.found), expected a word") }
        return scalar.string
    }

    /// A finite number.
    func number(_ what: String) throws(ManifestError) -> Double {
        let text = try text(what)
        guard let value = Double(text), value.isFinite else {
            throw error("\(what) is '\(text)', expected a finite number")
        }
        return value
    }

    /// The elements of a list.
    func list(_ what: String) throws(ManifestError) -> [YAMLNode] {
        guard case .sequence(let sequence) = node else { throw error("\(what) is \(node.found), expected a list") }
        return sequence.map { YAMLNode(file: file, node: $0) }
    }

    /// The mapping, whose keys must be among `required` and `optional`.
    func mapping(_ what: String, required: [String], optional: [String] = []) throws(ManifestError) -> YAMLMapping {
        guard case .mapping(let mapping) = node else {
            throw error("\(what) is \(node.found), expected a mapping (key: value)")
        }
        var values: [String: YAMLNode] = [:]
        for (key, value) in mapping {
            let keyNode = YAMLNode(file: file, node: key)
            let name = try keyNode.text("a key of \(what)")
            guard required.contains(name) || optional.contains(name) else {
                let known = (required + optional).joined(separator: ", ")
                throw keyNode.error("\(what) has an unknown key '\(name)', expected \(known)")
            }
            values[name] = YAMLNode(file: file, node: value)
        }
        for name in required where values[name] == nil { throw error("\(what) lacks the key '\(name)': add it") }
        return YAMLMapping(what: what, place: self, values: values)
    }
}

/// A mapping whose keys were checked.
struct YAMLMapping {
    let what: String
    let place: YAMLNode
    fileprivate let values: [String: YAMLNode]

    fileprivate init(what: String, place: YAMLNode, values: [String: YAMLNode]) {
        self.what = what
        self.place = place
        self.values = values
    }

    /// The value of a key, nil if it is not there.
    subscript(_ key: String) -> YAMLNode? { values[key] }

    /// The value of a key that was required.
    func node(_ key: String) throws(ManifestError) -> YAMLNode {
        guard let node = values[key] else { throw place.error("\(what) lacks the key '\(key)': add it") }
        return node
    }

    func text(_ key: String) throws(ManifestError) -> String { try node(key).text("'\(key)' of \(what)") }

    func number(_ key: String) throws(ManifestError) -> Double { try node(key).number("'\(key)' of \(what)") }

    func list(_ key: String) throws(ManifestError) -> [YAMLNode] { try node(key).list("'\(key)' of \(what)") }

    /// A number that may be missing.
    func optionalNumber(_ key: String) throws(ManifestError) -> Double? {
        guard let node = values[key] else { return nil }
        return try node.number("'\(key)' of \(what)")
    }

    /// A text that may be missing.
    func optionalText(_ key: String) throws(ManifestError) -> String {
        guard let node = values[key] else { return "" }
        return try node.text("'\(key)' of \(what)")
    }
}
