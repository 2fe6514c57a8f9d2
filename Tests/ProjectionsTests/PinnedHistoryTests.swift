import Foundation
import ProjectionsTesting
import Testing

@testable import Projections

/// The views of a random history, pinned; Tools/conformance/rebuild.py runs the release program over the same one and
/// expects the same hash.
@Suite struct PinnedHistoryTests {
    @Test func `the history holds every type that views fold`() throws {
        let rows = try SampleRoot.random().fold().state.eventTypes.sortedRows
        let found = Set(rows.filter { $0.events > 0 }.map(\.key.second.first))
        #expect(Folder.foldedTypes.subtracting(found).isEmpty)
        #expect(rows.contains { $0.duplicates > 0 } && rows.contains { !$0.isKnown })
    }

    @Test func `the hash is the pinned one, in debug and in release`() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/projections/random-history.txt").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let values = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            line.split(separator: " ", maxSplits: 1).map(String.init)
        }
        func value(_ name: String) -> String? { values.first { $0.first == name }?.last }
        #expect(value("events") == "\(SampleRoot.eventCount)" && value("seed") == "\(SampleRoot.seed)")
        let hash = "sha256:\(try SampleRoot.random().fold().state.stateHash())"
        #expect(
            value("state_hash") == hash,
            "events or views changed: write state_hash \(hash) into Fixtures/projections/random-history.txt")
    }
}
