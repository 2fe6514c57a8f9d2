import Events
import Foundation
import LogFormat
import Runtime
import Testing
import Weave

@testable import Inquiry
@testable import LogEngine

/// `lotus diff priors --effects`: what a change of priors does to recorded windows (design §5, AT7.3).
@Suite struct PriorsEffectsTests {
    static let start = Story.start

    /// A window whose score sits where the test wants it.
    static func window(
        _ name: String, quality: Double = 0.5, deltaPhi: Double = 0.3, theta: Double = 0.4, mx: Double? = 0.8,
        detector: DetectorID = "breakout_v3", gates: [GateResult] = []
    ) -> SignalScored {
        var event = SignalScored()
        event.lineage.id = EventID(module: .sig, key: name, eventNanos: start)
        event.symbol = "BTC-USD"
        event.detectorID = detector
        event.horizon = .hour1
        event.signal = 0.5
        event.baseTheta = theta
        event.baseDeltaPhi = deltaPhi
        event.evidence = mx
        event.quality = QualityParts()
        event.quality?.score = quality
        event.kernel = KernelParts()
        event.kernel?.hbar = 0.5
        event.gates = gates
        return event
    }

    static func knob(_ key: PriorKey, _ value: Double) -> ActivePrior {
        var prior = ActivePrior()
        prior.key = key
        prior.value = value
        return prior
    }

    static func gate(_ patchID: PatchID, theta: Double, phi: Double = 1, rule: [Literal] = []) -> ActivePrior {
        var prior = ActivePrior()
        prior.key = "gate:breakout_v3:1h:\(patchID)".asKey
        prior.patchID = patchID
        prior.effect = Effect(thetaDelta: theta, phiMult: phi)
        prior.rule = rule
        return prior
    }

    static func effects(
        _ events: [SignalScored], _ old: [ActivePrior], _ new: [ActivePrior], eventNanos: ClosedRange<Int64>? = nil
    ) throws -> PriorsEffects {
        let bench = try Bench()
        try bench.disk.createDirectory("root")
        var options = LogOptions()
        options.reserveBytes = 0
        let root = try Root("root", modules: [.sig], options: options, environment: bench.environment)
        for (index, event) in events.enumerated() {
            var event = event
            try root.append(&event, to: .sig, eventNanos: start + Int64(index) * Story.minute)
        }
        try root.close()
        return try PriorsEffects(
            owner: .sig, from: ("sig:2026-01-02.v1", PriorsSet(old)), to: ("sig:2026-01-02.v2", PriorsSet(new)),
            windows: try bench.logs("root"), eventNanos: eventNanos)
    }

    @Test func `a score is that of the formulas, to the millionth`() throws {
        let scored = try #require(ScoredWindow(Self.window("a"), globalSeq: 1, nanos: Self.start))
        // penalty 0.4 - 0.05 x 0.8 = 0.36; share of its factor 0.2 / (0.25 + 0.25 + 0.25 + 0.2 + 0.15) = 2/11;
        // resonance 0.3 x (0.64/0.6)^(2/11) x (1 + 0.1 x 0.8); score 0.5^0.6 x resonance^0.4.
        let resonance = 0.3 * pow(0.64 / 0.6, 2.0 / 11) * 1.08
        let expected = pow(0.5, 0.6) * pow(resonance, 0.4)
        let found = try WindowScorer(.empty, owner: .sig).verdict(scored)
        #expect(found.microSigma == Int64((expected * 1e6).rounded()) && found.isPublished == (expected >= 0.35))
        // With a patch: the penalty falls by 0.2 more, the resonance is multiplied after the boost.
        let patched = 0.3 * pow(0.84 / 0.6, 2.0 / 11) * 1.08 * 1.1
        let set = PriorsSet([Self.gate("P-1", theta: -0.2, phi: 1.1), Self.knob("sig.blend_u", 0.5)])
        let after = try WindowScorer(set, owner: .sig).verdict(scored)
        #expect(after.microSigma == Int64((pow(0.5, 0.5) * pow(patched, 0.5) * 1e6).rounded()))
    }

