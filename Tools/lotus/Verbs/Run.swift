import ArgumentParser
import Backtest
import LiveFeed

/// `lotus run`: a venue's feed through the whole pipeline, live (design §5).
struct RunCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Follow a venue live: its market and what the detectors make of it.",
        usage: "lotus run --root <root> --live <wss://…> --coins <A,B> [<options>]",
        discussion: """
            The venue's messages go onto the mkt log of the root, as with lotus ingest --live; every detector scores \
            every window that ends, and judges it once its horizons have passed, onto the sig log. Both are durable \
            within 100 ms of a message. It is the loop of lotus replay, fed by the end of the log: replaying the \
            frozen root writes the same sig log, byte for byte.

            Ctrl-C ends in order. After a crash the same command goes on: it runs over the market that is there, \
            compares what it finds on sig, and appends the rest, so no event is lost or doubled. History that was \
            ingested into the root before counts as seen.

            Exit status 0: it ended as it was told to; 3: messages were refused, or the feed gave up; 1: the venue \
            cannot be reached; 2: sig is not what follows from mkt; 64: an unknown coin.

            EXAMPLES
              lotus run --live wss://api.hyperliquid.xyz/ws --coins BTC --root live
              lotus freeze live --seal --out live.bundle
              lotus replay live.bundle --out again
              lotus diff logs live/sig again/sig
            """)

    @OptionGroup(title: "Live")
    var live: LiveFlags
    @OptionGroup(title: "Detectors")
    var cohort: CohortOptions
    @Option(help: "The root whose logs are written.")
    var root: String
    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 1
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        guard let address = live.live else {
            throw ToolError(
                .usage, "no feed is given; give --live with the venue's address, wss://api.hyperliquid.xyz/ws")
        }
        let stop = LiveStop()
        let follower = SignalFollower(try cohort.engine(seed: seed)) { stop.isRequested }
        return try LiveJob(address, live, root: root, json: json, stop: stop, follower: follower).run()
    }
}
