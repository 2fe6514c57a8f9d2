import Events
import LogFormat
import Statistics

/// What the engine puts on the record.
extension SignalEngine {
    func emit(
        _ nanos: Int64, _ isStale: Bool, _ place: Int, _ hbar: Double?, _ context: ScoringContext,
        _ output: inout some WindowOutput
    ) {
        let (kairos, entrainment) = (assetKairos(), entrainment())
        for one in heard {
            let recipe = cohort[one.detector]
            let strand = book.strands[one.place]
            var event = SignalScored()
            event.lineage = Self.lineage(assets[place].scoredKeys[one.detector], nanos, context.seenGlobalSeq)
            event.lineage.lifecycleID = LifecycleID(event.lineage.id.ulid)
            event.symbol = assets[place].id
            event.timeframe = recipe.source.timeframe
            event.horizon = recipe.source.horizon
            event.session = context.session
            event.regime = context.regime
            event.detectorID = recipe.id
            event.detectorVersionHash = recipe.hash
            event.signal = one.isBad && (isStale || one.verdict.isSilent) ? 0 : one.verdict.signal ?? 0
            event.abstained = one.isBad || one.trace == nil
            event.quality = strand.quality
            if let trace = one.trace {
                event.sigma = trace.sigma
                event.baseTheta = trace.baseTheta
                event.baseDeltaPhi = trace.baseDeltaPhi
                event.steps = trace.steps
            }
            event.kernel = parts(strand.kernel, one.trace, hbar)
            event.evidence = context.evidence
            event.confirmed = context.confirmed
            event.experts = context.experts
            event.kairos = kairos
            event.entrainment = entrainment
            event.uncertainty = one.uncertainty
            event.gates = gates(one, recipe, context)
            let horizon = Int(recipe.source.horizon.rawValue)
            if context.conditions.indices.contains(horizon) {
                event.context = context.conditions[horizon].bins
                event.conditionKey = context.conditions[horizon].key
                event.conditionHash = context.conditions[horizon].hash
            }
            event.propensity = context.propensity
            if context.patches.indices.contains(one.detector) {
                event.effectivePatch = context.patches[one.detector].reference
            }
            event.priorsVersion = context.priorsVersion
            output.append(event)
        }
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

    func gates(_ one: Heard, _ recipe: Recipe, _ context: ScoringContext) -> [GateResult] {
        var all: [GateResult] = []
        all.reserveCapacity(gateNames[one.detector].count + 1)
        for (index, name) in gateNames[one.detector].enumerated() {
            all.append(GateResult(name, one.verdict.openGates >> UInt16(index) & 1 == 1))
        }
        if recipe.source.requiresConfirmation {
            all.append(GateResult(SourceCheck.confirmationGate, context.confirmed == true))
        }
        return all
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
            if let phase = book.strands[one.place].phase.unit { all.add(phase) }
        }
        return all.value
    }

    func kernelUpdated(
        _ one: Heard, _ place: Int, _ nanos: Int64, _ context: ScoringContext, _ output: inout some WindowOutput
    ) {
        let strand = book.strands[one.place]
        var event = KernelStateUpdated()
        event.lineage = Self.lineage(assets[place].kernelKeys[one.detector], nanos, context.seenGlobalSeq)
        event.detectorID = cohort[one.detector].id
        event.symbol = assets[place].id
        event.horizon = cohort[one.detector].source.horizon
        event.phi = strand.kernel.phi
        event.theta = strand.kernel.theta
        event.rho = strand.kernel.rho
        event.rawPhi = strand.kernel.rawPhi
        event.information = strand.kernel.information
        event.informationReference = strand.kernel.informationReference
        event.coherence = strand.kernel.coherence
        event.novelty = strand.kernel.novelty
        event.emergence = strand.kernel.emergence
        event.quality = strand.quality
        event.samples = strand.kernel.samples
        output.append(event)
    }

    func changed(
        _ id: DetectorID, from: DetectorState, to: DetectorState, _ evidence: [Metric], _ nanos: Int64, _ seen: UInt64,
        _ output: inout some WindowOutput
    ) {
        var event = DetectorStateChanged()
        event.lineage = Self.lineage("state|\(id.text)|\(from.text)|\(to.text)", nanos, seen)
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
