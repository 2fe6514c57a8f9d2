package import Events
package import LogFormat

/// A row of a view, declared once: the list of its fields gives table, column key, canonical bytes and binding.
///
/// Fields are flat (no lists, no records) and begin with the key. What a view keeps of lists it keeps as JSON text.
package protocol ViewRow: LogEvent, Equatable, Sendable {
    /// What tells rows apart.
    associatedtype Key: RowKey

    /// How many fields, from the first on, make the key.
    static var keyColumnCount: Int { get }
    /// The view of requirements §34 that the table belongs to.
    static var view: View { get }
    /// Event types that are folded into it.
    static var sources: [String] { get }
    /// The id that a key begins with, of tables whose ids rise with time: above the highest one that is only in the
    /// database, a key needs no look into it.
    static func risingID(_ key: Key) -> ULID?

    /// A row with nothing but its key.
    init(key: Key)
    /// What tells it apart; it never changes.
    var key: Key { get set }
    /// Global sequence number of the last event that changed it.
    var globalSeq: UInt64 { get set }
}

extension ViewRow {
    /// The version that the program writes; a database of another one is built anew.
    package static var version: UInt16 { 1 }
    /// Keys are looked up, whatever they are.
    package static func risingID(_ key: Key) -> ULID? { nil }
}

/// The views of requirements §34 whose events exist.
package enum View: String, Sendable, CaseIterable, Comparable {
    /// Strands.
    case strands = "STR"
    /// Atoms.
    case atoms = "ATM"
    /// Braids.
    case braids = "BRD"
    /// Active priors and patches.
    case priors = "PRI"
    /// Compiled sets behind effective patches.
    case effective = "EFF"
    /// What holds beside the signals: limits and meta-signals.
    case contexts = "CTX"
    /// What the micro-experts are worth.
    case attribution = "ATT"
    /// Registries.
    case registry = "REG"
    /// Inbox and outbox.
    case messages = "MSG"
    /// Counts of operations.
    case kpi = "KPI"
    /// Outcomes.
    case outcomes = "OUT"
    /// Runs.
    case runs = "RUN"
    /// The cross-module index (VOC-06).
    case atlas = "Atlas"

    /// Order of the short names.
    package static func < (a: View, b: View) -> Bool { a.rawValue < b.rawValue }
}

// Visits with the type known: through the protocol alone the compiler finds no way into another module, and calls the
// visitor through tables, cell by cell.
extension FieldVisitor {
    @inline(__always)
    mutating func field<Kind: IDKind>(
        _ name: StaticString, _ value: inout ID<Kind>, _ documentation: StaticString = ""
    ) {
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        for index in 0..<8 {
            bytes[index] = UInt8(truncatingIfNeeded: value.ulid.high >> UInt64(56 - 8 * index))
            bytes[index + 8] = UInt8(truncatingIfNeeded: value.ulid.low >> UInt64(56 - 8 * index))
        }
        fixed(name, &bytes, unit: "ulid", isKey: false, documentation)
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            high = high << 8 | UInt64(bytes[index])
            low = low << 8 | UInt64(bytes[index + 8])
        }
        value.ulid = ULID(high: high, low: low)
    }

    @inline(__always)
    mutating func field<Kind: IDKind>(
        _ name: StaticString, _ value: inout ID<Kind>?, _ documentation: StaticString = ""
    ) { optional(&value, .optional, ID<Kind>()) { $0.field(name, &$1, documentation) } }

    @inline(__always)
    mutating func field<Kind>(
        _ name: StaticString, _ value: inout Name<Kind>, _ documentation: StaticString = ""
    ) { string(name, &value.text, isKey: false, documentation) }

    @inline(__always)
    mutating func field<Kind>(
        _ name: StaticString, _ value: inout Name<Kind>?, _ documentation: StaticString = ""
    ) { optional(&value, .optional, Name<Kind>()) { $0.string(name, &$1.text, isKey: false, documentation) } }

    @inline(__always)
    mutating func field(_ name: StaticString, _ value: inout String, _ documentation: StaticString = "") {
        string(name, &value, isKey: false, documentation)
    }

    @inline(__always)
    mutating func field(_ name: StaticString, _ value: inout String?, _ documentation: StaticString = "") {
        optional(&value, .optional, "") { $0.string(name, &$1, isKey: false, documentation) }
    }

    @inline(__always)
    mutating func field<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, _ documentation: StaticString = ""
    ) { symbol(name, &value, isKey: false, documentation) }

    @inline(__always)
    mutating func field<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol?, _ documentation: StaticString = ""
    ) { optional(&value, .optional, Symbol()) { $0.symbol(name, &$1, isKey: false, documentation) } }
}

extension FieldVisitor {
    /// A count or a place in an order.
    @inline(__always)
    mutating func count(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString = "", _ documentation: StaticString
    ) { u64(name, &value, unit: unit, isKey: false, encoding: .plain, step: 1, documentation) }

    /// A signed number.
    @inline(__always)
    mutating func number(
        _ name: StaticString, _ value: inout Int64, unit: StaticString = "", _ documentation: StaticString
    ) { i64(name, &value, unit: unit, isKey: false, encoding: .plain, step: 1, documentation) }

    /// A moment.
    @inline(__always)
    mutating func moment(_ name: StaticString, _ value: inout Int64, _ documentation: StaticString) {
        time(name, &value, encoding: .plain, documentation)
    }

    /// A number without a range.
    @inline(__always)
    mutating func real(
        _ name: StaticString, _ value: inout Double, unit: StaticString = "", _ documentation: StaticString
    ) { f64(name, &value, unit: unit, documentation) }

    /// A number without a range that may be absent.
    @inline(__always)
    mutating func real(
        _ name: StaticString, _ value: inout Double?, unit: StaticString = "", _ documentation: StaticString
    ) { optional(&value, .optional, 0) { $0.f64(name, &$1, unit: unit, documentation) } }

    /// A truth value that may be absent.
    @inline(__always)
    mutating func flag(_ name: StaticString, _ value: inout Bool?, _ documentation: StaticString) {
        optional(&value, .optional, false) { $0.bool(name, &$1, documentation) }
    }

    /// A moment that may be absent.
    @inline(__always)
    mutating func moment(_ name: StaticString, _ value: inout Int64?, _ documentation: StaticString) {
        optional(&value, .optional, 0) { $0.time(name, &$1, encoding: .varint, documentation) }
    }

    /// The place of the last event that changed the row.
    @inline(__always)
    mutating func place(_ value: inout UInt64) { count("gsn", &value, "Last event that changed the row") }
}
