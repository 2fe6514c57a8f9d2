import Events
import Foundation
import LogFormat
import Statistics
import Testing

@testable import SignalEngine

/// Metrics of every detector on a frozen world: they do not drift without a new version of the recipe (SIG-12).
///
/// `LOTUS_METRICS=write` writes the fixture anew; a change of numbers under the same recipe belongs into the message of
/// the commit.
@Suite struct MetricRegressionTests {
    /// Largest drift for the same code.
    static let epsilon = 1e-9

    static let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/metrics/detectors.txt")

    /// What is kept of a detector on an asset.
    struct Line: Equatable {
        let key: String
        let hash: String
        /// In the order of `names`; nil where a metric is not defined.
        let values: [Double?]

        static let names = [
            "windows", "scored", "mean_abs_signal", "mean_sigma", "accuracy", "precision", "stability",
            "orthogonality", "cost", "quality", "phi", "theta", "rho", "coherence", "novelty", "emergence", "delta_phi",
        ]

        init(_ key: String, _ events: [SignalScored]) {
            self.key = key
            hash = events.first.map { "\($0.detectorVersionHash)" } ?? ""
            let sigmas = events.compactMap(\.sigma)
            let signals = Sum.of(events.map { abs($0.signal) }) / Double(max(1, events.count))
            let quality = events.last?.quality
            let kernel = events.last?.kernel
            values = [
                Double(events.count), Double(sigmas.count), signals,
                sigmas.isEmpty ? nil : Sum.of(sigmas) / Double(sigmas.count), quality?.accuracy, quality?.precision,
                quality?.stability, quality?.orthogonality, quality?.cost, quality?.score, kernel?.phi, kernel?.theta,
                kernel?.rho, kernel?.coherence, kernel?.novelty, kernel?.emergence,
                events.compactMap(\.kernel?.deltaPhi).last,
            ]
        }

        init?(parsing text: Substring) {
            let parts = text.split(separator: " ").map(String.init)
            guard parts.count == 3 + Self.names.count else { return nil }
            (key, hash) = ("\(parts[0]) \(parts[1])", parts[2])
            values = parts[3...].map { $0 == "-" ? nil : Double($0) }
        }

        var text: String { "\(key) \(hash) " + values.map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ") }
    }

    /// The fast detectors for five hours, the slow ones for a day, by detector and asset.
    static func measured() -> [Line] {
        var setup = EngineSetup()
        setup.initialState = .active
        var slow = World(EngineTests.recipes.filter { $0.source.everySeconds != 10 }, setup: setup)
        slow.play(seconds: 24 * 3600)
        let all = Dictionary(grouping: ScoreRecordTests.windows + slow.output.scored) {
            "\($0.detectorID) \($0.symbol)"
        }
        return all.keys.sorted().map { Line($0, all[$0] ?? []) }
    }

    @Test func `no detector's metrics drift under the same recipe`() throws {
        let found = Self.measured()
        #expect(found.count == 2 * EngineTests.recipes.count)
        let head = "# detector asset recipe \(Line.names.joined(separator: " ")); world of seed \(World.seed)\n"
        if ProcessInfo.processInfo.environment["LOTUS_METRICS"] == "write" {
            try (head + found.map(\.text).joined(separator: "\n") + "\n").write(
                to: Self.fixture, atomically: true, encoding: .utf8)
        }
        let lines = try String(contentsOf: Self.fixture, encoding: .utf8).split(separator: "\n")
        let pinned = lines.filter { !$0.hasPrefix("#") }.compactMap { Line(parsing: $0) }
        #expect(pinned.map(\.key) == found.map(\.key), "LOTUS_METRICS=write writes the fixture anew")
        for (old, new) in zip(pinned, found) where old.key == new.key {
            #expect(old.hash == new.hash, "\(new.key): a new recipe; LOTUS_METRICS=write takes its metrics over")
            for (place, name) in Line.names.enumerated() where !Self.isNear(old.values[place], new.values[place]) {
                let (was, now) = (old.values[place].map { "\($0)" } ?? "-", new.values[place].map { "\($0)" } ?? "-")
                Issue.record("\(new.key): \(name) was \(was), is \(now) under the same recipe")
            }
        }
    }

    private static func isNear(_ a: Double?, _ b: Double?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return abs(a - b) <= epsilon
    }
}
