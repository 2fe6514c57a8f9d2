package import LogFormat

/// Why a window has no outcome at a horizon.
package enum MissedReason: UInt8, EventSymbol {
    /// No price was known at the window.
    case noStartPrice
    /// No price came between the window and the horizon.
    case noPriceInWindow
    /// The last price before the horizon was too old to stand for it.
    case stalePrice
    /// The horizon fell into a stretch of data that nobody saw.
    case gap
    /// Prices later than the window had been told before it was opened.
    case openedLate

    /// The reasons as written.
    package static let symbols = ["NO_START_PRICE", "NO_PRICE_IN_WINDOW", "STALE_PRICE", "GAP", "OPENED_LATE"]
}

/// A scored window has no outcome at a horizon, because the data do not say (LRN-03, SEC-12).
package struct EvaluationMissed: DomainEvent {
    package static let typeName = "sig.EvaluationMissed"
    package static let version: UInt16 = 1
    package static let documentation = "A scored window without an outcome at a horizon, and why; event time is its end"

    package var lineage = Lineage()
    /// The scored window.
    package var scoredID = EventID()
    package var horizonSeconds: Int64 = 30
    package var reason = MissedReason.noPriceInWindow

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("event_id", &scoredID, "The scored window")
        v.i64("h_secs", &horizonSeconds, unit: "s", isKey: false, encoding: .varint, step: 1, "30, 300 or 3600")
        v.field("reason", &reason, "Why there is no outcome")
    }
}

/// What a component of the composite score is made of (LRN-05).
package enum SkillBasis: UInt8, EventSymbol {
    /// 1 - Brier / 0.25, of the direction.
    case brier
    /// 1 - squared error / squared return, of the forecast mean.
    case squaredError

    /// The bases as written.
    package static let symbols = ["BRIER_SKILL", "SQUARED_ERROR_SKILL"]
}

/// The proper scores of one detector at one horizon (LRN-05, LRN-07).
package struct HorizonPart: EventRecord, Equatable, Sendable {
    package var horizonSeconds: Int64 = 30
    /// Windows with an outcome.
    package var sampleCount: Int64 = 0
    /// Windows whose return was exactly 0: they have no direction.
    package var tieCount: Int64 = 0
    package var brier: Double?
    package var logLoss: Double?
    package var squaredError: Double?
    /// Mean of signal times return, before costs.
    package var edge: Double?
    /// Its error, consistent under dependence.
    package var edgeError: Double?
    package var edgeLow: Double?
    package var edgeHigh: Double?
    package var lagCount: Int64 = 0
    package var favourableBps: Double?
    package var adverseBps: Double?
    package var basis = SkillBasis.brier
    /// What enters the composite.
    package var skill: Double?

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.i64("h_secs", &horizonSeconds, unit: "s", isKey: false, encoding: .varint, step: 1, "")
        v.i64("samples", &sampleCount, unit: "", isKey: false, encoding: .varint, step: 1, "With an outcome")
        v.i64("ties", &tieCount, unit: "", isKey: false, encoding: .varint, step: 1, "With a return of exactly 0")
        v.f64("brier", &brier, in: 0...1, "Of the direction")
        v.f64("log_loss", &logLoss, in: 0...100, "Of the direction, in nats")
        v.f64("squared_error", &squaredError, "Of the forecast mean; nil without one")
        v.f64("edge", &edge, unit: "fraction", "Mean of signal times return, before costs")
        v.f64("edge_se", &edgeError, unit: "fraction", "Newey-West error of it (LRN-07)")
        v.f64("edge_p025", &edgeLow, unit: "fraction", "Lower end of its fixed-b interval at 95 %")
        v.f64("edge_p975", &edgeHigh, unit: "fraction", "Upper end")
        v.i64(
            "lags", &lagCount, unit: "", isKey: false, encoding: .varint, step: 1,
            "max(ceil(1.3 sqrt n), moments in a horizon)")
        v.f64("mfe_bps", &favourableBps, in: 0...1e9, unit: "bps", "Mean most favourable excursion")
        v.f64("mae_bps", &adverseBps, in: 0...1e9, unit: "bps", "Mean most adverse excursion")
        v.field("basis", &basis, "What the skill is made of")
        v.f64("skill", &skill, "Part of the composite; nil below the least number of samples")
    }
}

/// A detector was scored over all horizons, none left out (LRN-05, LRN-06).
package struct HorizonScored: DomainEvent {
    package static let typeName = "learn.HorizonScored"
    package static let version: UInt16 = 1
    package static let documentation = "Proper scores of a detector at every horizon, and their composite"

    package var lineage = Lineage()
    package var detectorID = DetectorID()
    package var detectorVersionHash = PayloadHash()
    /// First window that counts.
    package var fromNanos: Int64 = 0
    /// Moment before which outcomes count.
    package var cutOffNanos: Int64 = 0
    /// One part a horizon, shortest first.
    package var parts: [HorizonPart] = []
    /// Share of windows whose sign differs from that of the window before; nil for fewer than two.
    package var turnoverShare: Double?
    /// Weighted skill less the turnover penalty; nil while a horizon lacks samples.
    package var composite: Double?

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("detector_id", &detectorID)
        v.field("detector_ver_hash", &detectorVersionHash)
        v.time("from", &fromNanos, encoding: .eventDelta, "First window that counts")
        v.time("cut_off", &cutOffNanos, encoding: .eventDelta, "Outcomes before this moment count")
        v.list("horizons", &parts, "One a horizon, shortest first")
        v.f64("turnover_share", &turnoverShare, in: 0...1, "Windows whose sign differs from the one before")
        v.f64("composite", &composite, "Weighted skill less the turnover penalty (LRN-06)")
    }
}
