import Events
import LogFormat

// Inbox, outbox, contracts and operations.
extension FoldedViews {
    /// Enters a message that its sender wrote; an event addressed to nobody is none.
    mutating func send<Event: MessageEvent>(_ event: inout Event, _ place: EventPlace) {
        guard event.envelope != nil else { return }
        messages.change(event.lineage.id, at: place.globalSeq) { row in
            row.eventNanos = place.eventNanos
            event.envelope?.enter(&row)
        }
    }

    mutating func fold(_ event: MessagePicked, _ place: EventPlace) {
        messages.change(event.messageID, at: place.globalSeq) { row in
            row.from = event.from
            row.to = JSONText.list(event.to)
            row.intent = event.intent
            row.dedupeKey = event.dedupeKey
            row.pickedNanos = place.eventNanos
            row.expiresNanos = event.expiresNanos
        }
    }

    mutating func fold(_ event: inout DeliveryRecorded, _ place: EventPlace) {
        deliveries.change(Pair(event.messageID, event.target), at: place.globalSeq) { row in
            row.from = event.from
            row.intent = event.intent
            row.step = event.step
            row.attempts = event.attempt
            row.nextTryNanos = event.nextTryNanos
            if event.step == .delivered { row.deliveredNanos = place.eventNanos }
        }
    }

    mutating func fold(_ event: DeadLettered, _ place: EventPlace) {
        deadLetters.change(event.lineage.id, at: place.globalSeq) { row in
            row.messageID = event.messageID
            row.from = event.from
            row.target = event.target
            row.intent = event.intent
            row.reason = event.reason
            row.detail = event.detail
            row.attempts = event.attempts
            row.firstNanos = event.firstNanos
            row.lastNanos = event.lastNanos
        }
        guard let target = event.target else { return }
        deliveries.change(Pair(event.messageID, target), at: place.globalSeq) { row in
            row.from = event.from
            row.intent = event.intent ?? row.intent
            row.step = .deadLettered
            row.attempts = event.attempts
            row.nextTryNanos = nil
        }
    }

    mutating func fold(_ event: Redriven, _ place: EventPlace) {
        deadLetters.changeIfPresent(event.deadLetterID, at: place.globalSeq) { $0.redrivenBy = event.by }
        guard let target = event.target else { return }
        deliveries.change(Pair(event.messageID, target), at: place.globalSeq) { $0.redrives += 1 }
    }

    mutating func fold(_ event: inout MessageReceived, _ place: EventPlace) {
        deliveries.change(Pair(event.messageID, place.module), at: place.globalSeq) { row in
            row.from = event.from
            row.intent = event.intent
            if event.result == .duplicateIgnored { row.duplicates += 1 }
            // The first verdict stands: what comes again is ignored by the receiver.
            guard row.result == nil || row.result == .duplicateIgnored else { return }
            row.result = event.result
            row.strandID = event.strandID
            row.detail = event.detail
            if event.result == .consumed { row.consumedNanos = place.eventNanos }
        }
    }

    mutating func fold(_ event: LagReported, _ place: EventPlace) {
        lags.change(Pair(event.from, Pair(event.target, event.intent.text)), at: place.globalSeq) { row in
            row.delivered = row.delivered.addingClamped(event.delivered)
            row.dead = row.dead.addingClamped(event.dead)
            row.lagMillisP95 = event.lagMillisP95
            row.lagMillisP95Max = max(row.lagMillisP95Max, event.lagMillisP95)
            row.depth = event.depth
            row.reports += 1
        }
    }

    mutating func fold(_ event: ManifestRegistered, _ place: EventPlace) {
        manifests.change(event.owner, at: place.globalSeq) { row in
            row.manifestHash = event.manifestHash.description
            row.manifestVersion = event.manifestVersion
            row.registeredNanos = place.eventNanos
            row.registrations += 1
        }
    }

