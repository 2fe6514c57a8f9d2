package import Events
package import LogFormat

/// Positions, budgets and limits at a moment (SCH-DM-2).
package struct ContextRow: ViewRow {
    package static let typeName = "contexts"
    package static let documentation = "Snapshots of positions, budgets and limits that decisions name (SCH-DM-2)"
    package static let keyColumnCount = 1
    package static let view = View.contexts
    package static let sources = ["dm.ContextSnapshotted"]

    package var key = ""
    package var eventNanos: Int64 = 0
    package var positions = "[]"
    package var grossBudget = 0.0
    package var netBudget = 0.0
    package var valueAtRiskCap = 0.0
    package var liquidity = "[]"
    package var factorLoads = "[]"
    package var leverageMax = 0.0
    package var assetWeightMax = 0.0
    package var sectorCaps = "[]"
    package var turnoverDayMax = 0.0
    package var feeBps = 0.0
    package var impactCoefficient = 0.0
    package var turnoverUsedDay = 0.0
    package var profitDay = 0.0
    package var drawdown = 0.0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: String) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("context_ref", &key, "Hash of the content")
        v.moment("asof_ts", &eventNanos, "When")
        v.field("positions", &positions, "Signed weights by asset, as JSON")
        v.real("gross", &grossBudget, "Risk budget")
        v.real("net", &netBudget, "Risk budget")
        v.real("var_cap", &valueAtRiskCap, "Cap of value at risk")
        v.field("liquidity", &liquidity, "By asset, as JSON")
        v.field("factor_loads", &factorLoads, "By factor, as JSON")
        v.real("leverage_max", &leverageMax, "Limit")
        v.real("asset_weight_max", &assetWeightMax, "Limit")
        v.field("sector_caps", &sectorCaps, "By sector, as JSON")
        v.real("turnover_day_max", &turnoverDayMax, "Limit")
        v.real("fee_bps", &feeBps, unit: "bps", "Cost model")
        v.real("impact_coeff", &impactCoefficient, "Cost model")
        v.real("turnover_used_day", &turnoverUsedDay, "Used so far today")
        v.real("pnl_day", &profitDay, unit: "fraction", "Of the portfolio's value")
        v.real("drawdown", &drawdown, "From the highest value so far")
        v.place(&globalSeq)
    }
}

/// What holds for an asset beside its detectors' signals, as it was last published (SCH-SIG-4).
package struct MetaSignalRow: ViewRow {
    package static let typeName = "meta_signals"
    package static let documentation = "The latest timing, entrainment and asymmetry of each asset (SCH-SIG-4)"
    package static let keyColumnCount = 1
    package static let view = View.contexts
    package static let sources = ["sig.MetaSignalPublished"]

    package var key = AssetID()
    package var eventNanos: Int64 = 0
    package var kairos: Double?
    package var entrainment: Double?
    package var asymmetry: Double?
    package var components = "[]"
    package var cues = "[]"
    package var publications: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: AssetID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("asset", &key, "The asset; * for the market as a whole")
        v.moment("asof_ts", &eventNanos, "When")
        v.f64("ms_kairos", &kairos, "Phase alignment (DEF-17)")
        v.f64("ms_entrain_r", &entrainment, "Order parameter of the active detectors (DEF-18)")
        v.f64("ms_asym_score", &asymmetry, "Asymmetry (SIG-41)")
        v.field("components", &components, "Of the asymmetry, as JSON")
        v.field("cues", &cues, "Other ms_* cues, as JSON")
        v.count("publications", &publications, "How often it was published")
        v.place(&globalSeq)
    }
}
