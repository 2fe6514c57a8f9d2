/// Every maximum of the format, checked when writing and when reading (SPEC.md section 16).
public enum FormatLimits {
    /// Largest event in canonical bytes: it must fit a batch with room to spare.
    public static let eventBytesMax = 8 << 20
    /// Largest decoded batch: bounds the memory of a reader.
    public static let batchRawBytesMax = 16 << 20
    /// Largest stored batch: LZ4's worst case for `batchRawBytesMax`.
    public static let batchStoredBytesMax = (16 << 20) + (64 << 10)
    /// Most events in a batch.
    public static let batchEventsMax = 1 << 20
    /// Smallest allowed segment size, for tests.
    public static let segmentBytesMin = 64 << 10
    /// Largest allowed segment size: offsets stay far from 32-bit limits.
    public static let segmentBytesMax = 1 << 30
    /// Largest schema description.
    public static let schemaBytesMax = 64 << 10
    /// Most fields of a type, counted over all levels.
    public static let fieldsMax = 1024
    /// Deepest nesting of lists and records.
    public static let nestingMax = 8
    /// Most symbols of an enumeration.
    public static let symbolsMax = 4096
    /// Longest name or unit in UTF-8 bytes.
    public static let nameBytesMax = 64
    /// Longest documentation text in UTF-8 bytes.
    public static let documentationBytesMax = 1024
    /// Most elements of a list.
    public static let listElementsMax = 1 << 20
    /// Largest number of event types in one log.
    public static let typesMax = 65_535
    /// Key state slots of one batch: bounds the memory of a reader.
    public static let keySlotsMax = 1 << 20
    /// Elements of a list packed by `keyMask`.
    public static let maskElementsMax = 64
    /// Largest payload of a MANIFEST record.
    public static let manifestPayloadBytesMax = 1 << 20
    /// Largest payload of an index or seal block: 1 GiB of smallest batches stays below it.
    public static let blockPayloadBytesMax = 1 << 30
    /// Events under one Merkle leaf.
    public static let leafEvents: UInt64 = 1024
}
