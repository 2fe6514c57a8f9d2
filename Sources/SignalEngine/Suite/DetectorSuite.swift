package import Events
import Statistics

/// The checks that every detector must pass before it is heard (AUD-10): shape, no-future, coverage, invariants.
package struct DetectorSuite: Sendable {
    /// Windows of each series.
    package var windows = 3000
    /// Where series are cut or replaced.
    package var cuts = 20
    /// Least share of windows with a signal other than 0, on rows without gaps.
    package var coverageMin = 0.005
    /// Largest share of silent windows on rows without gaps.
    package var silentMax = 0.25
    /// Farthest that a symmetry may be off.
    package var tolerance = 1e-12
    package var seed: UInt64

    /// A suite whose rows come from a seed.
    package init(seed: UInt64) { self.seed = seed }

    /// What a suite found.
    package struct Report: Sendable {
        package let detector: DetectorID
        /// Faults, none if it passed.
        package var faults: [String] = []
        /// Share of windows with a signal other than 0.
        package var coverage = 0.0
        /// Share of windows without any.
        package var silent = 0.0
        /// Windows that were evaluated in all.
        package var windows = 0

        /// Whether it passed.
        package var hasPassed: Bool { faults.isEmpty }
    }

    /// Tries a detector; the same seed finds the same.
    package func run(_ recipe: Recipe) -> Report {
        var report = Report(detector: recipe.id)
        let rows = series(recipe, missing: 0)
        let plain = verdicts(recipe, rows, &report)
        checkCoverage(recipe, plain, &report)
        let gappy = series(recipe, missing: 0.2)
        _ = verdicts(recipe, gappy, &report)
        checkEmpty(recipe, &report)
        checkFuture(recipe, gappy, &report)
        for invariant in recipe.source.invariants { check(invariant, recipe, rows, &report) }
        return report
    }

    private func series(_ recipe: Recipe, missing: Double) -> [FeatureRow] {
        var rows = SyntheticRows(seed: seed, everySeconds: recipe.source.everySeconds, missing: missing)
        return (0..<windows).map { _ in rows.next() }
    }

    /// Shape: a signal is nil or within -1...1, and a number.
    private func verdicts(_ recipe: Recipe, _ rows: [FeatureRow], _ report: inout Report) -> [Verdict] {
        var detector = RunningDetector(recipe)
        var all: [Verdict] = []
        for (index, row) in rows.enumerated() {
            let verdict = detector.step(row, confirmed: true)
            if let signal = verdict.signal, !(signal >= -1 && signal <= 1) {
                report.faults.append("shape: window \(index) has signal \(signal), expected -1...1")
            }
            all.append(verdict)
        }
        report.windows += rows.count
        return all
    }

    private func checkCoverage(_ recipe: Recipe, _ all: [Verdict], _ report: inout Report) {
        let count = Double(all.count)
        let heard = all.filter { !$0.isSilent && $0.signal != 0 }
        report.coverage = Double(heard.count) / count
        report.silent = Double(all.count { $0.isSilent }) / count
        if report.coverage < coverageMin {
            report.faults.append(
                "coverage: \(report.coverage) of windows have a signal, expected \(coverageMin) or more")
        }
        if report.silent > silentMax {
            report.faults.append("coverage: \(report.silent) of windows are silent, expected \(silentMax) at most")
        }
        let rises = heard.count { ($0.signal ?? 0) > 0 }
        if recipe.source.invariants.contains(.mirror), rises == 0 || rises == heard.count {
            report.faults.append("coverage: all \(heard.count) signals have one sign, expected both")
        }
    }

    /// Nothing known, nothing said: a row without values must not make a signal other than 0.
    private func checkEmpty(_ recipe: Recipe, _ report: inout Report) {
        var detector = RunningDetector(recipe)
        for index in 0..<50 {
            let verdict = detector.step(FeatureRow(), confirmed: true)
            if !verdict.isSilent, verdict.signal != 0 {
                report.faults.append("coverage: a signal at window \(index) of rows without values")
                return
            }
        }
    }

    /// No future: what came up to a cut is the same to the bit, whether the series ends there or goes on otherwise.
    private func checkFuture(_ recipe: Recipe, _ rows: [FeatureRow], _ report: inout Report) {
        var random = Xoshiro256(seed: seed ^ 0x66_7574)
        var detector = RunningDetector(recipe)
        let full = rows.map { detector.step($0, confirmed: true) }
        report.windows += rows.count
        for _ in 0..<cuts {
            let cut = 1 + random.index(below: rows.count - 1)
            var again = RunningDetector(recipe)
            // Another future: the same rows in the opposite order.
            let other = rows[..<cut] + rows[cut...].reversed().prefix(50)
            var index = 0
            for row in other {
                let verdict = again.step(row, confirmed: true)
                if index < cut, !same(verdict, full[index]) {
                    report.faults.append("no-future: window \(index) differs when the series is cut at \(cut)")
                    return
                }
                index += 1
            }
            report.windows += other.count
        }
    }

    private func same(_ a: Verdict, _ b: Verdict) -> Bool {
        a.signal?.bitPattern == b.signal?.bitPattern && a.ungated?.bitPattern == b.ungated?.bitPattern
            && a.holdsBack == b.holdsBack && a.openGates == b.openGates
    }

    private func check(_ invariant: Invariant, _ recipe: Recipe, _ rows: [FeatureRow], _ report: inout Report) {
        var (plain, changed) = (RunningDetector(recipe), RunningDetector(recipe))
        for (index, row) in rows.enumerated() {
            let expected = plain.step(row, confirmed: true)
            let other =
                invariant == .mirror ? SyntheticRows.mirrored(row) : SyntheticRows.scaled(row, by: 1024)
            let found = changed.step(other, confirmed: true)
            let wanted = expected.signal.map { invariant == .mirror ? -$0 : $0 }
            let isNear: Bool
            switch (wanted, found.signal) {
            case (nil, nil): isNear = true
            case (let a?, let b?): isNear = abs(a - b) <= tolerance
            default: isNear = false
            }
            if !isNear || expected.holdsBack != found.holdsBack {
                report.faults.append(
                    "\(invariant.text): window \(index) has \(found.signal.map { "\($0)" } ?? "nothing"), expected "
                        + (wanted.map { "\($0)" } ?? "nothing"))
                return
            }
        }
        report.windows += 2 * rows.count
    }
}
