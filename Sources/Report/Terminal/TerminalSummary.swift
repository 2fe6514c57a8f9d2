extension RunReport {
    /// Narrowest width that the summary is laid out for.
    package static let terminalWidthMin = 40

    /// The report for a terminal of `width` columns, every line ended; escape codes only if `colour` is asked for.
    package func terminalText(width: Int = 100, colour: Bool = false) -> String {
        let width = max(width, Self.terminalWidthMin)
        let paint = Paint(isOn: colour)
        let verdict = Verdict(self)
        var lines: [String] = []
        lines.append(paint.bold(TextTable.cut(Escaping.visible(title), width)))
        lines += Self.wrapped(Escaping.visible(subline), width).map(paint.dim)
        lines.append(paint.dim(String(repeating: "─", count: width)))
        lines += Self.wrapped(Self.plain(verdict.headline), width).map { paint.tone($0, verdict.tone) }
        for reason in verdict.reasons { lines += Self.item(Self.plain(reason), width) }
        if !detectors.isEmpty {
            lines.append("")
            lines += tableLines(width, paint)
            lines += legendLines(width).map(paint.dim)
        }
        lines.append("")
        lines += dataLines(width)
        return lines.joined(separator: "\n") + "\n"
    }

    private var subline: String {
        var parts: [String] = []
        if let span = manifest.span { parts.append(MomentText.span(span) + " UTC") }
        if !data.instruments.isEmpty { parts.append(data.instruments.map(\.name).joined(separator: ", ")) }
        parts.append("run \(manifest.runID)")
        return parts.joined(separator: " · ")
    }

    private func tableLines(_ width: Int, _ paint: Paint) -> [String] {
        var table = TextTable(columns: [
            .init(title: "detector", isNumber: false, priority: 0, widthMax: 28),
            .init(title: "result", isNumber: false, priority: 1),
            .init(title: "windows", isNumber: true, priority: 5),
            .init(title: "hits", isNumber: true, priority: 4),
            .init(title: "mean bps", isNumber: true, priority: 0),
            .init(title: "interval", isNumber: true, priority: 6),
            .init(title: "total", isNumber: true, priority: 7),
            .init(title: "draw", isNumber: true, priority: 8),
            .init(title: "Sharpe", isNumber: true, priority: 3),
            .init(title: "N (eff.)", isNumber: true, priority: 3),
            .init(title: "DSR", isNumber: true, priority: 2),
            .init(title: "finding", isNumber: false, priority: 2),
        ])
        let ranked = ranked.map(\.detector)
        for detector in ranked {
            let overall = detector.overall
            let finding = detector.finding(selection)
            func text(_ value: Measure, _ shown: (Double) -> String) -> String { value.value.map(shown) ?? "n/d" }
            let sharpe = overall.sharpe
            let trials = sharpe.trials > 0 ? "\(sharpe.trials)" : "?"
            table.rows.append([
                Escaping.visible(detector.id), Sparkline.text(Curves.stitched(detector.folds).segments, width: 14),
                NumberText.whole(overall.judged, .plain),
                text(overall.hitRate) { NumberText.percent($0, 1, .plain) },
                text(overall.meanBps) { NumberText.fixed($0, 2, .plain, plus: true) },
                Figures.interval(overall.meanInterval) { NumberText.fixed($0, 2, .plain, plus: true) } ?? "n/d",
                text(overall.totalBps) { NumberText.fixed($0, 0, .plain, plus: true) },
                text(overall.drawdownBps) { NumberText.fixed($0, 0, .plain) },
                text(sharpe.annualised) { NumberText.fixed($0, 2, .plain) },
                "\(trials) (\(text(sharpe.effectiveTrials) { NumberText.fixed($0, 1, .plain) }))",
                text(sharpe.deflated, NumberText.probability), "\(finding.sign) \(finding.rawValue)",
            ])
        }
        let lines = table.lines(width: width)
        return [paint.dim(lines[0])]
            + zip(ranked, lines.dropFirst()).map { paint.finding($1, $0.finding(selection)) }
    }

    private func legendLines(_ width: Int) -> [String] {
        let conventions = Set(detectors.filter { $0.overall.judged > 0 }.map(\.overall.sharpe.convention.label))
            .sorted()
        var text = "Out of sample, net of: \(Escaping.visible(costs)). "
        if !conventions.isEmpty { text += conventions.joined(separator: "; ") + ". " }
        text += "N: trials counted (independent ones). n/d: not defined; the reasons are in the page and the JSON."
        return Self.wrapped(Escaping.visible(text), width)
    }

    private func dataLines(_ width: Int) -> [String] {
        let refused = data.rejects.reduce(0) { $0 &+ $1.count }
        let kept = withheld.reduce(0) { $0 &+ $1.count }
        let windows = detectors.reduce(0) { $0 &+ $1.windows }
        let abstained = detectors.flatMap(\.abstained).reduce(0) { $0 &+ $1.count }
        func top(_ reasons: [ReasonCount]) -> String {
            let shown = Pooled.reasons(reasons).prefix(3)
            guard !shown.isEmpty else { return "" }
            return ": "
                + shown.map { "\(Escaping.visible($0.reason)) \(NumberText.whole($0.count, .plain))" }
                .joined(separator: ", ")
        }
        var lines: [String] = []
        func add(_ name: String, _ text: String) {
            let head = name + String(repeating: " ", count: max(10 - name.count, 1))
            let wrapped = Self.wrapped(text, width - 10)
            for (index, line) in wrapped.enumerated() { lines.append((index == 0 ? head : "          ") + line) }
        }
        add(
            "data",
            "\(NumberText.count(data.events, "event", nil, .plain)), "
                + "\(NumberText.count(data.gaps.count, "gap", nil, .plain)), "
                + "\(NumberText.whole(refused, .plain)) refused" + top(data.rejects))
        add(
            "windows",
            "\(NumberText.whole(windows, .plain)) seen, \(NumberText.whole(windowsJudged, .plain)) judged, "
                + "\(NumberText.whole(abstained, .plain)) abstained" + top(detectors.flatMap(\.abstained)))
        add("withheld", NumberText.count(kept, "signal", nil, .plain) + top(withheld))
        let revision = manifest.codeRevision.prefix(12)
        add(
            "code",
            "\(revision.isEmpty ? "unknown" : Escaping.visible(String(revision)))"
                + (manifest.isModified ? " with changes" : "") + ", seed \(manifest.seed)"
                + (manifest.isProven.map { $0 ? ", proven by a second run" : ", a second run DIFFERED" } ?? ""))
        return lines
    }

    /// Real minus signs become hyphens, which every terminal can search and copy.
    private static func plain(_ text: String) -> String {
        String(text.map { $0 == "\u{2212}" ? "-" : $0 })
    }

    private static func item(_ text: String, _ width: Int) -> [String] {
        wrapped(text, width - 4).enumerated().map { ($0 == 0 ? "  · " : "    ") + $1 }
    }

    /// Lines of at most `width` columns, broken at spaces; a longer word is cut into pieces.
    static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ") {
            var rest = Substring(word)
            let wide = TextTable.columns(String(rest))
            if used > 0, used + 1 + wide > width {
                lines.append(line)
                (line, used) = ("", 0)
            }
            if used > 0 {
                line += " "
                used += 1
            }
            while TextTable.columns(String(rest)) > width {
                var piece = ""
                var count = 0
                while let next = rest.first, count + TextTable.columns(String(next)) <= width {
                    piece.append(next)
                    count += TextTable.columns(String(next))
                    rest = rest.dropFirst()
                }
                lines.append(piece)
            }
            line += rest
            used += TextTable.columns(String(rest))
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }
}

/// Escape codes, or none.
private struct Paint {
    let isOn: Bool

    private func code(_ code: String, _ text: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

    func bold(_ text: String) -> String { code("1", text) }
    func dim(_ text: String) -> String { code("2", text) }

    func tone(_ text: String, _ tone: Verdict.Tone) -> String {
        switch tone {
        case .found: code("1;32", text)
        case .losing: code("1;33", text)
        case .nothing, .unknown: bold(text)
        }
    }

    func finding(_ text: String, _ finding: Finding) -> String {
        switch finding {
        case .beatsChance: code("32", text)
        case .loses: code("33", text)
        case .tooFew: dim(text)
        case .maybeLuck, .unclear: text
        }
    }
}
