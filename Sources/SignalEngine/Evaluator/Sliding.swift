/// Statistics of the last n values in a piece of memory that begins as zeros.
///
/// Sums, extremes and moments slide without subtracting what leaves: the values since the last turn are summed as they
/// come, the older ones were summed from the back at the turn (the queue of two stacks). A large value that has left
/// leaves no rounding behind, and equal values have a deviation of exactly 0. O(1) amortised, O(n) at a turn.
///
/// Memory: how many values came (at most n), the next place, then what each needs.
enum Sliding {
    /// The value n before this one, not a number until there is one.
    static func ring(_ value: Double, _ n: Int, _ s: Int, _ memory: inout MutableSpan<Double>) -> Double {
        let place = Int(memory[s + 1])
        let old = memory[s] >= Double(n) ? memory[s + 2 + place] : .nan
        memory[s + 2 + place] = value
        memory[s] = min(memory[s] + 1, Double(n))
        memory[s + 1] = place + 1 == n ? 0 : Double(place + 1)
        return old
    }

    /// The mean of the last n, not a number before there are n.
    static func mean(_ value: Double, _ n: Int, _ s: Int, _ memory: inout MutableSpan<Double>) -> Double {
        let place = Int(memory[s + 1])
        let wasFull = memory[s] >= Double(n)
        memory[s + 2] = place == 0 ? value : memory[s + 2] + value
        memory[s + 3 + place] = value
        var sum = memory[s + 2]
        if wasFull, place + 1 < n { sum += memory[s + 4 + place] }
        memory[s] = min(memory[s] + 1, Double(n))
        let isFull = memory[s] >= Double(n)
        if place + 1 == n {
            var index = s + 3 + n - 2
            while index >= s + 3 {
                memory[index] += memory[index + 1]
                index -= 1
            }
            memory[s + 1] = 0
        } else {
            memory[s + 1] = Double(place + 1)
        }
        return isFull ? sum / Double(n) : .nan
    }

    /// The largest of the last n, not a number before there are n.
    static func highest(_ value: Double, _ n: Int, _ s: Int, _ memory: inout MutableSpan<Double>) -> Double {
        let place = Int(memory[s + 1])
        let wasFull = memory[s] >= Double(n)
        memory[s + 2] = place == 0 ? value : max(memory[s + 2], value)
        memory[s + 3 + place] = value
        var top = memory[s + 2]
        if wasFull, place + 1 < n { top = max(top, memory[s + 4 + place]) }
        memory[s] = min(memory[s] + 1, Double(n))
        let isFull = memory[s] >= Double(n)
        if place + 1 == n {
            var index = s + 3 + n - 2
            while index >= s + 3 {
                memory[index] = max(memory[index], memory[index + 1])
                index -= 1
            }
            memory[s + 1] = 0
        } else {
            memory[s + 1] = Double(place + 1)
        }
        return isFull ? top : .nan
    }

    /// Mean and sum of squared deviations of the last n, nil before there are n.
    static func moments(
        _ value: Double, _ n: Int, _ s: Int, _ memory: inout MutableSpan<Double>
    ) -> (mean: Double, squares: Double)? {
        let place = Int(memory[s + 1])
        let wasFull = memory[s] >= Double(n)
        if place == 0 {
            memory[s + 2] = value
            memory[s + 3] = 0
        } else {
            (memory[s + 2], memory[s + 3]) = merged(
                memory[s + 2], memory[s + 3], Double(place), value, 0, 1)
        }
        memory[s + 4 + place] = value
        var all = (mean: memory[s + 2], squares: memory[s + 3])
        if wasFull, place + 1 < n {
            all = merged(
                all.mean, all.squares, Double(place + 1), memory[s + 5 + place], memory[s + 5 + n + place],
                Double(n - place - 1))
        }
        memory[s] = min(memory[s] + 1, Double(n))
        let isFull = memory[s] >= Double(n)
        if place + 1 == n {
            let (means, squares) = (s + 4, s + 4 + n)
            memory[squares + n - 1] = 0
            var index = n - 2
            while index >= 0 {
                (memory[means + index], memory[squares + index]) = merged(
                    memory[means + index], 0, 1, memory[means + index + 1], memory[squares + index + 1],
                    Double(n - 1 - index))
                index -= 1
            }
            memory[s + 1] = 0
        } else {
            memory[s + 1] = Double(place + 1)
        }
        return isFull ? all : nil
    }

