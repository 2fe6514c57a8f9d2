import Testing

@testable import Report

/// The summary for a terminal.
@Suite struct TerminalTests {
    @Test(arguments: [40, 60, 80, 100, 132, 200]) func `no line is wider than the terminal`(_ width: Int) {
        for (name, report) in PageTests.pages {
            for line in report.terminalText(width: width).split(separator: "\n", omittingEmptySubsequences: false) {
                #expect(TextTable.columns(String(line)) <= width, "\(name) at \(width): \(line)")
                #expect(line.last != " ", "\(name) at \(width): \(line)")
            }
        }
    }

    @Test func `escape codes only where asked for, whatever the names`() {
        let plain = PageTests.hostile.terminalText(width: 120)
        #expect(!plain.unicodeScalars.contains { $0 != "\n" && Escaping.isActive($0) })
        let colour = PageTests.hostile.terminalText(width: 120, colour: true)
        #expect(colour.contains("\u{1B}[1m"))
        // Without its codes the coloured text is the plain one.
        #expect(colour.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == plain)
    }

    @Test func `a narrow terminal keeps the verdict, the names and the means`() {
        let text = PageTests.usual.terminalText(width: 40)
        #expect(text.contains("No detector is shown to beat chance"))
        for detector in PageTests.usual.detectors { #expect(text.contains(detector.id)) }
        #expect(text.contains("mean bps") && !text.contains("interval"))
        #expect(PageTests.usual.terminalText(width: 160).contains("interval"))
    }

    @Test func `ratio, trials and finding stand in one line`() {
        let line =
            PageTests.usual.terminalText(width: 160).split(separator: "\n").first { $0.hasPrefix("ob.imbalance") } ?? ""
        #expect(line.contains("14 (6.2)") && line.contains("may be luck"), "\(line)")
    }

    @Test func `columns line up`() {
        let lines = PageTests.usual.terminalText(width: 160).split(separator: "\n").map(String.init)
        let head = lines.first { $0.hasPrefix("detector") } ?? ""
        let place = head.distance(
            from: head.startIndex, to: head.ranges(of: "finding").first?.lowerBound ?? head.endIndex)
        #expect(place > 100)
        for detector in PageTests.usual.detectors {
            let line = lines.first { $0.hasPrefix(detector.id + " ") } ?? ""
            let sign = Character(detector.finding(PageTests.usual.selection).sign)
            #expect(line.dropFirst(place).first == sign, "\(line)")
        }
    }

    @Test func `sparklines`() {
        func spark(_ values: [Double], _ width: Int) -> String {
            Sparkline.text([values.enumerated().map { EquityPoint(Int64($0.offset), $0.element) }], width: width)
        }
        #expect(spark([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█")
        #expect(spark([3, 3], 4) == "▄▄▄▄")
        #expect(spark([], 8) == "" && spark([1], 0) == "")
    }

    @Test func `long words and wide letters are cut to columns`() {
        #expect(TextTable.cut("abcdef", 4) == "abc…")
        #expect(TextTable.columns("信号") == 4 && TextTable.cut("信号信号", 5) == "信号…")
        #expect(RunReport.wrapped("one two three", 7) == ["one two", "three"])
        #expect(RunReport.wrapped("abcdefghij k", 4) == ["abcd", "efgh", "ij k"])
    }
}