    @Test func `signals appear, vanish and change, each with the key that does it`() throws {
        let rule = [Literal("mx", .greater, "0.7")]
        let found = try Self.effects(
            [
                Self.window("appears", quality: 0.35, deltaPhi: 0.3),
                Self.window("rule does not hold", quality: 0.35, deltaPhi: 0.3, mx: 0.1),
                Self.window("changes", quality: 0.8, deltaPhi: 0.6),
                Self.window("other detector", quality: 0.35, deltaPhi: 0.3, detector: "drift_v1"),
                Self.window("closed", quality: 0.8, gates: [GateResult("kairos", false)]),
            ], [Self.knob("sig.tau_publish", 0.35)],
            [Self.knob("sig.tau_publish", 0.35), Self.gate("P-1", theta: -0.2, phi: 1.15, rule: rule)])
        #expect(found.windowCount == 5 && found.keys.map(\.key) == ["gate:breakout_v3:1h:P-1"])
        #expect(found.total.appeared == 1 && found.total.vanished == 0 && found.total.changed == 2)
        #expect(found.flips.map(\.fate) == [.appears, .changes, .changes])
        #expect(found.flips[0].window.id == EventID(module: .sig, key: "appears", eventNanos: Self.start))
        #expect(found.flips.allSatisfy { $0.keys == ["gate:breakout_v3:1h:P-1"] })
        #expect(found.keys[0].sums == found.total && found.interaction == PriorsEffects.Sums())
        // The other way round the same windows go.
        let back = try Self.effects(
            [Self.window("appears", quality: 0.35, deltaPhi: 0.3)],
            [Self.gate("P-1", theta: -0.2, phi: 1.15, rule: rule)], [])
        #expect(back.total.vanished == 1 && back.flips.map(\.fate) == [.vanishes])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func `the keys and the interaction add up to the total exactly`(
        _ seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        func unit() -> Double { Double(random.below(1001)) / 1000 }
        let windows = (0..<400).map { index in
            Self.window(
                "\(index)", quality: unit(), deltaPhi: unit(), theta: unit(), mx: random.chance(0.8) ? unit() : nil)
        }
        let old = [Self.knob("sig.blend_u", 0.6), Self.knob("sig.tau_publish", 0.35), Self.gate("P-1", theta: 0.1)]
        let new = [
            Self.knob("sig.blend_u", 0.5), Self.knob("sig.tau_publish", 0.40), Self.gate("P-2", theta: -0.2, phi: 1.1),
            Self.gate("P-3", theta: -0.1, rule: [Literal("mx", .greater, "0.5")]),
        ]
        let found = try Self.effects(windows, old, new)
        #expect(found.keys.count == 5 && found.windowCount == 400)
        func sum(_ path: KeyPath<PriorsEffects.Sums, Int>) -> Int {
            found.keys.reduce(found.interaction[keyPath: path]) { $0 + $1.sums[keyPath: path] }
        }
        #expect(sum(\.appeared) == found.total.appeared && sum(\.vanished) == found.total.vanished)
        #expect(sum(\.changed) == found.total.changed)
        #expect(found.keys.reduce(found.interaction.microSigma) { $0 + $1.sums.microSigma } == found.total.microSigma)
        // Several keys on the same windows do not just add up.
        #expect(found.interaction.microSigma != 0 && found.total.appeared + found.total.vanished > 0)
        let listed = found.flips.count { $0.fate != .changes }
        #expect(listed == found.total.appeared + found.total.vanished)
        #expect(found.flips.count - listed == min(found.total.changed, PriorsEffects.changesMax))
        let changes = found.flips.filter { $0.fate == .changes }.map(\.change.magnitude)
        #expect(changes == changes.sorted(by: >))
        // The largest change of all windows is the first one.
        let scorers = (
            try WindowScorer(PriorsSet(old), owner: .sig), try WindowScorer(PriorsSet(new), owner: .sig)
        )
        var largest: UInt64 = 0
        for window in windows {
            let scored = try #require(ScoredWindow(window, globalSeq: 1, nanos: Self.start))
            let (a, b) = (try scorers.0.verdict(scored), try scorers.1.verdict(scored))
            if a.isPublished == b.isPublished { largest = max(largest, (b.microSigma - a.microSigma).magnitude) }
        }
        #expect(changes.first == largest)
    }

