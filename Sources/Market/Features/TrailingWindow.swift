/// The last so many values, kept in order of arrival and in order of size: medians, ranks and spreads of them.
///
/// Room is taken once. A value costs O(n) moves of neighbouring memory; it is meant for once a window, not once an
/// event.
struct TrailingWindow: Equatable, Sendable {
    private let capacity: Int
    private var arrived: [Double] = []
    private var sorted: [Double] = []
    private var oldest = 0

    /// Makes room for `capacity` > 0 values.
    init(_ capacity: Int) {
        self.capacity = capacity
        arrived.reserveCapacity(capacity)
        sorted.reserveCapacity(capacity)
    }

    /// How many values there are.
    var count: Int { sorted.count }

    /// Room that is in use, in values; does not grow once the window is full.
    var room: Int { arrived.capacity + sorted.capacity }

    /// Adds a finite value, which pushes out the oldest when there is no room; others are passed over.
    mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        if arrived.count < capacity {
            arrived.append(value)
            sorted.insert(value, at: lowerBound(value))
            return
        }
        let leaving = arrived[oldest]
        arrived[oldest] = value
        oldest += 1
        if oldest == capacity { oldest = 0 }
        var hole = lowerBound(leaving)
        if value > leaving {
            while hole + 1 < capacity, sorted[hole + 1] < value {
                sorted[hole] = sorted[hole + 1]
                hole += 1
            }
        } else {
            while hole > 0, sorted[hole - 1] > value {
                sorted[hole] = sorted[hole - 1]
                hole -= 1
            }
        }
        sorted[hole] = value
    }

    /// The share of values below x plus half of those equal to it, as `Ranks.trailing` has it; nil below `minimum`.
    func share(of x: Double, minimum: Int) -> Double? {
        guard count >= max(1, minimum), x.isFinite else { return nil }
        let below = lowerBound(x)
        var equal = below
        // Long runs of equal values are common (funding), so their end is searched, not walked to.
        var high = sorted.count
        while equal < high {
            let middle = (equal + high) / 2
            if sorted[middle] <= x { equal = middle + 1 } else { high = middle }
        }
        return (Double(below) + 0.5 * Double(equal - below)) / Double(sorted.count)
    }

    /// The median; nil below `minimum` values.
    func median(minimum: Int) -> Double? {
        guard count >= max(1, minimum) else { return nil }
        return sorted.count % 2 == 1
            ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }

    /// (x - median) / (1.4826 MAD), clipped to -5...5 (DEF, notation); nil below `minimum` values or without spread.
    func robustZ(of x: Double, minimum: Int) -> Double? {
        guard x.isFinite, let middle = median(minimum: minimum) else { return nil }
        let spread = FeatureConstants.robustScale * absoluteDeviation(from: middle)
        guard spread > 0 else { return nil }
        let limit = FeatureConstants.robustMax
        return min(limit, max(-limit, (x - middle) / spread))
    }

    /// The median distance from `middle`, merging the values below it and above it.
    private func absoluteDeviation(from middle: Double) -> Double {
        var right = lowerBound(middle)
        var left = right - 1
        var (before, last) = (0.0, 0.0)
        for _ in 0...(sorted.count / 2) {
            before = last
            let below = left >= 0 ? middle - sorted[left] : .infinity
            let above = right < sorted.count ? sorted[right] - middle : .infinity
            if below <= above {
                last = below
                left -= 1
            } else {
                last = above
                right += 1
            }
        }
        return sorted.count % 2 == 1 ? last : (before + last) / 2
    }

    /// Index of the first value that is not below x.
    private func lowerBound(_ x: Double) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < x { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A ring of the last `Size` numbers, oldest first by index.
struct NumberRing<let size: Int>: Sendable {
    private var values = InlineArray<size, Double>(repeating: .nan)
    private var next = 0
    /// How many numbers there are.
    private(set) var count = 0

    /// Adds a number, which pushes out the oldest when there is no room.
    mutating func add(_ value: Double) {
        values[next] = value
        next = next + 1 == size ? 0 : next + 1
        count = min(size, count + 1)
    }

    /// The number that is `index` places behind the oldest.
    subscript(index: Int) -> Double { values[(next + size - count + index) % size] }

    /// The number that came `age` numbers before the newest.
    func newest(_ age: Int) -> Double { values[(next + size - 1 - age) % size] }

    /// Forgets all.
    mutating func removeAll() {
        count = 0
        next = 0
    }
}
