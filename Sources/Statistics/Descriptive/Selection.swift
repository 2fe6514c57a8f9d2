/// The order statistic at a place, without sorting what is not asked for.
///
/// - Source: Hoare 1961 (find), with the median of three as pivot and three parts (Dijkstra 1976), so that equal values
///   do not cost more.
enum Selection {
    /// Returns the value that stands at `place` when the finite values are sorted, and moves it there; what is smaller
    /// stands before it, what is larger behind it.
    ///
    /// O(n) on average; a run of bad pivots ends in a sort, so that it is O(n log n) at worst.
    /// - Parameter rounds: pivots before it sorts; nil for twice the halvings that the best pivots would take.
    static func value(_ place: Int, _ values: inout MutableSpan<Double>, rounds: Int? = nil) -> Double {
        precondition(place >= 0 && place < values.count, "Invariant: a place of the values")
        var (low, high) = (0, values.count - 1)
        var roundsLeft = rounds ?? 2 * (Int.bitWidth - values.count.leadingZeroBitCount)
        while low < high {
            guard roundsLeft > 0 else {
                sort(low...high, &values)
                break
            }
            roundsLeft -= 1
            let pivot = median(values[low], values[(low + high) / 2], values[high])
            // low..<smaller is below the pivot, smaller..<next equal to it, and what is behind `larger` above.
            var (smaller, next, larger) = (low, low, high)
            while next <= larger {
                let value = values[next]
                if value < pivot {
                    values.swapAt(smaller, next)
                    smaller += 1
                    next += 1
                } else if value > pivot {
                    values.swapAt(next, larger)
                    larger -= 1
                } else {
                    next += 1
                }
            }
            if place < smaller { high = smaller - 1 } else if place > larger { low = larger + 1 } else { break }
        }
        return values[place]
    }

    private static func median(_ a: Double, _ b: Double, _ c: Double) -> Double {
        max(min(a, b), min(max(a, b), c))
    }

    private static func sort(_ range: ClosedRange<Int>, _ values: inout MutableSpan<Double>) {
        let sorted = range.map { values[$0] }.sorted()
        for (offset, value) in sorted.enumerated() { values[range.lowerBound + offset] = value }
    }
}
