package import Events
internal import Herald
package import LogEngine
internal import LogFormat

/// What became of the messages of a root, as its logs tell (HER-11, SCH-HER-3).
package struct HeraldReport: Sendable {
    /// Figures of one intent.
    package struct Figures: Equatable, Sendable {
        /// Messages that were found and good.
        package var pickedCount = 0
        /// Messages that reached a target.
        package var deliveredCount = 0
        /// Tries that are to be repeated.
        package var retriedCount = 0
        /// Dead letters that nobody sent again.
        package var deadCount = 0
        /// Targets that have not ended.
        package var pendingCount = 0
        /// From the message's being picked, or sent again, to its being taken.
        fileprivate(set) package var lagNanos: [Int64] = []

        /// Share of the targets that ended well, nil while none ended.
        package var successRate: Double? {
            let ended = deliveredCount + deadCount
            return ended > 0 ? Double(deliveredCount) / Double(ended) : nil
        }

        /// Messages that took longer than the inbox lag level (HER-11).
        package var lateCount: Int { lagNanos.count { $0 > HeraldReport.lagLevelNanos } }

        /// A percentile of the lag, by nearest rank.
        package func lagNanos(percentile: Int) -> Int64? {
            guard !lagNanos.isEmpty else { return nil }
            let sorted = lagNanos.sorted()
            return sorted[max(0, (sorted.count * percentile + 99) / 100 - 1)]
        }
    }

    /// A dead letter and what became of it.
    package struct Letter: Equatable, Sendable {
        /// The record.
        package var record: DeadLettered
        /// When an operator sent it again.
        package var redrivenNanos: Int64?
        /// Whether its target has taken the message by now, or one that says the same.
        package var isTaken = false
    }

    /// A contract in force, with the moment from which it is known (ARC-18).
    package struct Contract: Equatable, Sendable {
        /// The record.
        package var record: ManifestRegistered
        /// When it was registered.
        package var fromNanos: Int64
    }

    /// The reports of lag between a pair (HER-11, ARC-20).
    package struct Lag: Equatable, Sendable {
        /// The latest report.
        package var latest: LagReported
        /// The end of its period.
        package var latestNanos: Int64
        /// Periods that were reported.
        package var reportCount = 1
        /// The highest 95th percentile of any period, in milliseconds.
        package var lagMillisP95Max: Double
        /// The highest number of messages that waited at the end of a period.
        package var depthMax: Int64
    }

    /// Within which a message should be taken (HER-11).
    package static let lagLevelNanos: Int64 = 5_000_000_000

    /// Figures of each intent that occurred, in the order of ENUM-01.
    package let intents: [(intent: Intent, figures: Figures)]
    /// Dead letters, in the order of the log.
    package let letters: [Letter]
    /// Letters that an operator wants to be sent again and that the run has not taken up.
    package let awaitedLetters: [EventID]
    /// The contracts in force, by rank of their modules.
    package let contracts: [Contract]
    /// Lag by sender, receiver and intent, in the order of their ranks.
    package let lags: [Lag]

    /// Numbers of dead letters by reason, in the order of ENUM-15, and of those that nobody sent again.
    package var reasons: [(reason: DeadLetterReason, count: Int, openCount: Int)] {
        DeadLetterReason.allCases.compactMap { reason in
            let all = letters.filter { $0.record.reason == reason }
            let open = all.count { $0.redrivenNanos == nil && !$0.isTaken }
            return all.isEmpty ? nil : (reason, all.count, open)
        }
    }

    /// Reads the logs of a root.
    ///
    /// - Throws: `notALog` where there is no herald log; `damaged`, `fileSystem`.
    package init(root: String, environment: LogEnvironment = .real()) throws(LogError) {
        let modules = EventScan.modules(in: root, environment: environment)
        guard modules.contains(.herald) else {
            throw LogError(
                .notALog,
                "\(root): no log 'herald' is in it, found \(modules.map(\.text)): give the folder of a run")
        }
        let fold = HeraldFold()
        try fold.read("\(root)/\(Module.herald.text)", environment)
        for module in modules where module != .herald && module != .mkt {
            try fold.readReceipts("\(root)/\(module.text)", module, environment)
        }
        intents = Intent.allCases.compactMap { intent in fold.figures[intent].map { (intent, $0) } }
        letters = fold.order.compactMap { fold.letters[$0] }
        awaitedLetters = fold.awaited
        contracts = fold.contracts.sorted { $0.key < $1.key }.map(\.value)
        lags = fold.lags.values.sorted { Self.order($0.latest) < Self.order($1.latest) }
    }

    private static func order(_ event: LagReported) -> (UInt8, UInt8, UInt8) {
        (event.from.rawValue, event.target.rawValue, event.intent.rawValue)
    }

    /// The letter of an id.
    package func letter(_ id: EventID) -> Letter? { letters.first { $0.record.lineage.id == id } }
}

/// Folds the records of a root into a report.
private final class HeraldFold {
    struct Way: Hashable {
        var message: EventID
        var target: Module
    }

