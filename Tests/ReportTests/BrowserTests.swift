import Foundation
import Testing

@testable import Report

/// The page in a real browser: light and dark, wide and narrow, on paper.
@Suite struct BrowserTests {
    static let hasBrowser = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].contains { name in
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    @Test func `there is a browser to look with`() {
        if Self.hasBrowser { return }
        Issue.record("no Chromium on PATH: the report page is not looked at", severity: .warning)
    }

    /// Runs the checks over some pages; LOTUS_REPORT_OUT names a folder that keeps pages and pictures.
    @Test(.enabled(if: hasBrowser)) func `the page stands up to being looked at`() throws {
        let kept = ProcessInfo.processInfo.environment["LOTUS_REPORT_OUT"].map { URL(filePath: $0) }
        let folder = kept ?? FileManager.default.temporaryDirectory.appending(path: "lotus-report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { if kept == nil { try? FileManager.default.removeItem(at: folder) } }
        let cases: [(String, RunReport)] = [
            ("usual", PageTests.usual), ("empty", PageTests.empty), ("hostile", PageTests.hostile),
        ]
        var arguments: [String] = []
        for (name, report) in cases {
            let file = folder.appending(path: "\(name).html")
            try report.html.write(to: file, atomically: true, encoding: .utf8)
            try report.json.write(to: folder.appending(path: "\(name).json"), atomically: true, encoding: .utf8)
            try report.terminalText(width: 150).write(
                to: folder.appending(path: "\(name).txt"), atomically: true, encoding: .utf8)
            arguments.append(file.path)
        }
        if kept != nil { arguments += ["--out", folder.path] }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", root.appending(path: "Tools/report/screenshot.py").path] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
