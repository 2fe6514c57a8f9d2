import Events
import LogEngine
import LogFormat
import Report
import Runtime
import Statistics

/// Runs beside a run that read the same data with something changed: overlays, knock-outs, other seeds or code, each
/// against the run of the report (REP-11, REP-12).
///
/// They are trials like all others and are counted as such; here is what each change did.
struct RunVariants {
    /// In the order of the folders' names.
    private(set) var variants: [Variant] = []
    /// Runs over the same data that are not compared, because there are too many.
    private(set) var leftOutCount = 0

    /// Most runs that are compared: each is read whole.
    static let variantsMax = 12

    /// Compares the runs of `folders` with the run in `directory`.
    ///
    /// - Parameter replicates: draws of the intervals.
    /// - Throws: `damaged`, `fileSystem`.
    init(
        of run: RunWindows, _ file: RunFile, among folders: [String], rules: ReportRules, periodNanos: Int64,
        replicates: Int, environment: LogEnvironment
    ) throws(LogError) {
        var own: Basket?
        for folder in folders {
            let other = try RunFile(in: folder, environment: environment)
            guard other.inputs == file.inputs, other.untilNanos == file.untilNanos,
                let name = Self.change(from: file, to: other)
            else { continue }
            guard variants.count < Self.variantsMax else {
                leftOutCount += 1
                continue
            }
            let basket = own ?? Basket(run, cost: rules.roundTripBps / 1e4, periodNanos: periodNanos)
            own = basket
            let windows = try RunWindows(
                folder, uncertaintyMax: rules.uncertaintyMax, scoredOnly: rules.scoredOnly, environment: environment)
            let changed = Basket(windows, cost: rules.roundTripBps / 1e4, periodNanos: periodNanos)
            variants.append(
                Self.variant(name, basket, changed, replicates: replicates, seed: run.started.seed, rules: rules))
        }
    }

    /// What another run changed, in words; nil for a run of the same settings, seed, priors and code.
    ///
    /// A report's plan is no change of the run.
    static func change(from file: RunFile, to other: RunFile) -> String? {
        let changes = file.settingsChanged(in: other)
        var parts = changes.filter { $0.b == nil }.map { "without \(plain($0.name))" }
        for change in changes {
            guard let value = change.b else { continue }
            let name = plain(change.name)
            guard let before = change.a else {
                parts.append("with \(name)")
                continue
            }
            parts.append(change.name.hasPrefix(RunFile.detector) ? "\(name) changed" : "\(name) \(value) for \(before)")
        }
        if file.priorsVersions != other.priorsVersions {
            parts.append("priors \(other.priorsVersions.joined(separator: ", "))")
        }
        if file.seed != other.seed { parts.append("seed \(other.seed) for \(file.seed)") }
        if file.codeRevision != other.codeRevision { parts.append("code \(other.codeRevision.prefix(12))") }
        guard !parts.isEmpty else { return nil }
        let more = parts.count > partsMax ? " and \(parts.count - partsMax) more changes" : ""
        return parts.prefix(partsMax).joined(separator: ", ") + more
    }

    private static let partsMax = 6

    private static func plain(_ name: String) -> String { name.replacing("/", with: ":") }

    private static func variant(
        _ name: String, _ own: Basket, _ other: Basket, replicates: Int, seed: UInt64, rules: ReportRules
    ) -> Variant {
        let differences = Basket.differences(own, other).map { $0 * 1e4 }
        var variant = Variant(
            name: name, published: other.positionsBeyond(own), lost: own.positionsBeyond(other),
            meanBpsChange: .undefined("no period has windows of both runs"),
            interval: .undefined("no period has windows of both runs"))
        guard !differences.isEmpty else { return variant }
        variant.meanBpsChange = Measure(Sum.of(differences) / Double(differences.count))
        variant.interval = interval(differences, replicates: replicates, seed: seed)
        return variant
    }

    private static func interval(_ values: [Double], replicates: Int, seed: UInt64) -> Bounds {
        guard values.count >= PaperResult.periodsMin else {
            return .undefined("\(values.count) periods, at least \(PaperResult.periodsMin) are needed")
        }
        guard let optimal = try? BlockLength.optimal(values) else { return .undefined("every period changed alike") }
        let block = max(1, min(optimal.stationary, Double(values.count) / 3))
        let plan = BlockBootstrap(scheme: .stationary(meanBlock: block), replicates: replicates, seed: seed)
        guard let means = try? plan.means(values),
            let ends = try? BootstrapInterval.percentile(means, level: Performance.level)
        else { return .undefined("the bootstrap has no answer") }
        return Bounds(
            low: ends.low, high: ends.high, level: Performance.level,
            method: "stationary block bootstrap of the periods, \(replicates) draws")
    }
}

/// The windows of a run as one basket: the mean profit of a period's windows, and which windows took a position.
private struct Basket {
    /// Mean profit of the windows of a period, by its number since 1970.
    let means: [Int64: Double]
    /// Windows with a position, sorted: end, then detector and asset by their names.
    let positions: [Position]

    struct Position: Comparable {
        let nanos: Int64
        let name: String

        static func < (a: Position, b: Position) -> Bool {
            a.nanos == b.nanos ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : a.nanos < b.nanos
        }
    }

    init(_ run: RunWindows, cost: Double, periodNanos: Int64) {
        var sums: [Int64: (sum: CompensatedSum, count: Int)] = [:]
        var positions: [Position] = []
        for tape in run.detectors {
            // One text an asset: a text of its own for each window would cost more than the window.
            let names = run.assets.map { "\(tape.id.text) \($0.text)" }
            for record in tape.records {
                if record.signal != 0 {
                    positions.append(Position(nanos: record.asofNanos, name: names[Int(record.asset)]))
                }
                guard record.hasOutcome else { continue }
                let period = record.asofNanos / periodNanos
                var entry = sums[period] ?? (CompensatedSum(), 0)
                entry.sum.add(record.signal * record.forwardReturn - abs(record.signal) * cost)
                entry.count += 1
                sums[period] = entry
            }
        }
        means = sums.mapValues { $0.sum.value / Double($0.count) }
        self.positions = positions.sorted()
    }

    /// Differences of the means, period by period, over periods in which both have windows.
    static func differences(_ own: Basket, _ other: Basket) -> [Double] {
        own.means.keys.sorted().compactMap { period in
            guard let mean = own.means[period], let changed = other.means[period] else { return nil }
            return changed - mean
        }
    }

    /// Number of positions that another basket does not have.
    func positionsBeyond(_ other: Basket) -> Int {
        var (count, place) = (0, 0)
        for position in positions {
            while place < other.positions.count, other.positions[place] < position { place += 1 }
            if place < other.positions.count, other.positions[place] == position { place += 1 } else { count += 1 }
        }
        return count
    }
}
