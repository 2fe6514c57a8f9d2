import LogFormat

/// An event type that visits every kind of field that Swift types can have.
struct Everything: LogEvent, Equatable {
    static let typeName = "test.Everything"
    static let version: UInt16 = 3
    static let documentation = "One of each"

    var key: Int32 = 0
    var plain32: Int32 = 0
    var delta32: Int32 = 0
    var plain64: Int64 = 0
    var keyed64: Int64 = 0
    var event64: Int64 = 0
    var unsigned: UInt64 = 0
    var unsignedPlain: UInt64 = 0
    var unsignedDelta: UInt64 = 0
    var price: Int64 = 0
    var received: Int64 = 0
    var flag = false
    var ratio = 0.0
    var weight: Float = 0
    var note = ""
    var body: [UInt8] = []
    var levels = InlineArray<9, Int32>(repeating: 0)
    var scores = InlineArray<3, Float>(repeating: 0)

    mutating func fields(_ v: inout some FieldVisitor) {
        v.i32("key", &key, unit: "", isKey: true, encoding: .delta, step: 1, "Subject")
        v.i32("plain32", &plain32, unit: "m", isKey: false, encoding: .plain, step: 1, "")
        v.i32("delta32", &delta32, unit: "", isKey: false, encoding: .delta, step: 5, "")
        v.i64("plain64", &plain64, encoding: .plain)
        v.i64("keyed64", &keyed64, encoding: .keyDelta, step: 1000)
        v.i64("event64", &event64, encoding: .eventDelta)
        v.u64("unsigned", &unsigned, encoding: .varint, step: 10)
        v.u64("unsigned_plain", &unsignedPlain, encoding: .plain)
        v.u64("unsigned_delta", &unsignedDelta, encoding: .keyDelta)
        v.decimal("price", &price, scale: 8, unit: "USD", encoding: .keyDelta, step: 1_000_000, "Price")
        v.time("received", &received, encoding: .eventDelta, "")
        v.bool("flag", &flag, "")
        v.f64("ratio", &ratio, unit: "", "")
        v.f32("weight", &weight, unit: "", "")
        v.string("note", &note, isKey: false, "")
        var taken: [UInt8]?
        body.withUnsafeBytes { source in v.opaque("body", source) { taken = [UInt8]($0) } }
        if let taken { body = taken }
        v.i32List("levels", &levels, unit: "", step: 2, "")
        v.f32List("scores", &scores, unit: "", "")
    }

    /// The same event for the path that goes by descriptions.
    var values: [Value] {
        [
            .int(Int64(key)), .int(Int64(plain32)), .int(Int64(delta32)), .int(plain64), .int(keyed64), .int(event64),
            .uint(unsigned), .uint(unsignedPlain), .uint(unsignedDelta), .int(price), .int(received), .bool(flag),
            .double(ratio), .float(weight), .string(note), .bytes(body),
            .list((0..<9).map { .int(Int64(levels[$0])) }), .list((0..<3).map { .float(scores[$0]) }),
        ]
    }

    static func == (a: Everything, b: Everything) -> Bool { a.values == b.values }

    static func random(_ random: inout TestGenerator) -> Everything {
        var event = Everything()
        event.key = Int32(random.pick([0, 1, 7, 1023, 1024, -5]))
        event.plain32 = Int32(truncatingIfNeeded: random.integer())
        event.delta32 = Int32(truncatingIfNeeded: random.integer())
        event.plain64 = random.integer()
        event.keyed64 = random.integer()
        event.event64 = random.integer()
        event.unsigned = UInt64(bitPattern: random.integer())
        event.unsignedPlain = UInt64(bitPattern: random.integer())
        event.unsignedDelta = UInt64(bitPattern: random.integer())
        event.price = random.integer()
        event.received = random.integer()
        event.flag = random.chance(50)
        event.ratio = Double(random.integer())
        event.weight = Float(random.integer())
        event.note = random.text()
        event.body = random.bytes(random.below(20))
        for index in 0..<9 where random.chance(40) { event.levels[index] = Int32(truncatingIfNeeded: random.integer()) }
        for index in 0..<3 { event.scores[index] = Float(random.below(1000)) }
        return event
    }
}

/// An event whose subject is a text.
struct Named: LogEvent {
    static let typeName = "test.Named"
    static let version: UInt16 = 1
    var name = ""
    var value: Int64 = 0

    mutating func fields(_ v: inout some FieldVisitor) {
        v.string("name", &name, isKey: true, "")
        v.i64("value", &value, encoding: .keyDelta)
    }

    var values: [Value] { [.string(name), .int(value)] }
}

/// Events of one Swift type as raw bytes, through the visitor.
func packTyped<Event: LogEvent>(_ events: [(Event, RecordHead)]) throws -> RawBatch {
    var builder = BatchBuilder(state: makeState([try Event.makeSchema()]))
    for (event, head) in events {
        var copy = event
        try builder.append(&copy, head: head)
    }
    return RawBatch(bytes: builder.raw.bytes, count: builder.count)
}

/// Decodes events of one Swift type through the visitor, until the end or the first error; all into the same memory if
/// it `reuses` that.
func unpackTyped<Event: LogEvent>(
    _ raw: RawBatch, as type: Event.Type, reuses: Bool = false
) throws -> [(Event, RecordHead)] {
    let state = makeState([try Event.makeSchema()])
    return try withReader(raw, state) { reader in
        var events: [(Event, RecordHead)] = []
        var event = Event()
        while try reader.next() {
            guard let type = state.state(of: reader.head.typeID) else {
                throw FormatError.unknownType(typeID: reader.head.typeID)
            }
            if !reuses { event = Event() }
            try reader.decode(&event, type)
            events.append((event, reader.head))
        }
        return events
    }
}
