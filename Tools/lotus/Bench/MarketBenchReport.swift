import LogFormat

/// What `bench replay market` found, for people and for programs.
struct MarketBenchReport {
    var parse = Spread([])
    /// Rounds of each stage, the slowest first.
    var stages: [(stage: MarketStage, rounds: [MarketFigures])] = []
    var detectors: [(count: Int, figures: MarketFigures)] = []
    var assets: [(count: Int, figures: MarketFigures)] = []
    var memory: [(millions: Int, figures: MarketFigures)] = []

    /// Floors of the issue: events a second of the stages that have one, megabytes a second of the parser.
    static let floors: [MarketStage: Double] = [.pipeline: 500_000]
    static let featuresFloor = 3e6
    static let parseFloor = 300.0

    private func median(_ rounds: [MarketFigures]) -> MarketFigures {
        rounds.isEmpty ? MarketFigures() : rounds[rounds.count / 2]
    }

    private func rate(_ rounds: [MarketFigures]) -> Spread { Spread(rounds.map(\.eventsPerSecond)) }

    private func computing(_ rounds: [MarketFigures]) -> Spread { Spread(rounds.map(\.computedPerSecond)) }

    private func share(_ seconds: Double, _ figures: MarketFigures) -> String {
        decimals(100 * seconds / max(1e-9, figures.cpuSeconds), 0)
    }

    /// Events a second of the features alone: what the stage takes, less what the log takes without it.
    private var featuresAlone: Double? {
        guard let log = nanos(.log), let both = nanos(.features), both > log else { return nil }
        return 1e9 / (both - log)
    }

    private func nanos(_ stage: MarketStage) -> Double? {
        stages.first { $0.stage == stage }.map { median($0.rounds).nanosPerEvent }
    }

    private var detectorFit: LinearFit? {
        LinearFit(detectors.map { (Double($0.count), $0.figures.nanosPerEvent) })
    }
    private var scoreFit: LinearFit? {
        LinearFit(detectors.map { ($0.figures.scored, $0.figures.cpuSeconds * 1e9) })
    }
    private var assetFit: LinearFit? { LinearFit(assets.map { (Double($0.count), $0.figures.cpuSeconds * 1e3) }) }

    /// Largest over smallest peak, less one.
    private var memoryGrowth: Double? {
        guard let first = memory.first, let last = memory.last, memory.count > 1 else { return nil }
        return last.figures.peakMegabytes / first.figures.peakMegabytes - 1
    }

