import Events
import Testing
import Weave

/// The effective patch of a detector on an asset (BRD-33…36, BRD-40).
@Suite struct EffectivePatchTests {
    /// M1 = B1 and B2, composed.
    static func m1() -> Braid {
        var braid = Braid(braidID(10))
        braid.type = .meta
        braid.composition = .intersect
        braid.parents = [braidID(1), braidID(2)]
        braid.rule = Rule(Example.b1Rule.literals + Example.b2Rule.literals)
        braid.quality = 0.1
        return braid
    }

    /// F1: weekend, low depth and high spread make the caps stricter.
    static func f1() throws -> Braid {
        var braid = Braid(braidID(20))
        braid.type = .field
        braid.rule = Rule([
            Literal("weekend", .equal, "yes"), Literal("depth_pctl", .less, "20"), Literal("spread_bps", .greater, "5"),
        ])
        braid.shift = try Shift(knobs: [
            KnobChange(Caps.thetaMinKey, .additive, 0.02), KnobChange(Caps.phiMultMaxKey, .multiplicative, 0.95),
        ])
        return braid
    }

    static var weekend: ContextWindow {
        var window = Example.window
        window.bins["weekend"] = "yes"
        window.numbers["depth_pctl"] = 10
        window.numbers["spread_bps"] = 8
        return window
    }

    static func compute(
        _ braids: [Braid], window: ContextWindow = Example.window, theta: Double = 0.22,
        nearIdentical: [(BraidID, BraidID)] = []
    ) throws -> EffectivePatch {
        try EffectivePatch.compute(
            BraidGraph(braids), target: Example.target, window: window, theta: theta, nearIdentical: nearIdentical)
    }

    @Test func `EX-12: M1 with the field braid F1 gives caps 0.07 and 1.0925, theta 0.10, phi 1.0925`() throws {
        let patch = try Self.compute([Example.b1(), Example.b2(), Self.m1(), Self.f1()], window: Self.weekend)
        #expect(near(patch.caps.thetaMin, 0.07) && near(patch.caps.phiMultMax, 1.0925))
        #expect(near(patch.thetaAfter, 0.10) && near(patch.phiAfter, 1.0925))
        #expect(patch.cuts.map(\.what) == ["phi_mult"] && patch.cuts.first?.type == .meta)
    }

    @Test func `EX-12: the stronger M1 of (-0.18, 1.10) stops at theta 0.07, phi 1.0925`() throws {
        var strong = Braid(braidID(10))
        strong.type = .meta
        strong.shift = try Shift(thetaDelta: -0.18, phiMult: 1.10)
        let patch = try Self.compute([strong, Self.f1()], window: Self.weekend)
        #expect(near(patch.thetaAfter, 0.07) && near(patch.phiAfter, 1.0925))
    }

    @Test func `an effective patch's record says who acts, what caps took and what a strand's hash names`() throws {
        let patch = try Self.compute([Example.b1(), Example.b2(), Self.m1(), Self.f1()], window: Self.weekend)
        let event = patch.computed(under: "sig:2025-09-05.v1", lineage: Lineage())
        #expect(event.hash == patch.hash && event.trace == patch.text)
        #expect(event.detectorID == patch.target.detector && event.asset == patch.target.asset)
        #expect(event.braids.map(\.type) == [.meta, .field] && event.braids.map(\.weight) == [1, 1])
        #expect(event.braids.map(\.braidID) == patch.scopes.flatMap { $0.members.map(\.id) })
        #expect(near(event.thetaAfter, 0.10) && near(event.phiAfter, 1.0925) && event.phiBefore == 1)
        #expect(event.cuts.map(\.what) == ["phi_mult"] && event.cuts.map(\.applied) == patch.cuts.map(\.applied))
        #expect(event.priorsVersion == "sig:2025-09-05.v1")
    }

