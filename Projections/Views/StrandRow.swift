package import Events
package import LogFormat

/// One scored window and what became of it (VOC-10, SCH-STR-0).
package struct StrandRow: ViewRow {
    package static let typeName = "strands"
    package static let documentation = "Scored windows with what became of them (VOC-10)"
    package static let keyColumnCount = 1
    package static let view = View.strands
    package static let sources = [
        "sig.SignalScored", "sig.SignalEvaluated", "sig.SignalPublished", "sig.SignalWithheld",
    ]
    package static func risingID(_ key: EventID) -> ULID? { key.ulid }

    // There is such a row for every window: small things stand in the gaps behind ids.
    package var key = EventID()
    package var eventNanos: Int64 = 0
    package var updatedNanos: Int64 = 0
    package var evaluations: UInt64 = 0
    package var symbol = AssetID()
    package var detectorID = DetectorID()
    package var conditionKey = ""
    package var priorsVersion = PriorsVersion()
    package var withheld: String?
    package var signal = 0.0
    @OptionalReal package var sigma: Double?
    @OptionalReal package var quality: Double?
    @OptionalReal package var deltaPhi: Double?
    @OptionalReal package var theta: Double?
    @OptionalReal package var hbar: Double?
    @OptionalReal package var evidence: Double?
    @OptionalReal package var kairos: Double?
    @OptionalReal package var entrainment: Double?
    @OptionalReal package var uncertainty: Double?
    @OptionalReal package var propensity: Double?
    @OptionalReal package var curatedSigma: Double?
    @OptionalReal package var forwardReturn: Double?
    package var globalSeq: UInt64 = 0
    package var lifecycleID: LifecycleID?
    package var timeframe = Timeframe.minute1
    package var horizon = Horizon.seconds30
    package var session = Session.asia
    /// Where the row of its detector and condition stands.
    var contextHint = PlaceHint()
    package var regime: Regime?
    package var abstained = false
    package var confirmed: Bool?
    package var publishedID: EventID?
    package var status = StrandStatus.scored
    package var hit: Bool?

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("event_id", &key, "Id of sig.SignalScored")
        v.field("lifecycle_id", &lifecycleID, "The story it belongs to")
        v.moment("event_ts", &eventNanos, "The window's end")
        v.moment("updated_ts", &updatedNanos, "Event time of the latest record folded in")
        v.field("symbol", &symbol, "Asset")
        v.field("timeframe", &timeframe, "Length of a bar")
        v.field("horizon", &horizon, "When the outcome is due")
        v.field("session_bucket", &session, "Time of the trading day")
        v.field("regime", &regime, "Tercile of surprise")
        v.field("detector_id", &detectorID, "Detector")
        v.field("cond_key", &conditionKey, "Canonical condition key (LRN-22)")
        v.real("signal", &signal, "Direction and strength")
        v.bool("abstained", &abstained, "Too uncertain, or the data were bad")
        v.real("sig_sigma", &sigma, "Selection score")
        v.real("sq_score", &quality, "Signal-quality core")
        v.real("kr_delta_phi", &deltaPhi, "Kernel resonance")
        v.real("kr_theta", &theta, "Context penalty")
        v.real("kr_hbar", &hbar, "Surprise")
        v.real("mx_evidence", &evidence, "Fused micro-evidence")
        v.flag("mx_confirm", &confirmed, "M of N experts agree")
        v.real("ms_kairos", &kairos, "Timing alignment")
        v.real("ms_entrain_r", &entrainment, "Ensemble synchrony")
        v.real("sig_uncert", &uncertainty, "Disagreement among mutations")
        v.real("propensity", &propensity, "Model probability of publishing")
        v.field("priors_ver", &priorsVersion, "Priors it was scored under (PRI-05)")
        v.field("status", &status, "How far it came")
        v.field("published_id", &publishedID, "Id of sig.SignalPublished")
        v.real("sig_curated_sigma", &curatedSigma, "Selection score after nudges")
        v.field("withheld", &withheld, "Reasons it was kept back, as a JSON list")
        v.count("evaluations", &evaluations, "Outcomes so far")
        v.real("fwd_ret", &forwardReturn, unit: "fraction", "Forward return at its own horizon")
        v.flag("hit", &hit, "Whether the sign was right at its own horizon")
        v.place(&globalSeq)
    }
}