    @Test func `two keys that only together lift a window are an interaction`() throws {
        // Alone, neither the patch nor the lower tau is enough.
        let window = Self.window("a", quality: 0.36, deltaPhi: 0.24, mx: 0)
        let scored = try #require(ScoredWindow(window, globalSeq: 1, nanos: Self.start))
        let patch = Self.gate("P-1", theta: -0.2, phi: 1.15)
        let (plain, lifted) = (
            try WindowScorer(.empty, owner: .sig).verdict(scored).microSigma,
            try WindowScorer(PriorsSet([patch]), owner: .sig).verdict(scored).microSigma
        )
        #expect(plain < lifted && lifted < 350_000)
        let tau = Double(plain + lifted) / 2e6
        let found = try Self.effects([window], [], [patch, Self.knob("sig.tau_publish", tau)])
        #expect(found.keys.map(\.sums.appeared) == [0, 0])
        #expect(found.interaction.appeared == 1 && found.total.appeared == 1)
        #expect(found.interaction.changed == -1)
        #expect(found.flips.map(\.keys) == [[]] && found.text.contains("appears: only together"))
    }

    @Test func `a window that lacks a part of its score is passed over and counted`() throws {
        var half = Self.window("half")
        half.baseTheta = nil
        let found = try Self.effects([half, Self.window("whole")], [], [Self.knob("sig.blend_u", 0.4)])
        #expect(found.windowCount == 1 && found.passedOverCount == 1)
        #expect(found.text.contains("1 without all parts"))
    }

    @Test func `a recorded score is held against the one that its own priors give`() throws {
        var (right, wrong) = (Self.window("right"), Self.window("wrong"))
        let scored = try #require(ScoredWindow(right, globalSeq: 1, nanos: Self.start))
        let sigma = Double(try WindowScorer(.empty, owner: .sig).verdict(scored).microSigma) / 1e6
        (right.sigma, wrong.sigma) = (sigma, 0.123)
        right.priorsVersion = "sig:2026-01-02.v1"
        wrong.priorsVersion = "sig:2026-01-02.v1"
        var other = right
        other.priorsVersion = "sig:2026-01-02.v7"
        let found = try Self.effects([right, wrong, other], [], [Self.knob("sig.blend_u", 0.4)])
        #expect(found.recordedCount == 2 && found.reproducedCount == 1)
    }

    @Test func `only the windows that are asked for are scored`() throws {
        let windows = (0..<10).map { Self.window("\($0)") }
        let range = (Self.start + 3 * Story.minute)...(Self.start + 5 * Story.minute)
        #expect(try Self.effects(windows, [], [], eventNanos: range).windowCount == 3)
    }

    @Test func `a patch whose time has run out does nothing`() throws {
        var patch = Self.gate("P-1", theta: -0.2, phi: 1.15)
        patch.fromNanos = Self.start - 100 * Story.minute
        patch.untilNanos = Self.start + 2 * Story.minute
        let windows = (0..<4).map { Self.window("\($0)", quality: 0.8) }
        let found = try Self.effects(windows, [], [patch])
        // Two windows before its end, with less and less of it left.
        #expect(found.total.changed == 2 && found.windowCount == 4)
        let changes = found.flips.map(\.change)
        #expect(changes.count == 2 && changes[0] > changes[1] && changes[1] > 0)
    }

    @Test func `the JSON says what the text says`() throws {
        let found = try Self.effects(
            [Self.window("a", quality: 0.35, deltaPhi: 0.3)], [], [Self.gate("P-1", theta: -0.2, phi: 1.15)])
        let parsed = try #require(try JSONSerialization.jsonObject(with: Data(found.json.utf8)) as? [String: Any])
        #expect((parsed["total"] as? [String: Int])?["appear"] == 1)
        #expect(((parsed["flips"] as? [[String: Any]])?.first?["fate"] as? String) == "appears")
        #expect(found.text.contains("\n+ \(EventID(module: .sig, key: "a", eventNanos: Self.start))"))
    }

    @Test(arguments: [(Int64(0), "0.000000"), (-1, "-0.000001"), (1_500_000, "1.500000"), (-12_345_678, "-12.345678")])
    func `millionths are written as decimals`(_ micro: Int64, _ text: String) {
        #expect(PriorsEffects.decimal(micro) == text)
    }
}

extension String {
    fileprivate var asKey: PriorKey { PriorKey(self) }
}
