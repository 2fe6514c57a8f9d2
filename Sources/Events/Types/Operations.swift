package import LogFormat

/// A patch was watched (WDG-01…03).
package struct PatchWatched: DomainEvent {
    package static let typeName = "wdg.PatchWatched"
    package static let version: UInt16 = 1
    package static let documentation = "Out-of-sample evidence about a patch in force"

    package var lineage = Lineage()
    package var patchID = PatchID()
    package var upliftP05 = 0.0
    package var support: Int64 = 0
    package var stability: Double?
    /// Evaluations in a row at or below the threshold.
    package var failures: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("patch_id", &patchID)
        v.f64("p05", &upliftP05, unit: "", "")
        v.i64("support", &support, unit: "window", isKey: false, encoding: .varint, step: 1, "")
        v.f64("stability", &stability)
        v.i64("failures", &failures)
    }
}

/// A watchdog went through its patches (WDG-10).
package struct WatchdogRan: DomainEvent {
    package static let typeName = "wdg.RunCompleted"
    package static let version: UInt16 = 1
    package static let documentation = "A watchdog's run, reading records before its cut-off only"

    package var lineage = Lineage()
    package var cutOffNanos: Int64 = 0
    package var checked: Int64 = 0
    package var reverted: [PatchID] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.time("cut_off", &cutOffNanos, encoding: .eventDelta, "")
        v.i64("checked", &checked)
        v.list("reverted", &reverted, "")
    }
}

/// A watchdog wants a person to look; as a message it is WATCHDOG_ALERT (WDG-08).
package struct AlertRaised: MessageEvent {
    package static let typeName = "wdg.AlertRaised"
    package static let version: UInt16 = 1
    package static let documentation = "A watchdog's finding for the curators"

    package var lineage = Lineage()
    package var envelope: Envelope?
    package var kind = AlarmKind.lessonValidity
    package var subject = ""
    package var detail = ""

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("message", &envelope, "The envelope; not part of the payload")
        v.field("kind", &kind)
        v.field("subject", &subject)
        v.field("detail", &detail)
    }
}

/// The review board used one of its four powers (GOV-07).
package struct BoardActed: DomainEvent {
    package static let typeName = "gov.BoardActed"
    package static let version: UInt16 = 1
    package static let documentation = "An action of the review board: an extra lock, never a bypass (GOV-08)"

    package var lineage = Lineage()
    package var action = BoardAction.approve
    package var by = OperatorID()
    package var subject = ""
    package var reason = ""
    package var expiresNanos: Int64?

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("action", &action)
        v.field("by", &by)
        v.field("subject", &subject)
        v.field("reason", &reason)
        v.time("expires", &expiresNanos)
    }
}

/// An operator acted (GOV-11).
package struct OperatorActed: DomainEvent {
    package static let typeName = "gov.OperatorActed"
    package static let version: UInt16 = 1
    package static let documentation = "An operator's action; the record is the action"

    package var lineage = Lineage()
    package var by = OperatorID()
    package var action = ""
    package var subject = ""
    package var amount: Double?
    package var reason = ""

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("by", &by)
        v.field("action", &action)
        v.field("subject", &subject)
        v.f64("amount", &amount)
        v.field("reason", &reason)
    }
}

/// A run began (REP-07).
package struct RunStarted: DomainEvent {
    package static let typeName = "rep.RunStarted"
    package static let version: UInt16 = 1
    package static let documentation = "What a run is made of: data, configuration, code, priors, seeds"

    package var lineage = Lineage()
    package var runID = RunID()
    package var type = RunType.replay
    package var configHash = PayloadHash()
    package var fixturesHash = PayloadHash()
    package var codeRevision = ""
    package var priorsVersions: [PriorsVersion] = []
    package var seed: UInt64 = 0
    /// Records before this moment only.
    package var cutOffNanos: Int64?

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("run_id", &runID)
        v.field("kind", &type)
        v.field("config_hash", &configHash)
        v.field("fixtures_hash", &fixturesHash)
        v.field("code_sha", &codeRevision)
        v.list("priors_vers", &priorsVersions, "")
        v.u64("seed", &seed, unit: "", isKey: false, encoding: .plain, step: 1, "")
        v.time("cut_off", &cutOffNanos)
    }
}

