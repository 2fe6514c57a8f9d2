import DetectorYAML
import Events
import LogFormat
import Statistics
import Testing

@testable import SignalEngine

/// Keeps what an engine says, as canonical text.
struct Kept: ScoredKeeper {
    var scored: [SignalScored] = []
    var kernels: [KernelStateUpdated] = []
    var registered: [DetectorRegistered] = []
    var changes: [DetectorStateChanged] = []
    var audits: [AuditCompleted] = []
    var types: [String] = []

    mutating func append(_ event: some DomainEvent) {
        types.append(type(of: event).typeName)
        switch event {
        case let event as SignalScored: scored.append(event)
        case let event as KernelStateUpdated: kernels.append(event)
        case let event as DetectorRegistered: registered.append(event)
        case let event as DetectorStateChanged: changes.append(event)
        case let event as AuditCompleted: audits.append(event)
        default: break
        }
    }
}

typealias World = FrozenWorld<Kept>

/// The engine as a whole.
@Suite struct EngineTests {
    static let recipes: [Recipe] = (try? ShippedDetectors.recipes()) ?? []
    static let fast: [Recipe] = recipes.filter { $0.source.everySeconds == 10 }

    @Test func `every window of every detector is on the record, abstained or not (SIG-10)`() {
        var world = World(Self.recipes)
        world.play(seconds: 600)
        var expected = 0
        for recipe in Self.recipes { expected += 2 * (600 / Int(recipe.source.everySeconds)) }
        #expect(world.output.scored.count == expected)
        #expect(world.output.registered.count == Self.recipes.count)
        #expect(Set(world.output.scored.map(\.lineage.id)).count == expected)
        for event in world.output.scored {
            // No score before there are outcomes: abstained, but the signal is kept for its evaluation.
            #expect(event.sigma == nil && event.abstained)
            #expect(event.signal >= -1 && event.signal <= 1)
            #expect(event.lineage.lifecycleID != nil)
        }
        #expect(world.output.scored.contains { $0.signal != 0 })
    }

    @Test func `two engines say the same, to the bit`() {
        var (a, b) = (World(Self.fast), World(Self.fast))
        a.play(seconds: 2 * 3600)
        for part in 0..<4 { b.play(seconds: 1800, from: Int64(part) * 1800) }
        #expect(a.output.scored == b.output.scored)
        #expect(a.output.kernels == b.output.kernels)
        #expect(a.output.types == b.output.types)
    }

