package import Events
import LogFormat
import Statistics

/// Metrics of a detector on an asset of the frozen world.
package struct DetectorMetrics: Equatable, Sendable {
    package let detectorID: DetectorID
    package let asset: AssetID
    /// Version of the recipe, as text.
    package let versionHash: String
    /// In the order of `names`; nil where a metric is not defined.
    package let values: [Double?]

    /// What is measured.
    package static let names = [
        "windows", "scored", "mean_abs_signal", "mean_sigma", "accuracy", "precision", "stability", "orthogonality",
        "cost", "quality", "phi", "theta", "rho", "coherence", "novelty", "emergence", "delta_phi",
    ]

    /// Measures windows of one detector on one asset; nil for none.
    init?(_ events: [SignalScored]) {
        guard let first = events.first, let last = events.last else { return nil }
        (detectorID, asset, versionHash) = (first.detectorID, first.symbol, "\(first.detectorVersionHash)")
        let sigmas = events.compactMap(\.sigma)
        let (quality, kernel) = (last.quality, last.kernel)
        values = [
            Double(events.count), Double(sigmas.count),
            Sum.of(events.map { abs($0.signal) }) / Double(events.count),
            sigmas.isEmpty ? nil : Sum.of(sigmas) / Double(sigmas.count), quality?.accuracy, quality?.precision,
            quality?.stability, quality?.orthogonality, quality?.cost, quality?.score, kernel?.phi, kernel?.theta,
            kernel?.rho, kernel?.coherence, kernel?.novelty, kernel?.emergence,
            events.compactMap(\.kernel?.deltaPhi).last,
        ]
    }

    /// Reads a line of a fixture; nil for anything else.
    init?(_ line: Substring) {
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count == 3 + Self.names.count else { return nil }
        (detectorID, asset, versionHash) = (DetectorID(parts[0]), AssetID(parts[1]), parts[2])
        values = parts[3...].map { $0 == "-" ? nil : Double($0) }
    }

    fileprivate var text: String {
        "\(detectorID) \(asset) \(versionHash) " + values.map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ")
    }
}

/// Metrics of every detector on a frozen world against those of a fixture: they do not drift without a new version of
/// the recipe (SIG-12).
package enum MetricRegression {
    /// Largest drift for the same code.
    package static let epsilon = 1e-9

    /// Windows of five hours of the detectors that look every ten seconds, with evidence, and with braids on every
    /// other detector.
    package static func fastWindows(_ recipes: [Recipe]) -> [SignalScored] {
        let fast = recipes.filter(isFast)
        var world = world(fast)
        world.patches = fast.indices.map { index in
            var patch = ScorePatch()
            guard index % 2 == 0 else { return patch }
            patch.reference = PayloadHash()
            (patch.thetaDelta, patch.thetaMin) = (index % 4 == 0 ? -0.12 : 0.07, 0.05)
            (patch.phiFactor, patch.phiFactorMax) = (index % 4 == 0 ? 1.3 : 0.9, 1.15)
            return patch
        }
        world.play(seconds: 5 * 3600)
        return world.output.scored
    }

    /// Windows of a day of the detectors that look less often.
    package static func slowWindows(_ recipes: [Recipe]) -> [SignalScored] {
        var world = world(recipes.filter { !isFast($0) })
        world.play(seconds: 24 * 3600)
        return world.output.scored
    }

    private static func isFast(_ recipe: Recipe) -> Bool { recipe.source.everySeconds == 10 }

    private static func world(_ recipes: [Recipe]) -> FrozenWorld<Windows> {
        var setup = EngineSetup()
        setup.initialState = .active
        return FrozenWorld(recipes, setup: setup)
    }

    /// Metrics by detector and asset, in the order of their names.
    package static func metrics(of windows: [SignalScored]) -> [DetectorMetrics] {
        let all = Dictionary(grouping: windows) { "\($0.detectorID) \($0.symbol)" }
        return all.keys.sorted().compactMap { DetectorMetrics(all[$0] ?? []) }
    }

    /// The fixture of some metrics.
    package static func text(_ metrics: [DetectorMetrics]) -> String {
        "# detector asset recipe \(DetectorMetrics.names.joined(separator: " ")); "
            + "world of seed \(FrozenWorld<Windows>.seed)\n" + metrics.map { $0.text + "\n" }.joined()
    }

    /// Compares metrics with a fixture: one verdict a detector, in the order of their names.
    ///
    /// A detector that the fixture does not know, one that is gone, and one of another version are not passed: the
    /// fixture has to be frozen anew, knowingly.
    package static func check(
        _ found: [DetectorMetrics], against fixture: String, codeRevision: String
    ) -> [RegressionChecked] {
        let pinned = fixture.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { DetectorMetrics($0) }
        let hash = PayloadHash(Digest(hashing: Array(fixture.utf8)))
        let ids = Set((found + pinned).map(\.detectorID)).sorted()
        return ids.map { id in
            let lines = (pinned.filter { $0.detectorID == id }, found.filter { $0.detectorID == id })
            var event = RegressionChecked()
            event.detectorID = id
            event.detectorVersionHash = lines.1.first.flatMap { PayloadHash(written: $0.versionHash) } ?? PayloadHash()
            event.fixtureVersionHash = lines.0.first.flatMap { PayloadHash(written: $0.versionHash) } ?? PayloadHash()
            event.fixturesHash = hash
            event.codeRevision = codeRevision
            event.epsilon = epsilon
            let isSame = lines.0.map(\.asset) == lines.1.map(\.asset)
            if isSame { for (old, new) in zip(lines.0, lines.1) { compare(old, new, &event) } }
            event.passed = isSame && event.deltas.isEmpty && event.detectorVersionHash == event.fixtureVersionHash
            return event
        }
    }

    private static func compare(_ old: DetectorMetrics, _ new: DetectorMetrics, _ event: inout RegressionChecked) {
        for (place, name) in DetectorMetrics.names.enumerated() {
            event.comparedCount += 1
            let name = "\(old.asset)/\(name)"
            switch (old.values[place], new.values[place]) {
            case (nil, nil): continue
            case (let was?, let now?):
                let delta = now - was
                event.largestDelta = max(event.largestDelta, abs(delta))
                if !(abs(delta) <= epsilon) { event.deltas.append(Metric(name, delta)) }
            default: event.deltas.append(Metric(name, nil))
            }
        }
    }

    /// Keeps the scored windows and nothing else.
    private struct Windows: ScoredKeeper {
        var scored: [SignalScored] = []
        mutating func append(_ event: some DomainEvent) {
            if let event = event as? SignalScored { scored.append(event) }
        }
    }
}

extension PayloadHash {
    /// The hash of `sha256:` and 64 hexadecimal digits.
    fileprivate init?(written text: String) {
        let digits = Array(text.utf8)
        guard text.hasPrefix("sha256:"), digits.count == 7 + 64 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 7, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[place...(place + 1)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        self.init(Digest(bytes))
    }
}
