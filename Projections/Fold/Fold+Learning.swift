import Events
import LogFormat

// Atoms, braids, patches and versions of the priors.
extension FoldedViews {
    mutating func fold(_ event: AtomUpdated, _ place: EventPlace) {
        atoms.change(Pair(place.module, event.atomID), at: place.globalSeq) { row in
            row.detectorID = event.detectorID
            row.conditionKey = event.conditionKey
            row.samples = event.samples
            row.hitRate = event.hitRate
            row.favourableBps = event.favourableBps
            row.adverseBps = event.adverseBps
            row.liftHit = event.liftHit
            row.liftFavourableBps = event.liftFavourableBps
            row.liftAdverseBps = event.liftAdverseBps
            row.stability = event.stability
            row.fromNanos = event.fromNanos
            row.untilNanos = event.untilNanos
            row.updates += 1
        }
    }

    mutating func fold(_ event: HorizonScored, _ place: EventPlace) {
        horizonScores.change(Pair(place.module, event.detectorID), at: place.globalSeq) { row in
            row.versionHash = event.detectorVersionHash.description
            row.composite = event.composite
            row.turnoverShare = event.turnoverShare
            row.horizons = JSONText.list(event.parts)
            row.fromNanos = event.fromNanos
            row.cutOffNanos = event.cutOffNanos
            row.scores += 1
        }
    }

    mutating func fold(_ event: inout BraidProposed, _ place: EventPlace) {
        braids.change(event.braidID, at: place.globalSeq) { row in
            row.module = place.module
            row.type = event.type
            row.scope = event.scope
            row.effectScope = event.effectScope
            row.clusterKey = event.clusterKey
            row.parents = JSONText.list(event.parents)
            row.composition = event.composition
            row.rule = JSONText.list(event.rule)
            row.effect = JSONText.record(event.effect)
            row.uplift = JSONText.list(event.uplift)
            row.support = event.support
            row.winRate = event.winRate
            row.stability = event.stability
            row.score = event.score
            row.outOfSampleScore = event.outOfSampleScore
            row.complexityPenalty = event.complexityPenalty
            row.ttlDays = event.ttlDays
            row.members = JSONText.list(event.members)
            row.fixturesHash = event.fixturesHash.description
            row.codeRevision = event.codeRevision
            row.proposedNanos = place.eventNanos
        }
        send(&event, place)
    }

    mutating func fold(_ event: BraidEvaluated, _ place: EventPlace) {
        braids.change(event.braidID, at: place.globalSeq) { row in
            row.quality = event.quality
            row.qualityParts = JSONText.list(event.parts)
        }
    }

