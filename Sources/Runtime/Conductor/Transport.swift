package import Events
package import Herald
package import LogEngine

/// Where messages end: the inboxes of the modules that run here.
package protocol MessageReceiver: AnyObject {
    /// Takes a message into the inbox of a module; what is known already has no second effect (HER-05).
    func receive(_ message: Message, for target: Module) throws(LogError) -> DeliveryAnswer
}

/// How messages get from the router to their receivers.
///
/// The one port between the two: within a process it is a call, between machines a broker. A transport may lose an
/// answer or bring a message twice, never change one; the router tries again and receivers ignore what they know.
package protocol Transport {
    /// Carries a message to a module; nil if the answer comes later, through `Conductor.answer`.
    func carry(
        _ message: Message, to target: Module, _ receiver: some MessageReceiver
    ) throws(LogError) -> DeliveryAnswer?
}

/// Everything in one process: the message is handed over at once.
package struct DirectTransport: Transport, Sendable {
    /// Makes a transport.
    package init() {}

    package func carry(
        _ message: Message, to target: Module, _ receiver: some MessageReceiver
    ) throws(LogError) -> DeliveryAnswer? {
        try receiver.receive(message, for: target)
    }
}