/// How far a strand came; a projection, never a stored fact (SUP-13).
package enum StrandStatus: UInt8, EventSymbol {
    case scored, withheld, published

    package static let symbols = ["scored", "withheld", "published"]

    package init() { self = .scored }
}

/// Strands of a detector in a condition, added up (LOOM-12).
package struct StrandContextRow: ViewRow {
    package static let typeName = "strand_contexts"
    package static let documentation = "Strands per detector and context (LOOM-12)"
    package static let keyColumnCount = 2
    package static let view = View.strands
    package static let sources = StrandRow.sources

    package var key = Pair(DetectorID(), "")
    package var scored: UInt64 = 0
    package var abstained: UInt64 = 0
    package var published: UInt64 = 0
    package var withheld: UInt64 = 0
    package var evaluated: UInt64 = 0
    package var hits: UInt64 = 0
    package var returnSum = 0.0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<DetectorID, String>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("detector_id", &key.first, "Detector")
        v.field("cond_key", &key.second, "Canonical condition key (LRN-22)")
        v.count("scored", &scored, unit: "window", "Windows scored")
        v.count("abstained", &abstained, unit: "window", "Of them, without an opinion")
        v.count("published", &published, unit: "window", "Of them, published")
        v.count("withheld", &withheld, unit: "window", "Of them, kept back")
        v.count("evaluated", &evaluated, unit: "window", "Of them, with an outcome at their own horizon")
        v.count("hits", &hits, unit: "window", "Of these, with the right sign")
        v.real("fwd_ret_sum", &returnSum, unit: "fraction", "Sum of forward returns, in the order of the log")
        v.place(&globalSeq)
    }
}

/// One outcome of a strand (SCH-SIG-2).
package struct OutcomeRow: ViewRow {
    package static let typeName = "outcomes"
    package static let documentation = "Outcomes of scored windows, by horizon (LRN-04)"
    package static let keyColumnCount = 2
    package static let view = View.outcomes
    package static let sources = ["sig.SignalEvaluated"]
    package static func risingID(_ key: Key) -> ULID? { key.first.ulid }

    package var key = Pair(EventID(), Int64(0))
    package var eventNanos: Int64 = 0
    package var forwardReturn = 0.0
    package var favourableBps = 0.0
    package var adverseBps = 0.0
    @OptionalReal package var favourableR: Double?
    @OptionalReal package var adverseR: Double?
    package var benchPrice: Int64 = 0
    package var endPrice: Int64 = 0
    package var globalSeq: UInt64 = 0
    package var tradeID: EventID?
    package var hit: Bool?
    package var isPaper = true
    package var decisionID: EventID?

    package init() {}
    package init(key: Pair<EventID, Int64>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("scored_id", &key.first, "The strand")
        v.number("h_secs", &key.second, unit: "s", "Horizon")
        v.moment("event_ts", &eventNanos, "When it was evaluated")
        v.real("fwd_ret", &forwardReturn, unit: "fraction", "Forward return")
        v.real("mfe_bps", &favourableBps, unit: "bps", "Most favourable excursion")
        v.real("mae_bps", &adverseBps, unit: "bps", "Most adverse excursion")
        v.real("mfe_r", &favourableR, unit: "R", "In multiples of risk")
        v.real("mae_r", &adverseR, unit: "R", "In multiples of risk")
        v.flag("hit", &hit, "Whether the sign was right; nil when the signal was 0")
        v.bool("paper", &isPaper, "No live trade stood behind it")
        v.field("trade_id", &tradeID, "Trade")
        v.field("decision_id", &decisionID, "Decision")
        v.number("bench_px", &benchPrice, unit: "1e-8 quote", "Price at the window")
        v.number("end_px", &endPrice, unit: "1e-8 quote", "Price at the horizon")
        v.place(&globalSeq)
    }
}