    /// Moments of two parts together (Chan, Golub and LeVeque 1979).
    @inline(__always)
    private static func merged(
        _ mean: Double, _ squares: Double, _ count: Double, _ otherMean: Double, _ otherSquares: Double,
        _ otherCount: Double
    ) -> (mean: Double, squares: Double) {
        let delta = otherMean - mean
        let total = count + otherCount
        return (
            mean + delta * (otherCount / total), squares + otherSquares + delta * delta * (count * otherCount / total)
        )
    }

    /// How many of the last n are 1, not a number before there are n; whole numbers, so nothing rounds.
    static func count(_ value: Double, _ n: Int, _ s: Int, _ memory: inout MutableSpan<Double>) -> Double {
        let place = Int(memory[s + 1])
        let old = memory[s] >= Double(n) ? memory[s + 3 + place] : 0
        memory[s + 2] += value - old
        memory[s + 3 + place] = value
        memory[s] = min(memory[s] + 1, Double(n))
        memory[s + 1] = place + 1 == n ? 0 : Double(place + 1)
        return memory[s] >= Double(n) ? memory[s + 2] : .nan
    }

    /// Mid-rank share of the value among the last n, not a number before there are n.
    ///
    /// O(log n) comparisons; of the sorted copy only what lies between the value that leaves and the one that comes
    /// moves, in one piece.
    static func rank(_ value: Double, _ n: Int, _ s: Int, _ memory: inout MutableSpan<Double>) -> Double {
        let place = Int(memory[s + 1])
        let sorted = s + 2 + n
        let isFull = Int(memory[s]) == n
        let count = isFull ? n : Int(memory[s]) + 1
        let leaving = memory[s + 2 + place]
        var hole = isFull ? lowerBound(leaving, sorted, count, memory) : count - 1
        if isFull, value > leaving {
            let place = lowerBound(value, sorted, count, memory) - 1
            move(sorted + hole + 1, to: sorted + hole, place - hole, &memory)
            hole = place
        } else {
            let place = lowerBound(value, sorted, hole, memory)
            move(sorted + place, to: sorted + place + 1, hole - place, &memory)
            hole = place
        }
        memory[sorted + hole] = value
        memory[s + 2 + place] = value
        memory[s] = Double(count)
        memory[s + 1] = place + 1 == n ? 0 : Double(place + 1)
        guard count == n else { return .nan }
        let equal = upperBound(value, sorted, count, memory) - hole
        return (Double(hole) + 0.5 * Double(equal)) / Double(n)
    }

    /// Moves values within the memory; where they lie before and after may overlap.
    private static func move(_ start: Int, to place: Int, _ count: Int, _ memory: inout MutableSpan<Double>) {
        guard count > 0 else { return }
        precondition(
            min(start, place) >= 0 && max(start, place) + count <= memory.count,
            "Invariant: values move within their memory")
        unsafe memory.withUnsafeMutableBufferPointer { all in
            guard let base = all.baseAddress else { return }
            // SAFETY: both ranges were just seen to lie within the memory.
            unsafe (base + place).update(from: base + start, count: count)
        }
    }

    /// How many of the sorted values are below `value`.
    private static func lowerBound(
        _ value: Double, _ start: Int, _ count: Int, _ memory: borrowing MutableSpan<Double>
    ) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if memory[start + middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// How many of the sorted values are at or below `value`.
    private static func upperBound(
        _ value: Double, _ start: Int, _ count: Int, _ memory: borrowing MutableSpan<Double>
    ) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if memory[start + middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
