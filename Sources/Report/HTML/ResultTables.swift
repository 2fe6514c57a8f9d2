/// Tables of results.
enum ResultTables {
    /// All detectors, best mean result first.
    static func league(_ report: RunReport) -> String {
        let ranked = report.ranked.map(\.detector)
        // A detector of a handful of windows would squeeze all others together.
        let drawn = ranked.filter { $0.overall.judged >= FindingRules.windowsMin }
        let scaled = (drawn.isEmpty ? ranked : drawn).map(\.overall)
        let scale = CellCharts.Scale(scaled.map(\.meanInterval), scaled.map(\.meanBps), origin: 0)
        let levels = Set(ranked.map(\.overall.meanInterval).filter { $0.low != nil }.map(\.level)).sorted()
        let level = levels.map { NumberText.percent($0, 0) }.joined(separator: " or ")
        let methods = Set(ranked.map(\.overall.meanInterval.method)).sorted().filter { !$0.isEmpty }
        let conventions = Set(ranked.filter { $0.overall.judged > 0 }.map(\.overall.sharpe.convention.label)).sorted()
        var note = "Out of sample, best mean first."
        if !methods.isEmpty { note += " Interval of the mean: \(level), \(methods.joined(separator: ", "))." }
        note +=
            " " + conventions.joined(separator: "; ") + ". N: trials counted; eff.: independent ones they amount to. "
        note += "IS to OOS: share of the mean in sample that is kept. Random: share of random runs that did as well. "
        note +=
            "Intervals are drawn to one scale, that of the detectors with at least \(FindingRules.windowsMin) windows."
        var table = Table(
            "Detectors", note: note, isStacked: true,
            [
                "<detector", "<finding", "<result", "windows", "hits", "mean, bps", "interval of the mean",
                "total, bps", "Sharpe, a year", "DSR (PSR)", "IS to OOS", "random",
            ])
        for (place, detector) in report.ranked {
            let overall = detector.overall
            let random = detector.baselines.first { $0.kind == .randomSameRate }
            var cells = ["<td class=\"t\">\(Figures.tag(detector.finding(report.selection)))</td>"]
            cells.append(Table.cell(EquityCharts.spark(detector)))
            cells.append(Table.number(overall.judged))
            cells.append(table.hits(overall))
            cells.append(table.mean(overall))
            cells.append(Table.cell(CellCharts.interval(overall.meanBps, overall.meanInterval, scale)))
            cells += table.totalAndSharpe(overall)
            cells.append(table.measure(detector.efficiency) { NumberText.percent($0, 0) })
            cells.append(table.measure(random?.exceedance ?? .undefined("no random runs"), Figures.share))
            let link = "<a href=\"#detector-\(place + 1)\">\(Escaping.html(detector.id))</a>"
            table.add("\(link) <small class=\"dim\">\(Escaping.html(detector.family))</small>", cells)
        }
        return table.html
    }

    /// The folds of a detector.
    static func folds(_ detector: DetectorReport) -> String {
        let conventions = Set(detector.folds.map(\.outOfSample.sharpe.convention.label)).sorted()
        var table = Table(
            "Folds",
            note:
                "Mean in sample beside that out of sample. Fall: drawdown, bps. "
                + "\(conventions.joined(separator: "; ")).",
            isStacked: true,
            [
                "<fold", "<test span, UTC", "windows", "hits", "mean in sample", "mean, bps",
                "total, bps", "Sharpe, a year", "DSR (PSR)", "MFE / MAE, bps", "<priors",
            ])
        for fold in detector.folds {
            let result = fold.outOfSample
            var cells = [Table.text(MomentText.span(fold.test)), Table.number(result.judged), table.hits(result)]
            cells.append(table.measure(fold.inSample?.meanBps ?? .undefined("not fitted"), Figures.bps))
            cells.append(table.mean(result))
            cells += table.totalAndSharpe(result)
            cells.append(table.excursions(result))
            cells.append(Table.text(fold.priorsVersion))
            table.add("\(fold.number)", cells)
        }
        return table.html
    }

    /// Results by the values of one dimension.
    static func strata(_ strata: StrataTable, whose: String, drawn: Bool) -> String {
        let scale = CellCharts.Scale(
            strata.rows.map(\.performance.hitInterval), strata.rows.map(\.performance.hitRate), origin: 0.5)
        var columns = ["<\(strata.dimension)", "windows", "hits", "lift", "mean, bps", "MFE / MAE, bps"]
        if drawn { columns.insert("hits against 50%", at: 3) }
        var table = Table("By \(strata.dimension)", note: whose, columns)
        for row in strata.rows {
            let result = row.performance
            var cells = [Table.number(result.judged), table.hits(result)]
            if drawn { cells.append(Table.cell(CellCharts.interval(result.hitRate, result.hitInterval, scale))) }
            cells.append(table.measure(row.lift, Figures.change))
            cells.append(table.mean(result))
            cells.append(table.excursions(result))
            table.add(Escaping.html(row.name), cells)
        }
        return table.html
    }

