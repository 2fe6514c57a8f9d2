package import Events

/// What became of the records of one source.
package struct SourceCounts: Equatable, Sendable {
    private var events = [Int64](repeating: 0, count: MarketEventKind.allCases.count)
    private var refused = [Int64](repeating: 0, count: RejectReason.allCases.count)
    private var noted = [Int64](repeating: 0, count: IntakeNote.allCases.count)
    /// Records that were known before and dropped.
    package var duplicateCount: Int64 = 0
    /// Earliest event time; nil without events.
    package private(set) var firstNanos: Int64?
    /// Latest event time.
    package private(set) var lastNanos: Int64?

    /// Nothing yet.
    package init() {}

    /// Events of a kind.
    package subscript(_ kind: MarketEventKind) -> Int64 { events[Int(kind.rawValue)] }
    /// Records refused for a reason.
    package subscript(_ reason: RejectReason) -> Int64 { refused[Int(reason.rawValue)] }
    /// Records that gave no event for a good reason.
    package subscript(_ note: IntakeNote) -> Int64 { noted[Int(note.rawValue)] }
    /// All events.
    package var eventCount: Int64 { events.reduce(0, +) }
    /// All records refused.
    package var rejectCount: Int64 { refused.reduce(0, +) }

    /// The reasons that occurred, in their order.
    package var rejects: [(reason: RejectReason, count: Int64)] {
        RejectReason.allCases.filter { self[$0] > 0 }.map { ($0, self[$0]) }
    }
    /// The notes that occurred, in their order.
    package var notes: [(note: IntakeNote, count: Int64)] {
        IntakeNote.allCases.filter { self[$0] > 0 }.map { ($0, self[$0]) }
    }
    /// The reasons as they stand in `mkt.SourceRead`.
    package var tallies: [Tally] { rejects.map { Tally($0.reason.name, $0.count) } }

    mutating func add(_ kind: MarketEventKind, _ eventNanos: Int64) {
        events[Int(kind.rawValue)] &+= 1
        // A listing has no time of its own, a gap ends where an event begins.
        guard kind != .instrument, kind != .gap else { return }
        firstNanos = min(firstNanos ?? eventNanos, eventNanos)
        lastNanos = max(lastNanos ?? eventNanos, eventNanos)
    }
    mutating func add(_ reason: RejectReason) { refused[Int(reason.rawValue)] &+= 1 }
    mutating func add(_ note: IntakeNote, _ count: Int64 = 1) { noted[Int(note.rawValue)] &+= count }

    /// Adds what another source gave.
    package mutating func merge(_ other: SourceCounts) {
        for index in events.indices { events[index] += other.events[index] }
        for index in refused.indices { refused[index] += other.refused[index] }
        for index in noted.indices { noted[index] += other.noted[index] }
        duplicateCount += other.duplicateCount
        if let first = other.firstNanos { firstNanos = min(firstNanos ?? first, first) }
        if let last = other.lastNanos { lastNanos = max(lastNanos ?? last, last) }
    }
}
