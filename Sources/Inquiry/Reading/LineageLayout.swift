import Events
import LogFormat

/// Where the lineage stands in the canonical bytes of a type, so that ids are compared without decoding events.
struct LineageLayout {
    /// Bytes before the presence map (SPEC.md section 10).
    private static let headBytes = 24
    private static let idBytes = 16
    private let presenceBytes: Int

    /// The layout of a type; nil for one that does not begin with a lineage.
    init?(_ schema: Schema) {
        let names = schema.fields.prefix(4).map(\.name)
        let isLineage =
            names == ["id", "lifecycle_id", "parent_id", "seen_gsn"]
            && schema.fields.prefix(3).allSatisfy { $0.unit == "ulid" && !$0.isVolatile }
            && schema.fields[0].null == .required && schema.fields[1].null != .required
            && schema.fields[2].null != .required && schema.fields[3].null == .required
            && schema.fields[3].type == .u64 && !schema.fields[3].isVolatile
        guard isLineage else { return nil }
        presenceBytes = (schema.fields.count { $0.null != .required && !$0.isVolatile } + 7) / 8
    }

    private var idStart: Int { Self.headBytes + presenceBytes }

    /// Whether the stable part has the id of these 16 bytes.
    func id(_ stable: UnsafeRawBufferPointer, is bytes: [UInt8]) -> Bool {
        for index in 0..<Self.idBytes where unsafe stable[idStart + index] != bytes[index] { return false }
        return true
    }

    /// The id of the stable part.
    func id(_ stable: UnsafeRawBufferPointer) -> ULID {
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 = halves.0 << 8 | UInt64(unsafe stable[idStart + index])
            halves.1 = halves.1 << 8 | UInt64(unsafe stable[idStart + 8 + index])
        }
        return ULID(high: halves.0, low: halves.1)
    }

    /// Place of the cursor of the inputs, which takes 8 bytes.
    func seenStart(_ stable: UnsafeRawBufferPointer) -> Int {
        let present = unsafe stable[Self.headBytes]
        return idStart + Self.idBytes * (1 + (present & 3).nonzeroBitCount)
    }
}

/// The layouts of the types of a log.
struct LineageLayouts {
    private var known: [LineageLayout??] = []

    /// The layout of a type, worked out once.
    mutating func layout(of schema: Schema?, typeID: UInt16) -> LineageLayout? {
        while known.count <= Int(typeID) { known.append(nil) }
        if let layout = known[Int(typeID)] { return layout }
        let layout = schema.flatMap { LineageLayout($0) }
        known[Int(typeID)] = .some(layout)
        return layout
    }
}
