import LogFormat
import PlacedYAML
import Yams

/// Reads the fields of an event type or record from YAML.
struct FieldYAML {
    let file: String
    /// Name of the event type, for messages.
    let type: String
    /// Line of each top-level field.
    private(set) var lines: [String: Int] = [:]
    /// Nodes read so far: aliases may repeat a node many times over.
    private var count = 0

    private static let parameterKeys = ["symbols", "items", "element", "count", "fields", "scale", "size"]
    private static let recordKeys = ["name", "type"] + parameterKeys + ["unit", "null", "optional"]
    private static let topLevelKeys = recordKeys + ["key", "volatile", "encoding", "step", "doc"]
    static let encodings: [(name: String, encoding: FieldEncoding)] = [
        ("plain", .plain), ("varint", .varint), ("delta", .delta), ("key_delta", .keyDelta),
        ("event_delta", .eventDelta), ("key_mask", .keyMask),
    ]
    static let nullClasses: [(name: String, null: NullClass)] = [
        ("req", .required), ("null", .optional), ("late", .late),
    ]

    init(file: String, type: String) {
        self.file = file
        self.type = type
    }

    /// The fields under `key`.
    mutating func fields(_ map: YAMLMap, _ key: String, isTopLevel: Bool, depth: Int = 0) throws -> [Field] {
        guard let node = map.node(key) else { throw map.error(key, "'\(key)' is missing") }
        return try fields(node, of: map, isTopLevel: isTopLevel, depth: depth)
    }

    private mutating func fields(_ node: Node, of map: YAMLMap, isTopLevel: Bool, depth: Int) throws -> [Field] {
        guard case .sequence(let items) = node else {
            throw ToolError(
                "\(file):\(node.mark?.line ?? map.line): \(map.what): fields are \(node.found), expected a list")
        }
        var fields: [Field] = []
        for (index, item) in items.enumerated() {
            fields.append(try field(item, number: index + 1, isTopLevel: isTopLevel, depth: depth))
        }
        return fields
    }

    private mutating func field(_ node: Node, number: Int, isTopLevel: Bool, depth: Int) throws -> Field {
        count += 1
        let unnamed = try YAMLMap(node, file: file, what: "field number \(number) of \(type)")
        let name = try unnamed.text("name")
        let map = try YAMLMap(node, file: file, what: "field '\(name)' of \(type)")
        guard count <= FormatLimits.fieldsMax, depth <= FormatLimits.nestingMax else {
            throw map.error("name", "more than \(FormatLimits.fieldsMax) fields, or nested more than 8 deep")
        }
        try map.allow(isTopLevel ? Self.topLevelKeys : Self.recordKeys)
        if isTopLevel { lines[name] = map.line }
        guard let typeNode = map.node("type") else { throw map.error("type", "'type' is missing") }
        let fieldType = try self.fieldType(typeNode, map, depth: depth)
        var field = Field(name, fieldType, null: try null(map), unit: try map.optionalText("unit"))
        guard isTopLevel else { return field }
        field.isKey = try map.flag("key")
        field.isVolatile = try map.flag("volatile")
        field.documentation = try map.optionalText("doc")
        if map.node("encoding") != nil {
            field.encoding = try choice(map, "encoding", Self.encodings.map { ($0.name, $0.encoding) })
        }
        field.step = try map.integer("step", 1...UInt64(Int64.max)) ?? 1
        return field
    }

    private func null(_ map: YAMLMap) throws -> NullClass {
        let optional = try map.flag("optional")
        guard map.node("null") != nil else { return optional ? .optional : .required }
        let null = try choice(map, "null", Self.nullClasses.map { ($0.name, $0.null) })
        if map.node("optional") != nil, optional != (null != .required) {
            throw map.error("optional", "'optional' says one thing, 'null' another: give one of them")
        }
        return null
    }

    private func choice<T>(_ map: YAMLMap, _ key: String, _ choices: [(String, T)]) throws -> T {
        let found = try map.text(key)
        guard let choice = choices.first(where: { $0.0 == found }) else {
            throw map.error(key, "\(key) is '\(found)', allowed: \(choices.map(\.0).joined(separator: ", "))")
        }
        return choice.1
    }
}

extension FieldYAML {
    private static let scalars: [(name: String, type: FieldType)] = [
        ("bool", .bool), ("i32", .i32), ("i64", .i64), ("u64", .u64), ("f64", .f64), ("f32", .f32),
        ("string", .string), ("bytes", .bytes), ("time", .time),
    ]
    private static let typeHelp =
        "allowed: " + scalars.map(\.name).joined(separator: ", ")
        + ", {list: TYPE}, {record: [FIELDS]}, {enum: [SYMBOLS]}, {decimal: SCALE}, {fixed: SIZE}"

