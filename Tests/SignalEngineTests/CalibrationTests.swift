import Events
import Statistics
import Testing

@testable import SignalEngine

/// Maps of scores to probabilities, and what outcomes say about the blend (SIG-09, SIG-11).
@Suite struct CalibrationTests {
    static let fast = EngineTests.fast.prefix(3).map(\.self)

    /// Plays a world and keeps the outcomes that the engine was told before a moment.
    static func world(hours: Int64) -> World {
        var setup = EngineSetup()
        setup.initialState = .active
        setup.siblings = 0
        setup.policy.uncertaintyMax = 1
        var world = World(fast, setup: setup)
        world.keepsOutcomes = true
        world.play(seconds: hours * 3600)
        return world
    }

    static let played = world(hours: 6)

    /// Scores and hits as the records have them: windows that spoke and moved, known before a moment.
    static func labels(_ detector: DetectorID, before nanos: Int64) -> [(score: Double, evidence: Double, isHit: Bool)]
    {
        let outcomes = played.told.filter { $0.knownNanos < nanos }
        let returns = Dictionary(outcomes.map { ($0.scoredID, $0.forwardReturn) }) { first, _ in first }
        return played.output.scored.compactMap { event in
            guard event.detectorID == detector, let sigma = event.sigma, !event.abstained, event.signal != 0,
                let forward = returns[event.lineage.id], forward != 0
            else { return nil }
            return (sigma, event.evidence ?? .nan, event.signal * forward > 0)
        }
    }

    @Test func `maps are those of the records, and never fall`() throws {
        let nanos = World.start + 6 * 3600 * 1_000_000_000
        var engine = Self.played.engine
        let found = engine.calibrations(before: nanos)
        #expect(found.map(\.detectorID) == Self.fast.map(\.id))
        for calibration in found {
            let labels = Self.labels(calibration.detectorID, before: nanos)
            #expect(calibration.curves.map(\.input) == [.evidence, .sigma])
            for curve in calibration.curves {
                let scores = labels.map { curve.input == .sigma ? $0.score : $0.evidence }
                let fit = try Isotonic(scores: scores, targets: labels.map { $0.isHit ? 1 : 0 }, bounds: 0...1)
                #expect(curve.samples == Int64(labels.count) && labels.count > 200)
                #expect(curve.scores == fit.knots.points && curve.probabilities == fit.knots.values)
                #expect(zip(curve.probabilities, curve.probabilities.dropFirst()).allSatisfy { $0 <= $1 })
                #expect(curve.probabilities.allSatisfy { (0...1).contains($0) })
            }
            // One evidence for all windows: one knot, the share of hits.
            let share = Double(labels.count { $0.isHit }) / Double(labels.count)
            let first = try #require(calibration.curves.first)
            #expect(first.scores == [0.6] && abs(first.probabilities[0] - share) < 1e-12)
        }
        var output = Self.played.output
        let scored = try engine.scoreHorizons(before: nanos, cause: EventID(), seenGlobalSeq: 0, into: &output)
        #expect(scored == found.count)
        let again = engine.calibrations(before: nanos)
        let isNews = engine.hasNewOutcomes(before: nanos)
        #expect(again.isEmpty && !isNews, "nothing new was learnt since")
    }

    @Test func `outcomes of the cut-off and later do not count, nor do too few (LRN-64)`() throws {
        let nanos = World.start + 4 * 3600 * 1_000_000_000
        var engine = Self.world(hours: 4).engine
        let all = engine.calibrations(before: nanos)
        let found = try #require(all.first)
        #expect(found.curves.last?.samples == Int64(Self.labels(found.detectorID, before: nanos).count))
        var young = Self.world(hours: 1).engine
        let early = young.calibrations(before: World.start + 3600 * 1_000_000_000)
        #expect(early.isEmpty)
    }

    @Test func `knots say all that the fit says`() throws {
        var random = Xoshiro256(seed: 5)
        let scores = (0..<500).map { _ in random.uniform() }
        let fit = try Isotonic(scores: scores, targets: scores.map { random.uniform() < $0 ? 1 : 0 })
        let knots = fit.knots
        #expect(knots.points.count < fit.points.count / 3)
        for score in scores + [-1, 0, 0.5, 1, 2] {
            let above = knots.points.firstIndex { $0 > score } ?? knots.points.count
            let value: Double
            switch above {
            case 0: value = knots.values[0]
            case knots.points.count: value = knots.values[above - 1]
            default:
                let (x0, x1) = (knots.points[above - 1], knots.points[above])
                let (y0, y1) = (knots.values[above - 1], knots.values[above])
                value = y0 + (y1 - y0) / (x1 - x0) * (score - x0)
            }
            #expect(abs(value - fit.value(at: score)) < 1e-15, "seed 5, \(score)")
        }
    }

    /// Windows whose hits follow ln q and ln k under a blend, scored under 0.6.
    static func evidence(_ truth: Double, seed: UInt64, count: Int = 6000) -> BlendEvidence? {
        var random = Xoshiro256(seed: seed)
        var (times, logs, leans, hits): ([Int64], [Double], [Double], [Bool]) = ([], [], [], [])
        for index in 0..<count {
            let (q, k) = (0.2 + 0.6 * random.uniform(), 0.2 + 0.6 * random.uniform())
            let (lnQ, lnK) = (Elementary.log(q), Elementary.log(k))
            times.append(Int64(index / 3))
            logs.append(0.6 * lnQ + 0.4 * lnK)
            leans.append(lnQ - lnK)
            let chance = min(1, max(0, 0.9 + 0.6 * (truth * lnQ + (1 - truth) * lnK)))
            hits.append(random.uniform() < chance)
        }
        return BlendEvidence(times: times, logs: logs, leans: leans, hits: hits)
    }

    @Test func `hits that follow quality ask for a higher u, those that follow the kernel for a lower one`() throws {
        for seed in UInt64(1)...8 {
            let quality = try #require(Self.evidence(1, seed: seed))
            #expect(quality.low > 0 && quality.slope > quality.low && quality.samples == 6000, "seed \(seed)")
            let kernel = try #require(Self.evidence(0.2, seed: seed))
            #expect(kernel.high < 0 && kernel.slope < kernel.high, "seed \(seed)")
        }
        // Where the blend is right, the one-sided 5 % are seldom passed.
        let wrong = (UInt64(1)...100).count { seed in
            guard let evidence = Self.evidence(0.6, seed: seed, count: 1500) else { return true }
            return evidence.low > 0 || evidence.high < 0
        }
        #expect(wrong <= 20, "\(wrong) of 100")
    }

    @Test func `nothing is said where nothing varies`() {
        let times = (0..<10).map { Int64($0) }
        let rising = times.map { Double($0) }
        let flat = times.map { _ in 0.5 }
        let hits = times.map { $0 % 2 == 1 }
        #expect(BlendEvidence(times: times, logs: flat, leans: rising, hits: hits) == nil)
        #expect(BlendEvidence(times: times, logs: rising, leans: rising, hits: hits) == nil)
        #expect(BlendEvidence(times: [], logs: [], leans: [], hits: []) == nil)
    }
}
