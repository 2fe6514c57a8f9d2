/// The largest value since any of the marks that are still of interest, in O(1) amortised a value.
///
/// Values of one segment (the stretch between two marks) melt into their largest, so that memory follows the number of
/// marks and not that of values. Give negated values for the smallest.
struct SuffixMaximum: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        var segment: Int
        var value: Int64
    }

    /// Values fall from the first to the last.
    private var entries: [Entry] = []
    private var head = 0

    /// Entries that are held; at most one a segment.
    var count: Int { entries.count - head }

    /// Entries in memory, forgotten ones included.
    var held: Int { entries.count }

    /// Adds a value of the latest segment; segments never fall.
    mutating func add(_ value: Int64, segment: Int) {
        while entries.count > head, let last = entries.last, last.value <= value { entries.removeLast() }
        if entries.count > head, let last = entries.last, last.segment == segment { return }
        entries.append(Entry(segment: segment, value: value))
    }

    /// The largest value of `segment` and everything after it, nil if there is none; O(log marks).
    func since(_ segment: Int) -> Int64? {
        var (low, high) = (head, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].segment < segment { low = middle + 1 } else { high = middle }
        }
        return low < entries.count ? entries[low].value : nil
    }

    /// Forgets everything before a segment.
    mutating func forget(before segment: Int) {
        while head < entries.count, entries[head].segment < segment { head += 1 }
        if head > 32, 2 * head > entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }
}
