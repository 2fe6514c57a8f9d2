import Statistics
import Testing

@testable import Backtest

/// Noise is hardly ever promoted, a planted edge almost always (AT5.3): the scaled form of `lotus audit luck`.
@Suite struct LuckAuditTests {
    private static func options(edge: Double) -> LuckAudit.Options {
        var options = LuckAudit.Options()
        (options.seeds, options.variants, options.periods, options.blocks) = (30, 20, 320, 8)
        options.edge = edge
        return options
    }

    @Test func `noise is not promoted, a planted edge is`() throws {
        var told: [Int] = []
        let found = try LuckAudit(Self.options(edge: 0.6)) { done, total in told.append(done * 100 + total) }
        #expect(found.holds && found.noisePromotions <= 1 && found.edgePromotions >= 29, "\(found)")
        #expect(found.strayPromotions <= found.noisePromotions + 1)
        // A low probability of overfitting alone lets noise pass more often than anything else does.
        #expect(found.lowOverfittings > found.noisePromotions)
        #expect(told == (1...30).map { $0 * 100 + 30 })
        #expect(try found == LuckAudit(Self.options(edge: 0.6)))
    }

    @Test func `an edge that luck explains is not found`() throws {
        let found = try LuckAudit(Self.options(edge: 0.1))
        #expect(!found.holds && found.edgePromotions < 15, "\(found)")
    }

    @Test func `options that ask for nothing are refused`() {
        for change in [
            { $0.seeds = 0 }, { $0.variants = 1 }, { $0.periods = 63 }, { $0.edge = 0 }, { $0.edge = .nan },
        ] as [(inout LuckAudit.Options) -> Void] {
            var options = Self.options(edge: 0.6)
            change(&options)
            #expect(throws: StatisticsError.self) { try LuckAudit(options) }
        }
    }
}
