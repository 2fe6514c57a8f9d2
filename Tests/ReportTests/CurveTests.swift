import Statistics
import Testing

@testable import Report

/// Stitching, thinning, ticks and texts.
@Suite struct CurveTests {
    static func fold(_ number: Int, _ from: Int64, _ to: Int64, _ points: [(Int64, Double)]) -> FoldReport {
        var fold = FoldReport(number: number, test: TimeSpan(from, to))
        fold.curve = EquityCurve(points.map { EquityPoint($0.0, $0.1) })
        return fold
    }

    @Test func `folds go on where the one before ended`() {
        let curve = Curves.stitched([
            Self.fold(2, 10, 20, [(12, -3), (20, 1)]), Self.fold(1, 0, 10, [(4, 2), (10, 5)]),
        ])
        #expect(!curve.isOverlapping)
        #expect(
            curve.segments == [
                [EquityPoint(0, 0), EquityPoint(4, 2), EquityPoint(10, 5)],
                [EquityPoint(10, 5), EquityPoint(12, 2), EquityPoint(20, 6)],
            ])
        #expect(Curves.drawdowns(curve).map { $0.map(\.cumulativeBps) } == [[0, 0, 0], [0, -3, 0]])
        let both = Curves.stitched([Self.fold(1, 0, 12, [(4, 2)]), Self.fold(2, 10, 20, [(15, 1)])])
        #expect(both.isOverlapping && both.segments[1][0].cumulativeBps == 0)
    }

    @Test func `thinning keeps ends and extremes`() {
        var random = SplitMix64(seed: 3)
        var sum = 0.0
        let points = (0..<10_000).map { index in
            sum += random.normal()
            return EquityPoint(Int64(index), sum)
        }
        let thin = Curves.thinned(points, over: TimeSpan(0, 10_000), slots: 50)
        #expect(thin.count <= 200 && thin.count > 100)
        #expect(thin.first == points.first && thin.last == points.last)
        #expect(thin.map(\.cumulativeBps).max() == points.map(\.cumulativeBps).max())
        #expect(thin.map(\.cumulativeBps).min() == points.map(\.cumulativeBps).min())
        #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.timeNanos < $1.timeNanos })
    }

    @Test func `the mean of two curves`() {
        let a = Curves.stitched([Self.fold(1, 0, 10, [(5, 4), (10, 8)])])
        let b = Curves.stitched([Self.fold(1, 0, 10, [(10, 2)])])
        let mean = Curves.mean([a, b], over: TimeSpan(0, 10), slots: 2)
        #expect(mean == [EquityPoint(0, 0), EquityPoint(5, 2), EquityPoint(10, 5)])
    }

    @Test func `axes have round ticks that hold the data`() {
        for (low, high) in [
            (0.0, 1.0), (-1536, 1238), (0.0003, 0.00071), (-1e308, 1e308), (5, 5), (0, 0), (-3e15, 7e15),
        ] {
            let axis = Axis.linear(low, high, count: 5)
            #expect(
                axis.low <= max(low, -1e300) && axis.high >= min(high, 1e300) && axis.low < axis.high, "\(low) \(high)")
            #expect((2...13).contains(axis.ticks.count), "\(low) \(high): \(axis.ticks.count)")
            #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count, "\(axis.ticks.map(\.label))")
        }
        #expect(
            Axis.linear(-10, 23, count: 4, plus: true).ticks.map(\.label) == ["\u{2212}10", "0", "+10", "+20", "+30"])
        let day: Int64 = 86_400_000_000_000
        for days in [1, 3, 30, 200, 4000] as [Int64] {
            let ticks = Axis.time(TimeSpan(ReportFixture.start, ReportFixture.start + days * day), count: 9).ticks
            #expect((2...10).contains(ticks.count), "\(days): \(ticks.map(\.label))")
        }
        let hours = Axis.time(TimeSpan(ReportFixture.start, ReportFixture.start + day / 2), count: 4).ticks
        #expect(hours.map(\.label) == ["1 Mar", "03:00", "06:00", "09:00", "12:00"])
    }

    @Test func `numbers and moments read well`() {
        #expect(NumberText.fixed(-1234.565, 2) == "\u{2212}1,234.57")
        #expect(NumberText.fixed(-0.001, 2) == "0.00")
        #expect(NumberText.fixed(0.995, 1, plus: true) == "+1.0")
        #expect(NumberText.fixed(1e16, 2) == "1e+16")
        #expect(NumberText.whole(.min) == "\u{2212}9,223,372,036,854,775,808")
        #expect(NumberText.percent(0.5274) == "52.7%")
        #expect(NumberText.probability(0.0001) == "<0.001" && NumberText.probability(0.99999) == ">0.999")
        #expect(NumberText.probability(1) == "1.000" && NumberText.probability(0) == "0.000")
        #expect(MomentText.moment(0) == "1970-01-01 00:00")
        #expect(MomentText.moment(-1_000_000_000) == "1969-12-31 23:59:59")
        #expect(MomentText.date(951_782_400_000_000_000) == "2000-02-29")
        #expect(MomentText.duration(90_061) == "1 d 1 h" && MomentText.duration(60) == "1 m")
        #expect(Table.letter(0) == "a" && Table.letter(25) == "z" && Table.letter(26) == "aa")
    }

    @Test func `gaps are taken from the coverage once`() {
        let gaps = [TimeSpan(10, 30), TimeSpan(20, 40), TimeSpan(90, 200), TimeSpan(-5, 0)]
        #expect(Coverage.share(of: TimeSpan(0, 100), without: gaps).value == 0.6)
        #expect(Coverage.share(of: TimeSpan(5, 5), without: []).value == nil)
    }

    @Test func `figures are finite or say why`() {
        #expect(Measure(.nan).value == nil && !Measure(.nan).reason.isEmpty)
        #expect(Bounds(low: 2, high: 1, level: 0.9, method: "").low == nil)
        #expect(Bounds(low: 0, high: .infinity, level: 0.9, method: "").high == nil)
        #expect(Performance(judged: 3, hits: 9).hitInterval.reason == "9 hits of 3")
        let hit = Performance(judged: 100, hits: 60).hitInterval
        #expect((hit.low ?? 0).description.hasPrefix("0.502") && (hit.high ?? 0).description.hasPrefix("0.690"))
    }
}

