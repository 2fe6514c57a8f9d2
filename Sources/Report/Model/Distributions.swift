/// Counts between edges.
package struct Histogram: Equatable, Sendable {
    /// What is counted, such as "outcome after 5m".
    package let label: String
    /// Unit of the edges, such as "bps"; empty for none.
    package let unit: String
    /// Edges of the bins, ascending; one more than bins, or none.
    package let edges: [Double]
    /// Counts of the bins.
    package let counts: [Int]
    /// Values below the first edge.
    package let below: Int
    /// Values at or above the last edge.
    package let above: Int
    /// Why there are no bins; empty where there are.
    package let reason: String

    /// Makes a histogram; edges that are not finite and ascending, or counts that do not fit, give one without bins.
    package init(label: String, unit: String, edges: [Double], counts: [Int], below: Int = 0, above: Int = 0) {
        let isSound =
            edges.count == counts.count + 1 && !counts.isEmpty && edges.allSatisfy(\.isFinite)
            && zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 } && counts.allSatisfy { $0 >= 0 }
        self.label = label
        self.unit = unit
        self.edges = isSound ? edges.map { $0 + 0 } : []
        self.counts = isSound ? counts : []
        self.below = below
        self.above = above
        let isEmpty = isSound && counts.allSatisfy { $0 == 0 } && below == 0 && above == 0
        reason = !isSound ? "\(edges.count) edges for \(counts.count) counts" : isEmpty ? "no values" : ""
    }
}

/// Forecast probabilities against what happened.
package struct Calibration: Equatable, Sendable {
    /// Bins by forecast, ascending.
    package var bins: [ReliabilityBin] = []
    /// Mean squared error of the forecasts.
    package var brier = Measure.absent
    /// Mean negative log-likelihood, nats.
    package var logLoss = Measure.absent
    /// Mean distance between forecast and frequency, weighted by counts.
    package var error = Measure.absent

    /// Makes an empty calibration.
    package init() {}
}

/// Forecasts of about the same probability.
package struct ReliabilityBin: Equatable, Sendable {
    /// Their mean, in 0...1.
    package let forecast: Measure
    /// How many.
    package let count: Int
    /// How many came true.
    package let hits: Int

    /// Makes a bin.
    package init(forecast: Measure, count: Int, hits: Int) {
        self.forecast = forecast
        self.count = count
        self.hits = hits
    }
}

/// Results by the values of one dimension (REP-05).
package struct StrataTable: Equatable, Sendable {
    /// The dimension, such as "regime".
    package let dimension: String
    /// One row a value.
    package let rows: [Stratum]

    /// Makes a table.
    package init(dimension: String, rows: [Stratum]) {
        self.dimension = dimension
        self.rows = rows
    }
}

/// Results in one stratum.
package struct Stratum: Equatable, Sendable {
    /// The value of the dimension, such as "high".
    package let name: String
    /// Results; ratios are not part of it.
    package let performance: Performance
    /// Hit rate less that of the baseline, as a share.
    package let lift: Measure

    /// Makes a stratum.
    package init(name: String, performance: Performance, lift: Measure) {
        self.name = name
        self.performance = performance
        self.lift = lift
    }
}
