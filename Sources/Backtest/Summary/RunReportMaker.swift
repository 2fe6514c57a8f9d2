import Events
package import LogEngine
import LogFormat
package import Report
import Runtime
import Statistics

/// Turns a finished run's folder into its report (REP-05, REP-07).
///
/// A function of the folder, the inputs, the plan and the rules: it looks at no clock, so the same ones give the same
/// bytes. Numbers of other runs enter only through the count of trials.
package struct RunReportMaker {
    /// The run's folder.
    package let directory: String
    /// Market logs that the run read, or roots and bundles that hold one; none leaves the data section empty.
    package let inputs: [String]
    /// Folds.
    package var plan: PlanChoice
    /// How results are measured.
    package var rules: ReportRules
    /// Folder whose runs count as trials; nil for the one that the run's folder stands in.
    package var trialsDirectory: String?
    /// The command line, for the reader.
    package var commandLine = ""
    /// Whether a second run wrote the same events; nil if none was made.
    package var isProven: Bool?

    let environment: LogEnvironment

    /// Makes a maker.
    package init(
        run directory: String, inputs: [String] = [], plan: PlanChoice = .automatic,
        rules: ReportRules = ReportRules(), environment: LogEnvironment = .real()
    ) {
        var path = directory
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.directory = path
        self.inputs = inputs
        self.plan = plan
        self.rules = rules
        self.environment = environment
    }

    /// Reads, judges and writes down.
    ///
    /// - Throws: `usage` for a folder without a finished run, inputs that the run did not read, a plan or rules that do
    ///   not fit; `damaged`, `fileSystem`.
    package func make() throws(LogError) -> (report: RunReport, windows: RunWindows) {
        let made = try judged()
        return (made.report, made.windows)
    }

    func judged() throws(LogError) -> (report: RunReport, windows: RunWindows, judgement: RunJudgement?) {
        try rules.check()
        let file = try RunFile(in: directory, environment: environment)
        try checkInputs(file)
        let run = try RunWindows(
            directory, uncertaintyMax: rules.uncertaintyMax, scoredOnly: rules.scoredOnly, environment: environment)
        var trials = try RunTrials(
            in: trialsDirectory ?? Self.parent(of: directory), without: run.started.runID, environment: environment)
        let evaluation = RunEvaluations.id(of: run.started.runID, plan: plan, ownPlan: file.plan, rules: rules)
        if evaluation != nil { trials.addFirst(of: run) }
        try trials.add(
            evaluationsIn: directory, without: evaluation, configurations: run.detectors.count, environment)
        try trials.add(
            ledgerIn: trialsDirectory ?? Self.parent(of: directory),
            without: [run.started.runID] + (evaluation.map { [$0] } ?? []), environment)
        let market = try MarketSummary(inputs, untilNanos: file.untilNanos, environment: environment)
        let venues = run.assets.map { market.venue(of: $0) }
        let judgement = try RunJudgement(
            run, plan: plan, rules: rules, trials: trials, venues: venues)
        var report = RunReport(title: title(run), manifest: try manifest(file, run, market, judgement))
        report.data = market.section
        report.costs = rules.costsText
        do throws(StatisticsError) {
            for (place, tape) in run.detectors.enumerated() {
                report.detectors.append(
                    try DetectorSummary(tape, judgement, place, trialsBefore: trials.count).report)
            }
            if let judgement {
                report.selection = try Self.selection(judgement)
                report.strata = Self.cohortStrata(judgement)
            } else {
                report.selection.trials = trials.count + run.detectors.count
            }
        } catch { throw RunJudgement.failure(error) }
        report.withheld = WithheldReason.allCases.filter { run.withheldReasons[Int($0.rawValue)] > 0 }.map {
            ReasonCount($0.text.lowercased().replacing("_", with: " "), run.withheldReasons[Int($0.rawValue)])
        }
        report.notes = notes(run, trials, market, judgement)
        if let judgement { try compare(&report, run, file, trials, judgement) }
        return (report, run, judgement)
    }

    /// Adds what runs beside this one changed.
    private func compare(
        _ report: inout RunReport, _ run: RunWindows, _ file: RunFile, _ trials: RunTrials, _ judgement: RunJudgement
    ) throws(LogError) {
        let compared = try RunVariants(
            of: run, file, among: trials.folders, rules: rules, periodNanos: judgement.periodNanos,
            replicates: judgement.replicates, environment: environment)
        report.variants = compared.variants
        guard compared.leftOutCount > 0 else { return }
        report.notes.append(
            "\(compared.leftOutCount) more runs over the same data are counted as trials and not compared: at most "
                + "\(RunVariants.variantsMax) are.")
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> String { String(path.split(separator: "/").last ?? "") }

    /// Inputs have to be those that the run names, in the same order.
    private func checkInputs(_ file: RunFile) throws(LogError) {
        guard !inputs.isEmpty else { return }
        var found: [String] = []
        for input in inputs {
            let log = MarketFeed.marketLog(in: input, environment: environment)
            let input = try RunInput(log, environment: environment)
            found.append("\(input.chainHead)")
        }
        guard found == file.inputs.map(\.chainHead) else {
            throw LogError(
                .usage,
                "\(inputs.joined(separator: " ")): not what \(directory) was made from: found chain heads "
                    + "\(found.map { $0.prefix(12) }.joined(separator: ", ")), expected "
                    + "\(file.inputs.map { $0.chainHead.prefix(12) }.joined(separator: ", ")); name the same logs in "
                    + "the same order")
        }
    }

    private func title(_ run: RunWindows) -> String {
        let names = run.assets.map(\.text)
        let rest = names.count > 4 ? " and \(names.count - 4) more" : ""
        return names.isEmpty ? "Run \(run.started.runID)" : names.prefix(4).joined(separator: ", ") + rest
    }

    private func manifest(
        _ file: RunFile, _ run: RunWindows, _ market: MarketSummary, _ judgement: RunJudgement?
    ) throws(LogError) -> Report.RunManifest {
        var manifest = Report.RunManifest(runID: "\(run.started.runID)")
        let plan = judgement?.plan
        manifest.kind = plan == nil ? file.kind : "\(file.kind), walk-forward"
        manifest.status = run.completed.status.text
        (manifest.commandLine, manifest.isProven) = (commandLine, isProven)
        let modified = "-modified"
        manifest.isModified = run.started.codeRevision.hasSuffix(modified)
        manifest.codeRevision =
            manifest.isModified
            ? String(run.started.codeRevision.dropLast(modified.count)) : run.started.codeRevision
        manifest.seed = run.started.seed
        manifest.span = market.span ?? run.asofNanos.map { TimeSpan($0.lowerBound, $0.upperBound) }
        for (place, input) in file.inputs.enumerated() {
            let bytes = inputs.indices.contains(place) ? try byteCount(inputs[place]) : 0
            manifest.inputs.append(
                DataDigest(
                    name: "\(input.stream), \(input.events) events, chain head", bytes: bytes, sha256: input.chainHead))
        }
        manifest.configurationDigest = "\(run.started.configHash)"
        manifest.configuration = file.configuration.map { NamedText($0.name, $0.value) }
        if let until = file.untilNanos { manifest.configuration.append(NamedText("until", TimeText.text(until))) }
        manifest.priorsVersions = file.priorsVersions.map { version in
            let parts = version.split(separator: ":", maxSplits: 1)
            return NamedText(String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
        }
        if let plan, let judgement {
            manifest.walkForward = Report.WalkForwardPlan(
                train: plan.texts.train + (plan.isAnchored ? ", anchored" : ""),
                validate: plan.texts.validate ?? "none", test: plan.texts.test, step: plan.texts.step,
                purge: "decisions whose outcome, widened by the embargo, reaches into what comes next",
                embargo: "\(DurationText.text(judgement.embargoNanos)), the longest horizon and one bar")
        }
        manifest.outputDigest = "\(run.completed.outputHash)"
        return manifest
    }

    private func byteCount(_ input: String) throws(LogError) -> Int {
        let log = try LogLocation(
            MarketFeed.marketLog(in: input, environment: environment), environment: environment)
        var total: UInt64 = 0
        for name in try log.segmentNames() {
            do throws(FSError) {
                let file = try log.fileSystem.open("\(log.directory)/\(name)", .read)
                defer { log.fileSystem.close(file) }
                total += try log.fileSystem.size(file)
            } catch { throw LogError(error) }
        }
        return Int(clamping: total)
    }

    private static func selection(_ judgement: RunJudgement) throws(StatisticsError) -> Selection {
        let ledger = judgement.ledger
        var selection = Selection()
        selection.trials = ledger.trialCount
        selection.effectiveTrials = PaperPerformance.measure(ledger.effectiveTrialCount)
        selection.effectiveMethod =
            "(sum of eigenvalues)^2 / sum of their squares over the correlations of the detectors' period returns; "
            + "trials of other runs count in full"
        selection.luckySharpe = PaperPerformance.measure(ledger.expectedMaximum).map {
            $0 * judgement.periodsPerYear.squareRoot()
        }
        selection.backtestYearsMin = PaperPerformance.measure(ledger.minimumYears)
        selection.overfitting = PaperPerformance.measure(ledger.overfitting)
        selection.overfittingBlocks = ledger.blocks
        selection.overfittingConfigurations = judgement.series.count
        let reason = ledger.overfitting.reason ?? "no answer"
        selection.overfittingSpread = .undefined(reason)
        selection.lossProbability = .undefined(reason)
        if ledger.overfitting.number != nil {
            let length = (judgement.series.first?.count ?? 0) / ledger.blocks * ledger.blocks
            let rows = (0..<length).map { period in judgement.series.map { $0[period] } }
            let found = try Overfitting(returns: rows, blocks: ledger.blocks)
            selection.lossProbability = Measure(found.lossProbability)
            selection.overfittingSpread = Measure(
                try? Moments(found.logits).deviation(ddof: 1), else: "fewer than two splits")
        }
        return selection
    }

    /// All detectors together; their windows overlap in time, so there are no intervals.
    private static func cohortStrata(_ judgement: RunJudgement) -> [StrataTable] {
        let all = judgement.detectors.compactMap(\.self)
        guard let cost = all.first?.rules.cost else { return [] }
        return RunJudgement.kinds.map { kind in
            StrataTable(
                dimension: kind.name,
                rows: TestedWindows.parts(all.map(\.tested), by: kind.key).map { name, windows in
                    var performance = PaperPerformance.plain(windows, cost: cost)
                    let reason = "windows of different detectors overlap"
                    performance.meanInterval = .undefined(reason)
                    performance.drawdownBps = .undefined(reason)
                    return Stratum(name: name, performance: performance, lift: PaperPerformance.lift(windows))
                })
        }
    }

    private func notes(
        _ run: RunWindows, _ trials: RunTrials, _ market: MarketSummary, _ judgement: RunJudgement?
    ) -> [String] {
        var notes: [String] = []
        guard let judgement else {
            notes.append("The run holds no scored window, so nothing is judged.")
            return notes
        }
        if judgement.plan == nil {
            notes.append(
                "No folds: \(judgement.planReason). All windows are judged as one stretch. Signals and scores use only "
                    + "what was known before each window, but whether the recipes were chosen with these data is not "
                    + "on record; no probability was fitted, so there is no calibration.")
        }
        if judgement.testsOverlap {
            notes.append("Tests of neighbouring folds share time: totals count some windows twice.")
        }
        notes.append(
            "A window takes a position of the size of its signal. It takes none where the detector abstained"
                + (rules.scoredOnly
                    ? "." : ", except for want of a selection score alone: a direction was given there.")
                + " Results are means over all windows with an outcome, those without a position as 0; totals add up "
                + "windows that may overlap, and curves have each at the moment of its decision. "
                + "\"Always follow\" holds one unit up in every window."
        )
        notes.append(
            "Ratios are made of periods of \(DurationText.text(judgement.periodNanos)) with the capital spread evenly "
                + "over a period's windows and turned over once a horizon. Intervals and random runs: "
                + "\(judgement.replicates) draws, seed \(run.started.seed).")
        if let spread = market.halfSpreadBps {
            let rounded = (spread * 1_000).rounded() / 1_000
            notes.append(
                "Half the quoted spread is \(ReportRules.plain(rounded)) bps on average over "
                    + "\(market.spreadCount) quotes "
                    + "and books; the costs take \(ReportRules.plain(rules.halfSpreadBps)) bps.")
        } else {
            notes.append("No quotes or books were looked at: the half spread of the costs is an assumption.")
        }
        notes.append(
            "Trials: \(run.detectors.count) detectors of this run and \(trials.count) other configurations, of "
                + "\(trials.runs.count) runs beside it and \(trials.evaluationCount) evaluations under other plans or "
                + "costs; \(trials.ratios.count) have a ratio on record."
                + (trials.goneCount == 0
                    ? "" : " \(trials.goneCount) of these trials are known from the ledger alone: their runs are gone.")
        )
        if run.publishedCount == 0, run.withheldCount == 0 {
            notes.append("This run scores windows; it neither published nor withheld signals.")
        } else {
            notes.append("\(run.publishedCount) signals were published, \(run.withheldCount) withheld.")
        }
        if run.strayOutcomeCount > 0 {
            notes.append("\(run.strayOutcomeCount) outcomes belong to no open window of this log and were left out.")
        }
        if inputs.isEmpty { notes.append("The market logs were not named, so nothing is said about the data.") }
        if market.duplicateCount > 0 {
            notes.append("\(market.duplicateCount) records were known before and not taken again at ingest.")
        }
        return notes
    }
}
