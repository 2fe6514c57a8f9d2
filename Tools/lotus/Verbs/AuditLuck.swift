import ArgumentParser
import Backtest
import LogFormat
import Statistics

/// `lotus audit luck`: whether the judgement of a report promotes noise, and whether it finds an edge (AT5.3).
struct AuditLuck: Verb {
    static let configuration = CommandConfiguration(
        commandName: "luck",
        abstract: "Show how often noise passes for skill, and how often skill passes.",
        usage: "lotus audit luck [<options>]",
        discussion: """
            In each of many worlds as many variants are pure noise. They are judged as a report judges detectors: \
            promoted is who has a deflated Sharpe ratio of at least 0.95, in a search whose probability of overfitting \
            is at most 0.2. Then one variant is given an edge, and the world is judged again. Noise may be promoted in \
            at most 5 % of the worlds, the edge has to be in at least 95 %.

            The default, 200 worlds of 200 variants with 1,000 returns each, takes some minutes. The edge is the mean \
            of a return in its standard deviations: 0.25 a day is an annual ratio of 4.8.

            Exit status 4: one of the two shares is missed.

            EXAMPLES
              lotus audit luck
              lotus audit luck --seeds 20 --variants 50 --json
            """)

    @Option(help: "Worlds.")
    var seeds = LuckAudit.Options().seeds
    @Option(help: "Variants of each world.")
    var variants = LuckAudit.Options().variants
    @Option(help: "Returns of each variant.")
    var periods = LuckAudit.Options().periods
    @Option(help: "Mean of the planted variant's returns, in their standard deviations.")
    var edge = LuckAudit.Options().edge
    @Option(help: "Seed of all returns.")
    var seed = LuckAudit.Options().seed
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        var options = LuckAudit.Options()
        (options.seeds, options.variants, options.periods) = (seeds, variants, periods)
        (options.edge, options.seed) = (edge, seed)
        let bar = Progress("luck", .worlds)
        let found: LuckAudit
        do throws(StatisticsError) {
            found = try LuckAudit(options) { bar.update(UInt64($0), of: UInt64($1)) }
        } catch { throw ToolError(.usage, "\(error)") }
        Progress.clear()
        try Output.print(json ? Self.json(found) : Self.text(found))
        return found.holds ? .clean : .differs
    }

    private static func text(_ found: LuckAudit) -> String {
        let options = found.options
        func line(_ what: String, _ count: Int, _ limit: String) -> String {
            "  \(what): \(count) of \(options.seeds) worlds, "
                + "\(decimals(100 * Double(count) / Double(options.seeds), 1)) %\(limit)"
        }
        return [
            "\(options.seeds) worlds of \(options.variants) variants, \(options.periods) returns each, seed "
                + "\(options.seed): \(found.holds ? "holds" : "does not hold")",
            line("noise promoted", found.noisePromotions, ", at most 5 %"),
            line("an edge of \(options.edge) a return promoted", found.edgePromotions, ", at least 95 %"),
            line("noise promoted beside the edge", found.strayPromotions, ""),
            line("noise with a probability of overfitting of at most 0.2", found.lowOverfittings, ""),
        ].joined(separator: "\n")
    }

    private static func json(_ found: LuckAudit) -> String {
        let options = found.options
        return JSON.object([
            ("seeds", "\(options.seeds)"), ("variants", "\(options.variants)"), ("periods", "\(options.periods)"),
            ("edge", "\(options.edge)"), ("seed", "\(options.seed)"), ("noise_promoted", "\(found.noisePromotions)"),
            ("edge_promoted", "\(found.edgePromotions)"), ("noise_beside_edge", "\(found.strayPromotions)"),
            ("noise_low_pbo", "\(found.lowOverfittings)"), ("holds", "\(found.holds)"),
        ])
    }
}
