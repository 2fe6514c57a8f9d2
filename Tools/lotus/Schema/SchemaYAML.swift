import LogEngine
import LogFormat
import PlacedYAML
import Yams

/// Reads event types from YAML: one document a type.
struct SchemaYAML {
    /// Name of the file, for messages.
    let file: String

    private static let fileBytesMax = 1 << 20
    private static let typeKeys = ["type", "version", "doc", "fields"]

    /// Reads all types of a file.
    static func load(_ path: String) throws -> [Schema] {
        let bytes = try WholeFile.read(path, limit: fileBytesMax, what: "a file of event types")
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ToolError("\(path): is not UTF-8") }
        return try SchemaYAML(file: path).parse(text)
    }

    /// Reads all types of a text.
    func parse(_ text: String) throws -> [Schema] {
        let documents: [Node]
        do throws(YAMLFailure) { documents = try YAMLDocuments.all(of: text, bytesMax: Self.fileBytesMax) } catch {
            throw ToolError("\(file):\(error.line): \(error.message), column \(error.column)")
        }
        let schemas = try documents.map { try schema(YAMLMap($0, file: file, what: "an event type")) }
        guard !schemas.isEmpty else {
            throw ToolError("\(file): holds no event type; expected type, version and fields")
        }
        for (index, schema) in schemas.enumerated() {
            let twin = schemas[..<index].contains { $0.name == schema.name && $0.version == schema.version }
            if twin { throw ToolError("\(file): \(schema.name) version \(schema.version) stands twice") }
        }
        return schemas
    }

    private func schema(_ map: YAMLMap) throws -> Schema {
        try map.allow(Self.typeKeys)
        let name = try map.text("type")
        guard let version = UInt16(try map.text("version")), version > 0 else {
            throw map.error(
                "version", "'\(try map.text("version"))' is no version, expected an integer from 1 to 65535")
        }
        var reader = FieldYAML(file: file, type: name)
        let fields = try reader.fields(map, "fields", isTopLevel: true)
        let documentation = try map.optionalText("doc")
        do throws(FormatError) {
            return try Schema(name: name, version: version, fields: fields, documentation: documentation)
        } catch {
            // The rules name the field they concern; its line helps more than that of the document.
            let line = reader.lines.first {
                "\(error)".contains("\(name).\($0.key)") || "\(error)".contains("'\($0.key)'")
            }
            throw ToolError("\(file):\(line?.value ?? map.line): \(error)")
        }
    }
}

/// A YAML mapping whose keys are checked, and whose messages name file and line.
struct YAMLMap {
    let file: String
    /// What it describes, for messages.
    let what: String
    let line: Int
    private let pairs: [(key: String, value: Node, line: Int)]

    /// Wraps a node.
    ///
    /// - Throws: when it is no mapping of scalars to something.
    init(_ node: Node, file: String, what: String) throws {
        self.file = file
        self.what = what
        line = node.mark?.line ?? 1
        guard case .mapping(let mapping) = node else {
            throw ToolError("\(file):\(line): \(what): expected a mapping (key: value), found \(node.found)")
        }
        pairs = try mapping.map { key, value in
            let place = key.mark?.line ?? node.mark?.line ?? 1
            guard case .scalar(let scalar) = key else {
                throw ToolError("\(file):\(place): \(what): a key is \(key.found), expected a word")
            }
            return (scalar.string, value, place)
        }
    }

    /// An error at a key.
    func error(_ key: String, _ message: String) -> ToolError {
        ToolError("\(file):\(pairs.first { $0.key == key }?.line ?? line): \(what): \(message)")
    }

    /// Refuses keys that are not in the list.
    func allow(_ keys: [String]) throws {
        for pair in pairs where !keys.contains(pair.key) {
            throw error(pair.key, "unknown key '\(pair.key)', allowed: \(keys.joined(separator: ", "))")
        }
    }

    /// The value of a key.
    func node(_ key: String) -> Node? { pairs.first { $0.key == key }?.value }

    /// All keys, in order.
    var keys: [String] { pairs.map(\.key) }

    /// The text of a scalar that must be there.
    func text(_ key: String) throws -> String {
        guard let node = node(key) else { throw error(key, "'\(key)' is missing") }
        guard case .scalar(let scalar) = node else {
            throw error(key, "'\(key)' is \(node.found), expected a word")
        }
        return scalar.string
    }

    /// The text of a scalar, empty if it is not there.
    func optionalText(_ key: String) throws -> String { node(key) == nil ? "" : try text(key) }

    /// A truth value, false if it is not there.
    func flag(_ key: String) throws -> Bool {
        guard node(key) != nil else { return false }
        switch try text(key) {
        case "true": return true
        case "false": return false
        case let found: throw error(key, "'\(key)' is '\(found)', expected true or false")
        }
    }

    /// An integer, nil if it is not there.
    func integer(_ key: String, _ range: ClosedRange<UInt64>) throws -> UInt64? {
        guard node(key) != nil else { return nil }
        let found = try text(key)
        guard let value = UInt64(found), range.contains(value) else {
            throw error(
                key, "'\(key)' is '\(found)', expected an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
