import Events

/// The views of what events say: everything but the index of the events themselves.
///
/// `AdmittedEvents` and these share nothing, so that two threads can keep them.
package struct FoldedViews {
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

    /// No events.
    init() {}

    /// Goes through the tables, in the order of the documentation.
    mutating func visit<Visitor: TableVisitor>(_ visitor: inout Visitor) throws(Visitor.Failure) {
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
    }
}
