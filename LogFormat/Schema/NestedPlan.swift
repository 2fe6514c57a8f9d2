/// What lies inside of lists and records as the generic decoder sees it: one table of plain numbers instead of the
/// description's tree, whose payloads would be counted at every value.
struct NestedPlan {
    /// One type of the tree.
    struct Node {
        /// Kind of the type.
        var kind: UInt8 = 0
        /// Whether it is a record's member that may be absent.
        var isOptional = false
        /// Size of a fixed, symbols of an enumeration, length of a list of fixed length.
        var size = 0
        /// Where the members of a record or the elements' type of a list stand, side by side.
        var first = 0
        /// Members of a record.
        var count = 0
        /// Members of a record that may be absent.
        var optionalCount = 0
        /// Place of a record's fields in `records`.
        var record = 0
    }

    private(set) var nodes: [Node] = []
    /// The fields of each record, for sinks that want to know their names.
    private(set) var records: [[Field]] = []

    init() {}

    /// Adds a type with everything in it; its place.
    mutating func add(_ type: FieldType) -> Int {
        let place = nodes.count
        nodes.append(Node())
        fill(place, type)
        return place
    }

    private mutating func fill(_ place: Int, _ type: FieldType) {
        nodes[place].kind = type.kind
        switch type {
        case .fixed(let size): nodes[place].size = size
        case .enumeration(let symbols): nodes[place].size = symbols.count
        case .list(let element, let count):
            nodes[place].size = count
            nodes[place].first = add(element)
        case .record(let fields):
            nodes[place].record = records.count
            nodes[place].count = fields.count
            nodes[place].optionalCount = fields.optionalCount
            nodes[place].first = nodes.count
            records.append(fields)
            let first = nodes.count
            nodes += fields.map { _ in Node() }
            for (index, field) in fields.enumerated() {
                fill(first + index, field.type)
                nodes[first + index].isOptional = field.null != .required
            }
        default: break
        }
    }
}
