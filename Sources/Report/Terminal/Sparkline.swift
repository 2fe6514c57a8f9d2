/// A curve in a line of text.
enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The last value of each of `width` stretches of time, between the lowest and the highest; spaces where there are
    /// no values yet, and an empty text without a curve.
    static func text(_ segments: [[EquityPoint]], width: Int) -> String {
        let points = segments.flatMap { $0 }
        guard width > 0, let first = points.first, let last = points.last else { return "" }
        let from = Double(first.timeNanos)
        let span = max(Double(last.timeNanos) - from, 1)
        var values = [Double?](repeating: nil, count: width)
        for point in points {
            let slot = (Double(point.timeNanos) - from) / span * Double(width)
            values[Int(min(max(slot, 0), Double(width - 1)))] = point.cumulativeBps
        }
        for index in 1..<max(width, 1) where index < width && values[index] == nil { values[index] = values[index - 1] }
        let known = values.compactMap(\.self)
        // Halves, because a difference of the largest numbers is not finite.
        let low = (known.min() ?? 0) / 2
        let range = (known.max() ?? 0) / 2 - low
        return String(
            values.map { value -> Character in
                guard let value else { return " " }
                // A flat curve stands in the middle.
                guard range > 0 else { return blocks[3] }
                return blocks[Int(min(((value / 2 - low) / range * 8).rounded(.down), 7))]
            })
    }
}
