package import LogFormat

/// A named number of an asset, a factor or a sector.
package struct Weight: EventRecord, Equatable, Sendable {
    package var name = ""
    package var value = 0.0

    package init() {}

    /// Makes a weight.
    package init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
    }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("name", &name)
        v.f64("value", &value, unit: "", "")
    }
}

/// How much of an asset can be traded, at what cost.
package struct AssetLiquidity: EventRecord, Equatable, Sendable {
    package var asset = AssetID()
    /// Mean traded value of a day.
    package var dailyValue = 0.0
    package var slippageBps = 0.0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("asset", &asset)
        v.f64("adv", &dailyValue, in: 0...1e18, unit: "quote", "Mean traded value of a day")
        v.f64("slip_bps_at_size", &slippageBps, in: 0...1e5, unit: "bps", "At the size that is meant")
    }
}

/// What the portfolio and its limits looked like (SCH-DM-2); event time is asof_ts.
package struct ContextSnapshotted: DomainEvent {
    package static let typeName = "dm.ContextSnapshotted"
    package static let version: UInt16 = 1
    package static let documentation = "The one source of positions, budgets and limits behind decisions (SCH-DM-2)"

    package var lineage = Lineage()
    /// `dm-context-1.0:` and the hash of the content.
    package var contextRef = ""
    /// Signed weights by asset.
    package var positions: [Weight] = []
    package var grossBudget = 1.5
    package var netBudget = 0.5
    package var valueAtRiskCap = 0.03
    package var liquidity: [AssetLiquidity] = []
    package var factorLoads: [Weight] = []
    package var leverageMax = 2.0
    package var assetWeightMax = 0.25
    package var sectorCaps: [Weight] = []
    package var turnoverDayMax = 0.35
    package var feeBps = 2.0
    package var impactCoefficient = 3.5e-7
    package var turnoverUsedDay = 0.0
    package var profitDay = 0.0
    package var drawdown = 0.0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("context_ref", &contextRef, "dm-context-1.0: and the hash of the content")
        v.list("positions", &positions, "Signed weights by asset")
        v.f64("gross", &grossBudget, in: 0...100, "Risk budget")
        v.f64("net", &netBudget, in: 0...100, "Risk budget")
        v.f64("var_cap", &valueAtRiskCap, in: 0...1, "Cap of value at risk")
        v.list("liquidity", &liquidity, "By asset")
        v.list("factor_loads", &factorLoads, "By factor")
        v.f64("leverage_max", &leverageMax, in: 0...100, "")
        v.f64("asset_weight_max", &assetWeightMax, in: 0...1, "")
        v.list("sector_caps", &sectorCaps, "By sector")
        v.f64("turnover_day_max", &turnoverDayMax, in: 0...100, "")
        v.f64("fee_bps", &feeBps, in: 0...1e4, unit: "bps", "")
        v.f64("impact_coeff", &impactCoefficient, in: 0...1, "")
        v.f64("turnover_used_day", &turnoverUsedDay, in: 0...1e6, "")
        v.f64("pnl_day", &profitDay, unit: "fraction", "Of the portfolio's value")
        v.f64("drawdown", &drawdown, in: 0...1, "From the highest value so far")
    }
}

/// What holds for an asset beside its detectors' signals (SCH-SIG-4); as a message it is META_SIGNAL.
package struct MetaSignalPublished: MessageEvent {
    package static let typeName = "sig.MetaSignalPublished"
    package static let version: UInt16 = 1
    package static let documentation = "Timing, entrainment and asymmetry of an asset or of the market (SIG-40)"

    package var lineage = Lineage()
    package var envelope: Envelope?
    /// `*` for the market as a whole.
    package var asset = AssetID()
    package var kairos: Double?
    package var entrainment: Double?
    package var asymmetry: Double?
    /// Components of the asymmetry by name; nil while their feed is absent (SIG-44).
    package var components: [Metric] = []
    /// Other `ms_*` cues.
    package var cues: [Metric] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("message", &envelope, "The envelope; not part of the payload")
        v.field("asset", &asset, "* for the market as a whole")
        v.f64("ms_kairos", &kairos, in: 0...1, "Phase alignment (DEF-17)")
        v.f64("ms_entrain_r", &entrainment, in: 0...1, "Order parameter of the active detectors (DEF-18)")
        v.f64("ms_asym_score", &asymmetry, in: 0...1, "Nil with fewer than three components (SIG-44)")
        v.list("ms_asym_components", &components, "By name; nil while the feed is absent")
        v.list("cues", &cues, "Other ms_* cues")
    }
}