    /// Simpler things beside the detector.
    static func baselines(_ detector: DetectorReport) -> String {
        guard !detector.baselines.isEmpty else { return "" }
        var table = Table(
            "Against simpler things", note: "Over the same windows.",
            ["<what", "mean, bps", "total, bps", "random runs", "as good or better"])
        let own = detector.overall
        table.add(
            Escaping.html(detector.id),
            [
                table.measure(own.meanBps, Figures.bps), table.measure(own.totalBps, Figures.total), Table.cell(""),
                Table.cell(""),
            ])
        for baseline in detector.baselines {
            let isRandom = baseline.kind == .randomSameRate
            table.add(
                Escaping.html(baseline.kind.rawValue),
                [
                    table.measure(baseline.meanBps, Figures.bps), table.measure(baseline.totalBps, Figures.total),
                    isRandom ? Table.number(baseline.permutations) : Table.cell(""),
                    isRandom ? table.measure(baseline.exceedance, Figures.share) : Table.cell(""),
                ])
        }
        return table.html
    }

    /// Reasons with counts and shares.
    static func reasons(_ caption: String, _ reasons: [ReasonCount], of total: Int, note: String = "") -> String {
        var table = Table(caption, note: note, ["<reason", "count", "share"])
        for one in Pooled.reasons(reasons) {
            let share: Measure = total > 0 ? Measure(Double(one.count) / Double(total)) : .undefined("no windows")
            table.add(Escaping.html(one.reason), [Table.number(one.count), table.measure(share, Figures.share)])
        }
        return table.html
    }

    /// Runs with one thing changed.
    static func variants(_ report: RunReport) -> String {
        let scale = CellCharts.Scale(report.variants.map(\.interval), report.variants.map(\.meanBpsChange), origin: 0)
        var table = Table(
            "Runs with one thing changed",
            note: "Other runs over the same data, against this one; largest effect first. Each is counted as a trial.",
            ["<change", "positions gained", "positions lost", "change of the mean, bps", "interval", ""])
        let ordered = report.variants.enumerated().sorted { a, b in
            let x = a.element.meanBpsChange.value?.magnitude ?? -1
            let y = b.element.meanBpsChange.value?.magnitude ?? -1
            return x == y ? a.offset < b.offset : x > y
        }
        for (_, variant) in ordered {
            let interval = Figures.interval(variant.interval, Figures.bps)
            table.add(
                Escaping.html(variant.name),
                [
                    Table.number(variant.published), Table.number(variant.lost),
                    table.measure(variant.meanBpsChange, Figures.bps),
                    Table.cell(interval ?? table.missing(variant.interval.reason)),
                    Table.cell(CellCharts.interval(variant.meanBpsChange, variant.interval, scale)),
                ])
        }
        return table.html
    }
}

extension Table {
    /// Hit rate with its interval.
    mutating func hits(_ result: Performance) -> String {
        let interval = Figures.interval(result.hitInterval) { NumberText.fixed($0 * 100, 1) }
        return Self.cell(markup(result.hitRate, Figures.share) + (interval.map { " <small>\($0)</small>" } ?? ""))
    }

    /// Mean result with its interval.
    mutating func mean(_ result: Performance) -> String {
        let interval = Figures.interval(result.meanInterval, Figures.bps)
        return Self.cell(markup(result.meanBps, Figures.bps) + (interval.map { " <small>\($0)</small>" } ?? ""))
    }

    /// Favourable and adverse excursion.
    mutating func excursions(_ result: Performance) -> String {
        Self.cell(markup(result.favourableBps, Figures.size) + " / " + markup(result.adverseBps, Figures.size))
    }

    /// Total with the deepest fall, ratio with the number of trials, and both probabilities of the ratio.
    mutating func totalAndSharpe(_ result: Performance) -> [String] {
        let sharpe = result.sharpe
        let total = markup(result.totalBps, Figures.total)
        let fall = markup(result.drawdownBps) { NumberText.fixed($0, 0) }
        let ratio = markup(sharpe.annualised, Figures.ratio)
        let deflated = markup(sharpe.deflated, NumberText.probability)
        let probabilistic = markup(sharpe.probabilistic, NumberText.probability)
        return [
            Self.cell("\(total) <small>fall \(fall)</small>"),
            Self.cell("\(ratio) <small>\(Escaping.html(Figures.trials(sharpe)))</small>"),
            Self.cell("\(deflated) <small>PSR \(probabilistic)</small>"),
        ]
    }
}
