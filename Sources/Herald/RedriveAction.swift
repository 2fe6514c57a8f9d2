package import Events
import LogFormat

/// The human action of sending dead letters again: one record on the ops log, by whom and for which letters (HER-12).
///
/// It stands in one event, so that a crash never leaves half of it.
package enum RedriveAction {
    /// What the action is called in `gov.OperatorActed`.
    package static let name = "herald.redrive"
    /// Letters of one action at most; their ids fill 27 kB.
    package static let lettersMax = 1000

    /// The record of an action.
    package static func record(
        _ letters: [EventID], by operatorID: OperatorID, reason: String, eventNanos: Int64, seenGlobalSeq: UInt64
    ) -> OperatorActed {
        var event = OperatorActed()
        event.subject = letters.map(\.description).joined(separator: ",")
        event.lineage = Lineage(
            id: EventID(module: .ops, key: "\(name)|\(event.subject)", eventNanos: eventNanos),
            seenGlobalSeq: seenGlobalSeq)
        event.by = operatorID
        event.action = name
        event.reason = reason
        return event
    }

    /// The letters that an action names, nil if it is another action; what is no id is passed over.
    package static func letters(_ event: OperatorActed) -> [EventID]? {
        guard event.action == name else { return nil }
        return event.subject.split(separator: ",").compactMap { EventID(text: String($0)) }
    }
}
