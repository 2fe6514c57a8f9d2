import Events
import LogFormat
import Runtime

/// The reports of `lotus herald` for people and machines.
enum HeraldText {
    static func status(_ report: HeraldReport) -> String {
        var rows = [
            ["intent", "picked", "delivered", "retried", "dead", "pending", "success", "p50 ms", "p95 ms", "late"]
        ]
        for (intent, figures) in report.intents {
            rows.append([
                intent.text, "\(figures.pickedCount)", "\(figures.deliveredCount)", "\(figures.retriedCount)",
                "\(figures.deadCount)", "\(figures.pendingCount)",
                figures.successRate.map { "\(Figures.oneDecimal($0 * 100)) %" } ?? "-",
                millis(figures.lagNanos(percentile: 50)), millis(figures.lagNanos(percentile: 95)),
                "\(figures.lateCount)",
            ])
        }
        var text = Figures.table(rows, rightAligned: Set(1...9))
        text += "\nlate: taken more than \(HeraldReport.lagLevelNanos / 1_000_000_000) s after it was picked\n"
        if report.reasons.isEmpty {
            text += "no dead letters"
        } else {
            let rows = report.reasons.map { [$0.reason.text, "\($0.count)", "\($0.openCount)"] }
            text += Figures.table([["dead letters by reason", "all", "open"]] + rows, rightAligned: [1, 2])
        }
        if !report.lags.isEmpty {
            let rows = report.lags.map { lag in
                [
                    "\(lag.latest.from.text) -> \(lag.latest.target.text)", lag.latest.intent.text,
                    TimeText.text(lag.latestNanos), "\(lag.latest.delivered)", "\(lag.latest.dead)",
                    Figures.oneDecimal(lag.latest.lagMillisP95), Figures.oneDecimal(lag.lagMillisP95Max),
                    "\(lag.latest.depth)", "\(lag.depthMax)", "\(lag.reportCount)",
                ]
            }
            let title = [
                "latest report", "intent", "period ends", "delivered", "dead", "p95 ms", "p95 max", "depth",
                "depth max", "reports",
            ]
            text += "\n" + Figures.table([title] + rows, rightAligned: Set(3...9))
        }
        if !report.contracts.isEmpty {
            let rows = report.contracts.map { contract in
                [
                    contract.record.owner.text, contract.record.manifestVersion, TimeText.text(contract.fromNanos),
                    contract.record.manifestHash.description,
                ]
            }
            text += "\n" + Figures.table([["contract", "version", "since", "hash"]] + rows, rightAligned: [])
        }
        if !report.awaitedLetters.isEmpty {
            text += "\n\(report.awaitedLetters.count) letters wait to be sent again when the run goes on"
        }
        return text
    }

    static func statusJSON(_ report: HeraldReport) -> String {
        JSON.object([
            (
                "intents",
                JSON.array(
                    report.intents.map { intent, figures in
                        JSON.object([
                            ("intent", jsonString(intent.text)), ("picked", "\(figures.pickedCount)"),
                            ("delivered", "\(figures.deliveredCount)"), ("retried", "\(figures.retriedCount)"),
                            ("dead", "\(figures.deadCount)"), ("pending", "\(figures.pendingCount)"),
                            ("success_rate", figures.successRate.map { "\($0)" } ?? "null"),
                            ("lag_nanos_p50", JSON.number(figures.lagNanos(percentile: 50))),
                            ("lag_nanos_p95", JSON.number(figures.lagNanos(percentile: 95))),
                            ("lag_nanos_max", JSON.number(figures.lagNanos(percentile: 100))),
                            ("late", "\(figures.lateCount)"),
                        ])
                    })
            ),
            (
                "dead_letters",
                JSON.object(
                    report.reasons.map {
                        ($0.reason.text, JSON.object([("all", "\($0.count)"), ("open", "\($0.openCount)")]))
                    })
            ),
            ("lags", JSON.array(report.lags.map(lagJSON))),
            (
                "contracts",
                JSON.array(
                    report.contracts.map { contract in
                        JSON.object([
                            ("module", jsonString(contract.record.owner.text)),
                            ("version", jsonString(contract.record.manifestVersion)),
                            ("since", jsonString(TimeText.text(contract.fromNanos))),
                            ("hash", jsonString(contract.record.manifestHash.description)),
                        ])
                    })
            ),
            ("awaited_letters", JSON.array(report.awaitedLetters.map { jsonString($0.description) })),
        ])
    }

    private static func lagJSON(_ lag: HeraldReport.Lag) -> String {
        JSON.object([
            ("from", jsonString(lag.latest.from.text)), ("target", jsonString(lag.latest.target.text)),
            ("intent", jsonString(lag.latest.intent.text)), ("period_end", jsonString(TimeText.text(lag.latestNanos))),
            ("delivered", "\(lag.latest.delivered)"), ("dead", "\(lag.latest.dead)"),
            ("lag_p95_ms", "\(lag.latest.lagMillisP95)"), ("lag_p95_max_ms", "\(lag.lagMillisP95Max)"),
            ("depth", "\(lag.latest.depth)"), ("depth_max", "\(lag.depthMax)"), ("reports", "\(lag.reportCount)"),
        ])
    }

    static func letters(_ letters: [HeraldReport.Letter]) -> String {
        if letters.isEmpty { return "no dead letters" }
        let rows = letters.map { letter in
            let record = letter.record
            return [
                record.lineage.id.description, TimeText.text(record.lastNanos), record.reason.text,
                "\(record.from.text) -> \(record.target?.text ?? "nobody")", record.intent?.text ?? "-",
                standing(letter), record.detail,
            ]
        }
        return Figures.table(
            [["id", "time", "reason", "way", "intent", "now", "detail"]] + rows, rightAligned: [])
    }

    static func lettersJSON(_ letters: [HeraldReport.Letter]) -> String {
        JSON.array(
            letters.map { letter in
                let record = letter.record
                return JSON.object([
                    ("id", jsonString(record.lineage.id.description)),
                    ("message_id", jsonString(record.messageID.description)),
                    ("from", jsonString(record.from.text)), ("target", JSON.text(record.target?.text)),
                    ("intent", JSON.text(record.intent?.text)), ("reason", jsonString(record.reason.text)),
                    ("detail", jsonString(record.detail)), ("attempts", "\(record.attempts)"),
                    ("first_ts", jsonString(TimeText.text(record.firstNanos))),
                    ("last_ts", jsonString(TimeText.text(record.lastNanos))), ("seq", "\(record.seq)"),
                    ("redriven_ts", JSON.text(letter.redrivenNanos.map(TimeText.text))),
                    ("taken", "\(letter.isTaken)"),
                ])
            })
    }

    private static func standing(_ letter: HeraldReport.Letter) -> String {
        if letter.isTaken { return "taken" }
        return letter.redrivenNanos == nil ? "dead" : "sent again"
    }

    private static func millis(_ nanos: Int64?) -> String {
        nanos.map { Figures.oneDecimal(Double($0) / 1_000_000) } ?? "-"
    }
}
