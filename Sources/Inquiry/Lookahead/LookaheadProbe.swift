import Events
import LogEngine
import Runtime

/// Runs a pipeline over a market, and at each cut lets a copy of it end there and another one go on with rubbish.
///
/// A cut costs a copy of the pipeline's state and a few events instead of a run of its own. That a pipeline is a plain
/// value, whose copies do not touch each other, is tested by the runs from the start that follow.
struct LookaheadProbe<Pipeline: ReplayPipeline>: AnyMarketHandler {
    private(set) var pipeline: Pipeline
    private let output: LookaheadOutput
    /// Moments, ascending.
    private let cuts: [Int64]
    private var next = 0
    private var spoiled: [SpoiledFork] = []
    private var nowNanos = Int64.min
    private let rubbishEvents: Int
    private let seed: UInt64

    /// A copy that goes on with rubbish.
    private struct SpoiledFork {
        let cutNanos: Int64
        var pipeline: Spoiled<Pipeline>
        var left: Int
        let ended: [KeptRecord]
        var records: [KeptRecord] = []
    }

    init(_ pipeline: Pipeline, _ output: LookaheadOutput, cuts: [Int64], rubbishEvents: Int, seed: UInt64) {
        self.pipeline = pipeline
        self.output = output
        self.cuts = cuts
        self.rubbishEvents = rubbishEvents
        self.seed = seed
    }

    /// Takes every cut that lies before the event, which is not looked at yet.
    private mutating func before(_ head: MarketHead) throws(LogError) {
        defer { nowNanos = head.nowNanos }
        while next < cuts.count, head.nowNanos > cuts[next] {
            let cut = cuts[next]
            next += 1
            if nowNanos > .min { try fork(at: cut) }
        }
    }

    private mutating func fork(at cut: Int64) throws(LogError) {
        var ending = pipeline
        output.beginAside(upTo: cut)
        _ = try ending.finish(nowNanos: cut)
        let records = output.endAside()
        output.expect(records, cutNanos: cut)
        guard rubbishEvents > 0 else { return }
        spoiled.append(
            SpoiledFork(
                cutNanos: cut, pipeline: Spoiled(pipeline, afterNanos: cut, seed: seed), left: rubbishEvents,
                ended: records))
    }

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) {
        if !event.isListing { try before(head) }
        for place in spoiled.indices {
            spoiled[place].left -= 1
            output.beginAside(upTo: spoiled[place].cutNanos)
            try event.tell(&spoiled[place].pipeline, head)
            spoiled[place].records += output.endAside()
        }
        while let first = spoiled.first, first.left <= 0 { try settleFirst(head.nowNanos) }
        try event.tell(&pipeline, head)
    }

    /// Ends the oldest spoiled fork and compares what it said.
    private mutating func settleFirst(_ end: Int64) throws(LogError) {
        var done = spoiled.removeFirst()
        output.beginAside(upTo: done.cutNanos)
        _ = try done.pipeline.inner.finish(nowNanos: end)
        done.records += output.endAside()
        try output.compare(done.records, done.ended, cutNanos: done.cutNanos)
    }

    /// Ends the run, and every fork.
    mutating func finish(nowNanos end: Int64) throws(LogError) {
        while next < cuts.count {
            if cuts[next] <= end { try fork(at: cuts[next]) }
            next += 1
        }
        while !spoiled.isEmpty { try settleFirst(end) }
        _ = try pipeline.finish(nowNanos: end)
        try output.finish()
    }
}
