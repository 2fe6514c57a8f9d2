/// Charts of cumulative results and of falls from their peaks.
enum EquityCharts {
    /// Time slots of the curves that stand out, and of the others behind them.
    static let slotsMain = 240
    static let slotsOther = 90
    static let slotsCard = 100

    /// One curve of the chart of all detectors.
    private struct Line {
        let name: String
        let style: String
        let segments: [[EquityPoint]]
        let falls: [[EquityPoint]]
        let last: Double?
    }

    /// Range from the lowest to the highest of some segments, with zero.
    private static func range(_ segments: [[EquityPoint]]) -> (Double, Double) {
        var (low, high) = (0.0, 0.0)
        for point in segments.joined() {
            low = min(low, point.cumulativeBps)
            high = max(high, point.cumulativeBps)
        }
        return (low, high)
    }

    private static func addBands(_ plot: inout Plot, _ folds: [FoldReport], labels: Bool) {
        for (index, fold) in folds.enumerated() {
            let from = Double(fold.test.fromNanos)
            let to = Double(fold.test.toNanos)
            if index % 2 == 0 { plot.addShade(from, to) }
            if labels {
                plot.marks.append((from + (to - from) / 2, folds.count > 8 ? "\(fold.number)" : "fold \(fold.number)"))
            }
        }
    }

    /// The figure of all detectors: cohort mean, best and worst stand out; empty without curves.
    static func cohort(_ report: RunReport, _ ids: inout Int) -> String {
        guard let span = Curves.span(report.detectors) else { return "" }
        let curves = report.detectors.map { ($0, Curves.stitched($0.folds)) }.filter { !$0.1.isEmpty }
        guard !curves.isEmpty else { return "" }
        let joined = curves.filter { !$0.1.isOverlapping }
        var lines: [Line] = []
        func line(_ name: String, _ style: String, _ curve: Curves.Stitched, _ slots: Int) -> Line {
            Line(
                name: name, style: style,
                segments: curve.segments.map { Curves.thinned($0, over: span, slots: slots) },
                falls: Curves.drawdowns(curve).map { Curves.thinned($0, over: span, slots: slots) }, last: curve.last)
        }
        var standing: [Int] = []
        let ordered = joined.indices.sorted {
            let (a, b) = (joined[$0].1.last ?? 0, joined[$1].1.last ?? 0)
            return a == b ? $0 < $1 : a > b
        }
        if let best = ordered.first { standing.append(best) }
        if ordered.count > 1, let worst = ordered.last { standing.append(worst) }
        for index in joined.indices where !standing.contains(index) {
            lines.append(line(joined[index].0.id, "l0", joined[index].1, slotsOther))
        }
        if standing.count > 1 {
            lines.append(line("worst: " + joined[standing[1]].0.id, "l3", joined[standing[1]].1, slotsMain))
        }
        if let best = standing.first {
            let name = joined.count > 1 ? "best: " + joined[best].0.id : joined[best].0.id
            lines.append(line(name, "l2", joined[best].1, slotsMain))
        }
        if joined.count > 2 {
            let mean = Curves.Stitched(segments: [Curves.mean(joined.map(\.1), over: span, slots: slotsMain)])
            lines.append(line("mean of \(joined.count), equal weights", "l1", mean, slotsMain))
        }
        return figures(report, lines, span, overlapping: curves.count - joined.count, &ids)
    }

