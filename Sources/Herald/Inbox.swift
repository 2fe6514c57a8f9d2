package import Events
import LogFormat

/// The receiving end of one module: the same message has one effect, however often it comes (HER-05, HER-06).
///
/// Its state is a fold of the `msg.Received` records in the module's own log.
package struct Inbox: Equatable, Sendable {
    /// Whose inbox it is.
    package let module: Module
    private var ids: Set<EventID> = []
    private var dedupeKeys: Set<String> = []

    /// An empty inbox.
    package init(_ module: Module) { self.module = module }

    /// Messages that were taken.
    package var count: Int { ids.count }

    /// Whether the message, or one that says the same, was taken before.
    package func knows(_ message: Message) -> Bool {
        ids.contains(message.id) || dedupeKeys.contains(message.envelope.dedupeKey)
    }

    /// Takes in what the module recorded.
    package mutating func apply(_ record: MessageReceived) {
        guard record.result == .consumed else { return }
        ids.insert(record.messageID)
        dedupeKeys.insert(record.dedupeKey)
    }

    /// The record of what was done with a message; the module appends it together with the effects.
    package func receipt(
        _ message: Message, _ result: ReceiptResult, strandID: EventID? = nil, detail: String = "", now: Int64
    ) -> MessageReceived {
        var record = MessageReceived()
        record.lineage = Lineage(
            id: EventID(module: module, key: "received|\(message.id)|\(result.text)", eventNanos: now),
            lifecycleID: message.lifecycleID, parentID: message.id, seenGlobalSeq: message.globalSeq)
        record.messageID = message.id
        record.from = message.envelope.from
        record.intent = message.envelope.intent
        record.result = result
        record.dedupeKey = message.envelope.dedupeKey
        record.strandID = strandID
        record.detail = detail
        return record
    }
}
