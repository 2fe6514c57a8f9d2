extension RunReport {
    /// The report as one page of HTML that needs nothing else: no network, no script, no other file.
    ///
    /// Well-formed as XML too, at most 500 kB for 16 detectors of 12 folds; curves are thinned, and say so.
    package var html: String {
        var ids = 0
        let title = Escaping.html(self.title)
        var page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
        page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
        // The page promises that it loads nothing; with this the browser holds it to that.
        page +=
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
        page += "<meta name=\"color-scheme\" content=\"light dark\"/><title>\(title) · Lotus backtest</title>"
        page +=
            "<style>\(Stylesheet.text)</style></head>\n<body>"
            + "<a class=\"skip\" href=\"#results\">Skip to the results</a>"
        page += "<header><p class=\"kicker\">Lotus backtest · \(Escaping.html(manifest.kind))</p><h1>\(title)</h1>"
        page += "<p class=\"sub\">\(subtitle)</p>\(navigation)</header>\n<main>"
        page += SummarySection.html(self)
        page += results(&ids)
        page += detectorSections(&ids)
        page += distributions(&ids)
        page += strataSections
        page += refusals
        page += RunSections.data(self)
        page += RunSections.manifest(self)
        page += Self.guide
        page += "</main>\n<footer>Made by Lotus from run <code>\(Escaping.html(manifest.runID))</code>. Paper results; "
        page += "no orders were sent. Times are UTC.</footer></body></html>\n"
        return page
    }

    private var subtitle: String {
        var parts: [String] = []
        if let span = manifest.span { parts.append(MomentText.span(span) + " UTC") }
        let names = data.instruments.map(\.name)
        if !names.isEmpty {
            let rest = names.count > 4 ? " and \(names.count - 4) more" : ""
            parts.append(names.prefix(4).joined(separator: ", ") + rest)
        }
        if data.events > 0 { parts.append(NumberText.count(data.events, "event")) }
        if !manifest.runID.isEmpty { parts.append("run \(manifest.runID)") }
        return parts.map(Escaping.html).joined(separator: " · ")
    }

    private var navigation: String {
        let places = [
            ("results", "Results"), ("detectors", "Detectors"), ("distributions", "Calibration"), ("strata", "Strata"),
            ("withheld", "Withheld"), ("data", "Data"), ("manifest", "How it was run"), ("guide", "Reading guide"),
        ]
        let items = places.map { "<li><a href=\"#\($0.0)\">\($0.1)</a></li>" }.joined()
        return "<nav aria-label=\"Sections\"><ul>\(items)</ul></nav>"
    }

    private func results(_ ids: inout Int) -> String {
        var text = "<section id=\"results\"><h2>Results</h2>"
        text += EquityCharts.cohort(self, &ids)
        text += ResultTables.league(self)
        if detectors.isEmpty { text += "<p>The run holds no detectors.</p>" }
        text += ResultTables.variants(self)
        for note in notes { text += "<p>\(Escaping.html(note))</p>" }
        return text + "</section>"
    }

    private func detectorSections(_ ids: inout Int) -> String {
        var text = "<section id=\"detectors\"><h2>Detectors</h2>"
        text +=
            detectors.isEmpty
            ? "<p>None.</p>"
            : "<p>In the order of the cohort. Open one for its folds, "
                + "calibration, outcomes and strata.</p>"
        let open = detectors.firstIndex { $0.id == bestDetector?.id } ?? 0
        for (place, detector) in detectors.enumerated() {
            text += DetectorSection.html(detector, at: place, isOpen: place == open, self, &ids)
        }
        return text + "</section>"
    }

    private func distributions(_ ids: inout Int) -> String {
        var text = "<section id=\"distributions\"><h2>Calibration and distributions</h2>"
        text += "<p>All detectors together. Their windows overlap in time, so the intervals here are too narrow.</p>"
        var figures = [DistributionCharts.reliability(Pooled.bins(detectors), nil, of: "all detectors", &ids)]
        let histograms =
            Pooled.histograms(detectors.compactMap(\.scores)) + Pooled.histograms(detectors.flatMap(\.outcomes))
        figures += histograms.map { DistributionCharts.histogram($0, &ids) }
        return text + "<div class=\"pair\">\(figures.joined())</div></section>"
    }

    private var strataSections: String {
        var text = "<section id=\"strata\"><h2>By regime, session and venue</h2>"
        if strata.isEmpty { text += "<p>Not measured for the cohort.</p>" }
        for table in strata { text += ResultTables.strata(table, whose: "All detectors, out of sample.", drawn: true) }
        return text + "</section>"
    }

    private var refusals: String {
        var text = "<section id=\"withheld\"><h2>Withheld and abstained</h2>"
        text +=
            "<p>What did not count, and why. A withheld signal was scored but not let out; a detector abstains where "
        text += "it cannot score.</p>"
        let scored = detectors.reduce(0) { $0 &+ $1.scored }
        let windows = detectors.reduce(0) { $0 &+ $1.windows }
        text += ResultTables.reasons("Withheld signals", withheld, of: scored, note: "Share of all scored windows.")
        if withheld.isEmpty { text += "<p>No signal was withheld.</p>" }
        text += ResultTables.reasons(
            "Abstentions, all detectors", detectors.flatMap(\.abstained), of: windows, note: "Share of all windows.")
        if detectors.allSatisfy(\.abstained.isEmpty) { text += "<p>No detector abstained.</p>" }
        return text + "</section>"
    }

    private static let guide: String = {
        let entries = [
            ("bps", "Basis point, a hundredth of a percent of the notional."),
            ("Hit", "The price moved the way of the signal by the end of the horizon. Brackets: 95% Wilson interval."),
            ("MFE, MAE", "Median of the largest move for and against the signal within the horizon."),
            (
                "Sharpe",
                "Mean over deviation of the results per period, times the root of the periods in a year. "
                    + "Never to be read without N: the best of many worthless detectors looks good."
            ),
            (
                "N, eff.",
                "Configurations tried, as counted in the log, and the number of independent ones they amount to."
            ),
            ("PSR", "Probability that the true Sharpe ratio exceeds 0 (Bailey and López de Prado 2012)."),
            ("DSR", "Probability that it exceeds what the best of N worthless trials is expected to show (2014)."),
            (
                "PBO",
                "Share of splits of the history in which the best configuration in sample falls to the lower half out "
                    + "of sample (Bailey et al. 2017). Low values alone prove nothing."
            ),
            ("Random", "Share of random runs with the same signal rate that did at least as well."),
            (
                "Beats chance",
                "Said only if all hold: at least \(FindingRules.windowsMin) judged windows, interval of the "
                    + "mean result above zero, DSR at least 0.95, PBO at most 0.2, at most 5% of random runs as good."
            ),
        ]
        return "<section id=\"guide\"><h2>Reading guide</h2><dl class=\"facts\">"
            + entries.map { "<dt>\($0.0)</dt><dd>\(Escaping.html($0.1))</dd>" }.joined() + "</dl></section>"
    }()
}
