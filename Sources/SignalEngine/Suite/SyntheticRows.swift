package import Events
import Statistics

/// Rows of a market that never was, from a seed: every feature wanders within its range, flags come now and then.
package struct SyntheticRows: Sendable {
    /// Share of values that are missing, 0...1.
    package var missingShare: Double
    /// Time of the next row, nanoseconds since 1970.
    package private(set) var nextNanos: Int64

    private var stream: Xoshiro256
    private var values = InlineArray<64, Double>(repeating: 0)
    private var logPrice = 0.0
    private let stepNanos: Int64
    private let traits: [FeatureTraits]

    /// Rows every so many seconds from a time on; the same seed gives the same rows.
    package init(seed: UInt64, everySeconds: Int32, from nanos: Int64 = 1_772_409_600_000_000_000, missing: Double = 0)
    {
        stream = Xoshiro256(seed: seed)
        missingShare = missing
        nextNanos = nanos
        stepNanos = Int64(everySeconds) * 1_000_000_000
        traits = Feature.allCases.map { FeatureTraits.of($0) }
        for index in traits.indices { values[index] = stream.uniform() }
    }

    /// The next row.
    package mutating func next() -> FeatureRow {
        var row = FeatureRow()
        row.asofNanos = nextNanos
        nextNanos += stepNanos
        logPrice += 0.0005 * stream.normal()
        row.price = Int64((Elementary.exp(logPrice) * 100 * 1e8).rounded())
        for (index, trait) in traits.enumerated() {
            let draw = stream.uniform()
            let isMissing = stream.uniform() < missingShare
            if let share = trait.flagShare {
                values[index] = draw < share ? 1 : 0
            } else {
                // A fresh value now and then keeps the ends of the range in play.
                values[index] =
                    draw < trait.persistence ? values[index] + 0.1 * (stream.uniform() - 0.5) : stream.uniform()
                values[index] = min(1, max(0, values[index]))
            }
            let value = trait.lowest + values[index] * (trait.highest - trait.lowest)
            row.values[index] = isMissing ? .nan : value
        }
        let minutes = row.asofNanos / 60_000_000_000
        row[.minuteOfDay] = Double(minutes % 1440)
        // The first of January 1970 was a Thursday; weeks begin on Monday.
        row[.minuteOfWeek] = Double((minutes + 3 * 1440) % 10_080)
        row[.secondsToFunding] = Double(28_800 - (row.asofNanos / 1_000_000_000) % 28_800)
        return row
    }

    /// The row of the same market turned upside down.
    package static func mirrored(_ row: FeatureRow) -> FeatureRow {
        var mirror = row
        for feature in Feature.allCases {
            switch FeatureTraits.of(feature).mirroring {
            case .even: break
            case .odd: mirror[feature] = row[feature].map { -$0 }
            case .complement(let whole): mirror[feature] = row[feature].map { whole - $0 }
            case .swapped(let other): mirror[feature] = row[other]
            }
        }
        return mirror
    }

    /// The row with quote amounts in another unit.
    package static func scaled(_ row: FeatureRow, by factor: Double) -> FeatureRow {
        var scaled = row
        for feature in Feature.allCases where FeatureTraits.of(feature).isQuote {
            scaled[feature] = row[feature].map { $0 * factor }
        }
        return scaled
    }
}
