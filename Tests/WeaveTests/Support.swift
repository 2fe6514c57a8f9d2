import Events
import Foundation
import LogFormat
import Statistics
import Testing
import Weave

/// Seeds of the property tests; a failure prints its own.
let seeds: [UInt64] = [1, 2, 3, 20_260_101, 0xDEAD_BEEF]

/// An id that sorts by its number.
func braidID(_ number: UInt64) -> BraidID { BraidID(ULID(high: 0, low: number)) }
func eventID(_ number: UInt64) -> EventID { EventID(ULID(high: 7, low: number)) }

/// Whether two numbers agree to 12 digits.
func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1, abs(b)) }

/// The examples of EX-10: their shifts and rules.
enum Example {
    static let b1Rule = Rule([
        Literal("mx", .greater, "0.6"), Literal("depth_slope", .less, "-0.5"), Literal("OI_pctl", .greater, "70"),
    ])
    static let b2Rule = Rule([Literal("session", .equal, "US"), Literal("mx", .greater, "0.7")])

    static func b1() throws -> Braid {
        var braid = Braid(braidID(1))
        braid.detector = "breakout_v3"
        braid.rule = b1Rule
        braid.shift = try Shift(thetaDelta: -0.12, phiMult: 1.06)
        return braid
    }

    static func b2() throws -> Braid {
        var braid = Braid(braidID(2))
        braid.rule = b2Rule
        braid.shift = try Shift(phiMult: 1.04)
        return braid
    }

    static let target = PatchTarget(detector: "breakout_v3", asset: "BTC-USD", horizon: "1h")
    /// A window where B1 and B2 fire.
    static let window = ContextWindow(
        numbers: ["mx": 0.75, "depth_slope": -0.6, "OI_pctl": 80], bins: ["session": "US"])
}

/// Random shifts and choices from a seed.
struct Draw {
    var stream: Xoshiro256

    init(_ seed: UInt64) { stream = Xoshiro256(seed: seed) }

    mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * stream.uniform() }

    mutating func shift() throws -> Shift {
        var knobs: [KnobChange] = []
        if stream.index(below: 2) == 1 { knobs.append(KnobChange("dm.a", .additive, uniform(-0.1, 0.1))) }
        if stream.index(below: 2) == 1 { knobs.append(KnobChange("tr.b", .multiplicative, uniform(0.9, 1.1))) }
        return try Shift(thetaDelta: uniform(-0.2, 0.2), phiMult: uniform(0.87, 1.15), knobs: knobs)
    }
}
