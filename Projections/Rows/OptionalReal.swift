/// A number that may be absent, in eight bytes: a `Double?` takes sixteen of each row.
///
/// Absent is a bit pattern that is no number; numbers of events are finite, so that it means nothing else.
@propertyWrapper
package struct OptionalReal: Equatable, Sendable {
    private var number = Double.nan

    /// An absent number.
    package init() {}

    /// A number, or none.
    package init(wrappedValue: Double?) { self.wrappedValue = wrappedValue }

    /// The number; one that is none counts as absent.
    @inline(__always)
    package var wrappedValue: Double? {
        get { number.isNaN ? nil : number }
        set { number = newValue ?? .nan }
    }

    /// Whether both are absent, or the same number.
    package static func == (a: OptionalReal, b: OptionalReal) -> Bool { a.wrappedValue == b.wrappedValue }
}
