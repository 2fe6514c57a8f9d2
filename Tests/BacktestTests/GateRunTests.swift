import BacktestTesting
import Contracts
import DetectorYAML
import Events
import LogEngine
import LogFormat
import Runtime
import SignalEngine
import Specimens
import Testing
import Weave

@testable import Backtest

/// Gates of given priors in a run: effective patches on the record, and in the scores (BRD-33, BRD-40, EVT-08, REP-11).
@Suite struct GateRunTests {
    static let detector = "candle_body_v1"

    /// Priors with a gate on the weekend, as another root recorded them long before.
    static func priors(_ literal: Literal = Literal("weekend", .equal, "yes")) throws -> [PriorsRecord] {
        var state = PriorsState(rules: PriorsRules(owner: .sig, knobs: Fleet.knobs(of: .sig)))
        let cause = PriorsCause(nanos: TradeMarket.monday - 48 * TradeMarket.hour, seenGlobalSeq: 777)
        var records = try state.genesis(cause)
        try state.fold(records)
        var gate = Patch()
        gate.patchID = "P-weekend"
        gate.key = PriorKey("gate:\(detector):5m:1a2b")
        gate.effect = Effect(thetaDelta: -0.12, phiMult: 1.06, thetaMin: 0.05)
        gate.braidID = BraidID(ULID(high: 3, low: 4))
        gate.rule = [literal]
        records += try state.propose([AskedPatch(gate)], cause)
        return records
    }

    static func run(_ root: String, _ priors: [PriorsRecord], to nanos: Int64 = .max) throws -> NightTests.Heard {
        let heard = NightTests.Heard()
        var pipeline = try SignalPipeline(TradeMarket.engine(), output: heard, priors: priors)
        let feed = try MarketFeed([root])
        var control = Cut(nanos: nanos)
        _ = try feed.run(into: &pipeline, control: &control)
        _ = try pipeline.finish(nowNanos: nanos == .max ? feed.nowNanos : nanos)
        return heard
    }

    @Test func `a gate acts where its rule holds, and every change of it is on the record`() throws {
        let scratch = try Scratch()
        let root = try TradeMarket.write(scratch.path)
        let given = try Self.priors()
        let heard = try Self.run(root, given)
        // What was taken over stands at the beginning, under its own ids, with what this run had seen.
        let applied = try #require(heard.all(PatchApplied.self).first { $0.asked.patchID == "P-weekend" })
        #expect(given.map(\.event.id).contains(applied.lineage.id) && applied.lineage.seenGlobalSeq < 777)
        let versions = heard.all(VersionMinted.self).map(\.priorsVersion)
        #expect(versions.prefix(2) == ["sig:2026-02-28.v1", "sig:2026-02-28.v2"])

        var inForce: [AssetID: EffectivePatchComputed] = [:]
        var (acting, neutral, matched) = (0, 0, 0)
        for entry in heard.entries {
            if let patch = entry.event as? EffectivePatchComputed {
                #expect(patch.detectorID == DetectorID(Self.detector) && patch.horizon == "5m")
                #expect(inForce[patch.asset]?.hash != patch.hash, "written when it changes, and only then")
                #expect(patch.braids.isEmpty || patch.braids.map(\.braidID) == [BraidID(ULID(high: 3, low: 4))])
                inForce[patch.asset] = patch
            }
            guard let window = entry.event as? SignalScored else { continue }
            guard let hash = window.effectivePatch else {
                guard window.detectorID == DetectorID(Self.detector), window.kernel?.theta != nil else { continue }
                if entry.nanos >= TradeMarket.monday {
                    neutral += 1
                    #expect(inForce[window.symbol]?.braids.isEmpty == true)
                } else {
                    // Only the window of the first refresh has a penalty and no patch yet.
                    #expect(inForce[window.symbol] == nil)
                }
                continue
            }
            let patch = try #require(inForce[window.symbol])
            #expect(window.detectorID == DetectorID(Self.detector) && entry.nanos < TradeMarket.monday)
            #expect(patch.hash == hash && patch.trace.contains("B-") && patch.priorsVersion == window.priorsVersion)
            guard let steps = window.steps else { continue }
            acting += 1
            #expect(steps.thetaDelta == -0.12 && steps.phiFactor == 1.06 && steps.thetaFloor == 0.05)
            // A refresh inside of the window shows in the next one's patch.
            guard steps.relievedTheta == patch.thetaBefore else { continue }
            matched += 1
            #expect(window.kernel?.theta == patch.thetaAfter)
        }
        #expect(acting > 100 && neutral > 100 && matched > acting * 9 / 10)
        // A penalty that moved at a refresh is another patch; nothing else changed on the way.
        let count = heard.all(EffectivePatchComputed.self).count
        let refreshes = heard.all(KernelStateUpdated.self).count { $0.detectorID == DetectorID(Self.detector) }
        #expect(count >= 4 && count <= refreshes + 2)
        let told = heard.entries.map { (nanos: $0.nanos, text: "\($0.event)") }
        for cut in [TradeMarket.monday - 1, TradeMarket.monday, TradeMarket.monday + TradeMarket.hour / 2] {
            let part = try Self.run(root, given, to: cut).entries.filter { $0.nanos <= cut }
            let before = told.prefix { $0.nanos <= cut }
            #expect(part.count == before.count && !before.isEmpty, "cut at \(cut)")
            let same = zip(part, before).allSatisfy { $0.nanos == $1.nanos && "\($0.event)" == $1.text }
            #expect(same, "cut at \(cut)")
        }
    }

    @Test func `without a gate, or where no rule holds, there is no patch and no record`() throws {
        let scratch = try Scratch()
        let root = try TradeMarket.write(scratch.path)
        let never = try Self.priors(Literal("session", .equal, "EU"))
        for given in [[], never] {
            let heard = try Self.run(root, given)
            #expect(heard.all(EffectivePatchComputed.self).isEmpty)
            #expect(heard.all(SignalScored.self).allSatisfy { $0.effectivePatch == nil })
        }
    }
}
