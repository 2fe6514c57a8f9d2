package import LogFormat

/// An event type of the vocabulary, for whoever handles all of them.
package struct EventType: Sendable {
    /// The Swift type.
    package let type: any LogEvent.Type
    /// Which logs may hold it.
    package let modules: [Module]
    /// Which projections read it (requirements §34).
    package let projections: [String]

    init(_ type: any LogEvent.Type, in modules: [Module], for projections: [String] = []) {
        self.type = type
        self.modules = modules
        self.projections = projections
    }

    /// Its description.
    package func describe() throws(FormatError) -> EventDescription { try type.describe() }
}

/// Every event type that Lotus writes, in the order of the documentation.
package enum EventCatalog {
    private static let learners: [Module] = [.vis, .sig, .dm, .tr, .weave]
    private static let everyModule: [Module] = [.vis, .sig, .dm, .tr, .weave, .ops]

    /// The types.
    package static let types: [EventType] = [
        EventType(MarketInstrument.self, in: [.mkt]),
        EventType(MarketTrade.self, in: [.mkt]),
        EventType(MarketBook.self, in: [.mkt]),
        EventType(MarketQuote.self, in: [.mkt]),
        EventType(MarketCandle.self, in: [.mkt]),
        EventType(MarketContext.self, in: [.mkt]),
        EventType(MarketFunding.self, in: [.mkt]),
        EventType(MarketGap.self, in: [.mkt]),
        EventType(MarketSourceOpened.self, in: [.mkt]),
        EventType(MarketSourceRead.self, in: [.mkt]),
        EventType(DetectorRegistered.self, in: [.sig], for: ["REG"]),
        EventType(DetectorStateChanged.self, in: [.sig], for: ["REG"]),
        EventType(AuditCompleted.self, in: [.sig], for: ["REG"]),
        EventType(MicroTapeSealed.self, in: [.sig]),
        EventType(WindowFactsComputed.self, in: [.sig]),
        EventType(KernelStateUpdated.self, in: [.sig]),
        EventType(SignalScored.self, in: [.sig], for: ["STR", "ATM"]),
        EventType(SignalEvaluated.self, in: [.sig], for: ["STR", "ATM", "OUT"]),
        EventType(EvaluationMissed.self, in: [.sig]),
        EventType(SignalPublished.self, in: [.sig], for: ["STR", "MSG", "KPI"]),
        EventType(SignalWithheld.self, in: [.sig], for: ["STR", "KPI"]),
        EventType(EffectivePatchComputed.self, in: [.sig], for: ["EFF"]),
        EventType(MetaSignalPublished.self, in: [.sig], for: ["CTX", "MSG"]),
        EventType(Annotated.self, in: [.sig], for: ["ATT"]),
        EventType(ExpertRegistered.self, in: [.sig], for: ["REG"]),
        EventType(ExpertActivated.self, in: [.sig], for: ["REG"]),
        EventType(ExpertDeactivated.self, in: [.sig], for: ["REG"]),
        EventType(ExpertLabelled.self, in: [.sig], for: ["ATT"]),
        EventType(ExpertReliabilityUpdated.self, in: [.sig], for: ["ATT", "REG"]),
        EventType(ExpertCredited.self, in: [.sig], for: ["ATT"]),
        EventType(ContextSnapshotted.self, in: [.dm], for: ["CTX"]),
        EventType(MessageReceived.self, in: everyModule, for: ["MSG"]),
        EventType(LearnerStarted.self, in: learners),
        EventType(LearnerCompleted.self, in: learners),
        EventType(HorizonScored.self, in: learners, for: ["ATM"]),
        EventType(AtomUpdated.self, in: learners, for: ["ATM"]),
        EventType(BraidProposed.self, in: learners, for: ["BRD"]),
        EventType(BraidEvaluated.self, in: learners, for: ["BRD"]),
        EventType(BraidActivated.self, in: learners, for: ["BRD"]),
        EventType(BraidStateChanged.self, in: learners, for: ["BRD"]),
        EventType(PatchProposed.self, in: everyModule, for: ["PRI", "MSG"]),
        EventType(PatchApplied.self, in: learners, for: ["PRI", "MSG"]),
        EventType(PatchRejected.self, in: learners, for: ["PRI", "MSG"]),
        EventType(PatchClipped.self, in: learners, for: ["PRI"]),
        EventType(PatchChanged.self, in: learners, for: ["PRI"]),
        EventType(SetCompiled.self, in: learners, for: ["PRI", "EFF"]),
        EventType(VersionMinted.self, in: learners, for: ["PRI", "EFF"]),
        EventType(SnapshotTaken.self, in: learners, for: ["PRI", "EFF"]),
        EventType(ContractionChecked.self, in: learners, for: ["PRI"]),
        EventType(WatchdogRan.self, in: learners, for: ["PRI"]),
        EventType(PatchWatched.self, in: learners, for: ["PRI"]),
        EventType(AlertRaised.self, in: learners, for: ["MSG"]),
        EventType(ManifestRegistered.self, in: [.herald], for: ["MSG", "REG"]),
        EventType(KeyRotated.self, in: [.herald], for: ["MSG", "REG"]),
        EventType(MessagePicked.self, in: [.herald], for: ["MSG"]),
        EventType(DeliveryRecorded.self, in: [.herald], for: ["MSG"]),
        EventType(DeadLettered.self, in: [.herald], for: ["MSG"]),
        EventType(Redriven.self, in: [.herald], for: ["MSG"]),
        EventType(LagReported.self, in: [.herald], for: ["KPI"]),
        EventType(BoardActed.self, in: [.ops], for: ["BRD", "KPI"]),
        EventType(OperatorActed.self, in: [.ops], for: ["BRD", "KPI"]),
        EventType(FixtureFrozen.self, in: [.ops], for: ["RUN"]),
        EventType(RunStarted.self, in: [.ops], for: ["RUN"]),
        EventType(RunCompleted.self, in: [.ops], for: ["RUN"]),
        EventType(TrialEntered.self, in: [.ops]),
        EventType(RebuildVerified.self, in: [.ops], for: ["RUN"]),
        EventType(RegressionChecked.self, in: everyModule, for: ["RUN"]),
        EventType(CutTaken.self, in: [.ops]),
        EventType(AlarmRaised.self, in: everyModule, for: ["KPI"]),
    ]

    /// The type with a name, nil if Lotus does not know it.
    package static func type(named name: String) -> EventType? { types.first { $0.type.typeName == name } }
}
