import Events
import LogFormat
import Market
import Testing

/// Bins and condition keys (LRN-21 to LRN-23).
@Suite struct FeaturesContextTests {
    private func row() -> FeatureRow {
        var row = FeatureRow()
        row.asofNanos = featuresStart + 4 * 3600 * second
        row[.volatilityPercentile] = 72
        row[.surprise] = 0.7
        row[.depthSlope] = -0.51
        row[.openInterestPercentile] = 90
        row[.spreadBps] = 1
        row[.bookImbalance5] = -0.35
        row[.fundingPercentile] = 9.99
        return row
    }

    @Test func `the key is the bins in the order of the whitelist`() {
        let made = ContextQuantizer().context(of: row(), timeframe: .minute5, horizon: .hour1, evidence: 0.65)
        #expect(
            made.key
                == "vol=70-75|hbar=H|mx=0.6-0.8|depth=-1--0.5|OI>90|session=US|tf=5m|spread=1-2|h=1h|weekend=no|"
                + "imb=-0.35-0|funding<10")
        #expect(made.bins.map(\.feature) == ContextQuantizer.whitelist)
        #expect(made.session == .unitedStates && made.regime == .high)
        #expect(made.numbers.first { $0.feature == "mx" }?.value == 0.65)
        // The first 16 hexadecimal digits of the hash as it is written elsewhere.
        let digits = String(made.hash, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        #expect(Digest(hashing: Array(made.key.utf8)).description.hasPrefix(padded))
    }

    @Test func `what is not known stands in no key`() {
        var empty = FeatureRow()
        empty.asofNanos = featuresStart + 2 * 86_400 * second
        let made = ContextQuantizer().context(of: empty, timeframe: .minute1, horizon: .seconds30)
        #expect(made.key == "session=WEEKEND|tf=1m|h=30s|weekend=yes")
        #expect(made.regime == nil && made.numbers.isEmpty)
    }

    @Test func `an edge belongs to the bin above it`() {
        let edges = ContextQuantizer().percentileEdges
        let bins = [0.0, 9.999, 10, 29.9, 30, 75, 89.9, 90, 100].map { ContextQuantizer.bin($0, edges) }
        #expect(bins == ["<10", "<10", "10-30", "10-30", "30-40", "75-90", "75-90", ">90", ">90"])
        let fifths = [0.0, 0.2, 0.79, 0.8, 1].map {
            ContextQuantizer.bin($0, ContextQuantizer().evidenceEdges, ends: (0, 1))
        }
        #expect(fifths == ["0-0.2", "0.2-0.4", "0.6-0.8", "0.8-1", "0.8-1"])
        #expect([0.3333, 1.0 / 3, 0.66, 2.0 / 3].map(ContextQuantizer.regime) == [.low, .middle, .middle, .high])
    }

    @Test func `window facts say what the row says`() throws {
        var row = row()
        row[.engulfing] = -1
        row[.sweepCount] = 3
        row[.barCount] = 42
        let kind = WindowKind(.minute5, everySeconds: 60)
        var facts = WindowFactsComputed(row, kind: kind, asset: "BTC-USD")
        #expect(facts.windowEnd - facts.windowStart == 60 * second && facts.barCount == 42)
        #expect(facts.engulfing == true && facts.pinBar == nil && facts.sweepCount == 3 && facts.volatility == nil)
        // A row of another source may hold what no integer is.
        row[.sweepCount] = 1e300
        facts = WindowFactsComputed(row, kind: kind, asset: "BTC-USD")
        #expect(facts.sweepCount == nil)
        #expect(try WindowFactsComputed.describe().schema.fields.count > 20)
        #expect(try MicroTapeSealed.describe().schema.fields.count > 5)
        #expect(EventCatalog.type(named: "sig.WindowFactsComputed") != nil)
        #expect(EventCatalog.type(named: "sig.MicroTapeSealed") != nil)
    }

    /// Numbers around the edges, missing ones and none at all: equal bins, key and hash, whatever came before.
    @Test func `a table of contexts says what the quantizer says`() {
        let seed: UInt64 = 77
        var random = FeaturesGenerator(seed: seed)
        var table = ContextTable()
        let quantizer = ContextQuantizer()
        let edges: [(Feature, [Double])] = [
            (.volatilityPercentile, quantizer.percentileEdges), (.depthSlope, quantizer.slopeEdges),
            (.openInterestPercentile, quantizer.percentileEdges), (.spreadBps, quantizer.spreadEdges),
            (.bookImbalance5, quantizer.imbalanceEdges), (.fundingPercentile, quantizer.percentileEdges),
        ]
        for round in 0..<20_000 {
            var row = FeatureRow()
            row.asofNanos = featuresStart + random.below(14 * 24 * 3600) * second
            if random.below(5) > 0 { row[.surprise] = random.unit() }
            for (feature, edges) in edges where random.below(6) > 0 {
                let edge = edges[Int(random.below(Int64(edges.count)))]
                row[feature] = edge + [-1e-9, 0, 1e-9, 20, -20][Int(random.below(5))]
            }
            let timeframe = Timeframe.allCases[Int(random.below(Int64(Timeframe.allCases.count)))]
            let horizon = Horizon.allCases[Int(random.below(3))]
            let evidence = random.below(3) == 0 ? nil : random.unit()
            var made = quantizer.context(of: row, timeframe: timeframe, horizon: horizon, evidence: evidence)
            made.numbers = []
            let found = table.context(of: row, timeframe: timeframe, horizon: horizon, evidence: evidence)
            guard found.context == made else {
                Issue.record("seed \(seed), round \(round): \(found.context.key), expected \(made.key)")
                return
            }
        }
    }
}
