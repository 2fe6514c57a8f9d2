/// Collects the description of an event type.
struct FieldDescriber: FieldVisitor {
    private(set) var fields: [Field] = []
    private(set) var ranges: [(path: String, range: ClosedRange<Double>)] = []
    /// What the fields inside of records mean; a schema has words for the top level only.
    private(set) var notes: [(path: String, documentation: String)] = []
    /// Why no schema can be made.
    private(set) var failure: FormatError?
    /// Null class of the field to come.
    private var null = NullClass.required
    private var isVolatile = false

    private mutating func add(
        _ name: StaticString, _ type: FieldType, unit: StaticString = "", isKey: Bool = false,
        encoding: FieldEncoding? = nil, step: UInt64 = 1, _ documentation: StaticString
    ) {
        if null != .required, encoding == .keyDelta || encoding == .keyMask {
            failure = .invalid(what: "\(name)", detail: "a field that may be absent cannot be packed per key")
        }
        fields.append(
            Field(
                "\(name)", type, null: null, unit: "\(unit)", isKey: isKey, isVolatile: isVolatile,
                encoding: encoding, step: step, documentation: "\(documentation)"))
    }

    mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { add(name, .i32, unit: unit, isKey: isKey, encoding: encoding, step: step, documentation) }

    mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { add(name, .i64, unit: unit, isKey: isKey, encoding: encoding, step: step, documentation) }

    mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { add(name, .u64, unit: unit, isKey: isKey, encoding: encoding, step: step, documentation) }

    mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { add(name, .decimal(scale: scale), unit: unit, encoding: encoding, step: step, documentation) }

    mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { add(name, .time, encoding: encoding, documentation) }

    mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        add(name, .bool, documentation)
    }

    mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) { add(name, .f64, unit: unit, documentation) }

    mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) { add(name, .f32, unit: unit, documentation) }

    mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) { add(name, .string, isKey: isKey, documentation) }

    mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) { add(name, .bytes, documentation) }

    mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) { add(name, .list(.i32, count: count), unit: unit, encoding: .keyMask, step: step, documentation) }

    mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) { add(name, .list(.f32, count: count), unit: unit, documentation) }

    mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) { add(name, .fixed(size: count), unit: unit, isKey: isKey, documentation) }

    mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) {
        if Symbol.allCases.map(\.rawValue).elementsEqual(0..<UInt8(Symbol.symbols.count)) == false {
            failure = .invalid(what: "\(name)", detail: "the cases of \(Symbol.self) are not numbered like its symbols")
        }
        add(name, .enumeration(Symbol.symbols), isKey: isKey, documentation)
    }

    mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) {
        let inner = describe(name) { value.fields(&$0) }
        add(name, .record(inner), documentation)
    }

    mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        var element = Element()
        let inner = describe(name) { element.visit("", "", &$0) }
        add(name, .list(inner.first?.type ?? .bool, count: 0), documentation)
    }

    /// The fields that `visit` visits, with their ranges noted under `name`.
    private mutating func describe(_ name: StaticString, _ visit: (inout FieldDescriber) -> Void) -> [Field] {
        var inner = FieldDescriber()
        visit(&inner)
        if let failure = inner.failure { self.failure = failure }
        for (path, range) in inner.ranges { ranges.append((Self.join(name, path), range)) }
        for field in inner.fields where !field.documentation.isEmpty {
            notes.append((Self.join(name, field.name), field.documentation))
        }
        for (path, documentation) in inner.notes { notes.append((Self.join(name, path), documentation)) }
        return inner.fields.map { field in
            Field(field.name, field.type, null: field.null, unit: field.unit, isKey: field.isKey)
        }
    }

    /// The path of a field inside of `name`; the elements of a list have no name of their own.
    private static func join(_ name: StaticString, _ path: String) -> String {
        name.utf8CodeUnitCount == 0 ? path : "\(name).\(path)"
    }

    mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout FieldDescriber, inout Wrapped) -> Void
    ) {
        self.null = null
        var wrapped = placeholder()
        field(&self, &wrapped)
        self.null = .required
    }

    mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {
        ranges.append(("\(name)", range))
    }

    mutating func volatile(_ field: (inout FieldDescriber) -> Void) {
        isVolatile = true
        field(&self)
        isVolatile = false
    }
}
