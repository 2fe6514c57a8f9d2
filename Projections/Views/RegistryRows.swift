package import Events
package import LogFormat

/// A detector and its standing (SIG-20, SIG-22).
package struct DetectorRow: ViewRow {
    package static let typeName = "detectors"
    package static let documentation = "Detectors with recipe, lineage and standing (SIG-20, SIG-22)"
    package static let keyColumnCount = 1
    package static let view = View.registry
    package static let sources = ["sig.DetectorRegistered", "sig.DetectorStateChanged"]

    package var key = DetectorID()
    package var versionHash = ""
    package var family = ""
    package var recipe = ""
    package var parents = "[]"
    package var depth: Int64 = 0
    package var descriptionLength = 0.0
    package var registeredNanos: Int64?
    package var state = DetectorState.candidate
    package var evidence: String?
    package var changedNanos: Int64?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: DetectorID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("detector_id", &key, "The detector")
        v.field("version_hash", &versionHash, "SHA-256 of the canonical recipe")
        v.field("family", &family, "Family (SIG-25)")
        v.field("recipe", &recipe, "The recipe as compiled")
        v.field("parents", &parents, "Detectors it was bred from, as a JSON list")
        v.number("depth", &depth, "Depth of the recipe graph")
        v.real("description_length", &descriptionLength, unit: "bit", "DEF-12")
        v.time("registered_ts", &registeredNanos, "When it entered the cohort")
        v.field("state", &state, "Standing (ENUM-04)")
        v.field("evidence", &evidence, "Numbers behind its latest change, as JSON")
        v.time("changed_ts", &changedNanos, "When it changed last")
        v.place(&globalSeq)
    }
}

/// The latest verdict of a test on a detector or an expert (AUD-15).
package struct AuditRow: ViewRow {
    package static let typeName = "audits"
    package static let documentation = "The latest audit of each detector or expert by test, and how often (AUD-15)"
    package static let keyColumnCount = 2
    package static let view = View.registry
    package static let sources = ["aud.AuditCompleted"]

    package var key = Pair("", "")
    package var versionHash = ""
    package var passed = false
    package var statistic: Double?
    package var threshold: Double?
    package var finishedNanos: Int64 = 0
    package var audits: UInt64 = 0
    package var failures: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<String, String>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("subject", &key.first, "The detector or expert")
        v.field("test", &key.second, "What was tested (ENUM-06)")
        v.field("version_hash", &versionHash, "Version that the latest audit was of")
        v.bool("passed", &passed, "Its verdict")
        v.real("statistic", &statistic, "What it measured")
        v.real("threshold", &threshold, "What it was held against")
        v.moment("finished_ts", &finishedNanos, "When it ended")
        v.count("audits", &audits, "How many there were")
        v.count("failures", &failures, "How many of them were not passed")
        v.place(&globalSeq)
    }
}

/// A module's contract (HER-07).
package struct ManifestRow: ViewRow {
    package static let typeName = "manifests"
    package static let documentation = "The manifest of each module that is in force (HER-07)"
    package static let keyColumnCount = 1
    package static let view = View.registry
    package static let sources = ["herald.ManifestRegistered"]

    package var key = Module.sig
    package var manifestHash = ""
    package var manifestVersion = ""
    package var registeredNanos: Int64 = 0
    package var registrations: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Module) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("module", &key, "The module")
        v.field("manifest_hash", &manifestHash, "Hash of its manifest")
        v.field("manifest_version", &manifestVersion, "Version of its manifest")
        v.moment("registered_ts", &registeredNanos, "From when")
        v.count("registrations", &registrations, "How often one was registered")
        v.place(&globalSeq)
    }
}

/// A signing key (SEC-07).
package struct SigningKeyRow: ViewRow {
    package static let typeName = "signing_keys"
    package static let documentation = "Signing keys; an old one stays good for what it signed (SEC-07)"
    package static let keyColumnCount = 2
    package static let view = View.registry
    package static let sources = ["herald.KeyRotated"]

    package var key = Pair(Module.sig, KeyID())
    package var publicKey = ""
    package var fromNanos: Int64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<Module, KeyID>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("module", &key.first, "Whose key")
        v.field("key_id", &key.second, "The key")
        v.field("public_key", &publicKey, "ed25519 public key, in hexadecimal")
        v.moment("from_ts", &fromNanos, "Good for messages from this moment on")
        v.place(&globalSeq)
    }
}