    @Test func `scores come with enough outcomes, all parts in range, and an edge is seen`() throws {
        var setup = EngineSetup()
        setup.initialState = .active
        var world = World(Self.fast, setup: setup)
        world.play(seconds: 5 * 3600)
        #expect(!world.output.kernels.isEmpty)
        for kernel in world.output.kernels { #expect(kernel.samples >= 200) }
        let scored = world.output.scored.filter { $0.sigma != nil }
        #expect(scored.count > 1000, "\(scored.count)")
        for event in scored {
            let sigma = event.sigma ?? -1
            #expect(sigma >= 0 && sigma <= 1)
            let quality = try #require(event.quality)
            for part in [quality.accuracy, quality.precision, quality.stability, quality.orthogonality, quality.cost] {
                #expect(part.map { $0 >= 0 && $0 <= 1 } == true)
            }
        }
        let momentum = scored.filter { $0.detectorID == "order_book_imbalance_momentum_v1" }
        #expect((momentum.last?.quality?.accuracy ?? 0) > 0.5)
        #expect((momentum.last?.quality?.precision ?? 0) > 0.9)
        #expect(scored.contains { $0.entrainment != nil })
        #expect(scored.contains { $0.kairos.map { $0 != 0.5 } == true })
        #expect(scored.contains { ($0.uncertainty ?? 0) > 0 })
    }

    @Test func `outcomes change nothing before they are known`() {
        // The same outcomes handed over as early as possible and only when due: scores may not differ.
        var (early, late) = (World(Self.fast), World(Self.fast))
        late.play(seconds: 2 * 3600)
        early.play(seconds: 2 * 3600, late: -20_000_000_000)
        #expect(early.output.scored == late.output.scored)
    }

    @Test func `other outcomes after a cut change nothing before it`() {
        var (a, b) = (World(Self.fast), World(Self.fast))
        a.play(seconds: 3 * 3600)
        b.play(seconds: 5400)
        let cut = b.output.scored.count
        b.random = Xoshiro256(seed: 999)
        b.play(seconds: 5400, from: 5400)
        #expect(a.output.scored.prefix(cut) == b.output.scored.prefix(cut))
        #expect(a.output.scored != b.output.scored)
    }

    @Test func `stale rows and rows without values are abstained with a signal of 0`() {
        var engine = SignalEngine(Self.fast)
        var output = Kept()
        for index in 0..<20 {
            var row = FeatureRow()
            row.asofNanos = World.start + Int64(index) * 10_000_000_000
            row.isStale = index % 2 == 0
            engine.window(row, asset: "BTC-USD", context: ScoringContext(), into: &output)
        }
        #expect(output.scored.count == 20 * Self.fast.count)
        #expect(output.scored.allSatisfy { $0.abstained && $0.signal == 0 })
    }

    @Test func `outcomes that cannot be are left out`() {
        var world = World(Self.fast)
        world.play(seconds: 100)
        let event = world.output.scored[0]
        guard let strand = world.engine.strand(event.detectorID, event.symbol) else { return }
        for value in [Double.nan, .infinity, 1e300] {
            world.engine.outcome(
                OutcomeKnown(
                    strand: strand, scoredID: event.lineage.id, asofNanos: World.start,
                    horizon: event.horizon, signal: 1, forwardReturn: value, knownNanos: World.start + 1))
        }
        world.engine.outcome(
            OutcomeKnown(
                strand: StrandKey(detector: 99, asset: 0), scoredID: event.lineage.id, asofNanos: World.start,
                horizon: .seconds30, signal: 1, forwardReturn: 0, knownNanos: World.start + 1))
        world.play(seconds: 100, from: 100)
        #expect(world.engine.book.strands.allSatisfy { $0.outcomes >= 0 })
        #expect(world.engine.kernel(StrandKey(detector: 99, asset: 0)) == nil)
    }

    @Test func `complexity is earned (DEF-13)`() {
        #expect(Complexity.isEarned(bits: 64, sigma: 0.42, overBits: 32, sigma: 0.41))
        #expect(!Complexity.isEarned(bits: 96, sigma: 0.42, overBits: 32, sigma: 0.41))
        #expect(Complexity.isEarned(bits: 32, sigma: 0.41, overBits: 32, sigma: 0.41))
    }

    @Test func `mutation siblings are deterministic, in range and different`() throws {
        for recipe in Self.recipes {
            let (a, b) = (
                Mutations.siblings(of: recipe, count: 4, seed: 9), Mutations.siblings(of: recipe, count: 4, seed: 9)
            )
            #expect(a.count == 4)
            #expect(a.map(\.hash) == b.map(\.hash))
            #expect(Set(a.map(\.hash.description)).count == 4, "\(recipe.id)")
            for sibling in a {
                #expect(sibling.hash != recipe.hash)
                for parameter in sibling.source.parameters {
                    #expect(parameter.value >= parameter.minimum && parameter.value <= parameter.maximum)
                    #expect(!parameter.isWhole || parameter.value == parameter.value.rounded())
                }
            }
            #expect(Mutations.siblings(of: recipe, count: 4, seed: 10).map(\.hash) != a.map(\.hash))
        }
    }

    @Test func `confirmation is a gate (SIG-07)`() throws {
        var source = try DetectorReader.source(detectorText([("signal:", "requires_mx_confirm: true\nsignal:")]))
        source.gates = []
        let recipe = try RecipeCompiler.compile(source)
        var (plain, confirmed) = (RunningDetector(recipe), RunningDetector(recipe))
        var rows = SyntheticRows(seed: 2, everySeconds: 10)
        var isHeard = false
        for _ in 0..<200 {
            let row = rows.next()
            let signal = confirmed.step(row, confirmed: true).signal
            if let signal, signal != 0 { isHeard = true }
            #expect(plain.step(row, confirmed: nil).signal == signal.map { _ in 0 })
        }
        #expect(isHeard)
    }
}
