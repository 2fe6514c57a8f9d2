import ArgumentParser
import Backtest
import Events
import Inquiry
import LogEngine
import Runtime
import SignalEngine
import Statistics

/// `lotus audit lookahead`: whether any record depends on what became known after its time.
struct AuditLookahead: Verb {
    static let configuration = CommandConfiguration(
        commandName: "lookahead",
        abstract: "Show that no record depends on what became known after its time.",
        usage: "lotus audit lookahead <input> ... [--detector <file>] [<options>]",
        discussion: """
            The market is replayed once. At each cut a copy of all state ends there, and another copy goes on with \
            rubbish for numbers: every record up to the cut must stay as it is, byte for byte. At a few cuts \
            everything runs from the start on a market that was cut and on one that was spoiled. Candles that are \
            recorded before they ended are found as well. A record that differs is named with its detector and \
            fields. This costs less than three replays, and the late starts below about as much again.

            Then the market starts late, at ten points, and each detector's signals are compared with those of the \
            whole market: how long do they differ? A detector's warm-up follows from its recipe \
            (docs/transforms.md); what lasts longer is a shortfall. --warm-up takes the place of what the recipes \
            say, and counts all time.

            Exit status 4: a record depends on the future, or a warm-up is too short.

            EXAMPLES
              lotus audit lookahead monday.bundle
              lotus audit lookahead monday.bundle --detector mine.yaml --cuts 1000
              lotus audit lookahead week.bundle --warm-up 1d --json
            """)

    @Argument(help: "Bundles, roots or market logs.")
    var inputs: [String]
    @Option(help: "Moments at which copies end and are spoiled.")
    var cuts = 200
    @Option(help: "Moments at which everything runs from the start, twice.")
    var whole = 1
    @Option(
        help: ArgumentHelp("Time after which signals must not depend on the start.", valueName: "duration"))
    var warmUp: String?
    @Option(help: "Late starts of the market, 0 for none.")
    var lateStarts = WarmUpCheck.startCount
    @Option(help: "Seed of moments, rubbish and everything that is drawn.")
    var seed: UInt64 = 1
    @OptionGroup var cohort: CohortOptions
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        guard !inputs.isEmpty else { throw ToolError(.usage, "nothing to look at: name a bundle, a root or a log") }
        guard (0...WarmUpCheck.startsMax).contains(lateStarts) else {
            throw ToolError(.usage, "--late-starts \(lateStarts): expected 0 to \(WarmUpCheck.startsMax)")
        }
        let given = try givenLimit()
        let engine = try cohort.engine(seed: seed)
        var options = LookaheadCheck.Options()
        (options.cuts, options.wholeCuts, options.seed) = (cuts, whole, seed)
        options.gridNanos = engine.kinds.map { Int64($0.everySeconds) * 1_000_000_000 }
        let logs = inputs.map { MarketFeed.marketLog(in: $0) }
        let bar = Progress("lookahead", .events)
        let report = try LookaheadCheck(logs, options: options).run(
            progress: { pass, passes, done, total in
                bar.update(UInt64(pass - 1) * total + done, of: UInt64(passes) * total)
            }
        ) { _, output throws(LogError) in try SignalPipeline(engine, output: output) }
        var found: WarmUpReport?
        if lateStarts > 0 {
            let bar = Progress("warm-up", .events)
            let limits = Dictionary(uniqueKeysWithValues: engine.cohort.map { ($0.id.text, $0.warmUp) })
            found = try WarmUpCheck(logs, starts: lateStarts) { given ?? limits[$0]?.limit ?? WarmUpLimit(nanos: 0) }
                .run(over: report.span, progress: { bar.update($0, of: $1) }) { output throws(LogError) in
                    try DetectorSignals(engine, output: output)
                }
        }
        Progress.clear()
        let parts = found.map { (report.text + "\n" + $0.text, $0.json) } ?? (report.text, "null")
        try Output.print(
            json ? JSON.object([("lookahead", report.json), ("warm_up", parts.1)]) : parts.0)
        return report.isClean && found?.isClean ?? true ? .clean : .differs
    }

    /// The limit that takes the place of those that the recipes declare; nil for these.
    private func givenLimit() throws -> WarmUpLimit? {
        guard let warmUp else { return nil }
        do throws(StatisticsError) { return WarmUpLimit(nanos: try DurationText.nanos(warmUp)) } catch {
            throw ToolError(.usage, "--warm-up \(warmUp): \(error)")
        }
    }
}

extension WarmUp {
    /// As a check takes it.
    fileprivate var limit: WarmUpLimit { WarmUpLimit(nanos: nanos, windowNanos: everyNanos, endless: endless) }
}
