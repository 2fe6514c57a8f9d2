import Foundation
import Testing

@testable import Report

/// The page as a whole.
@Suite struct PageTests {
    static let usual = ReportFixture().report()
    static let usualPage = usual.html
    static let empty = RunReport(title: "Nothing", manifest: RunManifest(runID: "none"))

    static let pages: [(name: String, report: RunReport)] = [
        ("usual", usual), ("empty", empty), ("one fold", ReportFixture(detectors: 1, folds: 1).report()),
        ("no folds", ReportFixture(detectors: 3, folds: 0).report()), ("hostile", hostile),
    ]

    /// Names that would act, were they let.
    static let evil = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "a & b < c > d &amp;",
        "]]>--><!--", "\u{202E}drowssap\u{2066}", "\u{1B}[2J\u{7}bell\0nul", "line\nbreak\ttab", "{{7*7}}${x}`y`",
        "https://evil.example/x.js", "url(//evil.example)", String(repeating: "wide", count: 100),
        String(decoding: [0xFFFE, 0xFDD0] as [UInt16], as: UTF16.self),
        "",
    ]

    static let hostile: RunReport = {
        var report = ReportFixture(detectors: 14, folds: 2, points: 60).report()
        for (index, name) in evil.enumerated() {
            report.detectors[index].id = name
            report.detectors[index].family = name
            report.detectors[index].state = name
            report.detectors[index].definition = name
            report.detectors[index].notes = [name]
            report.detectors[index].abstained.append(ReasonCount(name, 1))
            report.detectors[index].folds[0].priorsVersion = name
            report.withheld.append(ReasonCount(name, 1))
            report.data.rejects.append(ReasonCount(name, 1))
            report.data.gaps.append(DataGap(instrument: name, span: TimeSpan(5, 9), reason: name))
            report.data.instruments.append(InstrumentData(name: name, venue: name, events: 1, span: TimeSpan(5, 9)))
            report.manifest.configuration.append(NamedText(name, name))
            report.manifest.inputs.append(DataDigest(name: name, bytes: 1, sha256: name))
            report.notes.append(name)
        }
        report.detectors[0].outcomes = [Histogram(label: evil[0], unit: evil[1], edges: [0, 1], counts: [2])]
        report.detectors[1].strata = [
            StrataTable(dimension: evil[1], rows: [Stratum(name: evil[0], performance: .none, lift: .absent)])
        ]
        report.detectors[2].overall.meanBps = .undefined(evil[0])
        report.title = evil[0]
        report.costs = evil[1]
        report.manifest.commandLine = evil[1]
        report.manifest.runID = evil[0]
        return report
    }()

    @Test(arguments: pages.indices) func `a page is well-formed and refers to nothing outside`(_ index: Int) {
        let (name, report) = Self.pages[index]
        let page = report.html
        let checker = MarkupChecker(page)
        #expect(checker.faults.isEmpty, "\(name): \(checker.faults.prefix(3))")
        let allowed: Set = [
            "html", "head", "meta", "title", "style", "body", "a", "header", "main", "footer", "section", "nav", "ul",
            "li",
            "p", "h1", "h2", "h3", "dl", "dt", "dd", "div", "span", "figure", "figcaption", "strong", "b", "small",
            "sup",
            "code", "svg", "path", "rect", "desc", "table", "caption", "thead", "tbody", "tr", "th", "td", "details",
            "summary",
        ]
        #expect(Set(checker.elements.map(\.name)).subtracting(allowed).isEmpty)
        for element in checker.elements {
            for (key, value) in element.attributes {
                #expect(
                    !key.hasPrefix("on") && key != "src" && key != "srcset" && key != "xlink:href",
                    "\(element.name) \(key)")
                if key == "href" { #expect(value.hasPrefix("#"), "\(value)") }
                if key == "style" { #expect(!value.contains("url"), "\(value)") }
            }
        }
        for word in ["@import", "url(", "http:", "javascript:"] {
            #expect(!Stylesheet.text.contains(word))
            if name != "hostile" { #expect(!page.contains(word), "\(name): \(word)") }
        }
        let ids = checker.elements.flatMap(\.attributes).filter { $0.name == "id" }.map(\.value)
        #expect(Set(ids).count == ids.count)
        let targets = checker.elements.flatMap(\.attributes).filter { $0.name == "href" }.map {
            String($0.value.dropFirst())
        }
        #expect(Set(targets).isSubset(of: Set(ids)))
        #expect(!page.unicodeScalars.contains { $0 != "\n" && Escaping.isActive($0) })
        for word in ["nan", "NaN", "inf", "-0.00"] {
            let words = checker.text.split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "." }
            #expect(!words.contains(Substring(word)), "\(name): \(word)")
        }
    }

    @Test func `hostile names are shown, not obeyed`() {
        let checker = MarkupChecker(Self.hostile.html)
        #expect(checker.text.contains("<script>alert(1)</script>"))
        #expect(checker.text.contains("a & b < c > d &amp;"))
        #expect(checker.text.contains("\u{FFFD}drowssap"))
        #expect(!checker.elements.contains { $0.name == "script" || $0.name == "img" })
    }

    @Test func `sixteen detectors of twelve folds with many points fit in 500 kB`() {
        let page = ReportFixture(detectors: 16, folds: 12, points: 600).report().html
        #expect(page.utf8.count <= 500_000, "\(page.utf8.count) bytes")
        #expect(page.utf8.count > 200_000)
    }

    @Test func `equal reports give equal bytes`() {
        let again = ReportFixture().report()
        #expect(again == Self.usual)
        #expect(again.html == Self.usualPage)
        #expect(again.json == Self.usual.json)
        #expect(again.terminalText() == Self.usual.terminalText())
    }

    @Test func `tables have captions and scopes, charts have names`() {
        let elements = MarkupChecker(Self.usualPage).elements
        func count(_ name: String) -> Int { elements.count { $0.name == name } }
        #expect(count("table") > 14 && count("table") == count("caption"))
        #expect(elements.filter { $0.name == "th" }.allSatisfy { $0.attributes.contains { $0.name == "scope" } })
        let drawings = elements.filter { $0.name == "svg" }
        for drawing in drawings {
            #expect(drawing.attributes.contains { ["aria-labelledby", "aria-hidden"].contains($0.name) })
        }
        #expect(count("figure") == count("figcaption"))
        #expect(count("h1") == 1)
        #expect(count("desc") == drawings.count { $0.attributes.contains { $0.name == "role" } })
    }

    @Test func `every detector, fold figure and reason is on the page`() {
        let text = MarkupChecker(Self.usualPage).text
        for detector in Self.usual.detectors {
            #expect(text.contains(detector.id))
            for fold in detector.folds where fold.outOfSample.judged > 0 {
                #expect(text.contains(MomentText.span(fold.test)))
                if let mean = fold.outOfSample.meanBps.value { #expect(text.contains(Figures.bps(mean))) }
                if let ratio = fold.outOfSample.sharpe.annualised.value { #expect(text.contains(Figures.ratio(ratio))) }
            }
            for reason in detector.abstained { #expect(text.contains(NumberText.whole(reason.count))) }
        }
        for gap in Self.usual.data.gaps { #expect(text.contains(MomentText.moment(gap.span.fromNanos))) }
        for one in Self.usual.withheld + Self.usual.data.rejects { #expect(text.contains(one.reason)) }
        #expect(text.contains("not defined: 18 windows"))
        #expect(text.contains(Self.usual.manifest.outputDigest))
    }

    @Test func `no Sharpe ratio stands without its number of trials`() {
        let cells = Self.usualPage.components(separatedBy: "N 14, eff. 6.2").count - 1
        // One a detector in the league, one a fold, one in its facts, and the tile.
        #expect(cells == 14 + 14 * 6 + 14 + 1)
        #expect(Self.usualPage.contains("Sharpe, per 15 m window, x sqrt(35040), arithmetic, rf 0, sd n-1"))
    }

    @Test func `extreme figures do not stop a report`() {
        var report = ReportFixture(detectors: 2, folds: 2, points: 8).report()
        var fold = FoldReport(number: 1, test: TimeSpan(.min, .max))
        fold.curve = EquityCurve([
            EquityPoint(.min, 1e308), EquityPoint(0, -1e308), EquityPoint(1, .nan), EquityPoint(.max, .infinity),
            EquityPoint(.max, .leastNonzeroMagnitude), EquityPoint(3, 1),
        ])
        #expect(fold.curve.rejected == 3)
        fold.outOfSample = Performance(judged: -4, hits: .max)
        report.detectors[0].folds = [fold, fold]
        report.detectors[0].overall = Performance(judged: .max, hits: .min)
        report.detectors[1].overall.meanBps = Measure(1e308)
        report.detectors[1].overall.meanInterval = Bounds(low: -1e308, high: 1e308, level: 0.95, method: "x")
        report.detectors[1].outcomes = [
            Histogram(label: "far", unit: "bps", edges: [-1e308, 0, 1e308], counts: [1, .max], below: .max, above: 3),
            Histogram(label: "wrong", unit: "", edges: [1, 0], counts: [1]),
        ]
        report.detectors[1].calibration.bins = [
            ReliabilityBin(forecast: Measure(.nan), count: 3, hits: 1),
            ReliabilityBin(forecast: Measure(7), count: 1, hits: 9),
        ]
        report.data.gaps = [DataGap(instrument: "*", span: TimeSpan(.min, .max), reason: "all")]
        #expect(MarkupChecker(report.html).faults.isEmpty)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(report.json.utf8)) }
        #expect(!report.terminalText(width: 1).isEmpty)
    }
}
