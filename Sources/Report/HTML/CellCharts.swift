/// Drawings for the cells of tables.
enum CellCharts {
    /// A common range for the intervals of a column.
    struct Scale {
        let low: Double
        let high: Double
        /// Where the line of no effect stands.
        let origin: Double

        /// Covers the intervals and the origin, with a little room.
        init(_ intervals: [Bounds], _ values: [Measure], origin: Double) {
            var (low, high) = (origin, origin)
            for value in intervals.flatMap({ [$0.low, $0.high] }).compactMap(\.self) + values.compactMap(\.value) {
                low = min(low, value)
                high = max(high, value)
            }
            let room = high > low ? (high - low) * 0.04 : 1
            self.low = max(low - room, -1e300)
            self.high = min(high + room, 1e300)
            self.origin = origin
        }
    }

    /// A point with its interval beside the line of no effect; empty if neither is defined.
    ///
    /// The dot is filled with the colour of the side that the whole interval is on, and grey if it holds the origin.
    static func interval(_ value: Measure, _ bounds: Bounds, _ scale: Scale) -> String {
        let axis = Axis(low: scale.low, high: scale.high, ticks: [])
        let width = 132
        var text =
            "<svg class=\"in\" viewBox=\"0 0 132 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
            + "<path class=\"grid\" d=\"M\(axis.place(scale.origin, width)) 0v20\"/>"
        var style = " nil"
        if let low = bounds.low, let high = bounds.high {
            if low > scale.origin || high < scale.origin { style = "" }
            text += "<path class=\"whisker\(style)\" d=\"M\(axis.place(low, width)) 10H\(axis.place(high, width))\"/>"
        } else if value.value == nil {
            return ""
        }
        // What lies beyond the scale is not drawn at its edge: that would be a wrong place.
        if let value = value.value, value >= scale.low, value <= scale.high {
            text += "<path class=\"dot\(style)\" d=\"M\(axis.place(value, width)) 10h0\"/>"
        }
        return text + "</svg>"
    }

    /// Where an instrument has data within the span of the run, with its gaps cut out.
    static func coverage(_ span: TimeSpan, have: TimeSpan, gaps: [TimeSpan]) -> String {
        let axis = Axis(
            low: Double(span.fromNanos), high: max(Double(span.toNanos), Double(span.fromNanos) + 1e9), ticks: [])
        let width = 400
        func box(_ part: TimeSpan, _ style: String) -> String {
            let from = axis.place(Double(part.fromNanos), width)
            let wide = max(axis.place(Double(part.toNanos), width) - from, 1)
            return "<rect class=\"\(style)\" x=\"\(from)\" y=\"\(style == "hole" ? 0 : 6)\" width=\"\(wide)\" "
                + "height=\"\(style == "hole" ? 20 : 8)\"/>"
        }
        return "<svg class=\"in\" viewBox=\"0 0 400 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
            + box(have, "have") + gaps.map { box($0, "hole") }.joined() + "</svg>"
    }
}
