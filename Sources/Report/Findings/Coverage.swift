/// How much of a span has data.
enum Coverage {
    /// The share of `span` outside all gaps, which may overlap.
    static func share(of span: TimeSpan, without gaps: [TimeSpan]) -> Measure {
        guard span.seconds > 0 else { return .undefined("one moment") }
        var missing = 0.0
        var end = span.fromNanos
        for gap in gaps.sorted(by: { ($0.fromNanos, $0.toNanos) < ($1.fromNanos, $1.toNanos) }) {
            let from = max(gap.fromNanos, end)
            let to = min(gap.toNanos, span.toNanos)
            guard to > from else { continue }
            missing += TimeSpan(from, to).seconds
            end = to
        }
        return Measure(1 - missing / span.seconds)
    }
}
