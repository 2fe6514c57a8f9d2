/// Charts of forecasts against outcomes, and of distributions.
enum DistributionCharts {
    /// Forecast probability against frequency, with Wilson's intervals; empty without bins.
    static func reliability(
        _ bins: [ReliabilityBin], _ calibration: Calibration?, of name: String, _ ids: inout Int
    ) -> String {
        let used = bins.filter { $0.count > 0 && $0.forecast.value != nil }
        var text =
            "<figure class=\"card\"><figcaption><strong>Reliability</strong> Forecast probability of a hit against "
        text += "how often it came true, \(NumberText.percent(Performance.level, 0)) Wilson intervals; "
        text += "dashed: perfect. Below: number of forecasts."
        if let calibration {
            text += " Brier \(figure(calibration.brier)), log-loss \(figure(calibration.logLoss)), "
            text += "calibration error \(figure(calibration.error))."
        }
        text += "</figcaption>"
        guard !used.isEmpty else { return text + "<p>Not defined: no forecast was scored.</p></figure>" }
        var low = 1.0
        var high = 0.0
        for bin in used {
            let interval = Performance.wilson(bin.hits, bin.count)
            for value in [bin.forecast.value, interval.low, interval.high].compactMap(\.self) {
                low = min(low, value)
                high = max(high, value)
            }
        }
        let x = Axis.linear(max(low, 0), min(high, 1), count: 5, percent: true)
        var plot = Plot(
            x: x, y: x, title: "Reliability of \(name)",
            description: used.map { bin in
                "forecast \(NumberText.percent(bin.forecast.value ?? 0)): \(bin.hits) of \(bin.count)"
            }.joined(separator: "; "))
        plot.width = 400
        plot.height = 400
        plot.style = "square"
        plot.hasColumns = true
        plot.unit = "came true"
        plot.add("<path class=\"ideal\" d=\"M0 400L400 0\"/>")
        var whiskers = ""
        var dots = ""
        for bin in used {
            guard let forecast = bin.forecast.value,
                let share = Performance(judged: bin.count, hits: bin.hits).hitRate.value
            else { continue }
            let place = plot.across(forecast)
            let interval = Performance.wilson(bin.hits, bin.count)
            if let low = interval.low, let high = interval.high {
                whiskers += "M\(place) \(plot.down(low))V\(plot.down(high))"
            }
            dots += "M\(place) \(plot.down(share))h0"
        }
        plot.add("<path class=\"whisker\" d=\"\(whiskers)\"/><path class=\"dot\" d=\"\(dots)\"/>")
        var counts = Plot(
            x: Axis(low: x.low, high: x.high, ticks: []),
            y: Axis.linear(0, Double(used.map(\.count).max() ?? 1), count: 2), title: "Number of forecasts",
            description: used.map { NumberText.whole($0.count) }.joined(separator: ", "))
        counts.width = 400
        counts.height = 80
        counts.style = "low below"
        let half = (x.high - x.low) * 0.012
        for bin in used {
            let forecast = bin.forecast.value ?? 0
            counts.addBox(forecast - half, forecast + half, 0, Double(bin.count), class: "bar")
        }
        return text + plot.html(&ids) + counts.html(&ids) + "</figure>"
    }

    private static func figure(_ measure: Measure) -> String {
        measure.value.map { NumberText.fixed($0, 4) } ?? "not defined (\(Escaping.html(measure.reason)))"
    }

    /// A histogram; bars left of zero have the other colour.
    static func histogram(_ histogram: Histogram, _ ids: inout Int) -> String {
        var total = histogram.below &+ histogram.above
        for count in histogram.counts { total = total &+ count }
        var text = "<figure class=\"card\"><figcaption><strong>\(capitalised(histogram.label))</strong> "
        guard histogram.reason.isEmpty, let first = histogram.edges.first, let last = histogram.edges.last else {
            return text + "Not defined: \(Escaping.html(histogram.reason)).</figcaption></figure>"
        }
        text += NumberText.count(total, "value")
        let outside = [(histogram.below, "below"), (histogram.above, "above")].filter { $0.0 > 0 }
            .map { "\(NumberText.whole($0.0)) \($0.1)" }
        if !outside.isEmpty { text += "; \(outside.joined(separator: " and ")) the axis" }
        text += ".</figcaption>"
        let most = histogram.counts.max() ?? 0
        let inner = Axis.linear(first, last, count: 5)
        let x = Axis(low: first, high: last, ticks: inner.ticks.filter { $0.value >= first && $0.value <= last })
        let mode = histogram.counts.firstIndex(of: most) ?? 0
        var plot = Plot(
            x: x, y: Axis.linear(0, Double(max(most, 1)), count: 3), title: histogram.label,
            description: "\(NumberText.count(total, "value")) from \(NumberText.fixed(first, 2)) to "
                + "\(NumberText.fixed(last, 2)) \(histogram.unit), most of them between "
                + "\(NumberText.fixed(histogram.edges[mode], 2)) and \(NumberText.fixed(histogram.edges[mode + 1], 2))")
        plot.width = 400
        plot.height = 160
        plot.style = "small"
        plot.unit = histogram.unit.isEmpty ? "count" : "count, by \(histogram.unit)"
        var (positive, negative) = ("", "")
        for (index, count) in histogram.counts.enumerated() where count > 0 {
            let left = plot.across(histogram.edges[index])
            // One unit of room between neighbours, where there is any.
            let wide = max(plot.across(histogram.edges[index + 1]) - left - 1, 1)
            let top = plot.down(Double(count))
            let bar = "M\(left) \(plot.height)V\(top)h\(wide)V\(plot.height)z"
            if histogram.edges[index + 1] <= 0 { negative += bar } else { positive += bar }
        }
        if !negative.isEmpty { plot.add("<path class=\"neg\" d=\"\(negative)\"/>") }
        if !positive.isEmpty { plot.add("<path class=\"bar\" d=\"\(positive)\"/>") }
        if first < 0, last > 0 { plot.add("<path class=\"ideal\" d=\"M\(plot.across(0)) 0V\(plot.height)\"/>") }
        return text + plot.html(&ids) + "</figure>"
    }

    /// The text with its first letter upper case, escaped.
    static func capitalised(_ text: String) -> String {
        Escaping.html(text.prefix(1).uppercased() + text.dropFirst())
    }
}
