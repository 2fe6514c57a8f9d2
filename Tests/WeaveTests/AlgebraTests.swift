import Events
import Statistics
import Testing
import Weave

/// The algebra of BRD-10…17 and the examples EX-09…12.
@Suite struct AlgebraTests {
    static let pair: [Composition] = [.braid(braidID(1)), .braid(braidID(2))]

    static func shift(_ composition: Composition) throws -> Shift? {
        let shifts = [braidID(1): try Example.b1().shift, braidID(2): try Example.b2().shift]
        return try composition.shift { shifts[$0] }
    }

    @Test func `EX-09: a relief of 0.12 stops at the floor of 0.05`() {
        #expect(near(Caps.standard.theta(0.22, shiftedBy: -0.12), 0.10))
        #expect(Caps.standard.theta(0.15, shiftedBy: -0.12) == 0.05)
    }

    @Test func `EX-10: INTERSECT of B1 and B2 is (-0.12, 1.1024) with 4 literals`() throws {
        let both = try #require(try Self.shift(.intersect(Self.pair)))
        #expect(both.thetaDelta == -0.12)
        #expect(near(both.phiMult, 1.1024))
        let rule = try Rule.composed([Example.b1Rule, Example.b2Rule])
        #expect(rule.text == "OI_pctl>70 & depth_slope<-0.5 & mx>0.7 & session==US")
    }

    @Test func `EX-11: UNION, ATTENUATE, LIFT_ONLY, PENALTY_ONLY and EXCEPT of B1 and B2`() throws {
        let union = try #require(try Self.shift(.union(Self.pair.map { .init($0, weight: 1) })))
        #expect(near(union.thetaDelta, -0.06))
        #expect(near(union.phiMult, (1.06 * 1.04).squareRoot()))
        #expect((union.phiMult * 1e5).rounded() == 104_995)
        let weak = try #require(try Self.shift(.attenuate(Self.pair[0], 0.8)))
        #expect(near(weak.thetaDelta, -0.096))
        #expect((weak.phiMult * 1e5).rounded() == 104_772)
        #expect(try Self.shift(.liftOnly(Self.pair[0])) == Shift(phiMult: 1.06))
        #expect(try Self.shift(.penaltyOnly(Self.pair[0])) == Shift(thetaDelta: -0.12))
        let weekend: Composition = .braid(braidID(3))
        #expect(try Self.shift(.except(Self.pair[0], [weekend])) == Example.b1().shift)
        #expect(try Self.shift(.except(Self.pair[0], [Self.pair[1]])) == nil)
    }

    @Test func `a union's weights are renormalised over the parents that fire`() throws {
        let parts: [Composition.Part] = [
            .init(Self.pair[0], weight: 0.2), .init(Self.pair[1], weight: 0.3), .init(.braid(braidID(9)), weight: 0.5),
        ]
        let union = try #require(try Self.shift(.union(parts)))
        #expect(near(union.thetaDelta, -0.12 * 0.4))
    }

    @Test(arguments: seeds) func `the laws hold for random braids`(_ seed: UInt64) throws {
        var draw = Draw(seed)
        for _ in 0..<200 {
            var shifts: [BraidID: Shift] = [:]
            for number in 1...4 as ClosedRange<UInt64> { shifts[braidID(number)] = try draw.shift() }
            func result(_ composition: Composition) throws -> Shift? { try composition.shift { shifts[$0] } }
            let leaves = (1...4 as ClosedRange<UInt64>).map { Composition.braid(braidID($0)) }
            let order = draw.stream.permutation(4)
            let weights = leaves.map { _ in draw.uniform(0.1, 3) }
            let parts = leaves.indices.map { Composition.Part(leaves[$0], weight: weights[$0]) }
            let moved = order.map { parts[$0] } + [parts[order[0]]]
            #expect(try result(.union(parts)) == result(.union(moved)), "UNION, seed \(seed)")
            let all = try result(.intersect(leaves))
            let repeated = order.map { leaves[$0] } + [leaves[order[1]]]
            #expect(try result(.intersect(repeated)) == all, "INTERSECT, seed \(seed)")
            func both(_ a: Composition, _ b: Composition) -> Composition { .intersect([a, b]) }
            let left = both(both(both(leaves[0], leaves[1]), leaves[2]), leaves[3])
            let right = both(leaves[0], both(leaves[1], both(leaves[2], leaves[3])))
            #expect(try result(left) == all, "INTERSECT regrouped, seed \(seed)")
            #expect(try result(right) == all, "INTERSECT regrouped, seed \(seed)")
            #expect(try result(.attenuate(leaves[0], 1)) == shifts[braidID(1)], "ATTENUATE(1), seed \(seed)")
            let caps = Caps(thetaMin: draw.uniform(0, 0.2), phiMultMax: draw.uniform(1, 1.2))
            let one = try #require(try result(.attenuate(left, draw.uniform(0.01, 1))))
            #expect(caps.theta(draw.uniform(0, 1), shiftedBy: one.thetaDelta) >= caps.thetaMin, "seed \(seed)")
            #expect(caps.phi(draw.uniform(0.5, 2), multipliedBy: one.phiMult) <= caps.phiMultMax, "seed \(seed)")
        }
    }

    @Test func `knobs follow the same algebra, each by its kind`() throws {
        let one = try Shift(knobs: [KnobChange("dm.t", .multiplicative, 1.1), KnobChange("dm.s", .additive, 0.04)])
        let two = try Shift(knobs: [KnobChange("dm.s", .additive, 0.02)])
        let both = try Shift.intersect([one, two])
        #expect(both.knobs.map(\.knob) == ["dm.s", "dm.t"])
        #expect(near(both.knobs[0].amount, 0.06) && both.knobs[1].amount == 1.1)
        let mean = try Shift.union([WeightedShift(1, one), WeightedShift(1, two)])
        #expect(near(mean.knobs[0].amount, 0.03) && near(mean.knobs[1].amount, 1.1.squareRoot()))
        #expect(near(try one.attenuated(by: 0.5).knobs[1].amount, 1.1.squareRoot()))
    }

    @Test func `what cannot be computed is refused with what was found and expected`() throws {
        #expect(throws: WeaveError.self) { try Shift(phiMult: 0) }
        #expect(throws: WeaveError.self) { try Shift(thetaDelta: .nan) }
        #expect(throws: WeaveError.self) { try Shift.union([]) }
        #expect(throws: WeaveError.self) { try Shift.union([WeightedShift(0, .neutral)]) }
        let error = #expect(throws: WeaveError.self) { try Shift.neutral.attenuated(by: 1.5) }
        #expect(error?.description.contains("found a factor of 1.5, expected a factor above 0 and at most 1") == true)
    }

    @Test func `a field braid makes the caps stricter, never wider`() throws {
        let stricter = try Shift(knobs: [
            KnobChange(Caps.thetaMinKey, .additive, 0.02), KnobChange(Caps.phiMultMaxKey, .multiplicative, 0.95),
        ])
        let caps = Caps.standard.tightened(byPolicy: stricter)
        #expect(near(caps.thetaMin, 0.07) && near(caps.phiMultMax, 1.0925))
        let wider = try Shift(knobs: [KnobChange(Caps.phiMultMaxKey, .multiplicative, 1.2)])
        #expect(Caps.standard.tightened(byPolicy: wider) == .standard)
    }
}