/// A run (REP-07).
package struct RunRow: ViewRow {
    package static let typeName = "runs"
    package static let documentation = "Runs: what they were made of and how they ended (REP-07)"
    package static let keyColumnCount = 1
    package static let view = View.runs
    package static let sources = ["rep.RunStarted", "rep.RunCompleted"]

    package var key = RunID()
    package var type = RunType.replay
    package var status = RunStatus.running
    package var configHash = ""
    package var fixturesHash = ""
    package var codeRevision = ""
    package var priorsVersions = "[]"
    package var seed: UInt64 = 0
    package var cutOffNanos: Int64?
    package var startedNanos: Int64?
    package var completedNanos: Int64?
    package var metrics: String?
    package var outputHash: String?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: RunID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("run_id", &key, "The run")
        v.field("kind", &type, "What kind of run")
        v.field("status", &status, "How it stands")
        v.field("config_hash", &configHash, "Hash of its configuration")
        v.field("fixtures_hash", &fixturesHash, "Hash of its data")
        v.field("code_sha", &codeRevision, "Program")
        v.field("priors_vers", &priorsVersions, "Versions of the priors, as a JSON list")
        v.count("seed", &seed, "Seed")
        v.time("cut_off_ts", &cutOffNanos, "Records before this moment only")
        v.time("started_ts", &startedNanos, "When it began")
        v.time("completed_ts", &completedNanos, "When it ended")
        v.field("metrics", &metrics, "Its figures, as JSON")
        v.field("output_hash", &outputHash, "Root over the logs that it wrote")
        v.place(&globalSeq)
    }
}

/// A frozen bundle (REP-01).
package struct FixtureRow: ViewRow {
    package static let typeName = "fixtures"
    package static let documentation = "Bundles of frozen segments (SCH-REP-1)"
    package static let keyColumnCount = 1
    package static let view = View.runs
    package static let sources = ["rep.FixtureFrozen"]

    package var key = ""
    package var name = ""
    package var byteCount: Int64 = 0
    package var frozenNanos: Int64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: String) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("bundle_hash", &key, "Hash of its manifest")
        v.field("name", &name, "Its name")
        v.number("bytes", &byteCount, unit: "byte", "Its size")
        v.moment("frozen_ts", &frozenNanos, "When it was frozen")
        v.place(&globalSeq)
    }
}

/// A comparison of a rebuild with what stood (LOG-16).
package struct RebuildCheckRow: ViewRow {
    package static let typeName = "rebuild_checks"
    package static let documentation = "Rebuilds that were compared with what stood (LOG-16)"
    package static let keyColumnCount = 1
    package static let view = View.runs
    package static let sources = ["rep.RebuildVerified"]

    package var key = EventID()
    package var eventNanos: Int64 = 0
    package var projection = ""
    package var stateHash = ""
    package var atGlobalSeq: UInt64 = 0
    package var agrees = true
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("event_id", &key, "The record")
        v.moment("event_ts", &eventNanos, "When")
        v.field("projection", &projection, "What was rebuilt")
        v.field("state_hash", &stateHash, "Its state hash")
        v.count("at_gsn", &atGlobalSeq, "Place that it was rebuilt at")
        v.bool("agrees", &agrees, "Whether both were the same")
        v.place(&globalSeq)
    }
}

/// The latest comparison of a detector's metrics with a frozen fixture (SIG-12).
package struct RegressionRow: ViewRow {
    package static let typeName = "metric_regressions"
    package static let documentation = "The latest comparison of each detector's metrics with a fixture (SIG-12)"
    package static let keyColumnCount = 1
    package static let view = View.runs
    package static let sources = ["rep.RegressionChecked"]

    package var key = DetectorID()
    package var versionHash = ""
    package var fixturesHash = ""
    package var codeRevision = ""
    package var passed = false
    package var compared: Int64 = 0
    package var largestDelta = 0.0
    package var deltas = "[]"
    package var checkedNanos: Int64 = 0
    package var checks: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: DetectorID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("detector_id", &key, "The detector")
        v.field("version_hash", &versionHash, "Its version")
        v.field("fixtures_hash", &fixturesHash, "SHA-256 of the fixture")
        v.field("code_sha", &codeRevision, "Program")
        v.bool("passed", &passed, "Whether nothing drifted")
        v.number("compared", &compared, "Metrics that were compared")
        v.real("largest_delta", &largestDelta, "Largest drift")
        v.field("deltas", &deltas, "What drifted, as JSON")
        v.moment("checked_ts", &checkedNanos, "When")
        v.count("checks", &checks, "How often it was checked")
        v.place(&globalSeq)
    }
}