    /// A type: a word, with its parameters beside it in `owner`, or a mapping of its own.
    private mutating func fieldType(_ node: Node, _ owner: YAMLMap?, depth: Int, _ what: String = "") throws
        -> FieldType
    {
        count += 1
        let line = node.mark?.line ?? owner?.line ?? 1
        let place = owner?.what ?? what
        func failure(_ message: String) -> ToolError { ToolError("\(file):\(line): \(place): \(message)") }
        guard depth <= FormatLimits.nestingMax, count <= 4 * FormatLimits.fieldsMax else {
            throw failure("types are nested more than \(FormatLimits.nestingMax) deep, or too many")
        }
        switch node {
        case .scalar(let scalar):
            if let kind = Parametric(rawValue: scalar.string), let owner {
                return try parametric(kind, owner, inline: nil, depth: depth)
            }
            if let owner, let extra = owner.keys.first(where: Self.parameterKeys.contains) {
                throw owner.error(extra, "type '\(scalar.string)' takes no '\(extra)'")
            }
            guard let type = Self.named(scalar.string, depth: depth) else {
                throw failure("type '\(scalar.string)' is unknown, \(Self.typeHelp)")
            }
            return type
        case .mapping:
            let map = try YAMLMap(node, file: file, what: place)
            guard let kind = map.keys.compactMap(Parametric.init(rawValue:)).first else {
                throw failure("type is a mapping without a kind, \(Self.typeHelp)")
            }
            try map.allow([kind.rawValue] + (kind == .list ? ["count"] : []))
            return try parametric(kind, map, inline: map.node(kind.rawValue), depth: depth)
        default: throw failure("type is \(node.found), \(Self.typeHelp)")
        }
    }

    /// Kinds that need more than a word.
    private enum Parametric: String {
        case list, record
        case symbols = "enum"
        case decimal, fixed

        /// The key that holds the parameter when the kind is given as a word.
        var keys: [String] {
            switch self {
            case .list: ["items", "element"]
            case .record: ["fields"]
            case .symbols: ["symbols"]
            case .decimal: ["scale"]
            case .fixed: ["size"]
            }
        }
    }

    private mutating func parametric(
        _ kind: Parametric, _ map: YAMLMap, inline: Node?, depth: Int
    ) throws -> FieldType {
        if inline == nil {
            let allowed = kind.keys + (kind == .list ? ["count"] : [])
            for key in map.keys where Self.parameterKeys.contains(key) && !allowed.contains(key) {
                throw map.error(key, "type '\(kind.rawValue)' takes no '\(key)'")
            }
        }
        guard let node = inline ?? kind.keys.lazy.compactMap(map.node).first else {
            throw map.error("type", "type '\(kind.rawValue)' needs '\(kind.keys[0])'")
        }
        switch kind {
        case .list:
            let element = try fieldType(node, nil, depth: depth + 1, map.what)
            let count = try map.integer("count", 0...UInt64(FormatLimits.listElementsMax)) ?? 0
            return .list(element, count: Int(count))
        case .record: return .record(try fields(node, of: map, isTopLevel: false, depth: depth + 1))
        case .symbols:
            guard case .sequence(let items) = node else {
                throw map.error("symbols", "symbols are \(node.found), expected a list of words")
            }
            return .enumeration(
                try items.map { item in
                    guard case .scalar(let scalar) = item else {
                        throw map.error("symbols", "a symbol is \(item.found), expected a word")
                    }
                    return scalar.string
                })
        case .decimal, .fixed:
            guard case .scalar(let scalar) = node, let number = Int(scalar.string) else {
                throw map.error(kind.keys[0], "\(kind.rawValue) is given \(node.found), expected an integer")
            }
            return kind == .decimal ? .decimal(scale: number) : .fixed(size: number)
        }
    }

    /// `i32`, `list<i32>`, `list<i32, 20>`, `decimal<8>`, `fixed<16>`.
    private static func named(_ name: String, depth: Int) -> FieldType? {
        if let scalar = scalars.first(where: { $0.name == name }) { return scalar.type }
        guard depth <= FormatLimits.nestingMax, name.hasSuffix(">"), let open = name.firstIndex(of: "<") else {
            return nil
        }
        let inner = name[name.index(after: open)...].dropLast()
        switch name[..<open] {
        case "list":
            // A count stands behind the last comma that is not inside another list.
            if let comma = inner.lastIndex(of: ","), !inner[comma...].contains(">") {
                let count = inner[inner.index(after: comma)...].drop { $0 == " " }
                guard let number = Int(count), number > 0 else { return nil }
                return named(String(inner[..<comma]), depth: depth + 1).map { .list($0, count: number) }
            }
            return named(String(inner), depth: depth + 1).map { .list($0, count: 0) }
        case "decimal": return Int(inner).map { .decimal(scale: $0) }
        case "fixed": return Int(inner).map { .fixed(size: $0) }
        default: return nil
        }
    }
}
