public import LogFormat

/// The event types of a log: id, description, and the rule that a (type, version) never changes its meaning.
public struct SchemaRegistry: Sendable {
    /// Types by id; index 0 is unused.
    public private(set) var schemas: [Schema?] = [nil]
    private var identifiers: [Name: UInt16] = [:]

    private struct Name: Hashable, Sendable {
        var name: String
        var version: UInt16
    }

    /// Makes an empty registry.
    public init() {}

    /// The description of a type id.
    public func schema(_ typeID: UInt16) -> Schema? { Int(typeID) < schemas.count ? schemas[Int(typeID)] : nil }

    /// The id of a type and version.
    public func typeID(_ name: String, version: UInt16) -> UInt16? { identifiers[Name(name: name, version: version)] }

    /// All types, by id.
    public var all: [(typeID: UInt16, schema: Schema)] {
        schemas.enumerated().compactMap { index, schema in schema.map { (UInt16(index), $0) } }
    }

    /// Looks a schema up.
    ///
    /// - Returns: its id, or nil if it is new.
    /// - Throws: `schemaClash` when the same type and version means something else here.
    public func find(_ schema: Schema) throws(LogError) -> UInt16? {
        guard let typeID = typeID(schema.name, version: schema.version), let known = self.schema(typeID) else {
            return nil
        }
        guard known.identityDigest == schema.identityDigest else {
            throw LogError(
                .schemaClash,
                "type \(schema.name) version \(schema.version) is already in this log with another description "
                    + "(identity \(hex(known.fingerprint)), given \(hex(schema.fingerprint))): "
                    + "give the changed type a new version")
        }
        return typeID
    }

    /// Takes a type in under an id that a log gave it.
    ///
    /// - Throws: `damaged` when the id or the type is already taken by something else.
    public mutating func insert(_ schema: Schema, typeID: UInt16) throws(LogError) {
        if let known = self.schema(typeID), known != schema {
            throw LogError(
                .damaged,
                "type id \(typeID) stands for \(known.name) v\(known.version) and for "
                    + "\(schema.name) v\(schema.version) in the same log")
        }
        while schemas.count <= Int(typeID) { schemas.append(nil) }
        schemas[Int(typeID)] = schema
        identifiers[Name(name: schema.name, version: schema.version)] = typeID
    }

    /// The id that the next new type gets.
    public var nextTypeID: UInt16? { schemas.count <= FormatLimits.typesMax ? UInt16(schemas.count) : nil }

    /// Digest over the types so far, for segment headers.
    public var digest: Digest {
        var hasher = SHA256Hasher()
        for case .some(let schema) in schemas { hasher.update(schema.identityDigest) }
        return hasher.digest()
    }
}

extension BatchState {
    /// Makes the types of `registry` known that are not yet, or that have another schema here.
    public func register(_ registry: SchemaRegistry) {
        for (typeID, schema) in registry.all where state(of: typeID)?.schema != schema {
            register(schema, typeID: typeID)
        }
    }
}
