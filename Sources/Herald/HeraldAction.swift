package import Events

/// What Herald decided; its owner writes the record to the herald log before it acts on it.
package enum HeraldAction: Equatable, Sendable {
    /// The message is good; its targets follow.
    case picked(MessagePicked)
    /// Hand the message to a target, as try number `attempt`.
    case deliver(Message, to: Module, attempt: Int64)
    /// A step of a delivery.
    case record(DeliveryRecorded)
    /// A message, or one target of it, ended.
    case dead(DeadLettered)
    /// An operator sent a dead letter again.
    case redriven(Redriven)
}

/// How a receiver answered.
package enum DeliveryAnswer: Equatable, Sendable {
    /// Taken, or known already: either way it is there.
    case taken
    /// Refused by contract: trying again would not help.
    case refused(String)
    /// Could not be handled now.
    case failed(String)
}

/// Settings of the router.
package struct HeraldSettings: Equatable, Sendable {
    /// Messages a second that a pair may send on (HER-10).
    package var quotaPerSecond: Int64 = 50
    /// Messages that a pair may send at once (HER-10).
    package var quotaBurst: Int64 = 500
    /// First wait before another try (HER-09).
    package var backOffFirstNanos: Int64 = 1_000_000_000
    /// Longest wait before another try (HER-09).
    package var backOffMaxNanos: Int64 = 60_000_000_000
    /// Whether every message must be signed (SEC-01).
    package var requiresSignatures = false
    /// Dead letters that can be sent again; beyond that the oldest go (HER-12).
    package var deadLettersMax = 10_000

    /// The defaults.
    package init() {}

    /// 1 s, 2 s, 4 s … at most 60 s (HER-09).
    func backOff(after attempt: Int64) -> Int64 {
        let doubled = attempt > 30 ? Int64.max : backOffFirstNanos << (attempt - 1)
        return min(doubled, backOffMaxNanos)
    }
}