    @Test func `a firing composed braid consumes its firing parents`() throws {
        let patch = try Self.compute([Example.b1(), Example.b2(), Self.m1()])
        #expect(patch.scopes.map(\.type) == [.meta])
        #expect(near(patch.asked.thetaDelta, -0.12) && near(patch.asked.phiMult, 1.1024))
        #expect(patch.yielded.map(\.id) == [braidID(1), braidID(2)])
        #expect(patch.yielded.allSatisfy { $0.to == braidID(10) && $0.reason == .usedByChild })
        var elsewhere = Example.window
        elsewhere.bins["session"] = "EU"
        let alone = try Self.compute([Example.b1(), Example.b2(), Self.m1()], window: elsewhere)
        #expect(alone.scopes.map(\.type) == [.micro] && alone.yielded.isEmpty)
        #expect(alone.asked == (try Example.b1().shift))
    }

    @Test func `a composition of a composition consumes all that it descends from`() throws {
        var top = Braid(braidID(30))
        top.type = .meta
        top.composition = .attenuate
        top.attenuation = 0.5
        top.parents = [braidID(10)]
        let patch = try Self.compute([Example.b1(), Example.b2(), Self.m1(), top])
        #expect(patch.scopes.flatMap(\.members).map(\.id) == [braidID(30)])
        #expect(near(patch.asked.thetaDelta, -0.06) && near(patch.asked.phiMult, 1.1024.squareRoot()))
    }

    @Test func `a lesson counts once where two compositions want it`() throws {
        var union = Braid(braidID(11))
        union.type = .meta
        union.composition = .union
        union.parents = [braidID(2), braidID(3)]
        union.quality = 0.9
        var third = Braid(braidID(3))
        third.shift = try Shift(thetaDelta: -0.01)
        let patch = try Self.compute([Example.b1(), Example.b2(), third, Self.m1(), union])
        #expect(patch.scopes.flatMap(\.members).map(\.id) == [braidID(3), braidID(10)])
        #expect(patch.yielded.first { $0.id == braidID(11) }?.reason == .sharesParent)
    }

    @Test func `where EXCEPT forbids, its first parent does not act by itself either`() throws {
        var weekend = Braid(braidID(3))
        weekend.rule = Rule([Literal("weekend", .equal, "yes")])
        weekend.state = .proposed
        var except = Braid(braidID(12))
        except.type = .meta
        except.composition = .except
        except.parents = [braidID(1), braidID(3)]
        let braids = [try Example.b1(), weekend, except]
        let week = try Self.compute(braids)
        #expect(week.scopes.flatMap(\.members).map(\.id) == [braidID(12)])
        #expect(week.asked == (try Example.b1().shift))
        let off = try Self.compute(braids, window: Self.weekend)
        #expect(off.scopes.isEmpty && off.thetaAfter == 0.22)
        #expect(off.yielded.map(\.reason) == [.forbidden] && off.yielded.map(\.to) == [braidID(12)])
    }

    @Test func `siblings merge by union in proportion to their quality, scopes by sum and product`() throws {
        var (one, two) = (try Example.b1(), try Example.b2())
        (one.quality, two.quality) = (0.3, 0.1)
        var field = Braid(braidID(20))
        field.type = .field
        field.shift = try Shift(thetaDelta: 0.01, phiMult: 0.98)
        let patch = try Self.compute([one, two, field])
        #expect(patch.scopes.map(\.type) == [.micro, .field])
        #expect(patch.scopes[0].members.map(\.weight).map { ($0 * 1e9).rounded() } == [0.75e9, 0.25e9])
        #expect(near(patch.asked.thetaDelta, -0.09 + 0.01))
        #expect(near(patch.thetaAfter, 0.22 - 0.08))
        (one.quality, two.quality) = (3e-6, -1)
        let floored = try Self.compute([one, two]).scopes[0].members.map(\.weight)
        #expect(near(floored[0], 0.75) && near(floored[1], 0.25))
        one.quality = -1
        two.quality = 0
        #expect(try Self.compute([one, two]).scopes[0].members.map(\.weight) == [0.5, 0.5])
    }

    @Test func `precedence is quality, then the stricter rule, then the id`() throws {
        var (one, two) = (try Example.b1(), try Example.b2())
        #expect(try Self.compute([two, one]).scopes[0].members.map(\.id) == [braidID(1), braidID(2)])
        two.firingShare = 0.1
        #expect(try Self.compute([two, one]).scopes[0].members.map(\.id) == [braidID(2), braidID(1)])
        one.quality = 0.01
        #expect(try Self.compute([two, one]).scopes[0].members.map(\.id) == [braidID(1), braidID(2)])
        let patch = try Self.compute([two, one], nearIdentical: [(braidID(2), braidID(1))])
        #expect(patch.scopes[0].members.map(\.id) == [braidID(1)])
        #expect(patch.yielded.map(\.id) == [braidID(2)] && patch.yielded.map(\.to) == [braidID(1)])
        #expect(patch.yielded.map(\.reason) == [.nearIdentical])
    }

