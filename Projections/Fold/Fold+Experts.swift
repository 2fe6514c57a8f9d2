import Events
import LogFormat

// Effective patches, contexts, and what the micro-experts are worth.
extension FoldedViews {
    mutating func fold(_ event: EffectivePatchComputed, _ place: EventPlace) {
        effectivePatches.change(Pair(event.detectorID, event.asset), at: place.globalSeq) { row in
            row.horizon = event.horizon
            row.hash = event.hash.description
            row.braids = JSONText.list(event.braids)
            row.thetaBefore = event.thetaBefore
            row.thetaAfter = event.thetaAfter
            row.phiBefore = event.phiBefore
            row.phiAfter = event.phiAfter
            row.cuts = JSONText.list(event.cuts)
            row.trace = event.trace
            row.priorsVersion = event.priorsVersion
            row.computedNanos = place.eventNanos
            row.computations += 1
        }
    }

    mutating func fold(_ event: ContextSnapshotted, _ place: EventPlace) {
        contexts.change(event.contextRef, at: place.globalSeq) { row in
            row.eventNanos = place.eventNanos
            row.positions = JSONText.list(event.positions)
            row.grossBudget = event.grossBudget
            row.netBudget = event.netBudget
            row.valueAtRiskCap = event.valueAtRiskCap
            row.liquidity = JSONText.list(event.liquidity)
            row.factorLoads = JSONText.list(event.factorLoads)
            row.leverageMax = event.leverageMax
            row.assetWeightMax = event.assetWeightMax
            row.sectorCaps = JSONText.list(event.sectorCaps)
            row.turnoverDayMax = event.turnoverDayMax
            row.feeBps = event.feeBps
            row.impactCoefficient = event.impactCoefficient
            row.turnoverUsedDay = event.turnoverUsedDay
            row.profitDay = event.profitDay
            row.drawdown = event.drawdown
        }
    }

    mutating func fold(_ event: inout MetaSignalPublished, _ place: EventPlace) {
        metaSignals.change(event.asset, at: place.globalSeq) { row in
            row.eventNanos = place.eventNanos
            row.kairos = event.kairos
            row.entrainment = event.entrainment
            row.asymmetry = event.asymmetry
            row.components = JSONText.list(event.components)
            row.cues = JSONText.list(event.cues)
            row.publications += 1
        }
        send(&event, place)
    }

    mutating func fold(_ event: Annotated, _ place: EventPlace) {
        for reading in event.experts {
            expertReadings.change(Pair(reading.expertID, event.asset), at: place.globalSeq) { row in
                row.readings += 1
                if reading.fired { row.fired += 1 }
                row.score = reading.score
                row.confidence = reading.confidence
                row.latencyMillisMax = max(row.latencyMillisMax, reading.latencyMillis)
                row.readNanos = place.eventNanos
            }
        }
    }

    mutating func fold(_ event: ExpertRegistered, _ place: EventPlace) {
        experts.change(event.expertID, at: place.globalSeq) { row in
            row.kind = event.kind
            row.expertVersion = event.expertVersion
            row.design = event.design
            row.changedNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: ExpertActivated, _ place: EventPlace) {
        experts.change(event.expertID, at: place.globalSeq) { row in
            row.isActive = true
            row.reason = nil
            row.evidence = JSONText.list(event.evidence)
            row.changedNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: ExpertDeactivated, _ place: EventPlace) {
        experts.change(event.expertID, at: place.globalSeq) { row in
            row.isActive = false
            row.reason = event.reason
            row.evidence = JSONText.list(event.evidence)
            row.changedNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: ExpertLabelled, _ place: EventPlace) {
        expertReadings.change(Pair(event.expertID, event.asset), at: place.globalSeq) { row in
            if event.succeeded { row.successes += 1 } else { row.failures += 1 }
            row.favourableBpsSum += event.favourableBps
            row.adverseBpsSum += event.adverseBps
        }
    }

    mutating func fold(_ event: ExpertReliabilityUpdated, _ place: EventPlace) {
        if let asset = event.asset {
            expertReadings.change(Pair(event.expertID, asset), at: place.globalSeq) {
                $0.reliability = event.reliability
            }
        } else {
            experts.change(event.expertID, at: place.globalSeq) { row in
                row.alpha = event.alpha
                row.beta = event.beta
                row.reliability = event.reliability
                row.samples = event.samples
                row.changedNanos = place.eventNanos
            }
        }
    }

    mutating func fold(_ event: ExpertCredited, _ place: EventPlace) {
        let key = Pair(event.weekNanos, Pair(event.detectorID, event.expertID))
        expertCredits.change(key, at: place.globalSeq) { row in
            row.sigmaDelta = event.sigmaDelta
            row.shapley = event.shapley
            row.windows = event.windows
        }
    }
}
