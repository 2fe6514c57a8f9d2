import Testing

@testable import Report

/// What is said of a run, word by word, and what is not.
@Suite struct VerdictTests {
    static let convention = SharpeConvention(period: "1 h window", periodsPerYear: 8760)

    /// A detector that passes every test.
    static func winner(_ id: String = "a", trials: Int = 14) -> DetectorReport {
        var detector = DetectorReport(id: id, family: "tape", state: "active")
        detector.overall = Performance(judged: 400, hits: 240)
        detector.overall.meanBps = Measure(1)
        detector.overall.meanInterval = Bounds(low: 0.4, high: 1.6, level: 0.95, method: "block bootstrap")
        detector.overall.sharpe = SharpeRatio(
            perPeriod: Measure(0.1), convention: convention, trials: trials, effectiveTrials: Measure(6),
            probabilistic: Measure(0.999), deflated: Measure(0.97))
        var random = Baseline(.randomSameRate, meanBps: Measure(0), totalBps: Measure(0))
        random.exceedance = Measure(0.01)
        detector.baselines = [random]
        return detector
    }

    static func report(_ detectors: [DetectorReport], trials: Int = 14, pbo: Measure = Measure(0.1)) -> RunReport {
        var report = RunReport(title: "t", manifest: RunManifest(runID: "r"))
        report.detectors = detectors
        report.selection.trials = trials
        report.selection.overfitting = pbo
        return report
    }

    static func headline(_ report: RunReport) -> String { Verdict(report).headline }

    @Test func `headlines`() {
        #expect(Self.headline(Self.report([])) == "Nothing was tested: the run holds no detectors.")
        let idle = DetectorReport(id: "idle", family: "tape", state: "active")
        #expect(Self.headline(Self.report([idle])) == "Nothing can be said: no window was evaluated out of sample.")
        var few = Self.winner()
        few.overall.judged = 29
        #expect(
            Self.headline(Self.report([few, idle]))
                == "Too little data to tell skill from luck: at most 29 windows a detector, 30 needed.")
        #expect(
            Self.headline(Self.report([Self.winner(), idle])) == "a beats chance after 14 trials: 1 of 2 detectors.")
        #expect(
            Self.headline(Self.report(["a", "b", "c", "d", "e"].map { Self.winner($0) }))
                == "a, b, c and 2 more beat chance after 14 trials: 5 of 5 detectors.")
        #expect(
            Self.headline(Self.report([Self.winner(), Self.winner("b")], trials: 1))
                == "a and b beat chance after 1 trial: 2 of 2 detectors.")
        var lucky = Self.winner()
        lucky.overall.sharpe = .absent
        #expect(Self.headline(Self.report([lucky])) == "a is not shown to beat chance after 14 trials.")
        #expect(Self.headline(Self.report([lucky, lucky])) == "No detector is shown to beat chance after 14 trials.")
        #expect(
            Self.headline(Self.report([lucky, lucky], trials: 0))
                == "No detector is shown to beat chance (trials were not counted).")
        var loser = Self.winner("l")
        loser.overall.meanInterval = Bounds(low: -2, high: -1, level: 0.95, method: "x")
        #expect(
            Self.headline(Self.report([loser, few]))
                == "No detector is shown to beat chance after 14 trials, and all that can be judged lose money.")
        #expect(Verdict(Self.report([loser])).tone == .losing)
    }

    @Test func `each test alone is enough to fail`() {
        typealias Change = (inout DetectorReport) -> Void
        func sharpe(_ deflated: Measure, trials: Int = 14) -> SharpeRatio {
            SharpeRatio(
                perPeriod: Measure(0.1), convention: Self.convention, trials: trials, effectiveTrials: .absent,
                probabilistic: Measure(0.99), deflated: deflated)
        }
        let changes: [(String, Change)] = [
            ("interval of the mean", { $0.overall.meanInterval = Bounds(low: 0, high: 1, level: 0.95, method: "x") }),
            ("no interval", { $0.overall.meanInterval = .undefined("x") }),
            ("DSR 0.949 is below 0.95", { $0.overall.sharpe = sharpe(Measure(0.949)) }),
            ("no DSR (x)", { $0.overall.sharpe = sharpe(.undefined("x")) }),
            ("trials were not counted", { $0.overall.sharpe = sharpe(Measure(0.99), trials: 0) }),
            ("5.1% of random runs", { $0.baselines[0].exceedance = Measure(0.051) }),
            ("no random runs", { $0.baselines = [] }),
        ]
        let good = Self.report([Self.winner()])
        #expect(Self.winner().finding(good.selection) == .beatsChance)
        for (words, change) in changes {
            var detector = Self.winner()
            change(&detector)
            let missing = detector.missing(good.selection)
            #expect(missing.count == 1 && missing[0].contains(words), "\(words): \(missing)")
            #expect(detector.finding(good.selection) == .maybeLuck, "\(words)")
        }
        for pbo in [Measure(0.21), .undefined("2 periods")] {
            let report = Self.report([Self.winner()], pbo: pbo)
            #expect(Self.winner().finding(report.selection) == .maybeLuck)
            #expect(Verdict(report).tone == .nothing)
        }
        // With one trial there is nothing to overfit by choosing.
        let single = Self.report([Self.winner(trials: 1)], trials: 1, pbo: .undefined("one configuration"))
        #expect(Self.winner(trials: 1).finding(single.selection) == .beatsChance)
    }

    @Test func `a low PBO is never praised, a high one is a warning`() {
        func sentence(_ pbo: Double) -> String {
            Verdict(Self.report([Self.winner()], pbo: Measure(pbo))).reasons.first { $0.contains("PBO)") } ?? ""
        }
        #expect(sentence(0.04).contains("this alone proves nothing"))
        #expect(sentence(0.4).contains("not to be trusted"))
    }

    @Test func `a planted edge is found, noise is not`() {
        let found = Verdict(ReportFixture(edge: 0.12).report())
        #expect(found.tone == .found)
        #expect(found.headline == "ob.imbalance beats chance after 14 trials: 1 of 14 detectors.")
        #expect(Verdict(PageTests.usual).tone == .nothing)
        #expect(Verdict(ReportFixture(detectors: 1, folds: 1).report()).headline.contains("ob.imbalance is not shown"))
    }

    @Test func `a Sharpe ratio carries its convention`() {
        // 252 or 365 days, half hours: what other tools mix up.
        for (period, count, ratio) in [
            ("1 d", 365, 19.1049731745428), ("1 d", 252, 15.874507866387544), ("30 m", 17_520, 132.36314),
        ] {
            let convention = SharpeConvention(period: period, periodsPerYear: count)
            let annual = convention.annualised(Measure(1)).value ?? 0
            #expect((annual - ratio).magnitude < 1e-4)
            #expect(convention.label == "Sharpe, per \(period), x sqrt(\(count)), arithmetic, rf 0, sd n-1")
        }
        #expect(SharpeConvention(period: "x", periodsPerYear: -3).periodsPerYear == 1)
    }
}
