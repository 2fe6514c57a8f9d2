package import Events
package import LogFormat

/// Decayed outcome of a detector in one condition (VOC-15).
package struct AtomRow: ViewRow {
    package static let typeName = "atoms"
    package static let documentation = "Latest state of every atom (VOC-15)"
    package static let keyColumnCount = 2
    package static let view = View.atoms
    package static let sources = ["learn.AtomsUpdated"]

    package var key = Pair(Module.sig, AtomID())
    package var detectorID = DetectorID()
    package var conditionKey = ""
    package var samples = 0.0
    package var hitRate = 0.0
    package var favourableBps = 0.0
    package var adverseBps = 0.0
    package var liftHit = 0.0
    package var liftFavourableBps = 0.0
    package var liftAdverseBps = 0.0
    package var stability: Double?
    package var fromNanos: Int64 = 0
    package var untilNanos: Int64 = 0
    package var updates: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<Module, AtomID>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("module", &key.first, "The log that it stands in")
        v.field("atom_id", &key.second, "The atom")
        v.field("detector_id", &detectorID, "Detector")
        v.field("cond_key", &conditionKey, "Canonical condition key (LRN-22)")
        v.real("samples", &samples, unit: "window", "Decayed count")
        v.real("hit_rate", &hitRate, "Share of right signs")
        v.real("mfe_avg", &favourableBps, unit: "bps", "Mean favourable excursion")
        v.real("mae_avg", &adverseBps, unit: "bps", "Mean adverse excursion")
        v.real("lift_hit", &liftHit, "Against the detector's mean")
        v.real("lift_mfe", &liftFavourableBps, unit: "bps", "Against the detector's mean")
        v.real("lift_mae", &liftAdverseBps, unit: "bps", "Against the detector's mean")
        v.f64("stability", &stability, "Across folds")
        v.moment("window_from_ts", &fromNanos, "First window in it")
        v.moment("window_until_ts", &untilNanos, "Last window in it")
        v.count("updates", &updates, "How often it was updated")
        v.place(&globalSeq)
    }
}

/// How well a detector forecasts at every horizon (LRN-05, LRN-06).
package struct HorizonScoreRow: ViewRow {
    package static let typeName = "horizon_scores"
    package static let documentation = "Latest proper scores of each detector over all horizons (LRN-05, LRN-06)"
    package static let keyColumnCount = 2
    package static let view = View.atoms
    package static let sources = ["learn.HorizonScored"]

    package var key = Pair(Module.sig, DetectorID())
    package var versionHash = ""
    package var composite: Double?
    package var turnoverShare: Double?
    package var horizons = "[]"
    package var fromNanos: Int64 = 0
    package var cutOffNanos: Int64 = 0
    package var scores: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<Module, DetectorID>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("module", &key.first, "The log that it stands in")
        v.field("detector_id", &key.second, "Detector")
        v.field("detector_ver_hash", &versionHash, "Its version")
        v.real("composite", &composite, "Weighted skill less the turnover penalty; null while a horizon lacks samples")
        v.real("turnover_share", &turnoverShare, "Windows whose sign differs from the one before")
        v.field("horizons", &horizons, "Scores at each horizon, shortest first, as JSON")
        v.moment("window_from_ts", &fromNanos, "First window that counts")
        v.moment("cut_off_ts", &cutOffNanos, "Outcomes before this moment count")
        v.count("scores", &scores, "How often it was scored")
        v.place(&globalSeq)
    }
}
