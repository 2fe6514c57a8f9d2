package import Events
package import LogEngine
package import LogFormat

/// Where a conductor's events go: a root, or a root that holds the start of the same run already.
package protocol EventOutput: AnyObject {
    /// Highest global sequence number given out.
    var lastGlobalSeq: UInt64 { get }
    /// Appends an event, or finds it where it stands.
    func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place
}
