package import Events
package import LogFormat

/// What became of the strands of a detector.
package struct PublicationRow: ViewRow {
    package static let typeName = "publications"
    package static let documentation = "Published signals, and withheld ones by reason, per detector"
    package static let keyColumnCount = 2
    package static let view = View.kpi
    package static let sources = ["sig.SignalPublished", "sig.SignalWithheld"]

    package var key = Pair(DetectorID(), "")
    package var signals: UInt64 = 0
    package var lastNanos: Int64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<DetectorID, String>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("detector_id", &key.first, "Detector; empty when the strand is not among those read")
        v.field("verdict", &key.second, "PUBLISHED, or a reason for withholding (ENUM-27)")
        v.count("signals", &signals, "How many; a signal counts under each of its reasons")
        v.moment("last_ts", &lastNanos, "The latest one")
        v.place(&globalSeq)
    }
}

/// Lag of a pair of modules (HER-11).
package struct LagRow: ViewRow {
    package static let typeName = "delivery_lags"
    package static let documentation = "Lag and success of deliveries by sender, receiver and intent (HER-11)"
    package static let keyColumnCount = 3
    package static let view = View.kpi
    package static let sources = ["herald.LagReported"]

    package var key = Pair(Module.sig, Pair(Module.dm, Intent.alphaProposed.text))
    package var delivered: Int64 = 0
    package var dead: Int64 = 0
    package var lagMillisP95 = 0.0
    package var lagMillisP95Max = 0.0
    package var depth: Int64 = 0
    package var reports: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<Module, Pair<Module, String>>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("from_mod", &key.first, "Sender")
        v.field("target", &key.second.first, "Receiver")
        v.field("intent", &key.second.second, "What is wanted")
        v.number("delivered", &delivered, "Delivered over all periods")
        v.number("dead", &dead, "Given up over all periods")
        v.real("lag_p95", &lagMillisP95, unit: "ms", "Latest 95th percentile")
        v.real("lag_p95_max", &lagMillisP95Max, unit: "ms", "Highest 95th percentile")
        v.number("depth", &depth, "Latest number of messages under way")
        v.count("reports", &reports, "Periods")
        v.place(&globalSeq)
    }
}

/// Alarms of a kind about a subject (MON-10).
package struct AlarmRow: ViewRow {
    package static let typeName = "alarms"
    package static let documentation = "Alarms and watchdog alerts by log, kind and subject (MON-10, WDG-08)"
    package static let keyColumnCount = 3
    package static let view = View.kpi
    package static let sources = ["mon.AlarmRaised", "wdg.AlertRaised"]

    package var key = Pair(Module.ops, Pair(AlarmKind.dataDrift.text, ""))
    package var raised: UInt64 = 0
    package var firstNanos: Int64 = 0
    package var lastNanos: Int64 = 0
    package var value: Double?
    package var threshold: Double?
    package var detail: String?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<Module, Pair<String, String>>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("module", &key.first, "The log that it stands in")
        v.field("kind", &key.second.first, "Kind (ENUM-26)")
        v.field("subject", &key.second.second, "About what")
        v.count("raised", &raised, "How often")
        v.moment("first_ts", &firstNanos, "First time")
        v.moment("last_ts", &lastNanos, "Latest time")
        v.f64("value", &value, "What was found at the latest time")
        v.f64("threshold", &threshold, "What was compared with")
        v.field("detail", &detail, "What a watchdog wrote at the latest time")
        v.place(&globalSeq)
    }
}
