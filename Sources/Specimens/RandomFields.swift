package import LogEngine
package import LogFormat

/// Fills the fields of an event by chance, within their ranges; the same seed gives the same values everywhere.
///
/// Ids come mostly from those that were seen before, so that references lead somewhere, and texts from few words a
/// field, so that rows of views meet.
package struct RandomFields: FieldVisitor {
    /// Where chance comes from.
    package var random: SeededGenerator
    /// The moment that times lie around.
    package var nanos: Int64 = 0
    /// Ids that were seen, each of 16 bytes; the oldest make room.
    private var ids: [InlineArray<16, UInt8>] = []
    private var nextID = 0
    /// The range that the next number keeps to.
    private var wanted: ClosedRange<Double>?

    /// Ids that are remembered.
    private static let idsMax = 64
    /// Texts that are hard to write down.
    private static let hardTexts = ["", "it's \"so\"", "tab\tand\nline", "äß漢字🜂", "50 % | x; y, z -- \\ /"]

    /// Starts with a seed.
    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func integer(_ bound: Int) -> Int64 {
        if let range = wanted {
            wanted = nil
            return Int64(range.lowerBound)
                + Int64(random.below(max(1, Int(min(range.upperBound - range.lowerBound, 1e6)))))
        }
        return Int64(random.below(bound)) - Int64(bound / 4)
    }

    private mutating func float() -> Double {
        let share = Double(random.below(1025)) / 1024
        guard let range = wanted else { return (share - 0.5) * 1000 }
        wanted = nil
        return range.lowerBound + share * (range.upperBound - range.lowerBound)
    }

    package mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { value = isKey ? Int32(random.below(3)) : Int32(integer(1000)) }

    package mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { value = random.chance(0.02) ? (random.chance(0.5) ? .max : .min) : integer(1000) }

    package mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { value = random.chance(0.02) ? .max : UInt64(random.below(10_000)) }

    package mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { value = Int64(random.below(10_000)) * 1_000_000 }

    package mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { value = nanos + Int64(random.below(3_600)) * 1_000_000_000 }

    package mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        value = random.chance(0.5)
    }

    package mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) { value = float() }

    package mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) { value = Float(float()) }

    package mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) {
        if random.chance(0.05) {
            value = Self.hardTexts[random.below(Self.hardTexts.count)]
        } else {
            value = "\(name.description)-\(random.below(6))"
        }
    }

    package mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) { unsafe body(source) }

    package mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) { for index in 0..<count { value[index] = Int32(random.below(100_000)) } }

    package mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) { for index in 0..<count { value[index] = Float(random.below(1000)) / 8 } }

    package mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) {
        // Few hashes and signatures, many ids.
        guard count == 16 else {
            let filling = UInt8(random.below(5))
            for index in 0..<count { value[index] = filling &* UInt8(truncatingIfNeeded: index) }
            return
        }
        let known = ids.isEmpty || random.chance(0.15) ? newID() : ids[random.below(ids.count)]
        for index in 0..<count { value[index] = known[index] }
    }

    private mutating func newID() -> InlineArray<16, UInt8> {
        var id = InlineArray<16, UInt8>(repeating: 0)
        let halves = (UInt64(nanos / 1_000_000) << 16 | random.next() & 0xFFFF, random.next())
        for index in 0..<8 {
            id[index] = UInt8(truncatingIfNeeded: halves.0 >> UInt64(56 - 8 * index))
            id[index + 8] = UInt8(truncatingIfNeeded: halves.1 >> UInt64(56 - 8 * index))
        }
        remember(id)
        return id
    }

    private mutating func remember(_ id: InlineArray<16, UInt8>) {
        if ids.count < Self.idsMax { ids.append(id) } else { ids[nextID] = id }
        nextID = (nextID + 1) % Self.idsMax
    }

    /// Lets later events refer to an id.
    package mutating func remember(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return }
        remember(InlineArray<16, UInt8> { bytes[$0] })
    }

    package mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) { value = Symbol(rawValue: UInt8(random.below(Symbol.symbols.count))) ?? value }

    package mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) { value.fields(&self) }

    package mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        value = []
        for _ in 0..<random.below(4) {
            var element = Element()
            element.visit(name, documentation, &self)
            value.append(element)
        }
    }

    package mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout RandomFields, inout Wrapped) -> Void
    ) {
        guard random.chance(0.7) else {
            value = nil
            return
        }
        var wrapped = placeholder()
        field(&self, &wrapped)
        value = wrapped
    }

    package mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) { wanted = range }
}