    var text: String {
        var lines = ["CPU time of all threads; medians [slowest..fastest]", ""]
        lines.append(
            "parse     \(decimals(parse.median, 0)) MB/s [\(decimals(parse.sorted.first ?? 0, 0))"
                + "..\(decimals(parse.sorted.last ?? 0, 0))], floor \(decimals(Self.parseFloor, 0))")
        for (stage, rounds) in stages {
            let (rate, figures) = (rate(rounds), median(rounds))
            let floor = Self.floors[stage].map { ", floor \(decimals($0 / 1e3, 0)) k" } ?? ""
            lines.append(
                "\(stage.rawValue.padding(9)) \(decimals(rate.median / 1e3, 0)) k events/s "
                    + "[\(decimals((rate.sorted.first ?? 0) / 1e3, 0))..\(decimals((rate.sorted.last ?? 0) / 1e3, 0))]"
                    + ", \(decimals(figures.events / max(1e-9, figures.wallSeconds) / 1e3, 0)) k on the wall, "
                    + "\(decimals(figures.peakMegabytes, 0)) MB\(floor)")
            if figures.sealingSeconds > 0 {
                lines.append(
                    "          computing alone \(decimals(computing(rounds).median / 1e3, 0)) k events/s; "
                        + "of all the time, sealing takes \(share(figures.sealingSeconds, figures)) % and writing "
                        + "\(share(figures.writingSeconds, figures)) %")
            }
        }
        if let rate = featuresAlone {
            lines.append(
                "features less log: \(decimals(rate / 1e3, 0)) k events/s, floor "
                    + "\(decimals(Self.featuresFloor / 1e3, 0)) k")
        }
        lines.append("")
        for (count, figures) in detectors {
            lines.append(
                "\("\(count)".padding(3)) detectors  \(decimals(figures.nanosPerEvent, 0)) ns/event, "
                    + "\(decimals(figures.scored, 0)) scores")
        }
        if let fit = detectorFit {
            lines.append("each one more: \(decimals(fit.slope, 1)) ns/event, \(straight(fit))")
        }
        if let fit = scoreFit { lines.append("each score: \(decimals(fit.slope, 0)) ns, \(straight(fit))") }
        lines.append("")
        for (count, figures) in assets {
            lines.append(
                "\("\(count)".padding(3)) assets  \(decimals(figures.cpuSeconds * 1e3, 0)) ms for "
                    + "\(decimals(figures.events, 0)) events, \(decimals(figures.nanosPerEvent, 0)) ns/event")
        }
        if let fit = assetFit { lines.append("each one more: \(decimals(fit.slope, 0)) ms, \(straight(fit))") }
        for (millions, figures) in memory {
            lines.append("\(millions) M events: peak \(decimals(figures.peakMegabytes, 0)) MB")
        }
        if let growth = memoryGrowth { lines.append("memory grows by \(decimals(100 * growth, 1)) %, at most 5") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func straight(_ fit: LinearFit) -> String {
        "R² \(decimals(fit.explained, 4)), at most \(decimals(100 * fit.deviationMax, 1)) % off the line"
    }

    var json: String {
        var members = [("bench", jsonString("replay_market")), ("parse_mb_per_s", decimals(parse.median, 0))]
        for (stage, rounds) in stages {
            let (rate, figures) = (rate(rounds), median(rounds))
            members += [
                ("\(stage.rawValue)_events_per_s", decimals(rate.median, 0)),
                ("\(stage.rawValue)_events_per_s_min", decimals(rate.sorted.first ?? 0, 0)),
                ("\(stage.rawValue)_events_per_s_max", decimals(rate.sorted.last ?? 0, 0)),
                ("\(stage.rawValue)_peak_mb", decimals(figures.peakMegabytes, 0)),
            ]
            guard figures.sealingSeconds > 0 else { continue }
            members += [
                ("\(stage.rawValue)_computing_events_per_s", decimals(computing(rounds).median, 0)),
                ("\(stage.rawValue)_sealing_share", decimals(figures.sealingSeconds / figures.cpuSeconds, 3)),
                ("\(stage.rawValue)_writing_share", decimals(figures.writingSeconds / figures.cpuSeconds, 3)),
            ]
        }
        members += [
            ("parse_limit", decimals(Self.parseFloor, 0)),
            ("features_alone_events_per_s", featuresAlone.map { decimals($0, 0) } ?? "null"),
            ("features_limit", decimals(Self.featuresFloor, 0)),
            ("pipeline_limit", decimals(Self.floors[.pipeline] ?? 0, 0)),
            ("events", decimals(stages.first.map { median($0.rounds).events } ?? 0, 0)),
            ("detectors", list(detectors)), ("detector_fit", fit(detectorFit, "ns_per_event")),
            ("score_fit", fit(scoreFit, "ns")), ("assets", list(assets)), ("asset_fit", fit(assetFit, "ms")),
            (
                "memory",
                "["
                    + memory.map {
                        "{\"millions\":\($0.millions),\"peak_mb\":\(decimals($0.figures.peakMegabytes, 0))}"
                    }
                    .joined(separator: ",") + "]"
            ), ("memory_growth", memoryGrowth.map { decimals($0, 4) } ?? "null"),
        ]
        return JSON.object(members)
    }

    private func list(_ rows: [(count: Int, figures: MarketFigures)]) -> String {
        let objects = rows.map { row in
            "{\"count\":\(row.count),\"events\":\(decimals(row.figures.events, 0)),"
                + "\"scored\":\(decimals(row.figures.scored, 0)),"
                + "\"ns_per_event\":\(decimals(row.figures.nanosPerEvent, 1))}"
        }
        return "[" + objects.joined(separator: ",") + "]"
    }

    private func fit(_ fit: LinearFit?, _ unit: String) -> String {
        guard let fit else { return "null" }
        return "{\"\(unit)\":\(decimals(fit.slope, 2)),\"r2\":\(decimals(fit.explained, 5)),"
            + "\"deviation_max\":\(decimals(fit.deviationMax, 4))}"
    }
}

extension String {
    /// The text with blanks behind it up to a width.
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
