import Events
import LogFormat
import Statistics

/// What the engine puts on the record.
extension SignalEngine {
    /// Hands out the scores of the window, in order of the cohort.
    ///
    /// The events are those of the window before with what has changed: making one anew costs more than filling it.
    mutating func emit(
        _ nanos: Int64, _ isStale: Bool, _ place: Int, _ hbar: Double?, _ context: ScoringContext,
        _ output: inout some WindowOutput
    ) {
        let (kairos, entrainment) = (assetKairos(), entrainment())
        var events: [SignalScored] = []
        swap(&events, &templates)
        for one in heard {
            events[one.place].kairos = kairos
            events[one.place].entrainment = entrainment
            fill(&events[one.place], one, nanos, isStale, place, hbar, context)
            output.scored(
                &events[one.place], StrandKey(detector: Int32(one.detector), asset: Int32(place)),
                spoke: !one.isBad)
        }
        swap(&events, &templates)
    }

    private func fill(
        _ event: inout SignalScored, _ one: Heard, _ nanos: Int64, _ isStale: Bool, _ place: Int, _ hbar: Double?,
        _ context: borrowing ScoringContext
    ) {
        event.lineage = Lineage(
            id: EventID(assets[place].scoredSeeds[one.detector], eventNanos: nanos),
            seenGlobalSeq: context.seenGlobalSeq)
        event.lineage.lifecycleID = LifecycleID(event.lineage.id.ulid)
        event.session = context.session
        event.regime = context.regime
        event.signal = one.isBad && (isStale || one.verdict.isSilent) ? 0 : one.verdict.signal ?? 0
        event.abstained = one.isBad || one.trace == nil
        event.quality = book.quality(one.place)
        event.sigma = one.trace?.sigma
        event.baseTheta = one.trace?.baseTheta
        event.baseDeltaPhi = one.trace?.baseDeltaPhi
        event.steps = one.trace?.steps
        event.kernel = parts(book.kernel(one.place), one.trace, hbar)
        event.evidence = context.evidence
        event.confirmed = context.confirmed
        event.experts = context.experts
        event.uncertainty = one.uncertainty
        setGates(&event.gates, one, context.confirmed)
        let horizon = Int(event.horizon.rawValue)
        if context.conditions.indices.contains(horizon) {
            event.context = context.conditions[horizon].bins
            event.conditionKey = context.conditions[horizon].key
            event.conditionHash = context.conditions[horizon].hash
        } else {
            (event.context, event.conditionKey, event.conditionHash) = ([], "", 0)
        }
        event.propensity = context.propensity
        event.effectivePatch =
            context.patches.indices.contains(one.detector) ? context.patches[one.detector].reference : nil
        event.priorsVersion = context.priorsVersion
    }

    func parts(_ kernel: KernelState, _ trace: SigmaTrace?, _ hbar: Double?) -> KernelParts? {
        guard kernel.theta != nil || kernel.phi != nil else { return nil }
        var parts = KernelParts()
        parts.deltaPhi = trace?.deltaPhi
        parts.theta = trace?.theta ?? kernel.theta
        parts.phi = kernel.phi
        parts.rho = kernel.rho
        parts.hbar = hbar
        parts.coherence = kernel.coherence
        parts.novelty = kernel.novelty
        parts.emergence = kernel.emergence
        return parts
    }

    /// Which gates are open; the last one is that of the experts, if the detector asks for them.
    private func setGates(_ gates: inout [GateResult], _ one: Heard, _ confirmed: Bool?) {
        for index in gates.indices {
            gates[index].passed =
                index < gateCounts[one.detector]
                ? one.verdict.openGates >> UInt16(index) & 1 == 1 : confirmed == true
        }
    }

    /// Sigma-weighted mean over the active detectors of the window (DEF-17); over all of them while none is active.
    func assetKairos() -> Double? {
        let isAny = heard.contains { isActive[$0.detector] }
        var (sum, weights, plain, count) = (0.0, 0.0, 0.0, 0.0)
        for one in heard where !isAny || isActive[one.detector] {
            guard let kairos = one.kairos else { continue }
            let sigma = one.trace?.sigma ?? 0
            sum += sigma * kairos
            weights += sigma
            plain += kairos
            count += 1
        }
        guard count > 0 else { return nil }
        return min(1, max(0, weights > 0 ? sum / weights : plain / count))
    }

    /// Agreement of the phases of the active detectors of the window (DEF-18).
    func entrainment() -> Double? {
        var all = Entrainment()
        for one in heard where isActive[one.detector] {
            if let phase = book.phase(one.place).unit { all.add(phase) }
        }
        return all.value
    }

    func kernelUpdated(
        _ one: Heard, _ place: Int, _ nanos: Int64, _ context: ScoringContext, _ output: inout some WindowOutput
    ) {
        let kernel = book.kernel(one.place)
        var event = KernelStateUpdated()
        event.lineage = Lineage(
            id: EventID(assets[place].kernelSeeds[one.detector], eventNanos: nanos),
            seenGlobalSeq: context.seenGlobalSeq)
        event.detectorID = cohort[one.detector].id
        event.symbol = assets[place].id
        event.horizon = cohort[one.detector].source.horizon
        event.phi = kernel.phi
        event.theta = kernel.theta
        event.rho = kernel.rho
        event.rawPhi = kernel.rawPhi
        event.information = kernel.information
        event.informationReference = kernel.informationReference
        event.coherence = kernel.coherence
        event.novelty = kernel.novelty
        event.emergence = kernel.emergence
        event.quality = book.quality(one.place)
        event.samples = kernel.samples
        output.append(event)
    }

    /// Records that a detector's orthogonality was looked at before it may join the active cohort (SIG-23, AUD-12).
    func audited(
        _ detector: Int, _ correlation: Double, _ nanos: Int64, _ seen: UInt64, _ output: inout some WindowOutput
    ) -> EventID {
        let recipe = cohort[detector]
        var event = AuditCompleted()
        event.lineage = Self.lineage("audit|orthogonality|\(recipe.id.text)|\(recipe.hash)", nanos, seen)
        event.subject = recipe.id.text
        event.versionHash = recipe.hash
        event.test = .orthogonality
        event.parameters = [
            Metric("active", Double(isActive.indices.count { isActive[$0] && $0 != detector })),
            Metric("assets", Double(assets.count)),
        ]
        event.statistic = correlation
        event.threshold = setup.thresholds.correlationMax
        event.passed = correlation <= setup.thresholds.correlationMax
        (event.startedNanos, event.finishedNanos) = (nanos, nanos)
        output.append(event)
        return event.lineage.id
    }

    /// Records a change of standing; `audit` is the verdict that it rests on, beside the numbers (SIG-20).
    func changed(
        _ id: DetectorID, from: DetectorState, to: DetectorState, _ evidence: [Metric], audit: EventID?,
        _ nanos: Int64, _ seen: UInt64, _ output: inout some WindowOutput
    ) {
        var event = DetectorStateChanged()
        event.lineage = Self.lineage("state|\(id.text)|\(from.text)|\(to.text)", nanos, seen)
        event.lineage.parentID = audit
        event.detectorID = id
        event.from = from
        event.to = to
        event.evidence = evidence
        output.append(event)
    }

    static func lineage(_ key: String, _ nanos: Int64, _ seen: UInt64) -> Lineage {
        Lineage(id: EventID(module: .sig, key: key, eventNanos: nanos), seenGlobalSeq: seen)
    }
}