    mutating func fold(_ event: BraidActivated, _ place: EventPlace) {
        braids.change(event.braidID, at: place.globalSeq) { row in
            row.state = .active
            row.patchID = event.patchID
            row.priorsBefore = event.priorsBefore
            row.priorsAfter = event.priorsAfter
            row.activatedNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: BraidStateChanged, _ place: EventPlace) {
        braids.change(event.braidID, at: place.globalSeq) { row in
            row.state = event.to
            row.stateCause = event.cause
        }
    }

    mutating func fold(_ event: inout PatchProposed, _ place: EventPlace) {
        patches.change(event.patch.patchID, at: place.globalSeq) { $0.take(event.patch) }
        send(&event, place)
    }

    mutating func fold(_ event: inout PatchApplied, _ place: EventPlace) {
        patches.change(event.asked.patchID, at: place.globalSeq) { row in
            row.take(event.asked)
            row.status = .active
            row.applied = JSONText.record(event.applied)
            row.priorsVersion = event.priorsVersion
            row.expiresNanos = event.expiresNanos
        }
        send(&event, place)
    }

    mutating func fold(_ event: inout PatchRejected, _ place: EventPlace) {
        patches.change(event.patchID, at: place.globalSeq) { row in
            row.status = .rejected
            row.cause = "\(event.reason.text): \(event.detail)"
        }
        send(&event, place)
    }

    mutating func fold(_ event: PatchClipped, _ place: EventPlace) {
        patches.change(event.patchID, at: place.globalSeq) { $0.clips += 1 }
    }

    mutating func fold(_ event: PatchChanged, _ place: EventPlace) {
        patches.change(event.patchID, at: place.globalSeq) { row in
            row.cause = event.cause
            switch event.change {
            case .reverted: row.status = .reverted
            case .expired: row.status = .expired
            case .suspended: row.status = .suspended
            case .attenuated:
                row.status = .attenuated
                row.factor = event.factor
            case .extended: row.expiresNanos = event.expiresNanos ?? row.expiresNanos
            }
        }
    }

    mutating func fold(_ event: PatchWatched, _ place: EventPlace) {
        patches.change(event.patchID, at: place.globalSeq) { row in
            row.upliftP05 = event.upliftP05
            row.support = event.support
            row.failures = event.failures
        }
    }

    mutating func fold(_ event: SetCompiled, _ place: EventPlace) {
        compiledSets.change(event.lineage.id, at: place.globalSeq) { row in
            row.module = place.module
            row.eventNanos = place.eventNanos
            row.chosen = JSONText.list(event.chosen)
            row.refused = JSONText.list(event.refused)
            row.upliftSum = event.upliftSum
            row.thetaSlack = event.thetaSlack
            row.phiSlack = event.phiSlack
            row.method = event.method
        }
    }

    mutating func fold(_ event: VersionMinted, _ place: EventPlace) {
        priorsVersions.change(event.priorsVersion, at: place.globalSeq) { row in
            row.owner = event.owner
            row.previous = event.previous
            row.mintedNanos = place.eventNanos
            row.setHash = event.setHash.description
        }
    }

    mutating func fold(_ event: SnapshotTaken, _ place: EventPlace) {
        priorsVersions.change(event.priorsVersion, at: place.globalSeq) { row in
            row.owner = event.owner
            row.previous = event.previous
            row.snapshotHash = event.afterHash.description
            row.priors = Int64(event.after.count)
            row.added = JSONText.list(event.added)
            row.removed = JSONText.list(event.removed)
            row.cause = event.cause
        }
        for (position, prior) in event.after.enumerated() {
            activePriors.change(Pair(event.owner, Int64(position)), at: place.globalSeq) { row in
                row.prior = prior.key
                row.effect = JSONText.record(prior.effect)
                row.value = prior.value
                row.patchID = prior.patchID
                row.braidID = prior.braidID
                row.operatorEventID = prior.operatorEventID
                row.jobEventID = prior.jobEventID
                row.rule = JSONText.list(prior.rule)
                row.curves = JSONText.list(prior.curves)
                row.fromNanos = prior.fromNanos
                row.untilNanos = prior.untilNanos
                row.confidence = prior.confidence
                row.priorsVersion = event.priorsVersion
            }
        }
        // What the set before had beyond the length of this one is no longer in force.
        var position = Int64(event.after.count)
        while activePriors.row(Pair(event.owner, position)) != nil {
            activePriors.remove(Pair(event.owner, position))
            position += 1
        }
    }

    mutating func fold(_ event: ContractionChecked, _ place: EventPlace) {
        priorsChecks.change(event.lineage.id, at: place.globalSeq) { row in
            row.module = place.module
            row.eventNanos = place.eventNanos
            row.checked = event.pairs
            row.contraction = event.estimate
        }
    }

    mutating func fold(_ event: WatchdogRan, _ place: EventPlace) {
        priorsChecks.change(event.lineage.id, at: place.globalSeq) { row in
            row.module = place.module
            row.eventNanos = place.eventNanos
            row.checked = event.checked
            row.reverted = JSONText.list(event.reverted)
        }
    }
}

extension PatchRow {
    /// Takes over what a request says.
    mutating func take(_ patch: Patch) {
        prior = patch.key
        owner = patch.owner
        asked = JSONText.record(patch.effect)
        rule = JSONText.list(patch.rule)
        braidID = patch.braidID
        operatorEventID = patch.operatorEventID
        jobEventID = patch.jobEventID
    }
}
