package import Events
package import LogEngine

/// Follows the market log of a root while it grows, and writes what it makes of it onto other logs of the same root.
///
/// Whoever owns the root makes the market durable, then calls `goOn`, then appends again. So nothing on the other logs
/// ever outlives the loss of what it follows from, and the numbers of the root have no hole after a crash.
package protocol RootFollower: AnyObject {
    /// The logs that it writes.
    var modules: [Module] { get }

    /// Takes a root over that may hold the start of the same work, and catches up with its market log.
    ///
    /// - Returns: false if it was asked to stop before it had.
    /// - Throws: `damaged` when what stands on its logs is not what it makes of the market.
    func begin(_ root: Root, environment: LogEnvironment) throws(LogError) -> Bool

    /// Takes everything that is on the market log by now; what it made of it is durable on return.
    func goOn() throws(LogError)

    /// Takes the rest and ends.
    func finish() throws(LogError)
}
