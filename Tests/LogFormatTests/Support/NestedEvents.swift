import LogFormat

/// A symbol.
enum Side: UInt8, EventSymbol {
    case buy, sell, none
    static let symbols = ["BUY", "SELL", "NONE"]
}

/// An identifier of 16 bytes.
struct Identifier: EventElement, Equatable {
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    init() {}

    mutating func visit(_ name: StaticString, _ documentation: StaticString, _ v: inout some FieldVisitor) {
        v.fixed(name, &bytes, unit: "", isKey: false, documentation)
    }

    var value: Value { .bytes((0..<16).map { bytes[$0] }) }
    static func == (a: Identifier, b: Identifier) -> Bool { a.value == b.value }
}

/// A record with a field of every kind that a record may hold.
struct Inner: EventRecord, Equatable {
    var id = Identifier()
    var side = Side.buy
    var maybe: Double?
    var count: Int64?
    var small: Int32 = 0
    var big: UInt64 = 0
    var price: Int64 = 0
    var at: Int64 = 0
    var flag: Bool?
    var weight: Float = 0
    var name = ""
    var tags: [String] = []
    var pair = InlineArray<2, Int32>(repeating: 0)
    var floats = InlineArray<2, Float>(repeating: 0)

    mutating func fields(_ v: inout some FieldVisitor) {
        v.field("id", &id, "Who")
        v.field("side", &side)
        v.f64("maybe", &maybe, in: -1e300...1e300)
        v.i64("count", &count)
        v.i32("small", &small, unit: "ms", isKey: false, encoding: .varint, step: 1, "")
        v.u64("big", &big)
        v.decimal("price", &price, scale: 8)
        v.time("at", &at, encoding: .varint, "")
        v.bool("flag", &flag)
        v.f32("weight", &weight, unit: "", "")
        v.field("name", &name)
        v.list("tags", &tags, "")
        v.i32List("pair", &pair, unit: "", step: 1, "")
        v.f32List("floats", &floats, unit: "", "")
    }

    var value: Value {
        .record([
            id.value, .symbol(UInt32(side.rawValue)), maybe.map { .double($0) } ?? .null,
            count.map { .int($0) } ?? .null, .int(Int64(small)), .uint(big), .int(price), .int(at),
            flag.map { .bool($0) } ?? .null, .float(weight), .string(name), .list(tags.map { .string($0) }),
            .list([.int(Int64(pair[0])), .int(Int64(pair[1]))]), .list([.float(floats[0]), .float(floats[1])]),
        ])
    }

    static func == (a: Inner, b: Inner) -> Bool { a.value == b.value }

    static func random(_ random: inout TestGenerator) -> Inner {
        var inner = Inner()
        for index in 0..<16 { inner.id.bytes[index] = UInt8(random.below(256)) }
        inner.side = random.pick(Side.allCases)
        if random.chance(50) { inner.maybe = Double(random.below(1000)) / 7 }
        if random.chance(50) { inner.count = random.integer() }
        inner.small = Int32(truncatingIfNeeded: random.integer())
        inner.big = UInt64(bitPattern: random.integer())
        inner.price = random.integer()
        inner.at = random.integer()
        if random.chance(50) { inner.flag = random.chance(50) }
        inner.weight = Float(random.below(1000))
        inner.name = random.text()
        inner.tags = (0..<random.below(4)).map { _ in random.text() }
        inner.pair[1] = Int32(truncatingIfNeeded: random.integer())
        inner.floats[0] = Float(random.below(1000))
        return inner
    }
}

/// An event with optional fields, symbols, identifiers, records and lists.
struct Nested: LogEvent, Equatable {
    static let typeName = "test.Nested"
    static let version: UInt16 = 1

    var side = Side.buy
    var id = Identifier()
    var first: Int64?
    var price: Int64 = 0
    var delta: Int64?
    var text: String?
    var probability = 0.5
    var ratio: Double?
    var other: Side?
    var inner = Inner()
    var maybe: Inner?
    var inners: [Inner] = []
    var numbers: [Int64] = []
    var amounts: [Double] = []
    var sides: [Side] = []
    var ids: [Identifier] = []
    var took: Int64 = 0
    var at: Int64?
    var last: Bool?

    mutating func fields(_ v: inout some FieldVisitor) {
        v.symbol("side", &side, isKey: true, "Direction")
        v.field("id", &id)
        v.i64("first", &first, unit: "ms", "Comes first")
        v.decimal("price", &price, scale: 8, encoding: .keyDelta)
        v.optional(&delta, .late, 0) { v, delta in v.i64("delta", &delta, encoding: .delta) }
        v.field("text", &text)
        v.f64("probability", &probability, in: 0...1)
        v.f64("ratio", &ratio, in: -1...1)
        v.field("other", &other)
        v.record("inner", &inner, "")
        v.field("maybe", &maybe, null: .late)
        v.list("inners", &inners, "")
        v.list("numbers", &numbers, "")
        v.list("amounts", &amounts, "")
        v.list("sides", &sides, "")
        v.list("ids", &ids, "")
        v.volatile { v in v.i64("took", &took, unit: "ns") }
        v.time("at", &at)
        v.bool("last", &last)
    }

    var values: [Value] {
        [
            .symbol(UInt32(side.rawValue)), id.value, first.map { .int($0) } ?? .null, .int(price),
            delta.map { .int($0) } ?? .null, text.map { .string($0) } ?? .null, .double(probability),
            ratio.map { .double($0) } ?? .null, other.map { .symbol(UInt32($0.rawValue)) } ?? .null, inner.value,
            maybe?.value ?? .null, .list(inners.map(\.value)), .list(numbers.map { .int($0) }),
            .list(amounts.map { .double($0) }), .list(sides.map { .symbol(UInt32($0.rawValue)) }),
            .list(ids.map(\.value)), .int(took), at.map { .int($0) } ?? .null, last.map { .bool($0) } ?? .null,
        ]
    }

    static func == (a: Nested, b: Nested) -> Bool { a.values == b.values }

    static func random(_ random: inout TestGenerator) -> Nested {
        var event = Nested()
        event.side = random.pick(Side.allCases)
        event.id = Inner.random(&random).id
        if random.chance(50) { event.first = random.integer() }
        event.price = random.integer()
        if random.chance(50) { event.delta = random.integer() }
        if random.chance(50) { event.text = random.text() }
        event.probability = Double(random.below(101)) / 100
        if random.chance(50) { event.ratio = Double(random.below(201)) / 100 - 1 }
        if random.chance(50) { event.other = random.pick(Side.allCases) }
        event.inner = Inner.random(&random)
        if random.chance(50) { event.maybe = Inner.random(&random) }
        event.inners = (0..<random.below(4)).map { _ in Inner.random(&random) }
        event.numbers = (0..<random.below(5)).map { _ in random.integer() }
        event.amounts = (0..<random.below(5)).map { _ in Double(random.below(1000)) / 3 }
        event.sides = (0..<random.below(5)).map { _ in random.pick(Side.allCases) }
        event.ids = (0..<random.below(3)).map { _ in Inner.random(&random).id }
        event.took = random.integer()
        if random.chance(50) { event.at = random.integer() }
        if random.chance(50) { event.last = random.chance(50) }
        return event
    }
}
