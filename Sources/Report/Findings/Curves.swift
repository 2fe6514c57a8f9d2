/// Curves as they are drawn: stitched over the folds, and thinned to what a screen can show.
enum Curves {
    /// The test spans of a detector one after the other, each going on where the one before ended.
    struct Stitched: Equatable {
        /// One run of points a fold; time gaps between folds stay gaps.
        var segments: [[EquityPoint]] = []
        /// Whether test spans overlap, so that there is no one curve; each segment begins at 0 then.
        var isOverlapping = false

        /// The last value; nil without points.
        var last: Double? { segments.last { !$0.isEmpty }?.last?.cumulativeBps }
        var isEmpty: Bool { segments.allSatisfy(\.isEmpty) }
    }

    /// Stitches the folds of a detector; O(points).
    static func stitched(_ folds: [FoldReport]) -> Stitched {
        let ordered = folds.enumerated().sorted {
            ($0.element.test.fromNanos, $0.offset) < ($1.element.test.fromNanos, $1.offset)
        }.map(\.element)
        var result = Stitched()
        result.isOverlapping = zip(ordered, ordered.dropFirst()).contains { $0.test.toNanos > $1.test.fromNanos }
        var base = 0.0
        for fold in ordered where !fold.curve.points.isEmpty {
            let start = min(fold.test.fromNanos, fold.curve.points[0].timeNanos)
            var segment = [EquityPoint(start, base)]
            for point in fold.curve.points { segment.append(EquityPoint(point.timeNanos, base + point.cumulativeBps)) }
            if !result.isOverlapping { base = segment[segment.count - 1].cumulativeBps }
            result.segments.append(segment)
        }
        return result
    }

    /// The distance below the highest value so far, 0 or negative, point by point; the peak lasts over segments.
    static func drawdowns(_ curve: Stitched) -> [[EquityPoint]] {
        var peak = 0.0
        return curve.segments.map { segment in
            if curve.isOverlapping { peak = 0 }
            return segment.map { point in
                peak = max(peak, point.cumulativeBps)
                return EquityPoint(point.timeNanos, point.cumulativeBps - peak)
            }
        }
    }

    /// Keeps the first, the last, the lowest and the highest point of each of `slots` equal stretches of time.
    ///
    /// No extreme is lost, unlike with every n-th point.
    static func thinned(_ points: [EquityPoint], over span: TimeSpan, slots: Int) -> [EquityPoint] {
        let from = Double(span.fromNanos)
        let width = max(Double(span.toNanos) - from, 1)
        // Points outside the span share one slot beyond either end.
        func slotOf(_ point: EquityPoint) -> Int {
            let place = (Double(point.timeNanos) - from) / width * Double(slots)
            return Int(min(max(place, -1), Double(slots)).rounded(.down))
        }
        var kept: [EquityPoint] = []
        var index = 0
        while index < points.count {
            let slot = slotOf(points[index])
            var end = index
            var low = index
            var high = index
            while end < points.count, slotOf(points[end]) == slot {
                if points[end].cumulativeBps < points[low].cumulativeBps { low = end }
                if points[end].cumulativeBps > points[high].cumulativeBps { high = end }
                end += 1
            }
            var previous = -1
            for place in [index, min(low, high), max(low, high), end - 1] where place > previous {
                kept.append(points[place])
                previous = place
            }
            index = end
        }
        return kept
    }

    /// The mean of several stitched curves at the end of each of `slots` stretches: what a cohort of equal weights did.
    static func mean(_ curves: [Stitched], over span: TimeSpan, slots: Int) -> [EquityPoint] {
        let used = curves.filter { !$0.isEmpty && !$0.isOverlapping }.map { $0.segments.flatMap { $0 } }
        guard !used.isEmpty else { return [] }
        let from = Double(span.fromNanos)
        let width = Double(span.toNanos) - from
        var places = [Int](repeating: 0, count: used.count)
        var values = [Double](repeating: 0, count: used.count)
        return (0...slots).map { slot in
            let moment = Int64(exactly: (from + width * Double(slot) / Double(slots)).rounded()) ?? span.toNanos
            let time = slot == slots ? span.toNanos : min(max(moment, span.fromNanos), span.toNanos)
            var sum = 0.0
            for index in used.indices {
                while places[index] < used[index].count, used[index][places[index]].timeNanos <= time {
                    values[index] = used[index][places[index]].cumulativeBps
                    places[index] += 1
                }
                sum += values[index]
            }
            return EquityPoint(time, sum / Double(used.count))
        }
    }

    /// From the first point or test span to the last, over all detectors; nil without folds.
    static func span(_ detectors: [DetectorReport]) -> TimeSpan? {
        var found: TimeSpan?
        func include(_ from: Int64, _ to: Int64) {
            found = TimeSpan(min(found?.fromNanos ?? from, from), max(found?.toNanos ?? to, to))
        }
        for fold in detectors.flatMap(\.folds) {
            include(fold.test.fromNanos, fold.test.toNanos)
            if let first = fold.curve.points.first, let last = fold.curve.points.last {
                include(first.timeNanos, last.timeNanos)
            }
        }
        return found
    }
}
