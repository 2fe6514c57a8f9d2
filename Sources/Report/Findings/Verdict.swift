/// The finding of a whole run in plain sentences, for the top of every rendering.
package struct Verdict: Equatable, Sendable {
    /// How the run as a whole looks.
    package enum Tone: String, Sendable {
        case found, nothing, losing, unknown
    }

    /// How it looks.
    package let tone: Tone
    /// One sentence.
    package let headline: String
    /// What it rests on and what limits it, most important first.
    package let reasons: [String]

    /// Reads the verdict off a report.
    package init(_ report: RunReport) {
        let all = report.detectors
        let findings = all.map { $0.finding(report.selection) }
        let names = { (wanted: Finding) in zip(all, findings).filter { $0.1 == wanted }.map(\.0.id) }
        let winners = names(.beatsChance)
        let after = Self.afterTrials(report)
        if all.isEmpty {
            tone = .unknown
            headline = "Nothing was tested: the run holds no detectors."
        } else if report.windowsJudged == 0 {
            tone = .unknown
            headline = "Nothing can be said: no window was evaluated out of sample."
        } else if findings.allSatisfy({ $0 == .tooFew }) {
            tone = .unknown
            let most = all.map(\.overall.judged).max() ?? 0
            headline =
                "Too little data to tell skill from luck: at most \(NumberText.count(most, "window")) a detector, "
                + "\(FindingRules.windowsMin) needed."
        } else if !winners.isEmpty {
            tone = .found
            let verb = winners.count == 1 ? "beats" : "beat"
            headline =
                "\(Self.listed(winners)) \(verb) chance\(after): \(winners.count) of "
                + "\(NumberText.count(all.count, "detector"))."
        } else if findings.allSatisfy({ $0 == .loses || $0 == .tooFew }) {
            tone = .losing
            headline = "No detector is shown to beat chance\(after), and all that can be judged lose money."
        } else {
            tone = .nothing
            headline =
                all.count == 1
                ? "\(Escaping.visible(all[0].id)) is not shown to beat chance\(after)."
                : "No detector is shown to beat chance\(after)."
        }
        reasons = all.isEmpty ? [] : Self.reasons(report, findings)
    }

    /// " after 14 trials", or what is known of them.
    private static func afterTrials(_ report: RunReport) -> String {
        let trials = report.selection.trials
        return trials > 0 ? " after \(NumberText.count(trials, "trial"))" : " (trials were not counted)"
    }

    /// Up to three names, and how many more.
    private static func listed(_ names: [String]) -> String {
        let shown = names.prefix(names.count == 4 ? 4 : 3).map(Escaping.visible)
        let rest = names.count - shown.count
        if rest > 0 { return shown.joined(separator: ", ") + " and \(rest) more" }
        guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
        return shown.dropLast().joined(separator: ", ") + " and " + last
    }

    private static func reasons(_ report: RunReport, _ findings: [Finding]) -> [String] {
        var reasons: [String] = []
        if let best = report.bestDetector { reasons.append(bestSentence(report, best)) }
        reasons += [
            foldSentence(report), countsSentence(report, findings), overfittingSentence(report.selection),
            lengthSentence(report), dataSentence(report.data),
        ].compactMap(\.self)
        return reasons
    }

    private static func bestSentence(_ report: RunReport, _ best: DetectorReport) -> String {
        let sharpe = best.overall.sharpe
        var text = "Best by Sharpe ratio is \(Escaping.visible(best.id))"
        if let ratio = sharpe.annualised.value { text += " with \(NumberText.fixed(ratio, 2)) a year" }
        if let lucky = report.selection.luckySharpe.value, report.selection.trials > 1 {
            text +=
                "; the best of \(NumberText.whole(report.selection.trials)) worthless ones would be expected to show "
                + NumberText.fixed(lucky, 2)
        }
        let missing = best.missing(report.selection)
        return missing.isEmpty
            ? text + "; it passes every test." : text + ". Against it: \(missing.joined(separator: "; "))."
    }

    private static func countsSentence(_ report: RunReport, _ findings: [Finding]) -> String? {
        guard findings.count > 1 else { return nil }
        let parts = Finding.allCases.compactMap { kind -> String? in
            let count = findings.count { $0 == kind }
            guard count > 0 else { return nil }
            switch kind {
            case .beatsChance: return "\(count) beat\(count == 1 ? "s" : "") chance"
            case .maybeLuck: return "\(count) may be luck"
            case .unclear: return "\(count) cannot be told from chance"
            case .loses: return "\(count) lose\(count == 1 ? "s" : "") beyond chance"
            case .tooFew: return "\(count) \(count == 1 ? "has" : "have") too few windows"
            }
        }
        return "Of \(NumberText.count(findings.count, "detector")): \(parts.joined(separator: ", "))."
    }

    private static func overfittingSentence(_ selection: Selection) -> String? {
        guard let pbo = selection.overfitting.value else {
            guard selection.trials > 1 else { return nil }
            return "The probability of backtest overfitting is not defined: \(selection.overfitting.reason)."
        }
        let text =
            "The configuration that is best in sample falls to the lower half out of sample in "
            + "\(NumberText.percent(pbo, 0)) of the splits (PBO)"
        return pbo > FindingRules.overfittingMax
            ? text + ": choosing the best by its past is not to be trusted here."
            : text + "; pure noise also looks this good in about one run of ten, so this alone proves nothing."
    }

    private static func foldSentence(_ report: RunReport) -> String? {
        guard let best = report.bestDetector else { return nil }
        let totals = best.folds.compactMap(\.outOfSample.totalBps.value)
        let won = totals.count { $0 > 0 }
        let folds = totals.count > 1 ? "made money in \(won) of \(NumberText.count(totals.count, "fold"))" : nil
        let kept = best.efficiency.value.map { share in
            share < 0
                ? "lost out of sample what it had made in sample"
                : "kept \(NumberText.percent(share, 0)) of its mean result in sample when out of sample"
        }
        let parts = [folds, kept].compactMap(\.self)
        return parts.isEmpty ? nil : "It \(parts.joined(separator: " and "))."
    }

    private static func lengthSentence(_ report: RunReport) -> String? {
        guard let years = report.selection.backtestYearsMin.value, report.selection.trials > 1,
            let span = Curves.span(report.detectors), span.seconds < years * 31_557_600
        else { return nil }
        return "The test spans cover \(MomentText.duration(span.seconds)); with so many trials, less than "
            + "\(NumberText.fixed(years, 1)) years is expected to turn up a Sharpe ratio of 1 by luck."
    }

    private static func dataSentence(_ data: DataSection) -> String? {
        guard !data.gaps.isEmpty else { return nil }
        let longest = data.gaps.map(\.span.seconds).max() ?? 0
        return
            "The data have \(NumberText.count(data.gaps.count, "gap")), the longest \(MomentText.duration(longest)); "
            + "nothing was filled in."
    }
}

extension RunReport {
    /// The detector with the highest Sharpe ratio among those with enough windows; the first of equals.
    package var bestDetector: DetectorReport? {
        var best: DetectorReport?
        for detector in detectors where detector.overall.judged >= FindingRules.windowsMin {
            guard let ratio = detector.overall.sharpe.annualised.value else { continue }
            if let so = best?.overall.sharpe.annualised.value, ratio <= so { continue }
            best = detector
        }
        return best
    }

    /// The detectors with their places in the cohort, best mean result first; those without one last.
    package var ranked: [(place: Int, detector: DetectorReport)] {
        detectors.enumerated().sorted { a, b in
            let x = a.element.overall.meanBps.value ?? -.infinity
            let y = b.element.overall.meanBps.value ?? -.infinity
            return x == y ? a.offset < b.offset : x > y
        }.map { (place: $0.offset, detector: $0.element) }
    }
}
