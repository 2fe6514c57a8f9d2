package import Events
package import Herald
package import LogFormat

/// What a module is told.
package enum Input: Sendable {
    /// A message addressed to it.
    case message(Message)
    /// A timer that it had set.
    case timer(String)
    /// An outside event of the run: an operator's, or a market's.
    case outside(any LogEvent & Sendable, globalSeq: UInt64)
}

/// A part of Lotus that thinks: pure, synchronous, without clock, disk or chance of its own (design §3).
///
/// It sees inputs in one order and answers with effects. The same inputs give the same effects, which is what makes a
/// replay a proof.
package protocol Reducer {
    /// Whose log it writes.
    var module: Module { get }
    /// Takes one input at a virtual time.
    mutating func step(_ input: Input, _ now: VirtualTime, _ effects: inout Effects)
}

/// What a step wants to have done, in order.
package struct Effects {
    /// One effect.
    enum Effect {
        case append(any DomainEvent)
        case timer(Timer)
        case cancel(String)
    }

    /// The module whose step it is.
    package let module: Module
    /// The time of the step.
    package let now: VirtualTime
    /// Highest global sequence number that the module has seen.
    package let seenGlobalSeq: UInt64
    private(set) var all: [Effect] = []

    init(module: Module, now: VirtualTime, seenGlobalSeq: UInt64) {
        self.module = module
        self.now = now
        self.seenGlobalSeq = seenGlobalSeq
    }

    /// Appends an event to the module's own log; a message goes out with it.
    package mutating func append(_ event: some DomainEvent) { all.append(.append(event)) }

    /// Sets a timer of the module.
    package mutating func setTimer(_ key: String, at due: VirtualTime) {
        all.append(.timer(Timer(due: due, module: module, key: key)))
    }

    /// Cancels a timer of the module.
    package mutating func cancelTimer(_ key: String) { all.append(.cancel(key)) }

    /// The lineage of an event that this step makes (GEN-03).
    package func lineage(_ key: String, lifecycleID: LifecycleID? = nil, parentID: EventID? = nil) -> Lineage {
        Lineage(
            id: EventID(module: module, key: key, eventNanos: now.nanos), lifecycleID: lifecycleID, parentID: parentID,
            seenGlobalSeq: seenGlobalSeq)
    }
}
