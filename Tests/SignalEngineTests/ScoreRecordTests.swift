import Events
import LogFormat
import Testing

@testable import SignalEngine

/// Scores follow from their records alone (SIG-06).
@Suite struct ScoreRecordTests {
    /// Windows of five hours, with evidence, and with braids on every other detector.
    static let windows = MetricRegression.fastWindows(EngineTests.recipes)

    @Test func `every score of a run is computed again from its record, bit for bit`() {
        var counts: [Int] = [0, 0]
        for event in Self.windows {
            switch ScoreCheck(event) {
            case .follows: counts[0] += 1
            case .withoutScore: counts[1] += 1
            case let other: Issue.record("seed \(World.seed), \(event.detectorID): \(other)")
            }
        }
        #expect(counts[0] > 1000 && counts[1] > 1000, "\(counts)")
        let steps = Self.windows.compactMap(\.steps)
        #expect(steps.count == counts[0])
        // Nothing is checked that does not happen: relief, shifts both ways, boosts and factors both ways.
        #expect(steps.contains { $0.thetaDelta < 0 } && steps.contains { $0.thetaDelta > 0 })
        #expect(steps.contains { $0.phiFactor == 1.15 } && steps.contains { $0.phiFactor == 0.9 })
        #expect(steps.contains { $0.boostedDeltaPhi > $0.rawDeltaPhi })
        #expect(Self.windows.contains { ($0.steps?.relievedTheta ?? 1) < ($0.baseTheta ?? 0) })
    }

    @Test func `a number that is one bit off is found, at its step`() throws {
        let event = try #require(Self.windows.last { $0.steps != nil && $0.effectivePatch != nil })
        let changes: [(String, (inout SignalScored) -> Void)] = [
            ("sq.score", { $0.quality?.accuracy? *= 0.9 }),
            ("kr_base_delta_phi", { $0.kernel?.phi? *= 0.5 }),
            ("kr_base_delta_phi", { $0.baseDeltaPhi?.flipLastBit() }),
            ("steps.theta_relieved", { $0.steps?.relievedTheta.flipLastBit() }),
            ("kr.theta", { $0.kernel?.theta?.flipLastBit() }),
            ("kr.theta", { $0.steps?.thetaDelta -= 0.01 }),
            ("steps.delta_phi_raw", { $0.steps?.rawDeltaPhi.flipLastBit() }),
            ("steps.delta_phi_boosted", { $0.steps?.boostedDeltaPhi.flipLastBit() }),
            ("steps.delta_phi_braided", { $0.steps?.braidedDeltaPhi.flipLastBit() }),
            ("kr.delta_phi", { $0.kernel?.deltaPhi?.flipLastBit() }),
            ("sig_sigma", { $0.sigma?.flipLastBit() }), ("sig_sigma", { $0.steps?.blend -= 0.01 }),
        ]
        #expect(ScoreCheck(event) == .follows)
        for (step, change) in changes {
            var changed = event
            change(&changed)
            guard case .differs(let found, _, _) = ScoreCheck(changed) else {
                Issue.record("\(step): \(ScoreCheck(changed))")
                continue
            }
            #expect(found == step)
        }
        var old = event
        old.steps = nil
        #expect(ScoreCheck(old) == .withoutSteps)
        old = event
        old.kernel?.novelty = nil
        guard case .differs(_, .some, nil) = ScoreCheck(old) else {
            Issue.record("a missing part was not missed")
            return
        }
    }
}

extension Double {
    /// Another number, as near as there is one.
    fileprivate mutating func flipLastBit() { self = Double(bitPattern: bitPattern ^ 1) }
}
