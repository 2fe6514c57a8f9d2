package import LogFormat

/// What must hold of every event that a filter takes, as far as batch headers tell: the rest need not be decoded.
package struct FilterBounds: Equatable, Sendable {
    /// An interval of integers, both ends included; empty if they are the wrong way round.
    private struct Interval: Equatable, Sendable {
        var low: Int128
        var high: Int128

        func intersected(_ other: Interval) -> Interval {
            Interval(low: max(low, other.low), high: min(high, other.high))
        }

        func joined(_ other: Interval) -> Interval {
            if low > high { return other }
            if other.low > other.high { return self }
            return Interval(low: min(low, other.low), high: max(high, other.high))
        }
    }

    private var seqs = Interval(low: 0, high: Int128(UInt64.max))
    private var events = Interval(low: Int128(Int64.min), high: Int128(Int64.max))
    private var appends = Interval(low: Int128(Int64.min), high: Int128(Int64.max))

    /// Bounds of everything.
    init() {}

    /// Bounds of what an expression takes; `test` is that of a comparison, if it is one of integers.
    init(_ expression: FilterExpression, _ test: (Int) -> (EnvelopeField, ValueTest)?) {
        switch expression {
        case .constant(let isTaken): if !isTaken { seqs = Interval(low: 1, high: 0) }
        case .comparison(let index): if let (field, test) = test(index) { narrow(field, test) }
        case .not: break
        case .both(let a, let b):
            let (first, second) = (FilterBounds(a, test), FilterBounds(b, test))
            seqs = first.seqs.intersected(second.seqs)
            events = first.events.intersected(second.events)
            appends = first.appends.intersected(second.appends)
        case .either(let a, let b):
            let (first, second) = (FilterBounds(a, test), FilterBounds(b, test))
            seqs = first.seqs.joined(second.seqs)
            events = first.events.joined(second.events)
            appends = first.appends.joined(second.appends)
        }
    }

    private mutating func narrow(_ field: EnvelopeField, _ test: ValueTest) {
        guard case .integer(let comparator, let places) = test else { return }
        var found = Interval(low: 1, high: 0)
        for place in places { found = found.joined(Self.interval(comparator, place)) }
        switch field {
        case .seq: seqs = seqs.intersected(found)
        case .eventTime: events = events.intersected(found)
        case .appendTime: appends = appends.intersected(found)
        case .log, .gsn, .type, .version: break
        }
    }

    private static func interval(_ comparator: Comparator, _ place: ExactNumber.Place) -> Interval {
        let all = Interval(low: -ExactNumber.Place.far * 4, high: ExactNumber.Place.far * 4)
        return switch comparator {
        case .equal:
            place.isWhole ? Interval(low: place.floor, high: place.floor) : Interval(low: 1, high: 0)
        case .notEqual: all
        case .less: Interval(low: all.low, high: place.isWhole ? place.floor - 1 : place.floor)
        case .atMost: Interval(low: all.low, high: place.floor)
        case .greater: Interval(low: place.floor + 1, high: all.high)
        case .atLeast: Interval(low: place.isWhole ? place.floor : place.floor + 1, high: all.high)
        }
    }

    private var isEmpty: Bool { [seqs, events, appends].contains { $0.low > $0.high } }

    /// First event that may be taken.
    package var firstSeq: UInt64 { isEmpty ? .max : UInt64(clamping: max(seqs.low, 1)) }
    /// Last event that may be taken; 0 if none is.
    package var lastSeq: UInt64 { isEmpty ? 0 : UInt64(clamping: seqs.high) }
    /// Event times of those that may be taken; nil if none is.
    package var eventNanos: ClosedRange<Int64>? { isEmpty ? nil : Self.nanos(events) }
    /// Append times of those that may be taken; nil if none is.
    package var appendNanos: ClosedRange<Int64>? { isEmpty ? nil : Self.nanos(appends) }

    private static func nanos(_ interval: Interval) -> ClosedRange<Int64>? {
        let (low, high) = (Int64(clamping: interval.low), Int64(clamping: interval.high))
        return low <= high ? low...high : nil
    }

    /// Whether a batch may hold an event that is taken, as far as its header tells.
    package func mayHold(_ block: BlockHeader) -> Bool {
        guard let eventNanos, let appendNanos else { return false }
        return block.lastSeq >= firstSeq && block.firstSeq <= lastSeq && block.maxEventNanos >= eventNanos.lowerBound
            && block.minEventNanos <= eventNanos.upperBound && block.lastAppendNanos >= appendNanos.lowerBound
            && block.firstAppendNanos <= appendNanos.upperBound
    }
}