    private static func figures(
        _ report: RunReport, _ lines: [Line], _ span: TimeSpan, overlapping: Int, _ ids: inout Int
    ) -> String {
        var text = "<figure class=\"card\"><figcaption><strong>Paper profit and loss, out of sample</strong> "
        text += "Cumulative, basis points of notional, net of: \(Escaping.html(report.costs)). "
        text +=
            "Test spans stitched; shaded: every other fold. UTC. Each curve keeps the first, last, lowest and highest "
        text += "value of each of \(slotsMain) time slots (\(slotsOther) for the grey ones)."
        if overlapping > 0 {
            text += " \(NumberText.count(overlapping, "detector")) with overlapping test spans "
            text += "\(overlapping == 1 ? "is" : "are") drawn fold by fold below instead."
        }
        text += "</figcaption>"
        guard !lines.isEmpty else { return text + "</figure>" }
        text += "<ul class=\"keys\">"
        for line in lines.reversed() where line.style != "l0" {
            text += key(line.style, line.name, line.last)
        }
        let others = lines.count { $0.style == "l0" }
        if others > 0 { text += key("l0", NumberText.count(others, "other"), nil) }
        text += "</ul>"
        let folds = report.detectors.map(\.folds).max { $0.count < $1.count } ?? []
        let (low, high) = range(lines.flatMap(\.segments))
        var plot = Plot(
            x: Axis.time(span, count: 9), y: Axis.linear(low, high, count: 5, plus: true),
            title: "Cumulative paper result of \(NumberText.count(lines.count { $0.style != "l1" }, "detector"))",
            description: lines.filter { $0.style != "l0" }.map {
                "\($0.name) ends at \($0.last.map { NumberText.fixed($0, 0, plus: true) } ?? "nothing") bps"
            }.joined(separator: "; "))
        plot.width = 1200
        plot.height = 400
        plot.unit = "bps"
        addBands(&plot, folds, labels: true)
        for line in lines { plot.addLine(line.segments, class: line.style) }
        text += plot.html(&ids)
        let main = lines.filter { $0.style != "l0" }
        let deepest = range(main.flatMap(\.falls)).0
        var fall = Plot(
            x: Axis.time(span, count: 9), y: Axis.linear(deepest, 0, count: 3),
            title: "Fall from the highest value so far",
            description: main.map { "\($0.name): deepest \(NumberText.fixed(range($0.falls).0, 0)) bps" }
                .joined(separator: "; "))
        fall.width = 1200
        fall.height = 160
        fall.style = "mid wide"
        fall.unit = "drawdown, bps"
        addBands(&fall, folds, labels: false)
        for line in main { fall.addLine(line.falls, class: line.style) }
        return text + fall.html(&ids) + "</figure>"
    }

    private static func key(_ style: String, _ name: String, _ last: Double?) -> String {
        "<li><svg viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path class=\"l \(style)\" d=\"M1 5h28\"/></svg>"
            + Escaping.html(name) + (last.map { " <b>\(NumberText.fixed($0, 0, plus: true)) bps</b>" } ?? "") + "</li>"
    }

    /// The figure of one detector.
    static func card(_ detector: DetectorReport, over span: TimeSpan, _ ids: inout Int) -> String {
        let curve = Curves.stitched(detector.folds)
        guard !curve.isEmpty else { return "" }
        let segments = curve.segments.map { Curves.thinned($0, over: span, slots: slotsCard) }
        let falls = Curves.drawdowns(curve).map { Curves.thinned($0, over: span, slots: slotsCard) }
        let (low, high) = range(segments)
        let end = curve.last.map { NumberText.fixed($0, 0, plus: true) } ?? "nothing"
        var plot = Plot(
            x: Axis.time(span, count: 4), y: Axis.linear(low, high, count: 4, plus: true),
            title: "Cumulative paper result of \(detector.id)",
            description: "Ends at \(end) bps after \(NumberText.count(detector.folds.count, "fold"))")
        plot.width = 400
        plot.height = 200
        plot.style = "inner"
        plot.unit = "bps"
        addBands(&plot, detector.folds, labels: false)
        plot.addLine(segments, class: "l2")
        var fall = Plot(
            x: Axis.time(span, count: 4), y: Axis.linear(range(falls).0, 0, count: 2), title: "Fall from the peak",
            description: "Deepest \(NumberText.fixed(range(falls).0, 0)) bps")
        fall.width = 400
        fall.height = 100
        fall.style = "low"
        addBands(&fall, detector.folds, labels: false)
        fall.addArea(falls, class: "area")
        let how =
            curve.isOverlapping ? "Test spans overlap: each fold begins at 0." : "Below: fall from the peak."
        return "<figure class=\"card\"><figcaption><strong>Result by fold</strong> \(how)</figcaption>"
            + plot.html(&ids) + fall.html(&ids) + "</figure>"
    }

    /// A line without axes for a cell.
    static func spark(_ detector: DetectorReport) -> String {
        let curve = Curves.stitched(detector.folds)
        guard !curve.isEmpty, let span = Curves.span([detector]) else { return "" }
        let segments = curve.segments.map { Curves.thinned($0, over: span, slots: 26) }
        let (low, high) = range(segments)
        var plot = Plot(
            x: Axis.time(span, count: 1), y: Axis(low: low, high: high > low ? high : low + 1, ticks: []), title: "",
            description: "")
        plot.width = 104
        plot.height = 24
        plot.addLine(segments, class: "l2")
        let zero = plot.down(0)
        return "<svg class=\"spark\" viewBox=\"-2 -2 108 28\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
            + "<path class=\"grid\" d=\"M0 \(zero)h104\"/>\(plot.drawing)</svg>"
    }
}
