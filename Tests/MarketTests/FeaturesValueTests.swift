import Events
import Foundation
import Market
import Statistics
import Testing

/// The values of the features, against a slow recomputation and by hand.
@Suite struct FeaturesValueTests {
    static let compared: [Feature] = [
        .tradeCount, .tradedQuote, .aggressorImbalance, .longestRun, .aggressorRun, .relativeVolume, .spreadBps,
        .bookImbalance1, .bookImbalance5, .bookImbalance10, .depthSlope, .topDepthQuote, .cancelRate, .sweepCount,
        .priceChangeBps, .micropriceDriftBps, .fundingRate, .openInterestChange, .basisBps, .basisChangeBps, .bodyBps,
        .upperWickBps, .lowerWickBps, .closeLocation, .barReturnBps, .volatility, .relativeStrengthIndex,
        .macdHistogramBps, .distanceToHighBps, .barVolumeRelative, .realisedVariance, .imbalanceShock,
        .depthPercentile,
    ]

    private func compare(
        _ inputs: [FeaturesInput], _ kind: WindowKind, sample: Int, _ note: String
    ) throws -> Set<UInt8> {
        let made = try rows(of: inputs, [kind])
        let oracle = FeaturesOracle(inputs: inputs, kind: kind, rows: made.map(\.asof))
        var seen: Set<UInt8> = []
        for (index, row) in made.enumerated() where index > 0 && index % sample == 0 {
            for feature in Self.compared {
                let (found, wanted) = (row[feature], oracle.value(feature, at: row.asof))
                if let found, let wanted {
                    seen.insert(feature.rawValue)
                    #expect(
                        abs(found - wanted) <= 1e-9 * max(1, abs(wanted)),
                        "\(note): \(feature.text) at \(row.asof): \(found), recomputed \(wanted)")
                } else {
                    #expect(
                        (found == nil) == (wanted == nil),
                        "\(note): \(feature.text) at \(row.asof): \(found ?? .nan), recomputed \(wanted ?? .nan)"
                    )
                }
            }
        }
        return seen
    }

    @Test func `features agree with a recomputation from the start at every window`() throws {
        let seed: UInt64 = 20_250_904
        let inputs = madeStream(seed: seed, seconds: 2500)
        var seen = try compare(inputs, WindowKind(.minute1, everySeconds: 5), sample: 97, "seed \(seed), 5 s")
        seen.formUnion(try compare(inputs, WindowKind(.minute1, everySeconds: 60), sample: 13, "seed \(seed), 60 s"))
        let missing = Self.compared.filter { !seen.contains($0.rawValue) }.map(\.text)
        #expect(missing.isEmpty, "never compared as numbers: \(missing)")
    }

    @Test(.enabled(if: RecordedMarket.isPresent))
    func `features of a recorded session agree with the recomputation`() throws {
        let inputs = RecordedMarket.session("ETH", instrument: 1, limit: 1000)
        let seen = try compare(inputs, WindowKind(.minute1, everySeconds: 5), sample: 11, "ETH")
        #expect(seen.count >= 20, "\(seen.count) features")
    }
}
