package import Events
package import LogEngine

/// What a replay runs: takes the market and appends what it makes of it.
///
/// A function of its inputs and of nothing else: no clock, no chance without a recorded seed (design §3).
package protocol ReplayPipeline: MarketHandler {
    /// Ends the work at a virtual time, before the run's last event; its figures come to stand in that event.
    mutating func finish(nowNanos: Int64) throws(LogError) -> [Metric]
}

/// The outcome of a replay.
package struct ReplayReport: Sendable {
    /// What the run's logs say.
    package let digest: RunDigest
    /// The pipeline's figures.
    package let metrics: [Metric]
    /// Events that an earlier attempt had left on the logs already.
    package let matchedCount: UInt64
    /// Events that were appended.
    package let appendedCount: UInt64
    /// Market events of the inputs, and how many of them were done.
    package let marketCount: UInt64
    /// Last virtual moment.
    package let nowNanos: Int64

    /// Makes a report.
    package init(
        digest: RunDigest, metrics: [Metric], matchedCount: UInt64, appendedCount: UInt64, marketCount: UInt64,
        nowNanos: Int64
    ) {
        self.digest = digest
        self.metrics = metrics
        self.matchedCount = matchedCount
        self.appendedCount = appendedCount
        self.marketCount = marketCount
        self.nowNanos = nowNanos
    }
}

/// Runs a pipeline over market logs into a run's folder, from the start or on from wherever an earlier attempt ended.
package enum ReplayDriver {
    /// Replays `inputs` to their end, or to the last moment that the manifest names.
    ///
    /// - Parameters:
    ///   - directory: the run's folder; see `ReplayRun`.
    ///   - inputs: the logs that the manifest names, in the same order.
    ///   - modules: the logs that the pipeline writes.
    ///   - control: speed and reports; it never stops a run before the end that the manifest names.
    ///   - ratios: figures for the run's last event that are known only when the pipeline has ended.
    ///   - makePipeline: makes the pipeline over the run's output.
    /// - Throws: `usage` when control stopped it early; errors of feed, pipeline and logs.
    @inlinable
    package static func run<Pipeline: ReplayPipeline, Control: ReplayControl>(
        _ directory: String, inputs: [String], manifest: RunManifest, modules: [Module],
        options: LogOptions = ReplayRun.logOptions, environment: LogEnvironment = .real(), control: inout Control,
        ratios: () -> [Metric] = { [] }, _ makePipeline: (ReplayRun) throws(LogError) -> Pipeline
    ) throws(LogError) -> ReplayReport {
        // The feed is looked at before anything is written.
        let feed = try MarketFeed(inputs, environment: environment)
        let run = try ReplayRun(
            directory, manifest: manifest, modules: modules, options: options, environment: environment)
        do throws(LogError) {
            try run.start()
            var pipeline = try makePipeline(run)
            var limited = Limited(inner: control, untilNanos: manifest.untilNanos ?? .max)
            let isAtEnd = try feed.run(into: &pipeline, control: &limited)
            control = limited.inner
            guard isAtEnd || limited.isAtLimit else {
                throw LogError(
                    .closed,
                    "\(directory): stopped at \(TimeText.text(feed.nowNanos)), before the end of the run: start it "
                        + "again to go on")
            }
            let metrics = try pipeline.finish(nowNanos: feed.nowNanos) + ratios()
            let digest = try run.finish(metrics: metrics, nowNanos: feed.nowNanos)
            return ReplayReport(
                digest: digest, metrics: metrics, matchedCount: run.output.matchedCount,
                appendedCount: run.output.appendedCount, marketCount: feed.doneCount, nowNanos: feed.nowNanos)
        } catch {
            // What was appended stays, for the next attempt; the first error is the one that is told.
            try? run.output.root.close()
            throw error
        }
    }

    /// A control that also ends at a moment that belongs to the run itself.
    package struct Limited<Inner: ReplayControl>: ReplayControl {
        package var inner: Inner
        package let untilNanos: Int64
        package var isAtLimit = false

        @inlinable
        package init(inner: Inner, untilNanos: Int64) {
            self.inner = inner
            self.untilNanos = untilNanos
        }

        @inlinable
        package mutating func admits(_ nowNanos: Int64) -> Bool {
            guard nowNanos <= untilNanos else {
                isAtLimit = true
                return false
            }
            return inner.admits(nowNanos)
        }

        @inlinable
        package mutating func progressed(_ done: UInt64, of total: UInt64, nowNanos: Int64) {
            inner.progressed(done, of: total, nowNanos: nowNanos)
        }
    }
}