/// A run ended (REP-07).
package struct RunCompleted: DomainEvent {
    package static let typeName = "rep.RunCompleted"
    package static let version: UInt16 = 1
    package static let documentation = "How a run ended, with its figures by stratum"

    package var lineage = Lineage()
    package var runID = RunID()
    package var status = RunStatus.succeeded
    package var metrics: [Metric] = []
    /// Root over the logs that it wrote.
    package var outputHash = PayloadHash()

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("run_id", &runID)
        v.field("status", &status)
        v.list("metrics", &metrics, "")
        v.field("output_hash", &outputHash)
    }
}

/// A trial was entered into the ledger of a folder of runs: it counts even when its run is gone (REP-05).
///
/// A run is entered when it begins and when it has ended; a report under another plan or other costs is a trial of its
/// own.
package struct TrialEntered: DomainEvent {
    package static let typeName = "rep.TrialEntered"
    package static let version: UInt16 = 1
    package static let documentation = "A run began, ended or was judged anew; an entry of the ledger beside the runs"

    package var lineage = Lineage()
    package var runID = RunID()
    /// The evaluation, where it is not that of the run's last event.
    package var evaluationID: RunID?
    /// Name of the run's folder.
    package var folder = ""
    package var inputsHash = PayloadHash()
    package var configHash = PayloadHash()
    package var codeRevision = ""
    package var seed: UInt64 = 0
    /// Configurations that are judged.
    package var configurationCount: Int64 = 0
    package var hasEnded = false
    package var metrics: [Metric] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("run_id", &runID)
        v.field("evaluation_id", &evaluationID, "Nil for the run itself")
        v.field("folder", &folder, "Name of the run's folder")
        v.field("inputs_hash", &inputsHash, "The logs that it reads")
        v.field("config_hash", &configHash)
        v.field("code_sha", &codeRevision)
        v.u64("seed", &seed, unit: "", isKey: false, encoding: .plain, step: 1, "")
        v.i64(
            "configurations", &configurationCount, unit: "", isKey: false, encoding: .varint, step: 1,
            "Detectors that are judged")
        v.bool("ended", &hasEnded, "Whether its figures are known")
        v.list("metrics", &metrics, "Its ratios; none before its end")
    }
}

/// A rebuild was compared with what stands (LOG-16).
package struct RebuildVerified: DomainEvent {
    package static let typeName = "rep.RebuildVerified"
    package static let version: UInt16 = 1
    package static let documentation = "State hashes of projections after a rebuild, and whether they agree"

    package var lineage = Lineage()
    package var projection = ""
    package var stateHash = PayloadHash()
    package var globalSeq: UInt64 = 0
    package var agrees = true

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("projection", &projection)
        v.field("state_hash", &stateHash)
        v.u64("gsn", &globalSeq)
        v.bool("agrees", &agrees, "")
    }
}

/// A bundle of frozen segments was made (REP-01).
package struct FixtureFrozen: DomainEvent {
    package static let typeName = "rep.FixtureFrozen"
    package static let version: UInt16 = 1
    package static let documentation = "A bundle of frozen segments, by the hash of its manifest (SCH-REP-1)"

    package var lineage = Lineage()
    package var bundleHash = PayloadHash()
    package var name = ""
    package var byteCount: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("bundle_hash", &bundleHash)
        v.field("name", &name)
        v.i64("bytes", &byteCount, unit: "byte")
    }
}

/// An alarm was raised; alarms move people, never trades (NEV-23).
package struct AlarmRaised: DomainEvent {
    package static let typeName = "mon.AlarmRaised"
    package static let version: UInt16 = 1
    package static let documentation = "Something drifted, broke or came late"

    package var lineage = Lineage()
    package var kind = AlarmKind.dataDrift
    package var subject = ""
    package var value: Double?
    package var threshold: Double?

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("kind", &kind)
        v.field("subject", &subject)
        v.f64("value", &value)
        v.f64("threshold", &threshold)
    }
}

/// A crash left the logs of a root apart; what lies between is passed over by every fold (trap T17).
package struct CutTaken: LogEvent, Equatable, Sendable {
    package static let typeName = "log.CutTaken"
    package static let version: UInt16 = 1
    package static let documentation = "After a crash: events behind the cut and before the resumption are orphans"

    /// Every event up to here is there.
    package var afterGlobalSeq: UInt64 = 0
    /// First number given out afterwards: this event's own.
    package var resumedGlobalSeq: UInt64 = 0
    /// Events in between that are there.
    package var orphanCount: UInt64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.u64("after_gsn", &afterGlobalSeq)
        v.u64("resumed_gsn", &resumedGlobalSeq)
        v.u64("orphans", &orphanCount)
    }
}
