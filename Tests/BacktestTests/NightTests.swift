import BacktestTesting
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

/// The priors of a run and its nights (JOB-13, SIG-09, SIG-11, PRI-05, PRI-06).
@Suite struct NightTests {
    /// Keeps what a pipeline or a desk says, in order.
    final class Heard: EventOutput {
        struct Entry {
            let nanos: Int64
            let event: any LogEvent
        }

        private(set) var entries: [Entry] = []
        private(set) var lastGlobalSeq: UInt64 = 0

        func append<Event: LogEvent>(
            _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
        ) throws(LogError) -> Place {
            lastGlobalSeq += 1
            entries.append(Entry(nanos: eventNanos, event: event))
            return Place(module: module, seq: lastGlobalSeq, globalSeq: lastGlobalSeq)
        }

        func all<Event: LogEvent>(_ type: Event.Type) -> [Event] { entries.compactMap { $0.event as? Event } }
    }

    /// The same, as the engine's and the desk's output.
    struct Told: ScoredKeeper {
        var scored: [SignalScored] = []
        var others: [any DomainEvent] = []
        mutating func append(_ event: some DomainEvent) {
            if let event = event as? SignalScored { scored.append(event) } else { others.append(event) }
        }

        func all<Event: DomainEvent>(_ type: Event.Type) -> [Event] { others.compactMap { $0 as? Event } }
    }

    static let hour = TradeMarket.hour
    static let monday = TradeMarket.monday

    @Test func `a night begins at midnight of UTC, whatever the year`() {
        #expect(PriorsDesk.midnight(after: Self.monday) == Self.monday + 24 * Self.hour)
        #expect(PriorsDesk.midnight(after: Self.monday - 1) == Self.monday)
        #expect(PriorsDesk.midnight(after: -1) == 0 && PriorsDesk.midnight(after: 0) == 24 * Self.hour)
        #expect(PriorsDesk.midnight(after: -24 * Self.hour) == 0)
        #expect(PriorsDesk.midnight(after: .max) == .max && PriorsDesk.midnight(after: .max - 1) == .max)
        #expect(PriorsDesk.midnight(after: .min) < .min + 24 * Self.hour)
    }

    @Test func `knobs without any patch are the engine's defaults`() throws {
        var desk = PriorsDesk(seed: 1)
        var told = Told()
        #expect(desk.version == "sig:none")
        try desk.start(at: Self.monday, seenGlobalSeq: 4, into: &told)
        #expect(desk.version == "sig:2026-03-02.v1" && desk.policy(ScorePolicy()) == ScorePolicy())
        let snapshot = try #require(told.all(SnapshotTaken.self).first)
        #expect(snapshot.after.map(\.key).contains("sig.blend_u") && snapshot.lineage.seenGlobalSeq == 4)
        #expect(told.all(VersionMinted.self).map(\.setHash) == [snapshot.afterHash])
    }

