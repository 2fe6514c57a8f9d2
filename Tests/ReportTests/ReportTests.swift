import Foundation
import Testing

@testable import Report

/// Writes the fixture's renderings for the browser test, where LOTUS_REPORT_OUT names a folder.
@Suite struct RenderingTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["LOTUS_REPORT_OUT"] != nil))
    func `the renderings are written where a folder is named`() throws {
        let folder = URL(filePath: ProcessInfo.processInfo.environment["LOTUS_REPORT_OUT"] ?? "")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let cases = [
            ("usual", ReportFixture().report()), ("large", ReportFixture(detectors: 16, folds: 12).report()),
            ("edge", ReportFixture(edge: 0.12).report()), ("one-fold", ReportFixture(detectors: 1, folds: 1).report()),
            ("empty", RunReport(title: "Empty", manifest: RunManifest(runID: "none"))),
        ]
        for (name, report) in cases {
            try report.html.write(to: folder.appending(path: "\(name).html"), atomically: true, encoding: .utf8)
            try report.json.write(to: folder.appending(path: "\(name).json"), atomically: true, encoding: .utf8)
            try report.terminalText(width: 150).write(
                to: folder.appending(path: "\(name).txt"), atomically: true, encoding: .utf8)
        }
    }
}
