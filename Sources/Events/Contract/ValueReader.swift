package import LogFormat

/// Fills an event of the current version from the values of an older one, by the names of the fields at every depth.
///
/// A field that the old version did not have keeps what a new event holds: the default of an additive change.
package struct ValueReader: FieldVisitor {
    /// The first field that says something that the current version cannot hold.
    package private(set) var failure: FormatError?

    private let fields: [Field]
    private let values: [Value]
    /// Where the next field is looked for first: versions keep the order of their fields.
    private var next = 0
    /// Whether the field that was visited last was there.
    private var wasFound = false

    /// A reader of the values of an event or of a record.
    package init(_ fields: [Field], _ values: [Value]) {
        self.fields = fields
        self.values = values
    }

    /// Takes the value of a field; nil if it is absent or was no field of that version.
    private mutating func take(_ name: StaticString) -> (type: FieldType, value: Value)? {
        let name = "\(name)"
        let count = min(fields.count, values.count)
        wasFound = false
        for step in 0..<count {
            let place = (next + step) % count
            guard fields[place].name == name else { continue }
            next = place + 1
            guard values[place] != .null else { return nil }
            wasFound = true
            return (fields[place].type, values[place])
        }
        return nil
    }

    private mutating func refuse(_ name: StaticString, _ type: FieldType) {
        if failure == nil { failure = .invalid(what: "\(name)", detail: "was \(type), and is something else now") }
    }

    private mutating func whole(_ name: StaticString) -> Int64? {
        guard let (type, value) = take(name) else { return nil }
        if case .int(let number) = value { return number }
        refuse(name, type)
        return nil
    }

    /// A 32-bit integer.
    package mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {
        guard let number = whole(name) else { return }
        if let small = Int32(exactly: number) { value = small } else { refuse(name, .i64) }
    }

    /// A 64-bit integer.
    package mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { if let number = whole(name) { value = number } }

    /// An unsigned 64-bit integer.
    package mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        if case .uint(let number) = old { value = number } else { refuse(name, type) }
    }

    /// A scaled integer; another scale would be another number.
    package mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        if case .int(let number) = old, type == .decimal(scale: scale) { value = number } else { refuse(name, type) }
    }

    /// A time.
    package mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { if let number = whole(name) { value = number } }

    /// A truth value.
    package mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        guard let (type, old) = take(name) else { return }
        if case .bool(let truth) = old { value = truth } else { refuse(name, type) }
    }

    /// A float.
    package mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        if case .double(let number) = old { value = number } else { refuse(name, type) }
    }

    /// A float of 32 bits.
    package mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        if case .float(let number) = old { value = number } else { refuse(name, type) }
    }

    /// Text.
    package mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        if case .string(let text) = old { value = text } else { refuse(name, type) }
    }

    /// Bytes.
    package mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        guard let (type, old) = take(name) else { return }
        guard case .bytes(let bytes) = old else { return refuse(name, type) }
        // SAFETY: the pointer is used inside the call alone.
        unsafe bytes.withUnsafeBytes { unsafe body($0) }
    }

    /// A list of 32-bit integers.
    package mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) {
        guard let (type, elements) = list(name, count) else { return }
        for index in 0..<count {
            guard case .int(let number) = elements[index], let small = Int32(exactly: number) else {
                return refuse(name, type)
            }
            value[index] = small
        }
    }

    /// A list of 32-bit floats.
    package mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) {
        guard let (type, elements) = list(name, count) else { return }
        for index in 0..<count {
            guard case .float(let number) = elements[index] else { return refuse(name, type) }
            value[index] = number
        }
    }

    private mutating func list(_ name: StaticString, _ count: Int) -> (FieldType, [Value])? {
        guard let (type, old) = take(name) else { return nil }
        if case .list(let elements) = old, elements.count == count { return (type, elements) }
        refuse(name, type)
        return nil
    }

    /// Bytes of a fixed number.
    package mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        guard case .bytes(let bytes) = old, bytes.count == count else { return refuse(name, type) }
        for index in 0..<count { value[index] = bytes[index] }
    }

    /// A symbol, by its text: lists of symbols may have been put in another order.
    package mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        guard case .symbol(let index) = old, case .enumeration(let symbols) = type,
            symbols.indices.contains(Int(index)), let symbol = Symbol(text: symbols[Int(index)])
        else { return refuse(name, type) }
        value = symbol
    }

    /// Fields of its own.
    package mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        guard case .record(let inner) = type, case .record(let values) = old else { return refuse(name, type) }
        var reader = ValueReader(inner, values)
        value.fields(&reader)
        if failure == nil { failure = reader.failure }
    }

    /// Elements of one type.
    package mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        guard let (type, old) = take(name) else { return }
        guard case .list(let elementType, _) = type, case .list(let elements) = old else { return refuse(name, type) }
        value = elements.map { element in
            var reader = ValueReader([Field("\(name)", elementType)], [element])
            var made = Element()
            made.visit(name, "", &reader)
            if failure == nil { failure = reader.failure }
            return made
        }
    }

    /// A field that may be absent.
    package mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout ValueReader, inout Wrapped) -> Void
    ) {
        var wrapped = placeholder()
        field(&self, &wrapped)
        value = wasFound ? wrapped : nil
    }

    /// What was written stays readable, whatever range is asked for today.
    package mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {}
}
