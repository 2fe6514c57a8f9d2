package import Events
internal import Herald
package import LogEngine
internal import LogFormat

/// Writes down an operator's wish that dead letters be sent again (HER-12).
///
/// Only the ops log is written: the herald log is Herald's (NEV-12). Herald answers with `herald.Redriven` and the
/// delivery when the run goes on.
package enum RedriveDesk {
    /// Which letters are meant.
    package enum Choice: Sendable {
        /// These.
        case ids([EventID])
        /// All that can be sent again and were not, of one reason or of any.
        case reason(DeadLetterReason?)
    }

    /// What was written down.
    package struct Result: Equatable, Sendable {
        /// Letters that will be sent again.
        package var letters: [EventID]
        /// The record of the action, nil if there was nothing to do.
        package var actionID: EventID?
        /// Letters of the choice that are left out, each with the reason.
        package var passedOver: [EventID: String]
    }

    /// Why a letter is not sent again, nil if it can be.
    package static func obstacle(_ letter: HeraldReport.Letter) -> String? {
        if letter.redrivenNanos != nil { return "was sent again before; a new failure has a letter of its own" }
        if letter.isTaken { return "its target has taken the message already" }
        if letter.record.reason == .expired { return "has expired: what it says is past; let its sender say it anew" }
        return nil
    }

    /// Appends the action to the ops log of a root and makes it durable.
    ///
    /// - Throws: `usage` for an unknown id or more letters than one action takes; `locked` while a run has the root;
    ///   `damaged` after a crash that the run has not gone on from.
    package static func redrive(
        root path: String, _ choice: Choice, by operatorID: OperatorID, reason: String,
        options: LogOptions = LogOptions(), environment: LogEnvironment = .real()
    ) throws(LogError) -> Result {
        let report = try HeraldReport(root: path, environment: environment)
        guard report.awaitedLetters.isEmpty else {
            throw LogError(
                .usage,
                "\(path): \(report.awaitedLetters.count) letters of an earlier redrive wait for the run: "
                    + "let the run go on first")
        }
        var result = Result(letters: [], actionID: nil, passedOver: [:])
        for letter in try chosen(choice, report, path) {
            let id = letter.record.lineage.id
            if let obstacle = obstacle(letter) {
                result.passedOver[id] = obstacle
            } else if !result.letters.contains(id) {
                result.letters.append(id)
            }
        }
        guard !result.letters.isEmpty else { return result }
        guard result.letters.count <= RedriveAction.lettersMax else {
            throw LogError(
                .usage,
                "\(path): \(result.letters.count) letters are meant, at most \(RedriveAction.lettersMax) go in one "
                    + "action: name a reason or ids")
        }
        var modules = EventScan.modules(in: path, environment: environment)
        if !modules.contains(.ops) { modules.append(.ops) }
        let root = try Root(path, modules: modules, options: options, environment: environment, holes: .refill)
        do throws(LogError) {
            result.actionID = try append(result.letters, operatorID, reason, root, report, environment)
            try root.close()
        } catch {
            try? root.close()
            throw error
        }
        return result
    }

    private static func chosen(
        _ choice: Choice, _ report: HeraldReport, _ path: String
    ) throws(LogError) -> [HeraldReport.Letter] {
        switch choice {
        case .reason(let reason):
            return report.letters.filter {
                (reason == nil || $0.record.reason == reason) && obstacle($0) == nil
            }
        case .ids(let ids):
            var letters: [HeraldReport.Letter] = []
            for id in ids {
                guard let letter = report.letter(id) else {
                    throw LogError(
                        .usage, "\(path): no dead letter has the id \(id): lotus herald dead-letters lists them")
                }
                letters.append(letter)
            }
            return letters
        }
    }

    private static func append(
        _ letters: [EventID], _ operatorID: OperatorID, _ reason: String, _ root: Root, _ report: HeraldReport,
        _ environment: LogEnvironment
    ) throws(LogError) -> EventID {
        guard root.cut.isWhole else {
            throw LogError(
                .damaged,
                "\(root.directory): events after \(root.cut.globalSeq) are incomplete since a crash: "
                    + "let the run go on first, it makes them again")
        }
        // No earlier than anything that Herald has seen: a run that goes on takes its inputs in the order of time.
        let last = report.letters.map(\.record.lastNanos).max() ?? 0
        let nanos = max(environment.clock.wallNanos(), last + 1)
        var event = RedriveAction.record(
            letters, by: operatorID, reason: reason, eventNanos: nanos, seenGlobalSeq: root.nextGlobalSeq - 1)
        try root.append(&event, to: .ops, eventNanos: nanos)
        try root.commit()
        return event.lineage.id
    }
}