    @Test func `the blend moves once a week, by a hundredth, where there is no doubt (SIG-11)`() throws {
        let none: BlendEvidence? = nil
        let evidence = try #require(Self.evidence(rising: true))
        let other = try #require(Self.evidence(rising: false))
        #expect(PriorsDesk.blendStep(evidence, Self.monday) == 0.01)
        #expect(PriorsDesk.blendStep(other, Self.monday) == -0.01)
        #expect(PriorsDesk.blendStep(none, Self.monday) == 0)
        for day in 1...6 { #expect(PriorsDesk.blendStep(evidence, Self.monday + Int64(day) * 24 * Self.hour) == 0) }
        #expect(PriorsDesk.blendStep(evidence, Self.monday + 7 * 24 * Self.hour) == 0.01)
        #expect(PriorsDesk.blendStep(Self.evidence(rising: true, count: 1199), Self.monday) == 0)
        #expect(PriorsDesk.blendStep(Self.evidence(rising: true, count: 1200), Self.monday) == 0.01)
    }

    private static func evidence(rising: Bool, count: Int = 3000) -> BlendEvidence? {
        var random = SeededGenerator(seed: 9)
        let pairs = (0..<count).map { _ in (Double(random.below(1000)) / 1000, Double(random.below(1000)) / 1000) }
        return BlendEvidence(
            times: (0..<count).map { Int64($0) }, logs: pairs.map(\.0), leans: pairs.map(\.1),
            hits: pairs.map { (Double(random.below(1000)) / 1000 < $0.1) == rising })
    }

    @Test func `a night's maps and steps become a version that the next scores go by`() throws {
        var setup = EngineSetup()
        (setup.siblings, setup.initialState, setup.policy.uncertaintyMax) = (0, .active, 1)
        let recipes = try ShippedDetectors.recipes().filter { $0.source.everySeconds == 10 }.prefix(3)
        var world = FrozenWorld<Told>(Array(recipes), setup: setup)
        world.play(seconds: 6 * 3600)
        var desk = PriorsDesk(seed: 5)
        var told = Told()
        // Six hours of Monday are judged in the night before the next Monday, and in the one after it.
        try desk.start(at: Self.monday + 6 * 24 * Self.hour, seenGlobalSeq: 9, into: &told)
        let isNew = try desk.night(&world.engine, seenGlobalSeq: 10, into: &told)
        #expect(isNew)
        let started = try #require(told.all(LearnerStarted.self).first)
        #expect(started.job == "calibrate" && started.cutOffNanos == Self.monday + 7 * 24 * Self.hour)
        #expect(started.priorsVersion == "sig:2026-03-08.v1")
        #expect(started.seed == 5 && started.lineage.seenGlobalSeq == 10)
        let applied = told.all(PatchApplied.self)
        let maps = applied.filter { $0.asked.key != PriorsRules.blendKey }
        #expect(maps.map(\.asked.key.text) == recipes.map { "calib:\($0.id)" })
        #expect(applied.allSatisfy { $0.asked.jobEventID == started.lineage.id })
        #expect(applied.allSatisfy { $0.lineage.parentID == started.lineage.id })
        #expect(maps.allSatisfy { $0.asked.curves.map(\.input) == [.evidence, .sigma] })
        let completed = try #require(told.all(LearnerCompleted.self).first)
        let metrics = Dictionary(uniqueKeysWithValues: completed.metrics.map { ($0.name, $0.value) })
        let step = try #require(metrics["blend_step"] ?? nil)
        let low = try #require(metrics["blend_slope_p05"] ?? nil)
        let high = try #require(metrics["blend_slope_p95"] ?? nil)
        #expect(step == (low > 0 ? 0.01 : high < 0 ? -0.01 : 0) && metrics["blend_u"] == 0.6 + step)
        #expect(completed.priorsVersion == desk.version && desk.version == "sig:2026-03-09.v1")
        #expect(applied.count == maps.count + (step == 0 ? 0 : 1))
        #expect(desk.policy(ScorePolicy()).blend == 0.6 + step)
        world.engine.take(desk.policy(world.engine.setup.policy))
        let before = world.output.scored.count
        world.play(seconds: 60, from: 6 * 3600)
        let steps = world.output.scored[before...].compactMap(\.steps)
        #expect(!steps.isEmpty && steps.allSatisfy { $0.blend == 0.6 + step })
        var rebuilt = PriorsState(rules: desk.state.rules)
        #expect(desk.state.current.priors.count > rebuilt.current.priors.count)
        try rebuilt.fold(told.others.compactMap(Self.record))
        #expect(rebuilt.current == desk.state.current && rebuilt.version == desk.version)
    }

    private static func record(_ event: any DomainEvent) -> PriorsRecord? {
        switch event {
        case let event as PatchApplied: PriorsRecord(eventNanos: 0, event: .applied(event))
        case let event as PatchChanged: PriorsRecord(eventNanos: 0, event: .changed(event))
        case let event as PatchWatched: PriorsRecord(eventNanos: 0, event: .watched(event))
        case let event as VersionMinted: PriorsRecord(eventNanos: 0, event: .minted(event))
        case let event as SnapshotTaken: PriorsRecord(eventNanos: 0, event: .snapshot(event))
        default: nil
        }
    }

    @Test func `a night with nothing new and nothing in force says nothing`() throws {
        var desk = PriorsDesk(seed: 1)
        var told = Told()
        var engine = try TradeMarket.engine()
        try desk.start(at: Self.monday, seenGlobalSeq: 0, into: &told)
        let count = told.others.count
        for _ in 0..<10 {
            let isNew = try desk.night(&engine, seenGlobalSeq: 0, into: &told)
            #expect(!isNew)
        }
        #expect(told.others.count == count && desk.nextNightNanos == Self.monday + 11 * 24 * Self.hour)
    }

    private static func run(_ root: String, to nanos: Int64 = .max) throws -> Heard {
        let heard = Heard()
        var pipeline = try SignalPipeline(TradeMarket.engine(), output: heard)
        let feed = try MarketFeed([root])
        var control = Cut(nanos: nanos)
        _ = try feed.run(into: &pipeline, control: &control)
        _ = try pipeline.finish(nowNanos: nanos == .max ? feed.nowNanos : nanos)
        return heard
    }

    private static func texts(_ heard: Heard, to nanos: Int64 = .max) -> [String] {
        heard.entries.filter { $0.nanos <= nanos }.map { "\($0.nanos) \($0.event)" }
    }

    /// The windows in which a detector spoke, with the outcomes that were known before Monday.
    private static func judged(_ heard: Heard, _ detector: DetectorID) -> [JudgedWindow] {
        let windows = heard.all(SignalScored.self).filter {
            $0.detectorID == detector && (!$0.abstained || $0.signal != 0)
                && ($0.uncertainty ?? 0) <= ScorePolicy().uncertaintyMax
        }
        let places = Dictionary(uniqueKeysWithValues: windows.map { ($0.lineage.id, $0) })
        var judged: [JudgedWindow] = []
        for entry in heard.entries where entry.nanos < monday {
            guard let event = entry.event as? SignalEvaluated, let window = places[event.scoredID],
                let horizon = Horizon.allCases.first(where: { $0.seconds == event.horizonSeconds })
            else { continue }
            judged.append(
                JudgedWindow(
                    asofNanos: entry.nanos - horizon.nanos, instrument: window.symbol == "C1-USD" ? 0 : 1,
                    horizon: horizon, signal: window.signal, forwardReturn: event.forwardReturn,
                    favourableBps: Double(Float(event.favourableBps)), adverseBps: Double(Float(event.adverseBps))))
        }
        return judged
    }

    @Test func `a night scores every detector at every horizon, on what the records say (LRN-05, LRN-06)`() throws {
        let scratch = try Scratch()
        let heard = try Self.run(try TradeMarket.write(scratch.path))
        let night = heard.entries.filter { $0.nanos == Self.monday }.map { type(of: $0.event).typeName }
        let started = try #require(night.firstIndex(of: LearnerStarted.typeName))
        // Before anything that the night decides.
        #expect(night[(started + 1)...(started + 2)] == [HorizonScored.typeName, HorizonScored.typeName])
        #expect(night.count { $0 == HorizonScored.typeName } == 2)
        let scores = heard.all(HorizonScored.self)
        #expect(scores.map(\.detectorID.text) == TradeMarket.detectors)
        let job = try #require(heard.all(LearnerStarted.self).first)
        for score in scores {
            let windows = Self.judged(heard, score.detectorID)
            let expected = try HorizonScores.event(
                detector: score.detectorID, versionHash: score.detectorVersionHash,
                windows: { horizon in windows.filter { $0.horizon == horizon } }, cutOffNanos: Self.monday,
                lineage: score.lineage)
            #expect("\(score)" == "\(expected)")
            #expect(score.parts.allSatisfy { $0.sampleCount > 700 && $0.skill != nil } && score.composite != nil)
            #expect(score.parts[0].sampleCount > score.parts[2].sampleCount, "an hour later, fewer are known")
            #expect(score.lineage.parentID == job.lineage.id && score.cutOffNanos == job.cutOffNanos)
            #expect(score.detectorVersionHash != PayloadHash())
        }
        let completed = try #require(heard.all(LearnerCompleted.self).first)
        #expect(completed.metrics.first { $0.name == "scored" }?.value == 2)
    }

    @Test func `in a run scores name the version in force, and a cut at midnight changes nothing before it`() throws {
        let scratch = try Scratch()
        let root = try TradeMarket.write(scratch.path)
        let heard = try Self.run(root)
        var inForce: PriorsVersion?
        var scored = 0
        for entry in heard.entries {
            if let minted = entry.event as? VersionMinted { inForce = minted.priorsVersion }
            guard let window = entry.event as? SignalScored else { continue }
            scored += 1
            #expect(window.priorsVersion == inForce)
        }
        #expect(scored > 2000)
        let started = try #require(heard.all(LearnerStarted.self).first)
        #expect(started.cutOffNanos == Self.monday && heard.all(LearnerCompleted.self).count == 1)
        let maps = heard.all(PatchApplied.self).filter { PriorsRules.isCalibration($0.asked.key) }
        #expect(maps.count == 2 && maps.allSatisfy { $0.asked.curves.last?.input == .sigma })
        // What the night was fitted on is what the records before it say.
        for map in maps {
            let outcomes = heard.entries.filter { $0.nanos < Self.monday }.compactMap { $0.event as? SignalEvaluated }
            let hits = Dictionary(outcomes.map { ("\($0.scoredID) \($0.horizonSeconds)", $0) }) { first, _ in first }
            let labels = heard.all(SignalScored.self).count { window in
                guard "calib:\(window.detectorID)" == map.asked.key.text, window.sigma != nil, !window.abstained,
                    let outcome = hits["\(window.lineage.id) \(window.horizon.seconds)"]
                else { return false }
                return outcome.hit != nil && outcome.forwardReturn != 0
            }
            #expect(map.asked.curves.last?.samples == Int64(labels))
        }
        let whole = Self.texts(heard)
        for cut in [Self.monday - 1, Self.monday, Self.monday + 1, Self.monday + Self.hour / 2] {
            let part = try Self.run(root, to: cut)
            #expect(Self.texts(part) == Self.texts(heard, to: cut), "cut at \(cut)")
            #expect(part.all(LearnerStarted.self).count == (cut < Self.monday ? 0 : 1))
        }
        #expect(whole == Self.texts(try Self.run(root)))
    }
}
