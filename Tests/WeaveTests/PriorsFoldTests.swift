import Events
import LogFormat
import Statistics
import Testing
import Weave

/// Rebuilding the priors from their events (PRI-28), and the nightly map (PRI-22).
@Suite struct PriorsFoldTests {
    @Test(arguments: seeds) func `folding from genesis gives the same set and hash`(_ seed: UInt64) throws {
        let log = try Priors.history(seed)
        #expect(log.records.count > 60, "seed \(seed)")
        var rebuilt = PriorsState(rules: Priors.sig)
        try rebuilt.fold(log.records)
        #expect(rebuilt == log.state, "seed \(seed)")
        let last = log.records.compactMap { if case .minted(let event) = $0.event { event } else { nil } }.last
        #expect(rebuilt.current.hash == last?.setHash && rebuilt.version == last?.priorsVersion, "seed \(seed)")
        for record in log.records {
            guard case .snapshot(let event) = record.event else { continue }
            #expect(PriorsSet(event.after).hash == event.afterHash, "seed \(seed), \(event.priorsVersion)")
        }
    }

    @Test(arguments: seeds) func `folding in two parts is folding in one`(_ seed: UInt64) throws {
        let log = try Priors.history(seed)
        var draw = Draw(seed &+ 99)
        for _ in 0..<10 {
            let cut = draw.stream.index(below: log.records.count)
            var state = PriorsState(rules: Priors.sig)
            try state.fold(Array(log.records[..<cut]))
            var second = state
            try second.fold(Array(log.records[cut...]))
            #expect(second == log.state, "cut at \(cut), seed \(seed)")
        }
    }

    @Test(arguments: seeds) func `events that come twice change nothing`(_ seed: UInt64) throws {
        let log = try Priors.history(seed)
        var draw = Draw(seed &+ 7)
        var state = PriorsState(rules: Priors.sig)
        for (index, record) in log.records.enumerated() {
            try state.fold(record)
            try state.fold(log.records[draw.stream.index(below: index + 1)])
        }
        try state.fold(log.records)
        #expect(state == log.state, "seed \(seed)")
        #expect(Set(log.records.map(\.event.id)).count == log.records.count, "ids differ, seed \(seed)")
    }

    @Test func `the same requests give the same events`() throws {
        #expect(try Priors.history(5).records == Priors.history(5).records)
    }

    @Test func `a lost event is noticed at the next version`() throws {
        let log = try Priors.history(1)
        var lost = log.records
        let place = try #require(lost.firstIndex { if case .applied = $0.event { true } else { false } })
        lost.remove(at: place)
        var state = PriorsState(rules: Priors.sig)
        let error = #expect(throws: WeaveError.self) { try state.fold(lost) }
        #expect(error?.code == .brokenFold)
    }

    @Test func `every field of a prior is in the hash`() {
        var prior = ActivePrior()
        let plain = PriorsSet([prior]).hash
        let mutations: [(inout ActivePrior) -> Void] = [
            { $0.key = "a" }, { $0.effect.thetaDelta = 0.1 }, { $0.effect.phiMult = 1.1 }, { $0.effect.thetaMin = 0.1 },
            { $0.effect.phiMultMax = 1.1 }, { $0.effect.knobs = [KnobChange()] }, { $0.value = 0 },
            { $0.patchID = "p" }, { $0.braidID = braidID(1) }, { $0.operatorEventID = eventID(1) },
            { $0.rule = [Literal("a", .less, "1")] }, { $0.fromNanos = 1 }, { $0.untilNanos = 1 },
            { $0.confidence = 0 },
        ]
        for (index, mutate) in mutations.enumerated() {
            prior = ActivePrior()
            mutate(&prior)
            #expect(PriorsSet([prior]).hash != plain, "mutation \(index)")
        }
    }

    static let knobs = [
        Knob("sig.a", .additive, base: 0.5, range: 0...1, step: 0.1),
        Knob("sig.b", .additive, base: 1, range: 0.5...2, step: 0.3),
        Knob("sig.c", .additive, base: 0, range: -1...1, step: 2),
    ]

    @Test(arguments: seeds) func `PRI-22: the nightly map is a contraction, within its steps`(_ seed: UInt64) throws {
        let map = try PriorsMap(knobs: Self.knobs, target: [0.9, 0.2, 0.3])
        let checked = map.check(pairs: 2000, seed: seed)
        #expect(checked.estimate <= 0.95 && checked.estimate > 0.5 && checked.seed == seed, "\(checked.estimate)")
        #expect(checked == map.check(pairs: 2000, seed: seed))
        var draw = Draw(seed)
        for _ in 0..<200 {
            let priors = Self.knobs.map { draw.uniform($0.range.lowerBound, $0.range.upperBound) }
            let after = map.applied(to: priors)
            for index in after.indices {
                #expect(abs(after[index] - priors[index]) <= Self.knobs[index].nightStep + 1e-12, "seed \(seed)")
                #expect(Self.knobs[index].range.contains(after[index]), "seed \(seed)")
            }
        }
    }

    @Test func `a step cut off at a cap is no contraction, and the check says so`() {
        let knob = [Knob("sig.a", .additive, base: 0.5, range: 0...1, step: 0.1)]
        let cut = PriorsMap.check(knob, pairs: 2000, seed: 1) { [$0[0] + min(max(0.5 * (1 - $0[0]), -0.1), 0.1)] }
        #expect(cut.estimate > 0.999)
    }

    @Test func `a step too small to contract is refused`() {
        let knob = Knob("sig.a", .additive, base: 0.5, range: 0...1, step: 0.01)
        let error = #expect(throws: WeaveError.self) { try PriorsMap(knobs: [knob], target: [0.5]) }
        #expect(error?.code == .contraction)
    }
}
