package import LogFormat

/// A batch of tokens of an asset's tape was closed (DSI-03).
package struct MicroTapeSealed: DomainEvent {
    package static let typeName = "sig.MicroTapeSealed"
    package static let version: UInt16 = 1
    package static let documentation = "A batch of tape tokens; event time is that of the last token"

    package var lineage = Lineage()
    /// The asset.
    package var asset = AssetID()
    /// Number of the batch within the tape, from 1.
    package var batch: Int64 = 0
    /// Time of the first token.
    package var firstNanos: Int64 = 0
    /// Time of the last token.
    package var lastNanos: Int64 = 0
    /// The tokens, in order of time.
    package var tokens: [TapeToken] = []
    /// SHA-256 over the tokens: kind, time and bits of the values.
    package var hash = PayloadHash()

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("asset", &asset, "The asset")
        v.i64("batch", &batch, unit: "", isKey: false, encoding: .varint, step: 1, "Number of the batch, from 1")
        v.time("first_ts", &firstNanos, encoding: .eventDelta, "Time of the first token")
        v.time("last_ts", &lastNanos, encoding: .eventDelta, "Time of the last token")
        v.list("tokens", &tokens, "The tokens, in order of time")
        v.field("hash", &hash, "SHA-256 over kind, time and values of the tokens")
    }
}

/// What a token of the tape tells (DSI-04 to DSI-06).
package enum TapeTokenKind: UInt8, EventSymbol {
    case tick, candle, derived

    /// The kinds as written.
    package static let symbols = ["TICK", "CANDLE", "DERIVED"]

    /// The features of a token of this kind, in the order of its values.
    package var features: [Feature] {
        switch self {
        case .tick:
            [
                .priceChangeBps, .relativeVolume, .spreadBps, .bookImbalance1, .bookImbalance5, .bookImbalance10,
                .depthSlope, .cancelRate, .sweep, .fundingRate,
            ]
        case .candle: [.upperWickBps, .lowerWickBps, .bodyBps, .rangePercentile, .closeLocation, .barGap]
        case .derived:
            [.openInterestChange, .basisChangeBps, .micropriceDriftBps, .aggressorRun, .imbalanceShock]
        }
    }
}

/// One token of a tape: a handful of numbers about a tenth of a second.
package struct TapeToken: EventRecord, Equatable, Sendable {
    /// What it tells.
    package var kind = TapeTokenKind.tick
    /// End of its stretch of time.
    package var nanos: Int64 = 0
    /// Bit i says whether the i-th feature of the kind is known.
    package var known: Int64 = 0
    /// The known values, in the order of `TapeTokenKind.features`.
    package var values: [Double] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("kind", &kind, "TICK, CANDLE or DERIVED")
        v.time("ts", &nanos, encoding: .varint, "End of its stretch of time")
        v.i64("known", &known, unit: "", isKey: false, encoding: .varint, step: 1, "Which values are known, as bits")
        v.list("values", &values, "The known values, in the order of docs/features.md")
    }
}

/// A summary of a window of an asset (SCH-SIG-3).
package struct WindowFactsComputed: DomainEvent {
    package static let typeName = "sig.WindowFactsComputed"
    package static let version: UInt16 = 1
    package static let documentation = "What is known of an asset at the end of a window; event time is window_end"

    package var lineage = Lineage()
    package var asset = AssetID()
    package var timeframe = Timeframe.minute1
    package var windowStart: Int64 = 0
    package var windowEnd: Int64 = 0
    /// Returns of closed bars behind volatility, skewness and kurtosis.
    package var barCount: Int32 = 0
    package var isStale = false
    package var volatility: Double?
    package var skewness: Double?
    package var kurtosis: Double?
    package var realisedSpreadBps: Double?
    package var micropriceDriftBps: Double?
    package var topDepthQuote: Double?
    package var imbalance: Double?
    package var depthSlope: Double?
    package var sweepCount: Int64?
    package var cancelRate: Double?
    package var aggressorImbalance: Double?
    package var longestRun: Int64?
    package var engulfing: Bool?
    package var pinBar: Bool?
    package var rsiDivergence: Bool?
    package var macdDivergence: Bool?

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("asset", &asset)
        v.field("timeframe", &timeframe, "Whose closed bars are meant")
        v.time("window_start", &windowStart, encoding: .eventDelta, "Begin of the window")
        v.time("window_end", &windowEnd, encoding: .eventDelta, "End of the window")
        v.i32("n_bars", &barCount, "Returns of closed bars behind vol, skew and kurt")
        v.bool("stale", &isStale, "Data were missing or old (SEC-12)")
        v.f64("vol", &volatility, in: 0...1e9, unit: "fraction", "Deviation of a bar's log return")
        v.f64("skew", &skewness)
        v.f64("kurt", &kurtosis, "Excess kurtosis")
        v.f64("realised_spread", &realisedSpreadBps, unit: "bps")
        v.f64("microprice_drift", &micropriceDriftBps, unit: "bps")
        v.f64("top_depth", &topDepthQuote, in: 0...1e300, unit: "quote", "Within 10 bps of the mid")
        v.f64("imbalance", &imbalance, in: -1...1, "Best five levels")
        v.f64("slope", &depthSlope, "d ln(size) / d bps")
        v.i64("sweep_count", &sweepCount)
        v.f64("cancel_rate", &cancelRate, in: 0...1)
        v.f64("aggressor_imbalance", &aggressorImbalance, in: -1...1)
        v.i64("longest_run", &longestRun, "Trades of one side in a row")
        v.bool("engulfing", &engulfing)
        v.bool("pin_bar", &pinBar)
        v.bool("rsi_divergence", &rsiDivergence)
        v.bool("macd_divergence", &macdDivergence)
    }
}

extension WindowFactsComputed {
    /// The facts of a row of a kind of window; the caller sets the lineage.
    package init(_ row: borrowing FeatureRow, kind: WindowKind, asset: AssetID) {
        self.init()
        self.asset = asset
        timeframe = kind.timeframe
        windowStart = row.asofNanos - Int64(kind.everySeconds) * 1_000_000_000
        windowEnd = row.asofNanos
        isStale = row.isStale
        barCount = Int32(exactly: row[.barCount] ?? 0) ?? 0
        volatility = row[.volatility]
        skewness = row[.skewness]
        kurtosis = row[.kurtosis]
        realisedSpreadBps = row[.realisedSpreadBps]
        micropriceDriftBps = row[.micropriceDriftBps]
        topDepthQuote = row[.topDepthQuote]
        imbalance = row[.bookImbalance5]
        depthSlope = row[.depthSlope]
        sweepCount = row[.sweepCount].flatMap { Int64(exactly: $0) }
        cancelRate = row[.cancelRate]
        aggressorImbalance = row[.aggressorImbalance]
        longestRun = row[.longestRun].flatMap { Int64(exactly: $0) }
        engulfing = row[.engulfing].map { $0 != 0 }
        pinBar = row[.pinBar].map { $0 != 0 }
        rsiDivergence = row[.rsiDivergence].map { $0 != 0 }
        macdDivergence = row[.macdDivergence].map { $0 != 0 }
    }
}
