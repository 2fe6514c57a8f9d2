/// The data of the run, and how it was run.
enum RunSections {
    /// Gaps that the page lists, longest first; the JSON has all.
    static let gapsMax = 60

    static func data(_ report: RunReport) -> String {
        let data = report.data
        var text = "<section id=\"data\"><h2>Data</h2>"
        text += "<p>\(NumberText.count(data.events, "event"))"
        text += report.manifest.span.map { " from \(MomentText.span($0)) UTC." } ?? "."
        text += " Gaps are left as they are: nothing is filled in, and windows that touch one are not scored.</p>"
        text += instruments(report)
        text += ResultTables.reasons("Events by type", data.eventCounts, of: data.events, note: "Share of all events.")
        text += gaps(data)
        let refused = data.rejects.reduce(0) { $0 &+ $1.count }
        text += ResultTables.reasons(
            "Refused at ingest", data.rejects, of: data.events &+ refused, note: "Share of all that arrived.")
        if data.rejects.isEmpty { text += "<p>Nothing was refused at ingest.</p>" }
        return text + "</section>"
    }

    private static func instruments(_ report: RunReport) -> String {
        let data = report.data
        let spans = data.instruments.compactMap(\.span) + [report.manifest.span].compactMap(\.self)
        var table = Table(
            "Instruments", note: "Bar: where there are data; marks: gaps.",
            ["<instrument", "<venue", "events", "<first, UTC", "<last, UTC", "gaps", "covered", "coverage"])
        guard let from = spans.map(\.fromNanos).min(), let to = spans.map(\.toNanos).max() else { return "" }
        for instrument in data.instruments {
            let own = data.gaps.filter { $0.instrument == instrument.name || $0.instrument == "*" }.map(\.span)
            var cells = [Table.text(instrument.venue), Table.number(instrument.events)]
            guard let span = instrument.span else {
                cells += [Table.text("no events"), Table.text(""), Table.cell("")]
                cells += [table.measure(.undefined("no events"), Figures.share), Table.cell("")]
                table.add(Escaping.html(instrument.name), cells)
                continue
            }
            cells += [Table.text(MomentText.moment(span.fromNanos)), Table.text(MomentText.moment(span.toNanos))]
            cells.append(Table.number(own.count))
            cells.append(table.measure(Coverage.share(of: span, without: own), { NumberText.percent($0, 2) }))
            cells.append(Table.cell(CellCharts.coverage(TimeSpan(from, to), have: span, gaps: own)))
            table.add(Escaping.html(instrument.name), cells)
        }
        return table.html
    }

    private static func gaps(_ data: DataSection) -> String {
        guard !data.gaps.isEmpty else { return "<p>No gaps were recorded.</p>" }
        let longest = data.gaps.enumerated().sorted {
            ($1.element.span.seconds, $0.offset) < ($0.element.span.seconds, $1.offset)
        }.prefix(gapsMax)
        let more = data.gaps.count - longest.count
        let note =
            more > 0 ? "Longest first; \(NumberText.whole(more)) shorter ones are in the JSON." : "Longest first."
        var table = Table("Gaps", note: note, ["<instrument", "<from, UTC", "<to, UTC", "length", "<reason"])
        for (_, gap) in longest {
            table.add(
                Escaping.html(gap.instrument == "*" ? "all" : gap.instrument),
                [
                    Table.text(MomentText.moment(gap.span.fromNanos)), Table.text(MomentText.moment(gap.span.toNanos)),
                    Table.cell(MomentText.duration(gap.span.seconds)), Table.long(gap.reason),
                ])
        }
        return table.html
    }

    static func manifest(_ report: RunReport) -> String {
        let manifest = report.manifest
        var text = "<section id=\"manifest\"><h2>How it was run</h2>"
        text += "<p>Enough to run it again: the same data, configuration, code and seed give the same bytes.</p>"
        text += "<dl class=\"facts\">"
        func add(_ name: String, _ value: String, code: Bool = false) {
            guard !value.isEmpty else { return }
            let shown = Escaping.html(value)
            text += "<dt>\(name)</dt><dd>\(code ? "<code>\(shown)</code>" : shown)</dd>"
        }
        add("Run", manifest.runID, code: true)
        add("Kind, status", "\(manifest.kind), \(manifest.status)")
        add("Command", manifest.commandLine, code: true)
        add("Code revision", manifest.codeRevision + (manifest.isModified ? " (with changes)" : ""), code: true)
        add("Seed", "\(manifest.seed)", code: true)
        add("Data span, UTC", manifest.span.map(MomentText.span) ?? "")
        add("Ran, UTC", manifest.started.map { "\(MomentText.span($0)) (\(MomentText.duration($0.seconds)))" } ?? "")
        if let plan = manifest.walkForward {
            add("Walk-forward", "train \(plan.train), validate \(plan.validate), test \(plan.test), step \(plan.step)")
            add("Purge and embargo", "\(plan.purge); \(plan.embargo)")
        }
        add("Costs", report.costs)
        add("Configuration digest", manifest.configurationDigest, code: true)
        add("Output digest", manifest.outputDigest, code: true)
        let proof = manifest.isProven.map { $0 ? "a second run gave the same bytes" : "a second run gave OTHER bytes" }
        add("Proof", proof ?? "not asked for")
        text += "</dl>"
        var inputs = Table("Frozen data", ["<name", "size", "<SHA-256"])
        for input in manifest.inputs {
            inputs.add(
                Escaping.html(input.name),
                [
                    Table.cell(NumberText.bytes(input.bytes)),
                    "<td class=\"t\"><code>\(Escaping.html(input.sha256))</code></td>",
                ])
        }
        text += inputs.html
        text += pairs("Priors", ["<module", "<version"], manifest.priorsVersions)
        text += pairs("Configuration", ["<key", "<value"], manifest.configuration)
        return text + "</section>"
    }

    private static func pairs(_ caption: String, _ columns: [String], _ pairs: [NamedText]) -> String {
        var table = Table(caption, columns)
        for pair in pairs { table.add(Escaping.html(pair.name), [Table.long(pair.text)]) }
        return table.html
    }
}
