import Statistics

/// A series on a grid of five minutes that remembers the last week; sums of what falls into each step.
struct MinuteGrid: Sendable {
    static let stepNanos: Int64 = 300_000_000_000
    static let countMax = 2048

    private var values = [Double](repeating: 0, count: MinuteGrid.countMax)
    /// First and last step that were written, nil before the first.
    private(set) var first: Int64?
    private(set) var last: Int64 = 0

    static func step(_ nanos: Int64) -> Int64 { nanos / stepNanos }

    private static func place(_ step: Int64) -> Int {
        Int(((step % Int64(countMax)) + Int64(countMax)) % Int64(countMax))
    }

    /// Adds to a step; values of steps that have been forgotten are lost.
    mutating func add(_ value: Double, at nanos: Int64) {
        let step = Self.step(nanos)
        guard reach(step) else { return }
        values[Self.place(step)] += value
    }

    /// Sets a step; steps that were left out take the value before them.
    mutating func set(_ value: Double, at nanos: Int64) {
        let step = Self.step(nanos)
        if first != nil, step > last {
            let held = values[Self.place(last)]
            let from = max(last + 1, step - Int64(Self.countMax) + 1)
            _ = reach(step)
            for skipped in from..<max(from, step) { values[Self.place(skipped)] = held }
        }
        guard reach(step) else { return }
        values[Self.place(step)] = value
    }

    /// Moves on to a step, clearing what lies between; false for one that is too old.
    private mutating func reach(_ step: Int64) -> Bool {
        guard let begun = first else {
            first = step
            last = step
            values[Self.place(step)] = 0
            return true
        }
        if step > last {
            let from = max(last + 1, step - Int64(Self.countMax) + 1)
            for cleared in from...step { values[Self.place(cleared)] = 0 }
            last = step
            first = max(begun, step - Int64(Self.countMax) + 1)
            return true
        }
        return step >= first ?? step && step > last - Int64(Self.countMax)
    }

    /// The value of a step; 0 outside of what is remembered.
    func value(_ step: Int64) -> Double {
        guard let first, step >= first, step <= last else { return 0 }
        return values[Self.place(step)]
    }

    /// Values of steps.
    func values(_ steps: ClosedRange<Int64>) -> [Double] { steps.map { value($0) } }
}

/// Streams on a common grid, compared.
enum Streams {
    /// Fewest common steps for a correlation.
    static let stepsMin = 24

    /// Absolute correlation; nil where one of them does not vary or there are too few steps.
    static func correlation(_ a: [Double], _ b: [Double]) -> Double? {
        guard a.count >= stepsMin, let value = try? Correlation.pearson(a, b) else { return nil }
        return min(1, abs(value))
    }

    /// Absolute partial correlation of two streams given others, by orthogonalising (Gram and Schmidt); nil as above.
    static func partialCorrelation(_ a: [Double], _ b: [Double], given others: [[Double]]) -> Double? {
        var basis: [[Double]] = []
        for other in others {
            let centred = centre(other)
            let rest = residual(centred, basis)
            // What is left of a stream that the others explain is rounding.
            if norm(rest) > 1e-6 * norm(centred) { basis.append(rest) }
        }
        guard a.count >= stepsMin + basis.count else { return nil }
        let (wholeA, wholeB) = (centre(a), centre(b))
        let (left, right) = (residual(wholeA, basis), residual(wholeB, basis))
        guard norm(left) > 1e-6 * norm(wholeA), norm(right) > 1e-6 * norm(wholeB) else { return nil }
        return min(1, abs(dot(left, right)) / (norm(left) * norm(right)))
    }

    private static func centre(_ a: [Double]) -> [Double] {
        let mean = Sum.of(a) / Double(max(1, a.count))
        return a.map { $0 - mean }
    }

    private static func residual(_ a: [Double], _ basis: [[Double]]) -> [Double] {
        var rest = a
        for axis in basis {
            let share = dot(rest, axis) / dot(axis, axis)
            for index in rest.indices { rest[index] -= share * axis[index] }
        }
        return rest
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = CompensatedSum()
        for index in 0..<min(a.count, b.count) { sum.add(a[index] * b[index]) }
        return sum.value
    }

    private static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
