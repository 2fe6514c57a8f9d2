import Contracts
import Events
import LogEngine
import LogFormat
import SignalEngine
import Statistics
import Weave

/// The priors of the Signal Engine in a run, and the job that teaches them at the end of every day (JOB-13, SIG-09,
/// SIG-11).
///
/// Nothing but the priors in force decides what the engine's knobs are (PRI-01). A version counts from the first record
/// after its own (PRI-06).
struct PriorsDesk {
    /// Name of the nightly job on its records.
    static let job = "calibrate"
    /// Windows below which nothing is said about the blend: as many as a patch needs to be judged (PRI-24).
    static let blendSamplesMin: Int64 = 1200

    private(set) var state: PriorsState
    /// Seed of the run, on the job's records; the job itself draws nothing (GEN-13).
    private let seed: UInt64
    /// Next midnight at which the job is due.
    private(set) var nextNightNanos = Int64.max

    /// What the run begins with, as another root recorded it; none for the knobs of the manifest.
    private var adopted: [PriorsRecord]

    init(seed: UInt64, adopted: [PriorsRecord] = []) {
        self.seed = seed
        self.adopted = adopted
        state = PriorsState(rules: PriorsRules(owner: .sig, knobs: Fleet.knobs(of: .sig)))
    }

    /// The name of the version in force.
    var version: PriorsVersion { state.version ?? "sig:none" }

    /// A policy with the knobs of the version in force.
    func policy(_ policy: ScorePolicy) -> ScorePolicy {
        var policy = policy
        func set(_ knob: WritableKeyPath<ScorePolicy, Double>, _ key: PriorKey) {
            if let value = state.current.value(of: key) { policy[keyPath: knob] = value }
        }
        set(\.blend, PriorsRules.blendKey)
        set(\.evidenceBoost, "sig.beta_mx")
        set(\.evidenceRelief, "sig.gamma_mx")
        set(\.uncertaintyMax, "sig.uncert_max")
        return policy
    }

    /// Mints the first version, the knobs as they are without any patch, or takes over the priors of another root
    /// (REP-11).
    ///
    /// What is taken over keeps its ids and versions, and is recorded at the moment at which it comes into force here.
    mutating func start(at nanos: Int64, seenGlobalSeq: UInt64, into output: inout some WindowOutput) throws(LogError) {
        nextNightNanos = Self.midnight(after: nanos)
        if !adopted.isEmpty {
            let records = adopted.map { PriorsRecord(eventNanos: nanos, event: $0.event) }
            adopted = []
            return try take(into: &output, seenGlobalSeq) { _ in records }
        }
        try take(into: &output) { state throws(WeaveError) in
            try state.genesis(PriorsCause(nanos: nanos, seenGlobalSeq: seenGlobalSeq))
        }
    }

    /// The first midnight of UTC after a moment; the last moment of all where there is none.
    static func midnight(after nanos: Int64) -> Int64 {
        let day = nanos >= 0 ? nanos / TimeText.dayNanos : (nanos + 1) / TimeText.dayNanos - 1
        let (midnight, isBeyond) = (day + 1).multipliedReportingOverflow(by: TimeText.dayNanos)
        return isBeyond ? .max : midnight
    }

    /// Runs the job at its midnight, on outcomes that were known before it (LRN-64).
    ///
    /// A night without new outcomes and without patches in force has nothing to say and leaves no record.
    ///
    /// - Returns: whether another version is in force now.
    mutating func night(
        _ engine: inout SignalEngine, seenGlobalSeq: UInt64, into output: inout some WindowOutput
    ) throws(LogError) -> Bool {
        let nanos = nextNightNanos
        nextNightNanos = Self.midnight(after: nanos)
        guard engine.hasNewOutcomes(before: nanos) || !state.patches.isEmpty else { return false }
        let lastVersion = version
        let begun = started(nanos, seenGlobalSeq)
        output.append(begun)
        let scoredCount: Int
        do throws(StatisticsError) {
            scoredCount = try engine.scoreHorizons(
                before: nanos, cause: begun.lineage.id, seenGlobalSeq: seenGlobalSeq, into: &output)
        } catch { throw LogError(.damaged, "the outcomes of the windows before \(TimeText.text(nanos)): \(error)") }
        let calibrations = engine.calibrations(before: nanos)
        let evidence = engine.blendEvidence(before: nanos)
        var night = PriorsNight()
        night.refits = calibrations.map { refit($0, nanos, begun.lineage.id) }
        let step = Self.blendStep(evidence, nanos)
        if step != 0 { night.patches.append(blend(by: step, nanos, begun.lineage.id)) }
        if let evidence { night.evaluations = state.patches.compactMap { Self.evaluation($0, evidence) } }
        let cause = PriorsCause(nanos: nanos, parentID: begun.lineage.id, seenGlobalSeq: seenGlobalSeq)
        try take(into: &output) { state throws(WeaveError) in try state.night(night, cause) }
        output.append(completed(begun, nanos, scoredCount, calibrations, evidence, step))
        return version != lastVersion
    }

