package import Events
package import LogEngine
internal import LogFormat

/// Operators' actions as they stand on an ops log: inputs that a run which goes on is fed again.
package enum OperatorActions {
    /// An action with its place in time.
    package struct Action: Sendable {
        /// What was done.
        package let event: OperatorActed
        /// When.
        package let time: VirtualTime
        /// Its place among all events.
        package let globalSeq: UInt64
    }

    /// All actions of a log, in order.
    package static func read(
        _ path: String, environment: LogEnvironment = .real()
    ) throws(LogError) -> [Action] {
        var actions: [Action] = []
        let scan = EventScan()
        try scan.on(OperatorActed.self) { event, head in
            actions.append(
                Action(event: event, time: VirtualTime(head.eventNanos), globalSeq: head.globalSeq))
        }
        try scan.read(path, environment: environment)
        return actions
    }
}
