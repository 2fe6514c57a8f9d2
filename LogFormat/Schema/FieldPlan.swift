/// A top-level field as the generic decoder sees it: plain numbers instead of the description's trees, so that
/// walking an event costs no reference counting.
struct FieldPlan {
    /// What is read, and how.
    enum Action {
        /// A bool, float, integer at full width, string, bytes, fixed or enumeration, as `kind` says.
        case plain
        /// A number by varint, delta, keyDelta or eventDelta.
        case number
        /// An unsigned 64-bit value by varint.
        case unsigned
        /// A list packed by keyMask.
        case mask
        /// A list or record, read by its description.
        case nested
    }

    let action: Action
    let encoding: FieldEncoding
    /// Kind of the value; of the elements for `mask`.
    let kind: UInt8
    let isKey: Bool
    let isOptional: Bool
    let isVolatile: Bool
    let step: UInt64
    /// Key slots that the field takes.
    let slotWidth: Int
    /// Size of a fixed, symbols of an enumeration, length of a mask list.
    let size: Int
    /// Place of a nested field's type in the plan of what is nested.
    let nestedPlace: Int

    init(_ field: Field, nested: inout NestedPlan) {
        encoding = field.encoding
        isKey = field.isKey
        isOptional = field.null != .required
        isVolatile = field.isVolatile
        step = field.step
        slotWidth = RecordDecoder.slotWidth(field)
        var kind = field.type.kind
        var size = 0
        switch field.type {
        case .fixed(let bytes): size = bytes
        case .enumeration(let symbols): size = symbols.count
        case .list(let element, let count):
            size = count
            if field.encoding == .keyMask { kind = element.kind }
        default: break
        }
        self.kind = kind
        self.size = size
        nestedPlace = field.encoding == .plain ? nested.add(field.type) : 0
        switch field.encoding {
        case .keyMask: action = .mask
        case .varint where kind == 11: action = .unsigned
        case .varint, .delta, .keyDelta, .eventDelta: action = .number
        case .plain:
            switch field.type {
            case .list, .record: action = .nested
            default: action = .plain
            }
        }
    }
}
