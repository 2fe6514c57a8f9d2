package import Events
package import LogEngine
package import Runtime
package import SignalEngine

/// The Signal Engine behind a market log that grows: the pipeline of a replay, fed by the end of the log (design §3).
///
/// The `sig` log is a function of the market log, so a root that was left at any point is gone on with by running over
/// the market again: what stands on `sig` is compared, and the rest appended behind it (decision 0010).
package final class SignalFollower: RootFollower {
    package let modules: [Module] = [.ops, .sig]
    /// Hears how far catching up has come: market events done, of how many.
    package var progressed: (UInt64, UInt64) -> Void = { _, _ in }

    private let engine: SignalEngine
    private let shouldStop: () -> Bool
    private var work: Work?

    /// Makes a follower that has seen nothing.
    ///
    /// - Parameters:
    ///   - engine: the cohort with its setup.
    ///   - shouldStop: ends the catching up, which may take long.
    package init(_ engine: SignalEngine, shouldStop: @escaping () -> Bool = { false }) {
        self.engine = engine
        self.shouldStop = shouldStop
    }

    /// What stands on the `sig` log; nil before a root was taken over.
    package var output: FollowingOutput? { work?.output }

    package func begin(_ root: Root, environment: LogEnvironment) throws(LogError) -> Bool {
        let work = try Work(engine, root, environment)
        self.work = work
        var control = CatchingUp(shouldStop: shouldStop, progressed: progressed)
        guard try work.take(&control) else { return false }
        try work.checkCaughtUp()
        return true
    }

    package func goOn() throws(LogError) { try work?.goOn() }

    package func finish() throws(LogError) { try work?.finish() }
}

/// The pipeline between the two logs of a root.
private final class Work {
    let output: FollowingOutput
    private let root: Root
    private let feed: MarketFeed
    private var pipeline: SignalPipeline

    init(_ engine: SignalEngine, _ root: Root, _ environment: LogEnvironment) throws(LogError) {
        self.root = root
        output = try FollowingOutput(root, module: .sig, environment: environment)
        feed = try MarketFeed([root.directory], environment: environment)
        pipeline = try SignalPipeline(engine, output: output)
    }

    /// Takes the market up to its end, durably; false if the control stopped it before.
    func take(_ control: inout some ReplayControl) throws(LogError) -> Bool {
        let isAtEnd = try feed.run(into: &pipeline, control: &control)
        try root.commit()
        return isAtEnd
    }

    func goOn() throws(LogError) {
        try feed.lookAgain()
        var control = Unhindered()
        _ = try take(&control)
    }

    func finish() throws(LogError) {
        try goOn()
        // Nothing has become known, so nothing has begun.
        guard feed.nowNanos > .min else { return }
        _ = try pipeline.finish(nowNanos: feed.nowNanos)
        try root.commit()
    }

    func checkCaughtUp() throws(LogError) {
        guard !output.isCaughtUp else { return }
        throw LogError(
            .damaged,
            "\(root.directory)/sig: goes on at event \(output.nextSeq) behind what follows from the "
                + "market: another program or another market wrote it; run into a new root")
    }
}

/// Ends when it is told to, and tells how far it is.
private struct CatchingUp: ReplayControl {
    let shouldStop: () -> Bool
    let progressed: (UInt64, UInt64) -> Void

    mutating func admits(_ nowNanos: Int64) -> Bool { !shouldStop() }

    mutating func progressed(_ done: UInt64, of total: UInt64, nowNanos: Int64) { progressed(done, total) }
}
