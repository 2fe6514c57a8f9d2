/// The top of the page: what was found, and the figures that a reader looks for first.
enum SummarySection {
    static func html(_ report: RunReport) -> String {
        let verdict = Verdict(report)
        var text =
            "<section class=\"verdict \(verdict.tone.rawValue)\" id=\"verdict\">"
            + "<h2>\(Escaping.html(verdict.headline))</h2>"
        if !verdict.reasons.isEmpty {
            text += "<ul>" + verdict.reasons.map { "<li>\(Escaping.html($0))</li>" }.joined() + "</ul>"
        }
        return text + "</section>" + tiles(report)
    }

    private static func tiles(_ report: RunReport) -> String {
        let selection = report.selection
        let best = report.bestDetector
        let judged = report.detectors.filter { $0.overall.judged > 0 }
        let hits = judged.reduce(0) { $0 &+ $1.overall.hits }
        let all = Performance(judged: report.windowsJudged, hits: hits)
        let sharpe = best?.overall.sharpe
        let none = Measure.undefined("no detector has enough windows")
        var tiles: [String] = []
        tiles.append(
            tile(
                "Windows judged, out of sample", Measure(Double(report.windowsJudged)), { NumberText.fixed($0, 0) },
                "\(NumberText.count(report.detectors.count, "detector")), "
                    + NumberText.count(report.detectors.map(\.folds.count).max() ?? 0, "fold")))
        tiles.append(
            tile(
                "Hit rate, all windows", all.hitRate, Figures.share,
                Figures.interval(all.hitInterval) { NumberText.fixed($0 * 100, 1) }.map { "95% Wilson \($0)" } ?? ""))
        tiles.append(
            tile(
                sharpe.map { "Best \($0.convention.label)" } ?? "Best Sharpe", sharpe?.annualised ?? none,
                Figures.ratio,
                sharpe.map { Figures.trials($0) } ?? ""))
        tiles.append(
            tile(
                "DSR of the best", sharpe?.deflated ?? none, NumberText.probability,
                "chance that its Sharpe exceeds that of the best of N worthless; 0.95 needed"))
        let splits =
            selection.overfittingBlocks > 0
            ? "\(selection.overfittingBlocks) blocks, "
                + NumberText.count(selection.overfittingConfigurations, "configuration")
            : ""
        let spread = selection.overfittingSpread.value.map { ", logit spread \(NumberText.fixed($0, 2))" } ?? ""
        tiles.append(tile("PBO", selection.overfitting, NumberText.probability, splits + spread))
        let trials: Measure = selection.trials > 0 ? Measure(Double(selection.trials)) : .undefined("not counted")
        let effective =
            selection.effectiveTrials.value.map { "effective \(NumberText.fixed($0, 1))" }
            ?? "effective: not defined, \(selection.effectiveTrials.reason)"
        let how = selection.effectiveMethod.isEmpty ? "" : ", \(selection.effectiveMethod)"
        tiles.append(tile("Trials so far", trials, { NumberText.fixed($0, 0) }, effective + how))
        return "<dl class=\"tiles\">\(tiles.joined())</dl>"
    }

    private static func tile(
        _ name: String, _ measure: Measure, _ shown: (Double) -> String, _ more: String
    ) -> String {
        let style = measure.value == nil ? "nd" : "big"
        let value = Escaping.html(Figures.words(measure, shown))
        let rest = more.isEmpty ? "" : "<dd class=\"more\">\(Escaping.html(more))</dd>"
        return "<div><dt>\(Escaping.html(name))</dt><dd class=\"\(style)\">\(value)</dd>\(rest)</div>"
    }
}