    mutating func fold(_ event: KeyRotated, _ place: EventPlace) {
        signingKeys.change(Pair(event.owner, event.keyID), at: place.globalSeq) { row in
            row.publicKey = event.publicKey.digest.description
            row.fromNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: inout AlertRaised, _ place: EventPlace) {
        raise(event.kind, event.subject, place) { $0.detail = event.detail }
        send(&event, place)
    }

    mutating func fold(_ event: AlarmRaised, _ place: EventPlace) {
        raise(event.kind, event.subject, place) { row in
            row.value = event.value
            row.threshold = event.threshold
        }
    }

    private mutating func raise(
        _ kind: AlarmKind, _ subject: String, _ place: EventPlace, _ body: (inout AlarmRow) -> Void
    ) {
        alarms.change(Pair(place.module, Pair(kind.text, subject)), at: place.globalSeq) { row in
            if row.raised == 0 { row.firstNanos = place.eventNanos }
            row.raised += 1
            row.lastNanos = max(row.lastNanos, place.eventNanos)
            body(&row)
        }
    }

    mutating func fold(_ event: BoardActed, _ place: EventPlace) {
        governance.change(event.lineage.id, at: place.globalSeq) { row in
            row.eventNanos = place.eventNanos
            row.isBoard = true
            row.by = event.by
            row.action = event.action.text
            row.subject = event.subject
            row.reason = event.reason
            row.expiresNanos = event.expiresNanos
        }
    }

    mutating func fold(_ event: OperatorActed, _ place: EventPlace) {
        governance.change(event.lineage.id, at: place.globalSeq) { row in
            row.eventNanos = place.eventNanos
            row.by = event.by
            row.action = event.action
            row.subject = event.subject
            row.reason = event.reason
            row.amount = event.amount
        }
    }

    mutating func fold(_ event: FixtureFrozen, _ place: EventPlace) {
        fixtures.change(event.bundleHash.description, at: place.globalSeq) { row in
            row.name = event.name
            row.byteCount = event.byteCount
            row.frozenNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: RunStarted, _ place: EventPlace) {
        runs.change(event.runID, at: place.globalSeq) { row in
            row.type = event.type
            row.status = .running
            row.configHash = event.configHash.description
            row.fixturesHash = event.fixturesHash.description
            row.codeRevision = event.codeRevision
            row.priorsVersions = JSONText.list(event.priorsVersions)
            row.seed = event.seed
            row.cutOffNanos = event.cutOffNanos
            row.startedNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: RunCompleted, _ place: EventPlace) {
        runs.change(event.runID, at: place.globalSeq) { row in
            row.status = event.status
            row.metrics = JSONText.list(event.metrics)
            row.outputHash = event.outputHash.description
            row.completedNanos = place.eventNanos
        }
    }

    mutating func fold(_ event: RegressionChecked, _ place: EventPlace) {
        metricRegressions.change(event.detectorID, at: place.globalSeq) { row in
            row.versionHash = event.detectorVersionHash.description
            row.fixturesHash = event.fixturesHash.description
            row.codeRevision = event.codeRevision
            row.passed = event.passed
            row.compared = event.comparedCount
            row.largestDelta = event.largestDelta
            row.deltas = JSONText.list(event.deltas)
            row.checkedNanos = place.eventNanos
            row.checks += 1
        }
    }

    mutating func fold(_ event: RebuildVerified, _ place: EventPlace) {
        rebuildChecks.change(event.lineage.id, at: place.globalSeq) { row in
            row.eventNanos = place.eventNanos
            row.projection = event.projection
            row.stateHash = event.stateHash.description
            row.atGlobalSeq = event.globalSeq
            row.agrees = event.agrees
        }
    }
}

extension Int64 {
    /// The sum, held at the ends: a record may say any number, and none may end a fold.
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
}

extension Envelope {
    /// Fills the row of a message; mutating, so that the envelope is read where it lies.
    @inline(__always)
    fileprivate mutating func enter(_ row: inout MessageRow) {
        row.from = from
        row.to = JSONText.list(to)
        row.intent = intent
        row.schemaRef = schemaRef
        row.dedupeKey = dedupeKey
        row.ttlSeconds = ttlSeconds
        row.tags = JSONText.list(tags)
        row.hash = hash.description
    }
}
