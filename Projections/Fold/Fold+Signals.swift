import Events
import LogFormat

// Strands, outcomes, detectors and what is counted of them. Frequent events come as inout: they are read where they
// lie, while a plain parameter of that size is copied first.
extension FoldedViews {
    mutating func fold(_ event: inout SignalScored, _ place: EventPlace) {
        let context = strandContexts.hint(Pair.spread(event.detectorID, event.conditionKey)) {
            isKey(&$0, event.detectorID, event.conditionKey)
        }
        let isNew = strands.add(event.lineage.id, at: place.globalSeq) { row in
            row.lifecycleID = event.lineage.lifecycleID
            row.eventNanos = place.eventNanos
            row.updatedNanos = place.eventNanos
            row.symbol = event.symbol
            row.timeframe = event.timeframe
            row.horizon = event.horizon
            row.session = event.session
            row.regime = event.regime
            row.detectorID = event.detectorID
            // The text that the row of the context has: strands share it instead of holding one each.
            row.conditionKey =
                if let context { strandContexts.look(context) { $0.key.second } } else { event.conditionKey }
            row.contextHint = context ?? PlaceHint()
            row.signal = event.signal
            row.abstained = event.abstained
            row.sigma = event.sigma
            row.quality = event.quality?.score
            row.deltaPhi = event.kernel?.deltaPhi
            row.theta = event.kernel?.theta
            row.hbar = event.kernel?.hbar
            row.evidence = event.evidence
            row.confirmed = event.confirmed
            row.kairos = event.kairos
            row.entrainment = event.entrainment
            row.uncertainty = event.uncertainty
            row.propensity = event.propensity
            row.priorsVersion = event.priorsVersion
        }
        guard isNew else { return }
        strandContexts.change(
            context ?? PlaceHint(), { isKey(&$0, event.detectorID, event.conditionKey) },
            orElse: Pair(event.detectorID, event.conditionKey), at: place.globalSeq
        ) { context in
            context.scored += 1
            if event.abstained { context.abstained += 1 }
        }
    }

    mutating func fold(_ event: inout SignalEvaluated, _ place: EventPlace) {
        // The first outcome of a horizon stands; another one would be another fact about the same window.
        let isNew = outcomes.add(Pair(event.scoredID, event.horizonSeconds), at: place.globalSeq) { row in
            row.eventNanos = place.eventNanos
            row.forwardReturn = event.forwardReturn
            row.favourableBps = event.favourableBps
            row.adverseBps = event.adverseBps
            row.favourableR = event.favourableR
            row.adverseR = event.adverseR
            row.hit = event.hit
            row.isPaper = event.isPaper
            row.tradeID = event.tradeID
            row.decisionID = event.decisionID
            row.benchPrice = event.benchPrice
            row.endPrice = event.endPrice
        }
        guard isNew else { return }
        strands.changeIfPresent(event.scoredID, at: place.globalSeq) { strand in
            strand.evaluations += 1
            strand.updatedNanos = max(strand.updatedNanos, place.eventNanos)
            guard strand.horizon.seconds == event.horizonSeconds else { return }
            strand.forwardReturn = event.forwardReturn
            strand.hit = event.hit
            strandContexts.change(of: &strand, at: place.globalSeq) { row in
                row.evaluated += 1
                if event.hit == true { row.hits += 1 }
                row.returnSum += event.forwardReturn
            }
        }
    }

    mutating func fold(_ event: inout SignalPublished, _ place: EventPlace) {
        strands.changeIfPresent(event.scoredID, at: place.globalSeq) { strand in
            strand.status = .published
            strand.publishedID = event.lineage.id
            strand.curatedSigma = event.curatedSigma
            strand.updatedNanos = max(strand.updatedNanos, place.eventNanos)
            strandContexts.change(of: &strand, at: place.globalSeq) { $0.published += 1 }
        }
        publications.change(Pair(event.detectorID, "PUBLISHED"), at: place.globalSeq) { row in
            row.signals += 1
            row.lastNanos = max(row.lastNanos, place.eventNanos)
        }
        send(&event, place)
    }

    mutating func fold(_ event: inout SignalWithheld, _ place: EventPlace) {
        var detectorID = DetectorID()
        strands.changeIfPresent(event.scoredID, at: place.globalSeq) { strand in
            strand.status = .withheld
            strand.withheld = JSONText.list(event.reasons)
            strand.updatedNanos = max(strand.updatedNanos, place.eventNanos)
            detectorID = strand.detectorID
            strandContexts.change(of: &strand, at: place.globalSeq) { $0.withheld += 1 }
        }
        for reason in event.reasons {
            publications.change(Pair(detectorID, reason.text), at: place.globalSeq) { row in
                row.signals += 1
                row.lastNanos = max(row.lastNanos, place.eventNanos)
            }
        }
    }

    mutating func fold(_ event: DetectorRegistered, _ place: EventPlace) {
        detectors.change(event.detectorID, at: place.globalSeq) { row in
            row.versionHash = event.versionHash.description
            row.family = event.family
            row.recipe = event.recipe
            row.parents = JSONText.list(event.parents)
            row.depth = event.depth
            row.descriptionLength = event.descriptionLength
            row.registeredNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: AuditCompleted, _ place: EventPlace) {
        audits.change(Pair(event.subject, event.test.text), at: place.globalSeq) { row in
            row.versionHash = event.versionHash.description
            row.passed = event.passed
            row.statistic = event.statistic
            row.threshold = event.threshold
            row.finishedNanos = event.finishedNanos
            row.audits += 1
            if !event.passed { row.failures += 1 }
        }
    }

    mutating func fold(_ event: DetectorStateChanged, _ place: EventPlace) {
        detectors.change(event.detectorID, at: place.globalSeq) { row in
            row.state = event.to
            row.evidence = JSONText.list(event.evidence)
            row.changedNanos = place.eventNanos
        }
    }
}

/// Whether a key is that of a detector in a condition; it is compared where it lies.
@inline(__always)
private func isKey(_ key: inout StrandContextRow.Key, _ detector: DetectorID, _ condition: String) -> Bool {
    key.first == detector && key.second == condition
}

extension Table<StrandContextRow> {
    /// Changes the row of a strand's detector and condition.
    @inline(__always)
    fileprivate mutating func change(
        of strand: inout StrandRow, at globalSeq: UInt64, _ body: (inout StrandContextRow) -> Void
    ) {
        change(
            strand.contextHint, { isKey(&$0, strand.detectorID, strand.conditionKey) },
            orElse: Pair(strand.detectorID, strand.conditionKey), at: globalSeq, body)
    }
}