    var figures: [Intent: HeraldReport.Figures] = [:]
    var letters: [EventID: HeraldReport.Letter] = [:]
    var order: [EventID] = []
    var awaited: [EventID] = []
    var contracts: [Module: HeraldReport.Contract] = [:]
    var lags: [String: HeraldReport.Lag] = [:]
    /// Since when a target has been waited for.
    private var waiting: [Way: Int64] = [:]
    private var dedupeKeys: [EventID: String] = [:]
    /// Messages with a dead letter; only their keys are kept.
    private var lettered: Set<EventID> = []
    private var redriven: Set<EventID> = []

    func read(_ path: String, _ environment: LogEnvironment) throws(LogError) {
        let scan = EventScan()
        try scan.on(MessagePicked.self) { event, head in
            self.figures[event.intent, default: .init()].pickedCount += 1
            self.figures[event.intent, default: .init()].pendingCount += event.to.count
            self.dedupeKeys[event.messageID] = event.dedupeKey
            for target in event.to { self.waiting[Way(message: event.messageID, target: target)] = head.eventNanos }
        }
        try scan.on(DeliveryRecorded.self) { self.step($0, $1.eventNanos) }
        try scan.on(DeadLettered.self) { event, _ in
            self.order.append(event.lineage.id)
            self.lettered.insert(event.messageID)
            self.letters[event.lineage.id] = HeraldReport.Letter(record: event)
            guard let intent = event.intent else { return }
            self.figures[intent, default: .init()].deadCount += 1
            guard let target = event.target else { return }
            if self.waiting.removeValue(forKey: Way(message: event.messageID, target: target)) != nil {
                self.figures[intent, default: .init()].pendingCount -= 1
            }
        }
        try scan.on(Redriven.self) { self.again($0, $1.eventNanos) }
        try scan.on(ManifestRegistered.self) { event, head in
            self.contracts[event.owner] = HeraldReport.Contract(record: event, fromNanos: head.eventNanos)
        }
        try scan.on(LagReported.self) { self.report($0, $1.eventNanos) }
        try scan.read(path, environment: environment)
    }

    private func report(_ event: LagReported, _ nanos: Int64) {
        let pair = "\(event.from.text) \(event.target.text) \(event.intent.text)"
        var lag =
            lags[pair]
            ?? HeraldReport.Lag(
                latest: event, latestNanos: nanos, reportCount: 0, lagMillisP95Max: 0, depthMax: 0)
        lag.latest = event
        lag.latestNanos = nanos
        lag.reportCount += 1
        lag.lagMillisP95Max = max(lag.lagMillisP95Max, event.lagMillisP95)
        lag.depthMax = max(lag.depthMax, event.depth)
        lags[pair] = lag
    }

    private func step(_ event: DeliveryRecorded, _ nanos: Int64) {
        switch event.step {
        case .delivered:
            self.figures[event.intent, default: .init()].deliveredCount += 1
            let way = Way(message: event.messageID, target: event.target)
            guard let since = waiting.removeValue(forKey: way) else { return }
            figures[event.intent, default: .init()].pendingCount -= 1
            figures[event.intent, default: .init()].lagNanos.append(max(0, nanos - since))
        case .retried: figures[event.intent, default: .init()].retriedCount += 1
        case .dispatched: if !lettered.contains(event.messageID) { dedupeKeys[event.messageID] = nil }
        case .picked, .expired, .deadLettered: break
        }
    }

    private func again(_ event: Redriven, _ nanos: Int64) {
        redriven.insert(event.deadLetterID)
        guard let letter = letters[event.deadLetterID] else { return }
        letters[event.deadLetterID]?.redrivenNanos = nanos
        guard let intent = letter.record.intent else { return }
        figures[intent, default: .init()].deadCount -= 1
        guard let target = event.target else { return }
        figures[intent, default: .init()].pendingCount += 1
        waiting[Way(message: event.messageID, target: target)] = nanos
    }

    /// Receipts of a module's log, and operators' actions where it is the ops log: each log is read once.
    func readReceipts(_ path: String, _ module: Module, _ environment: LogEnvironment) throws(LogError) {
        var ids: Set<EventID> = []
        var keys: Set<String> = []
        let scan = EventScan()
        try scan.on(MessageReceived.self) { event, _ in
            guard event.result == .consumed else { return }
            ids.insert(event.messageID)
            keys.insert(event.dedupeKey)
        }
        // Letters of operators' actions that no record of Herald answers.
        if module == .ops {
            try scan.on(OperatorActed.self) { event, _ in
                for id in RedriveAction.letters(event) ?? [] where !self.redriven.contains(id) {
                    self.awaited.append(id)
                }
            }
        }
        try scan.read(path, environment: environment)
        for id in order {
            guard let letter = letters[id], letter.record.target == module else { continue }
            let message = letter.record.messageID
            if ids.contains(message) || dedupeKeys[message].map(keys.contains) ?? false {
                letters[id]?.isTaken = true
            }
        }
    }
}