    /// Appends what the priors answer, and folds it.
    ///
    /// - Parameter seenGlobalSeq: what has been seen, in place of what another root had; nil for this one's own.
    private mutating func take(
        into output: inout some WindowOutput, _ seenGlobalSeq: UInt64? = nil,
        _ ask: (PriorsState) throws(WeaveError) -> [PriorsRecord]
    ) throws(LogError) {
        do throws(WeaveError) {
            for record in try ask(state) {
                try state.fold(record)
                record.event.append(to: &output, seenGlobalSeq)
            }
        } catch { throw LogError(.damaged, "the priors of sig: \(error)") }
    }

    // MARK: What the job asks for

    private func refit(_ calibration: DetectorCalibration, _ nanos: Int64, _ job: EventID) -> Patch {
        var patch = Patch()
        patch.patchID = PatchID("calib:\(calibration.detectorID):\(Self.day(nanos))")
        patch.key = PriorKey("calib:\(calibration.detectorID)")
        patch.jobEventID = job
        patch.curves = calibration.curves
        return patch
    }

    private func blend(by step: Double, _ nanos: Int64, _ job: EventID) -> Patch {
        var patch = Patch()
        patch.patchID = PatchID("\(PriorsRules.blendKey):\(Self.day(nanos))")
        patch.key = PriorsRules.blendKey
        patch.effect.knobs = [KnobChange(PriorsRules.blendKey, .additive, step)]
        patch.jobEventID = job
        return patch
    }

    /// How far the blend moves: once a week, in the night before Monday, and only where the outcomes leave no doubt.
    static func blendStep(_ evidence: BlendEvidence?, _ nanos: Int64) -> Double {
        // 1970-01-05 was a Monday.
        guard (nanos / TimeText.dayNanos - 4) % 7 == 0, let evidence, evidence.samples >= blendSamplesMin else {
            return 0
        }
        return evidence.low > 0 ? PriorsRules.blendStep : evidence.high < 0 ? -PriorsRules.blendStep : 0
    }

    /// What the night says of a patch on the blend in force: the slope in the direction that it moved (PRI-23).
    private static func evaluation(_ live: LivePatch, _ evidence: BlendEvidence) -> PatchEvaluation? {
        guard live.asked.jobEventID != nil, let amount = live.asked.effect.knobs.first?.amount else { return nil }
        return PatchEvaluation(
            live.asked.patchID, upliftP05: amount > 0 ? evidence.low : -evidence.high, support: evidence.samples)
    }

    private static func day(_ nanos: Int64) -> Substring { TimeText.text(nanos).prefix(10) }

    // MARK: The job's records

    private func started(_ nanos: Int64, _ seen: UInt64) -> LearnerStarted {
        var event = LearnerStarted()
        event.lineage = Lineage(
            id: EventID(module: .sig, key: "\(Self.job)|started", eventNanos: nanos), seenGlobalSeq: seen)
        event.job = Self.job
        event.cutOffNanos = nanos
        event.priorsVersion = version
        event.seed = seed
        return event
    }

    private func completed(
        _ begun: LearnerStarted, _ nanos: Int64, _ scoredCount: Int, _ calibrations: [DetectorCalibration],
        _ evidence: BlendEvidence?, _ step: Double
    ) -> LearnerCompleted {
        var event = LearnerCompleted()
        event.lineage = Lineage(
            id: EventID(module: .sig, key: "\(Self.job)|completed", eventNanos: nanos), parentID: begun.lineage.id,
            seenGlobalSeq: begun.lineage.seenGlobalSeq)
        event.job = Self.job
        event.metrics = [
            Metric("scored", Double(scoredCount)), Metric("calibrated", Double(calibrations.count)),
            Metric("blend_slope", evidence?.slope),
            Metric("blend_slope_p05", evidence?.low), Metric("blend_slope_p95", evidence?.high),
            Metric("blend_samples", evidence.map { Double($0.samples) }), Metric("blend_step", step),
            Metric("blend_u", state.current.value(of: PriorsRules.blendKey)),
        ]
        event.priorsVersion = version
        return event
    }
}

extension PriorsEvent {
    /// Hands the event over as what it is.
    fileprivate func append(to output: inout some WindowOutput, _ seenGlobalSeq: UInt64?) {
        func put(_ event: some DomainEvent) {
            var event = event
            if let seenGlobalSeq { event.lineage.seenGlobalSeq = seenGlobalSeq }
            output.append(event)
        }
        switch self {
        case .rejected(let event): put(event)
        case .clipped(let event): put(event)
        case .applied(let event): put(event)
        case .watched(let event): put(event)
        case .changed(let event): put(event)
        case .braid(let event): put(event)
        case .alert(let event): put(event)
        case .compiled(let event): put(event)
        case .minted(let event): put(event)
        case .snapshot(let event): put(event)
        }
    }
}
