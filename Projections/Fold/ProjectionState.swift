package import Events
package import LogFormat

/// Where an event stands, as folds need it.
package struct EventPlace: Equatable, Sendable {
    /// The log.
    package var module: Module
    /// Place within the log.
    package var seq: UInt64
    /// Place among all logs of the root.
    package var globalSeq: UInt64
    /// The moment that it is about.
    package var eventNanos: Int64

    /// Makes a place.
    package init(module: Module, seq: UInt64, globalSeq: UInt64, eventNanos: Int64) {
        self.module = module
        self.seq = seq
        self.globalSeq = globalSeq
        self.eventNanos = eventNanos
    }
}

/// How far a fold has come: the cursor of LOG-12.
package struct FoldPosition: Equatable, Sendable {
    /// Global sequence number of the last event that was read.
    package var globalSeq: UInt64 = 0
    /// Seq of the last event that was read of each log, by rank.
    package var seqs = [UInt64](repeating: 0, count: Module.allCases.count)
    /// Events that were folded, without repeated and unknown ones.
    package var folded: UInt64 = 0

    /// Before the first event.
    package init() {}
}

/// All views: a value, and a pure function of the events that it was given (LOG-10, LOG-11).
package struct ProjectionState {
    package var position = FoldPosition()
    package var strands = Table<StrandRow>()
    package var strandContexts = Table<StrandContextRow>()
    package var outcomes = Table<OutcomeRow>()
    package var atoms = Table<AtomRow>()
    package var braids = Table<BraidRow>()
    package var governance = Table<GovernanceRow>()
    package var patches = Table<PatchRow>()
    package var activePriors = Table<PriorRow>()
    package var priorsVersions = Table<PriorsVersionRow>()
    package var priorsChecks = Table<PriorsCheckRow>()
    package var compiledSets = Table<CompiledSetRow>()
    package var effectivePatches = Table<EffectivePatchRow>()
    package var detectors = Table<DetectorRow>()
    package var audits = Table<AuditRow>()
    package var experts = Table<ExpertRow>()
    package var expertReadings = Table<ExpertReadingRow>()
    package var expertCredits = Table<ExpertCreditRow>()
    package var contexts = Table<ContextRow>()
    package var metaSignals = Table<MetaSignalRow>()
    package var manifests = Table<ManifestRow>()
    package var signingKeys = Table<SigningKeyRow>()
    package var messages = Table<MessageRow>()
    package var deliveries = Table<DeliveryRow>()
    package var deadLetters = Table<DeadLetterRow>()
    package var publications = Table<PublicationRow>()
    package var lags = Table<LagRow>()
    package var alarms = Table<AlarmRow>()
    package var runs = Table<RunRow>()
    package var fixtures = Table<FixtureRow>()
    package var rebuildChecks = Table<RebuildCheckRow>()
    package var metricRegressions = Table<RegressionRow>()
    package var atlas = Table<AtlasRow>()
    package var eventTypes = Table<EventTypeRow>()

    /// No events.
    package init() {}

    /// Goes through all tables, in the order of the documentation.
    package mutating func visit<Visitor: TableVisitor>(_ visitor: inout Visitor) throws(Visitor.Failure) {
        try visitor.table(&strands)
        try visitor.table(&strandContexts)
        try visitor.table(&outcomes)
        try visitor.table(&atoms)
        try visitor.table(&braids)
        try visitor.table(&governance)
        try visitor.table(&patches)
        try visitor.table(&activePriors)
        try visitor.table(&priorsVersions)
        try visitor.table(&priorsChecks)
        try visitor.table(&compiledSets)
        try visitor.table(&effectivePatches)
        try visitor.table(&detectors)
        try visitor.table(&audits)
        try visitor.table(&experts)
        try visitor.table(&expertReadings)
        try visitor.table(&expertCredits)
        try visitor.table(&contexts)
        try visitor.table(&metaSignals)
        try visitor.table(&manifests)
        try visitor.table(&signingKeys)
        try visitor.table(&messages)
        try visitor.table(&deliveries)
        try visitor.table(&deadLetters)
        try visitor.table(&publications)
        try visitor.table(&lags)
        try visitor.table(&alarms)
        try visitor.table(&runs)
        try visitor.table(&fixtures)
        try visitor.table(&rebuildChecks)
        try visitor.table(&metricRegressions)
        try visitor.table(&atlas)
        try visitor.table(&eventTypes)
    }
}

/// Does one thing with every table.
package protocol TableVisitor {
    /// What can go wrong.
    associatedtype Failure: Error = Never
    /// Is given a table.
    mutating func table<Row: ViewRow>(_ table: inout Table<Row>) throws(Failure)
}

/// Name, rows and hash of a table.
package struct TableHash: Equatable, Sendable {
    /// The table.
    package let name: String
    /// Number of rows.
    package let rows: UInt64
    /// Sum of the digests of its rows.
    package let sum: RowDigest
}

extension ProjectionState {
    /// Hash of every table, in the order of the documentation.
    package mutating func tableHashes() -> [TableHash] {
        var settler = Settler()
        visit(&settler)
        return settler.hashes
    }

    /// The state hash: SHA-256 over name, rows and sum of every table.
    package mutating func stateHash() -> Digest { Self.stateHash(tableHashes()) }

    static func stateHash(_ hashes: [TableHash]) -> Digest {
        var hasher = SHA256Hasher()
        for hash in hashes {
            hasher.update(Array(hash.name.utf8))
            hasher.update(UInt8(0))
            hasher.update(hash.rows)
            for index in 0..<4 { hasher.update(hash.sum.words[index]) }
        }
        return hasher.digest()
    }

    private struct Settler: TableVisitor {
        var hashes: [TableHash] = []

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) {
            var changes = RowChanges(areKept: false)
            table.settle(&changes)
            hashes.append(TableHash(name: Row.typeName, rows: table.count, sum: table.sum))
        }
    }
}