    @Test func `archived braids act nowhere, proposed ones only as parts, other targets are left alone`() throws {
        var (one, two) = (try Example.b1(), try Example.b2())
        one.state = .archived
        #expect(try Self.compute([one, two, Self.m1()]).scopes.map(\.type) == [.micro])
        (one.state, two.state) = (.proposed, .proposed)
        #expect(try Self.compute([one, two]).scopes.isEmpty)
        #expect(try Self.compute([one, two, Self.m1()]).scopes.map(\.type) == [.meta])
        one.state = .active
        one.detector = "meanrev_v1"
        #expect(try Self.compute([one]).scopes.isEmpty)
    }

    @Test func `a sunset effect fades in a straight line over the last fifth`() throws {
        #expect(Braid.strength(at: 79, from: 0, until: 100) == 1)
        #expect(near(Braid.strength(at: 90, from: 0, until: 100), 0.5))
        #expect(Braid.strength(at: 100, from: 0, until: 100) == 0)
        var one = try Example.b1()
        one.strength = 0.5
        #expect(near(try Self.compute([one]).asked.thetaDelta, -0.06))
        one.strength = 0
        #expect(try Self.compute([one]).scopes.isEmpty)
    }

    @Test func `cycles, strangers and twins are refused`() throws {
        var (a, b) = (Braid(braidID(1)), Braid(braidID(2)))
        (a.composition, b.composition) = (.union, .union)
        (a.parents, b.parents) = ([braidID(2)], [braidID(1)])
        func code(_ braids: [Braid]) -> WeaveError.Code? {
            (#expect(throws: WeaveError.self) { try BraidGraph(braids) })?.code
        }
        #expect(code([a, b]) == .cycle)
        #expect(code([a]) == .unknownBraid)
        #expect(try code([Example.b1(), Example.b1()]) == .unknownBraid)
        a.parents = []
        #expect(code([a]) == .noParents)
    }

    @Test func `the trace says which braids, composed how, and what the caps took`() throws {
        let braids = [try Example.b1(), try Example.b2(), Self.m1(), try Self.f1()]
        let patch = try Self.compute(braids, window: Self.weekend)
        let lines = patch.text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "effective patch of breakout_v3 on BTC-USD at 1h")
        let composed = "  \(braidID(10)) = INTERSECT(\(braidID(1)), \(braidID(2))) -> (-0.12, 1.1024"
        #expect(lines.contains { $0.hasPrefix(composed) })
        #expect(lines.contains("yields: \(braidID(1)), used by \(braidID(10))"))
        #expect(lines.contains { $0.hasPrefix("cut: phi_mult of meta from 1.1024") })
        let reversed = try Self.compute(Array(braids.reversed()), window: Self.weekend)
        #expect(reversed == patch && reversed.hash == patch.hash)
    }

    @Test(arguments: seeds) func `whatever fires, the result stays inside the caps`(_ seed: UInt64) throws {
        var draw = Draw(seed)
        for _ in 0..<100 {
            var braids: [Braid] = []
            for number in 1...9 as ClosedRange<UInt64> {
                var braid = Braid(braidID(number))
                braid.type = [.micro, .meta, .field][Int(number % 3)]
                braid.shift = try draw.shift()
                braid.quality = draw.uniform(-0.1, 0.2)
                braids.append(braid)
            }
            let theta = draw.uniform(0, 1)
            let patch = try Self.compute(braids, theta: theta)
            #expect(patch.thetaAfter >= patch.caps.thetaMin && patch.phiAfter <= patch.caps.phiMultMax, "seed \(seed)")
            let sum = patch.scopes.reduce(theta) { $0 + $1.shift.thetaDelta }
            #expect(near(patch.thetaAfter, max(0.05, sum)), "seed \(seed)")
        }
    }
}
