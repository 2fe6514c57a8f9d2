import Foundation
import Testing

@testable import Report

/// The report as JSON.
@Suite struct JSONTests {
    static func object(_ report: RunReport) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
    }

    @Test(arguments: PageTests.pages.indices) func `it parses, and nothing undefined lacks its reason`(_ index: Int)
        throws
    {
        let report = PageTests.pages[index].report
        let root = try Self.object(report)
        #expect(root["schema"] as? String == "lotus.report/1")
        // Null by itself means that nobody asked; for a figure there is a reason.
        let plain: Set = ["in_sample", "walk_forward", "span", "ran", "proven", "train", "scores", "low", "high"]
        func check(_ value: Any, _ path: String) {
            if let object = value as? [String: Any] {
                for (key, inner) in object {
                    if inner is NSNull, !plain.contains(key) {
                        #expect(object[key + "_undefined"] is String, "\(path).\(key)")
                    }
                    if key == "low", inner is NSNull { #expect(object["undefined"] is String, "\(path)") }
                    check(inner, path + "." + key)
                }
            }
            if let list = value as? [Any] { for inner in list { check(inner, path) } }
        }
        check(root, "")
        #expect(report.json.hasSuffix("}\n") && !report.json.dropLast().contains("\n"))
    }

    @Test func `figures read back exactly and agree with the page`() throws {
        let report = PageTests.usual
        let text = MarkupChecker(PageTests.usualPage).text
        let detectors = try #require(try Self.object(report)["detectors"] as? [[String: Any]])
        #expect(detectors.count == 14)
        for (json, detector) in zip(detectors, report.detectors) {
            let overall = try #require(json["out_of_sample"] as? [String: Any])
            #expect(json["id"] as? String == detector.id)
            #expect(overall["judged"] as? Int == detector.overall.judged)
            // Foundation's reader of JSON may be off in the last place; the text is exact, as the next test shows.
            let (found, value) = (overall["mean_bps"] as? Double ?? .nan, detector.overall.meanBps.value ?? 0)
            #expect((found - value).magnitude <= 4 * value.ulp)
            let sharpe = try #require(overall["sharpe"] as? [String: Any])
            #expect(sharpe["trials"] as? Int == 14)
            for (value, shown) in [
                (overall["mean_bps"], Figures.bps), (overall["hit_rate"], Figures.share),
                (overall["total_bps"], Figures.total),
                (sharpe["annualised"], Figures.ratio), (sharpe["dsr"], NumberText.probability),
                (sharpe["psr"], NumberText.probability), (json["sigma_median"], Figures.sigma),
            ] {
                if let number = value as? Double { #expect(text.contains(shown(number)), "\(detector.id): \(number)") }
            }
            let folds = try #require(json["folds"] as? [[String: Any]])
            let points = folds.compactMap { ($0["curve"] as? [[Any]])?.count }.reduce(0, +)
            #expect(points == detector.overall.judged)
        }
    }

    @Test func `numbers are the shortest that read back`() {
        for (value, text) in [
            (0.1, "0.1"), (1, "1"), (-0.0, "0"), (1e300, "1e+300"), (1.0 / 3, "0.3333333333333333"),
            (.leastNonzeroMagnitude, "5e-324"),
        ] { #expect(JSONObject.number(Measure(value).value) == text) }
        #expect(JSONObject.number(Measure(.nan).value) == "null")
        #expect(JSONObject.number(.infinity) == "null")
    }

    @Test func `strings are escaped`() throws {
        for name in PageTests.evil {
            let text = Escaping.json(name)
            let back = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? String
            #expect(back == name)
            #expect(!text.unicodeScalars.contains(where: Escaping.isActive))
        }
    }
}
