/// One detector in full, folded away until somebody wants it.
enum DetectorSection {
    static func html(_ detector: DetectorReport, at place: Int, isOpen: Bool, _ report: RunReport, _ ids: inout Int)
        -> String
    {
        let finding = detector.finding(report.selection)
        let overall = detector.overall
        var text = "<details id=\"detector-\(place + 1)\"\(isOpen ? " open=\"open\"" : "")><summary>"
        text += "<h3>\(Escaping.html(detector.id))</h3> \(Figures.tag(finding)) <span class=\"sum dim\">"
        text += "\(NumberText.count(overall.judged, "window")), mean \(bpsWords(overall.meanBps))</span></summary><div>"
        text += facts(detector, report)
        var figures: [String] = []
        if let span = Curves.span([detector]) { figures.append(EquityCharts.card(detector, over: span, &ids)) }
        figures.append(
            DistributionCharts.reliability(detector.calibration.bins, detector.calibration, of: detector.id, &ids))
        if let scores = detector.scores { figures.append(DistributionCharts.histogram(scores, &ids)) }
        for outcome in detector.outcomes { figures.append(DistributionCharts.histogram(outcome, &ids)) }
        text += "<div class=\"pair\">\(figures.joined())</div>"
        text += ResultTables.folds(detector)
        text += ResultTables.baselines(detector)
        for strata in detector.strata { text += ResultTables.strata(strata, whose: "Out of sample.", drawn: false) }
        text += ResultTables.reasons(
            "Abstained", detector.abstained, of: detector.windows, note: "Share of all windows.")
        return text + "</div></details>"
    }

    private static func bpsWords(_ measure: Measure) -> String {
        measure.value.map { Escaping.html(Figures.bps($0)) + " bps" } ?? "not defined: \(Escaping.html(measure.reason))"
    }

    private static func facts(_ detector: DetectorReport, _ report: RunReport) -> String {
        let overall = detector.overall
        let missing = detector.missing(report.selection)
        var facts: [(String, String)] = [
            (
                "What can be said",
                missing.isEmpty ? "Passes every test." : "Not shown: \(missing.joined(separator: "; "))."
            )
        ]
        let definition = detector.definition.isEmpty ? "" : ", definition \(detector.definition)"
        facts.append(("Family and state", "\(detector.family), \(detector.state)\(definition)"))
        if !detector.horizon.isEmpty { facts.append(("Horizon", detector.horizon)) }
        let abstained = detector.abstained.reduce(0) { $0 &+ $1.count }
        facts.append(
            (
                "Windows",
                "\(NumberText.whole(detector.windows)) seen, \(NumberText.whole(detector.scored)) scored, "
                    + "\(NumberText.whole(abstained)) abstained, "
                    + "\(NumberText.whole(overall.judged)) judged out of sample"
            ))
        facts.append(("Median sigma", Figures.words(detector.sigmaMedian, Figures.sigma)))
        let sharpe = overall.sharpe
        facts.append(
            (
                sharpe.convention.label,
                "\(Figures.words(sharpe.annualised, Figures.ratio)) (\(Figures.trials(sharpe))); "
                    + "PSR \(Figures.words(sharpe.probabilistic, NumberText.probability)); "
                    + "DSR \(Figures.words(sharpe.deflated, NumberText.probability))"
            ))
        facts.append(
            (
                "Median MFE and MAE",
                "\(Figures.words(overall.favourableBps, Figures.size)) and "
                    + "\(Figures.words(overall.adverseBps, Figures.size)) bps"
            ))
        let inSample = detector.inSample?.meanBps ?? .undefined("not measured")
        facts.append(
            (
                "Mean in sample, out of sample",
                "\(Figures.words(inSample, Figures.bps)), \(Figures.words(overall.meanBps, Figures.bps)) bps"
            ))
        for note in notes(detector) { facts.append(("Note", note)) }
        return "<dl class=\"facts\">"
            + facts.map { "<dt>\(Escaping.html($0.0))</dt><dd>\(Escaping.html($0.1))</dd>" }.joined() + "</dl>"
    }

    private static func notes(_ detector: DetectorReport) -> [String] {
        var notes = detector.notes
        for fold in detector.folds {
            notes += fold.notes.map { "Fold \(fold.number): \($0)" }
            if fold.curve.rejected > 0 {
                let count = NumberText.count(fold.curve.rejected, "point")
                notes.append("Fold \(fold.number): \(count) of the curve not drawn (not finite, or back in time)")
            }
        }
        return notes
    }
}
