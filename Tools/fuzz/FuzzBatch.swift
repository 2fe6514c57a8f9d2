import LogFormat

/// A Swift type with most kinds of fields, to try the decoder of Swift types beside the one that goes by descriptions.
struct FuzzEvent: LogEvent {
    static let typeName = "fuzz.Typed"
    static let version: UInt16 = 1
    var key: Int32 = 0
    var delta: Int32 = 0
    var keyed: Int64 = 0
    var event: Int64 = 0
    var unsigned: UInt64 = 0
    var flag = false
    var ratio = 0.0
    var note = ""
    var bodyCount = 0
    var levels = InlineArray<9, Int32>(repeating: 0)
    var scores = InlineArray<300, Float>(repeating: 0)

    mutating func fields(_ v: inout some FieldVisitor) {
        v.i32("key", &key, unit: "", isKey: true, encoding: .delta, step: 1, "")
        v.i32("delta", &delta, unit: "", isKey: false, encoding: .plain, step: 1, "")
        v.i64("keyed", &keyed, encoding: .keyDelta, step: 1000)
        v.i64("event", &event, encoding: .eventDelta)
        v.u64("unsigned", &unsigned, encoding: .varint, step: 10)
        v.bool("flag", &flag, "")
        v.f64("ratio", &ratio, unit: "", "")
        v.string("note", &note, isKey: false, "")
        var found = 0
        v.opaque("body", UnsafeRawBufferPointer(start: nil, count: 0)) { found = $0.count }
        bodyCount = found
        v.i32List("levels", &levels, unit: "", step: 2, "")
        v.f32List("scores", &scores, unit: "", "")
    }
}

/// A type with every kind, nested and optional.
func makeRichSchema() throws(FormatError) -> Schema {
    try Schema(
        name: "fuzz.Rich", version: 1,
        fields: [
            Field("k", .string, isKey: true), Field("a", .i64, null: .optional, encoding: .keyDelta, step: 5),
            Field("m", .list(.u64, count: 64), null: .late, encoding: .keyMask, step: 3),
            Field(
                "l",
                .list(
                    .list(
                        .record([Field("x", .i32, null: .optional), Field("y", .enumeration(["p", "q"]))]), count: 0),
                    count: 0)),
            Field("f", .fixed(size: 5), null: .optional),
            Field("d", .decimal(scale: 3), isVolatile: true, encoding: .delta),
            Field("t", .time, encoding: .eventDelta), Field("b", .bytes), Field("w", .f32),
            Field("u", .u64, encoding: .plain),
        ])
}

/// Raw bytes of a batch with all hashes right.
func fuzzBatch(_ input: [UInt8]) {
    guard let events = input.first else { return }
    let raw = Array(input.dropFirst())
    let state = BatchState()
    guard let typed = attempt({ () throws(FormatError) in try FuzzEvent.makeSchema() }),
        let rich = attempt({ () throws(FormatError) in try makeRichSchema() })
    else { fatalError("the types of the harness are valid") }
    state.register(typed, typeID: 1)
    state.register(rich, typeID: 2)
    let codec = FrameCodec()
    var frame = ByteBuffer()
    _ = raw.withUnsafeBytes { codec.compress($0, into: &frame) }
    let stored = frame.bytes
    var header = BlockHeader(kind: .batch, link: 0, firstSeq: 1, writerEpoch: 1, durableSeq: 0)
    header.count = UInt32(events) + 1
    header.rawLength = UInt32(raw.count)
    header.rawHash = xxh3(raw, seed: 1)
    var reader = BatchReader(state: state)
    func open() {
        try? stored.withRawBytes { bytes throws(FormatError) in
            try reader.open(header, stored: bytes, codec: codec, seed: 1)
        }
    }
    open()
    let values = attempt { () throws(FormatError) in try walk(&reader) }
    open()
    let bytes = attempt { () throws(FormatError) in try canonical(&reader) }
    precondition((values == nil) == (bytes == nil), "values and canonical bytes agree about what is valid")
    open()
    guard let type = state.state(of: 1) else { return }
    let typedCount = attempt { () throws(FormatError) in try walkTyped(&reader, type) }
    precondition((typedCount == nil) == (values == nil), "both decoders agree about what is valid")
}

func walk(_ reader: inout BatchReader) throws(FormatError) -> Int {
    var count = 0
    while try reader.next() {
        let (schema, values) = try reader.decodeValues()
        try schema.validate(values)
        count += 1
    }
    return count
}

func canonical(_ reader: inout BatchReader) throws(FormatError) -> Int {
    var encoder = CanonicalEncoder()
    var count = 0
    while try reader.next() {
        _ = try encoder.encode(&reader) { stable, volatile in precondition(stable.count >= 24 && volatile.count >= 20) }
        count += 1
    }
    return count
}

/// Events of the Swift type through its own decoder, the others by their description.
func walkTyped(_ reader: inout BatchReader, _ type: TypeState) throws(FormatError) -> Int {
    var event = FuzzEvent()
    var count = 0
    while try reader.next() {
        if reader.head.typeID == 1 { try reader.decode(&event, type) } else { _ = try reader.decodeValues() }
        count += 1
    }
    return count
}
