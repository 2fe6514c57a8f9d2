import Events
import Foundation
import LogFormat
import Testing

@testable import SignalEngine

/// Metrics of every detector on a frozen world: they do not drift without a new version of the recipe (SIG-12).
///
/// A change of numbers under the same recipe belongs into the message of the commit.
@Suite struct MetricRegressionTests {
    static let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/metrics/detectors.txt")

    static func pinned() throws -> String { try String(contentsOf: fixture, encoding: .utf8) }

    @Test func `no detector's metrics drift under the same recipe`() throws {
        let windows = ScoreRecordTests.windows + MetricRegression.slowWindows(EngineTests.recipes)
        let found = MetricRegression.metrics(of: windows)
        #expect(found.count == 2 * EngineTests.recipes.count)
        let verdicts = MetricRegression.check(found, against: try Self.pinned(), codeRevision: "here")
        #expect(verdicts.count == EngineTests.recipes.count)
        for verdict in verdicts {
            let id = verdict.detectorID
            #expect(verdict.passed, "\(id): \(verdict.deltas); lotus audit metrics --write freezes new ones")
            #expect(verdict.comparedCount == Int64(2 * DetectorMetrics.names.count))
            #expect(verdict.epsilon == 1e-9 && verdict.codeRevision == "here")
            #expect(verdict.fixturesHash == PayloadHash(Digest(hashing: Array(try Self.pinned().utf8))))
        }
        #expect(MetricRegression.text(found) == (try Self.pinned()), "the fixture is what the program would write")
    }

    @Test func `a drift, another version, and a detector that came or went are not passed`() throws {
        let text = try Self.pinned()
        let lines = text.split(separator: "\n").map(String.init)
        let all = lines.compactMap { DetectorMetrics($0[...]) }
        let id = try #require(all.first?.detectorID)
        func verdict(_ found: [DetectorMetrics], _ fixture: String) -> RegressionChecked? {
            MetricRegression.check(found, against: fixture, codeRevision: "").first { $0.detectorID == id }
        }
        #expect(verdict(all, text)?.passed == true)

        var words = lines[1].split(separator: " ").map(String.init)
        let place = try #require(DetectorMetrics.names.firstIndex(of: "quality"))
        let was = try #require(Double(words[3 + place]))
        for (delta, passes) in [(0.9e-9, true), (-1.1e-9, false), (1e-3, false)] {
            words[3 + place] = "\(was + delta)"
            let moved = try #require(DetectorMetrics(words.joined(separator: " ")[...]))
            let found = try #require(verdict([moved] + all.dropFirst(), text))
            #expect(found.passed == passes && found.deltas.count == (passes ? 0 : 1))
            #expect(abs(found.largestDelta - abs(delta)) < 1e-15)
            if let drift = found.deltas.first {
                #expect(drift.name == "BTC-USD/quality" && abs((drift.value ?? 0) - delta) < 1e-15)
            }
        }
        words[3 + place] = "-"
        let absent = try #require(DetectorMetrics(words.joined(separator: " ")[...]))
        #expect(verdict([absent] + all.dropFirst(), text)?.deltas == [Metric("BTC-USD/quality", nil)])

        #expect(verdict(all.filter { $0.detectorID != id }, text)?.passed == false)
        #expect(verdict(all, lines.filter { !$0.hasPrefix(id.text) }.joined(separator: "\n"))?.passed == false)
        let other = text.replacing(all[0].versionHash, with: all[2].versionHash)
        let version = try #require(verdict(all, other))
        #expect(!version.passed && version.deltas.isEmpty && version.fixtureVersionHash != version.detectorVersionHash)
    }
}
