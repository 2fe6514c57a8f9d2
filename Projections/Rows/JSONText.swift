import Events
import LogFormat

/// JSON text of lists and records, as rows keep them: members in the order of the declaration, no white space, shortest
/// floats, absent members left out (GEN-07).
enum JSONText {
    static func record<Record: EventRecord>(_ record: Record) -> String {
        var copy = record
        var writer = JSONWriter()
        writer.object { copy.fields(&$0) }
        return writer.text
    }

    static func list<Symbol: EventSymbol>(_ symbols: [Symbol]) -> String {
        var text = "["
        for symbol in symbols {
            if text.utf8.count > 1 { text += "," }
            text += jsonString(symbol.text)
        }
        return text + "]"
    }

    static func list<Element: EventElement>(_ elements: [Element]) -> String {
        guard !elements.isEmpty else { return "[]" }
        var copy = elements
        var writer = JSONWriter()
        writer.array(&copy)
        return writer.text
    }
}

/// Writes what it visits as JSON.
private struct JSONWriter: FieldVisitor {
    private(set) var text = ""
    private var needsComma = false

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        text += "{"
        needsComma = false
        members(&self)
        text += "}"
        needsComma = true
    }

    mutating func array<Element: EventElement>(_ elements: inout [Element]) {
        text += "["
        needsComma = false
        for index in elements.indices { elements[index].visit("", "", &self) }
        text += "]"
        needsComma = true
    }

    private mutating func begin(_ name: StaticString) {
        if needsComma { text += "," }
        needsComma = true
        if name.utf8CodeUnitCount > 0 { text += "\(jsonString("\(name)")):" }
    }

    private mutating func put(_ name: StaticString, _ value: String) {
        begin(name)
        text += value
    }

    private func shown(_ value: Double) -> String {
        var buffer = ByteBuffer(capacity: 64)
        buffer.appendFloat(value)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { put(name, "\(value)") }

    mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { put(name, "\(value)") }

    mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { put(name, "\(value)") }

    mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { put(name, "\(value)") }

    mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { put(name, "\"\(TimeText.text(value))\"") }

    mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        put(name, value ? "true" : "false")
    }

    mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) { put(name, shown(value)) }

    mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) { put(name, shown(Double(value))) }

    mutating func string(_ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString) {
        put(name, jsonString(value))
    }

    mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) { put(name, unsafe "\"\(hex([UInt8](source)))\"") }

    mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) { put(name, "[\((0..<count).map { "\(value[$0])" }.joined(separator: ","))]") }

    mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) { put(name, "[\((0..<count).map { shown(Double(value[$0])) }.joined(separator: ","))]") }

    mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) {
        let bytes = (0..<count).map { value[$0] }
        put(name, "\"\(EventID(bytes: bytes)?.description ?? hex(bytes))\"")
    }

    mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) { put(name, jsonString(value.text)) }

    mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) {
        begin(name)
        object { value.fields(&$0) }
    }

    mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        begin(name)
        array(&value)
    }

    mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout JSONWriter, inout Wrapped) -> Void
    ) { if var wrapped = value { field(&self, &wrapped) } }

    mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {}
}
