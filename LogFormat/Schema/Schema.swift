/// What a field may hold (SPEC.md section 8).
public indirect enum FieldType: Equatable, Sendable {
    /// True or false.
    case bool
    /// Signed 32-bit integer.
    case i32
    /// Signed 64-bit integer.
    case i64
    /// Unsigned 64-bit integer.
    case u64
    /// Finite 64-bit float.
    case f64
    /// Finite 32-bit float.
    case f32
    /// UTF-8 text, kept as received.
    case string
    /// Any bytes.
    case bytes
    /// Exactly `size` bytes.
    case fixed(size: Int)
    /// Signed integer that stands for `v × 10^-scale`.
    case decimal(scale: Int)
    /// Nanoseconds since 1970.
    case time
    /// One of the symbols.
    case enumeration([String])
    /// Elements of one type; `count` is 0 for any number.
    case list(FieldType, count: Int)
    /// Fields of its own.
    case record([Field])

    /// Whether a difference of two values makes sense: the integers, decimals and times.
    public var isNumber: Bool {
        switch self {
        case .i32, .i64, .u64, .decimal, .time: true
        default: false
        }
    }

    var kind: UInt8 {
        switch self {
        case .bool: 1
        case .i32: 2
        case .i64: 3
        case .f64: 4
        case .string: 5
        case .bytes: 6
        case .list: 7
        case .record: 8
        case .enumeration: 9
        case .f32: 10
        case .u64: 11
        case .decimal: 12
        case .fixed: 13
        case .time: 14
        }
    }
}

/// Whether a value may be missing (requirement GEN-06).
public enum NullClass: UInt8, Sendable {
    /// Always present.
    case required = 0
    /// May be unknown.
    case optional = 1
    /// Absent at creation, supplied by a later event.
    case late = 2
}

/// How a top-level field is packed (SPEC.md section 8).
public enum FieldEncoding: UInt8, Sendable, CaseIterable {
    /// As it is.
    case plain = 0
    /// Variable-length number.
    case varint = 1
    /// Difference to the previous event of the type.
    case delta = 2
    /// Difference to the previous event of the type with the same key.
    case keyDelta = 3
    /// Difference to the event's own time.
    case eventDelta = 4
    /// Bit mask of changed list elements since the previous event with the same key.
    case keyMask = 5
}

/// A field of an event type or of a record.
public struct Field: Equatable, Sendable {
    /// Name, `[A-Za-z_][A-Za-z0-9_]*`.
    public var name: String
    /// What it holds.
    public var type: FieldType
    /// Whether it may be missing.
    public var null: NullClass
    /// Unit of measure, empty if none.
    public var unit: String
    /// Whether it tells the instrument (or other subject) that differences are taken per.
    public var isKey: Bool
    /// Whether it may differ between two runs with the same inputs.
    public var isVolatile: Bool
    /// How it is packed; only top-level fields.
    public var encoding: FieldEncoding
    /// Grid that values or differences usually lie on.
    public var step: UInt64
    /// What it means, for people; only top-level fields.
    public var documentation: String

    /// Makes a field; integers default to `varint`, everything else to `plain`.
    public init(
        _ name: String, _ type: FieldType, null: NullClass = .required, unit: String = "", isKey: Bool = false,
        isVolatile: Bool = false, encoding: FieldEncoding? = nil, step: UInt64 = 1, documentation: String = ""
    ) {
        self.name = name
        self.type = type
        self.null = null
        self.unit = unit
        self.isKey = isKey
        self.isVolatile = isVolatile
        self.encoding = encoding ?? (type.isNumber ? .varint : .plain)
        self.step = step
        self.documentation = documentation
    }
}

/// The description of one version of an event type: what travels with the data.
public struct Schema: Equatable, Sendable {
    /// Type name, such as `mkt.Trade`.
    public let name: String
    /// Version of the type, from 1.
    public let version: UInt16
    /// Top-level fields in order.
    public let fields: [Field]
    /// What the type means, for people.
    public let documentation: String
    /// Description bytes (SPEC.md section 8).
    public let description: [UInt8]
    /// SHA-256 of the identity section.
    public let identityDigest: Digest

    /// First eight bytes of the identity digest.
    public var fingerprint: UInt64 {
        var value: UInt64 = 0
        for index in (0..<8).reversed() { value = value << 8 | UInt64(identityDigest.bytes[index]) }
        return value
    }

    /// Checks every rule of SPEC.md sections 8 and 16 and makes a schema.
    ///
    /// Errors: `invalid` and `limit`, naming the field.
    public init(name: String, version: UInt16, fields: [Field], documentation: String = "") throws(FormatError) {
        try SchemaRules.check(name: name, version: version, fields: fields, documentation: documentation)
        self.name = name
        self.version = version
        self.fields = fields
        self.documentation = documentation
        let identity = Self.encodeIdentity(name: name, version: version, fields: fields)
        self.identityDigest = Digest(hashing: identity)
        self.description = Self.encodeDescription(identity: identity, fields: fields, documentation: documentation)
        guard description.count <= FormatLimits.schemaBytesMax else {
            throw .limit(what: "description of \(name)", found: description.count, limit: FormatLimits.schemaBytesMax)
        }
    }
}