/// Colours.
@Suite struct ThemeTests {
    /// Relative luminance as WCAG 2 defines it.
    static func luminance(_ hex: String) -> Double {
        let value = Int(hex.dropFirst(), radix: 16) ?? 0
        let parts = [value >> 16 & 255, value >> 8 & 255, value & 255].map { part -> Double in
            let share = Double(part) / 255
            return share <= 0.04045 ? share / 12.92 : Elementary.power((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    static func contrast(_ a: String, _ b: String) -> Double {
        let (x, y) = (luminance(a), luminance(b))
        return (max(x, y) + 0.05) / (min(x, y) + 0.05)
    }

    @Test(arguments: ["ink", "dim", "blue", "orange", "teal", "red"]) func `text has contrast AA on every ground`(
        _ name: String
    ) {
        let text = Theme.colours.first { $0.name == name }
        for ground in Theme.colours where ["page", "panel", "band"].contains(ground.name) {
            #expect(Self.contrast(text?.light ?? "", ground.light) >= 4.5, "\(name) on \(ground.name), light")
            #expect(Self.contrast(text?.dark ?? "", ground.dark) >= 4.5, "\(name) on \(ground.name), dark")
        }
    }

    @Test func `lines behind have the contrast of graphics`() {
        let grey = Theme.colours.first { $0.name == "grey" }
        let panel = Theme.colours.first { $0.name == "panel" }
        #expect(Self.contrast(grey?.light ?? "", panel?.light ?? "") >= 3)
        #expect(Self.contrast(grey?.dark ?? "", panel?.dark ?? "") >= 3)
        #expect((Self.contrast("#000000", "#ffffff") - 21).magnitude < 1e-9)
    }
}
