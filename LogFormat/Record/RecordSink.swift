/// Takes the parts of one event in order, as the generic decoder finds them.
///
/// A top-level field or a record member is announced only when it is present; the presence map before it tells which
/// those are.
protocol RecordSink: ~Copyable {
    /// A record begins with this presence map over its optional fields: the event itself, or a nested one of its type.
    mutating func begin(_ type: TypeState, nested: Int?, presence: PresenceView)
    /// The next value belongs to this top-level field.
    mutating func field(_ index: Int, isVolatile: Bool)
    /// The record that began last is complete.
    mutating func end()
    mutating func bool(_ value: Bool)
    mutating func i32(_ value: Int32)
    /// Values of the kinds i64, decimal and time.
    mutating func i64(_ value: Int64)
    mutating func u64(_ value: UInt64)
    mutating func f64(_ value: Double)
    mutating func f32(_ value: Float)
    mutating func symbol(_ index: UInt32)
    /// UTF-8, already checked.
    mutating func text(_ utf8: UnsafeRawBufferPointer)
    mutating func bytes(_ bytes: UnsafeRawBufferPointer)
    mutating func fixed(_ bytes: UnsafeRawBufferPointer)
    /// A list of `count` values follows.
    mutating func beginList(_ count: Int)
    mutating func endList()
}

/// Which optional fields of a record are present, in order: the bits as they lie in the batch.
///
/// It borrows memory that its maker keeps alive while the record is decoded.
@safe
struct PresenceView {
    /// Packed bits, low end first; empty for a record without optional fields.
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

    static var none: PresenceView { unsafe PresenceView(UnsafeRawBufferPointer(start: nil, count: 0)) }

    @inline(__always)
    func isPresent(_ optionalIndex: Int) -> Bool {
        unsafe bytes[optionalIndex >> 3] >> UInt8(optionalIndex & 7) & 1 == 1
    }
}

/// Which optional fields of a record are present, in order, as they are written.
struct PresenceMap {
    /// Packed bits, low end first.
    var bytes: [UInt8]

    /// Makes a map of `bits`.
    init(_ bits: [Bool]) {
        bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
        for (index, bit) in bits.enumerated() where bit { bytes[index >> 3] |= 1 << UInt8(index & 7) }
    }
}

extension Array where Element == Field {
    /// Number of fields that may be absent.
    var optionalCount: Int { reduce(0) { $0 + ($1.null == .required ? 0 : 1) } }
}
