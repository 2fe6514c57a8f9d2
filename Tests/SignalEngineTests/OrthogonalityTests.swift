import Events
import LogFormat
import Testing

@testable import SignalEngine

/// A detector that says what an active one says does not join it (SIG-23).
@Suite struct OrthogonalityTests {
    /// A detector again, under another name.
    private static func twin(of recipe: Recipe) throws -> Recipe {
        var source = recipe.source
        source.id = SourceText(recipe.source.id.text.replacing("_v1", with: "_twin_v1"))
        return try RecipeCompiler.compile(source)
    }

    @Test func `of two detectors that say the same only the first becomes active`() throws {
        let first = try #require(EngineTests.fast.first)
        let other = try #require(EngineTests.fast.last)
        var setup = EngineSetup()
        setup.siblings = 0
        setup.policy.uncertaintyMax = 1
        (setup.thresholds.trialWindows, setup.thresholds.promoteWindows, setup.thresholds.promoteSigma) = (1, 1, 0)
        var world = World([first, try Self.twin(of: first), other], setup: setup)
        world.sharesOutcomes = true
        world.play(seconds: 5 * 3600)
        let states = (0..<3).map { world.engine.state($0) }
        #expect(states == [.active, .experimental, .active], "seed \(World.seed): \(states)")
        let promoted = world.output.changes.filter { $0.to == .active }
        #expect(promoted.count == 2)
        let correlations = promoted.map { change in
            change.evidence.first { $0.name == "cohort_correlation" }?.value ?? .nan
        }
        #expect(correlations[0] == 0 && correlations[1] >= 0 && correlations[1] <= 0.6, "\(correlations)")
        #expect(world.engine.book.correlation(of: 1, isActive: world.engine.isActive) > 0.99)
        try checkAudits(world)
    }

    /// Every look is on the record, and a promotion names the one that it rests on (AUD-12, AUD-15, SIG-20).
    private func checkAudits(_ world: World) throws {
        let audits = world.output.audits
        #expect(audits.allSatisfy { $0.test == .orthogonality && $0.threshold == 0.6 && $0.finishedNanos > 0 })
        let twin = world.engine.cohort[1]
        let refused = audits.filter { $0.subject == twin.id.text }
        #expect(refused.contains { !$0.passed && ($0.statistic ?? 0) > 0.99 && $0.versionHash == twin.hash })
        #expect(refused.filter(\.passed).isEmpty)
        for change in world.output.changes {
            let audit = audits.first { $0.lineage.id == change.lineage.parentID }
            guard change.to == .active else {
                #expect(change.lineage.parentID == nil)
                continue
            }
            let found = try #require(audit)
            #expect(found.passed && found.subject == change.detectorID.text)
            #expect(found.statistic == change.evidence.first { $0.name == "cohort_correlation" }?.value)
        }
    }
}
