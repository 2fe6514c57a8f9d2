import Backtest
import Events
import LiveFeed
import LogEngine
import LogFormat
import Market
import Runtime
import VenueFeed

/// `lotus ingest --live` and `lotus run`: a feed into a root until its time is over.
struct LiveJob {
    private let plan: FeedPlan
    private let flags: LiveFlags
    private let root: String
    private let json: Bool
    private let address: String
    private let stop: LiveStop
    private let follower: SignalFollower?

    init(
        _ address: String, _ flags: LiveFlags, root: String, json: Bool, stop: LiveStop = LiveStop(),
        follower: SignalFollower? = nil
    ) throws(ToolError) {
        self.address = address
        self.stop = stop
        self.follower = follower
        self.flags = flags
        self.root = root
        self.json = json
        var generator = SystemRandomNumberGenerator()
        do throws(FeedError) {
            var channels: [FeedChannel] = []
            let names = flags.channels.isEmpty ? LiveFlags.list(LiveFlags.defaultChannels) : flags.channels
            for name in names { channels.append(try FeedChannel(name)) }
            plan = try FeedPlan(
                address: address, coins: flags.coins, channels: channels, restAddress: flags.restAddress,
                seed: generator.next())
        } catch { throw Self.refusal(error) }
    }

    func run() throws -> Outcome {
        try NewLog.checkParent(of: root)
        // Before the feed's thread starts.
        Interrupt.handle { [stop] in stop.request() }
        var options = LiveOptions()
        options.durationNanos = flags.durationNanos
        options.recording = flags.record
        options.seal = flags.seal
        let start = Terminal.nanos
        let line = Progress(follower == nil ? "live" : "run", .events)
        let catching = Progress("catching up", .events)
        follower?.progressed = { done, total in catching.update(done, of: total) }
        let report: LiveReport
        do throws(LiveError) {
            report = try LiveIngest.run(plan, root: root, options: options, follower: follower, stop: stop) {
                [follower] status throws(LogError) in
                let nanos = Terminal.nanos - start
                line.show(LiveText.progress(status, seconds: Double(nanos) / 1e9, follower?.output))
            }
        } catch {
            Progress.clear()
            switch error {
            case .log(let error): throw error
            case .feed(let error): throw Self.refusal(error)
            }
        }
        Progress.clear()
        let seconds = max(Double(Terminal.nanos - start) / 1e9, 1e-9)
        try Output.print(
            json
                ? LiveText.json(report, address, seconds, follower?.output)
                : LiveText.text(
                    report, plan.socketAddress.host, seconds, root: root, recording: flags.record, follower?.output))
        // Nothing at all came: that is no session.
        if case .feedEnded = report.end, report.frameCount == 0 { return .failure }
        return IngestText.outcome(report.asIngest(path: address))
    }

    /// What makes no sense is told from what cannot be done.
    static func refusal(_ error: FeedError) -> ToolError {
        switch error {
        case .badAddress, .badPlan, .unknownCoins: ToolError(.usage, error.description)
        default: ToolError(.failure, error.description)
        }
    }
}

/// A live session for people and machines.
enum LiveText {
    static func progress(_ status: LiveStatus, seconds: Double, _ signals: FollowingOutput?) -> String {
        let rate = UInt64(Double(status.eventCount) / max(seconds, 1e-3))
        var parts = [
            "\(Int64(seconds)) s: \(Figures.grouped(status.eventCount)) events, \(Figures.grouped(rate))/s"
        ]
        if let signals {
            parts.append("\(Figures.grouped(signals.windowCount)) windows")
            parts.append("\(Figures.grouped(signals.scoreCount)) scores")
        } else {
            parts.append("\(Figures.grouped(UInt64(status.frameCount))) messages")
        }
        parts.append("\(status.gapCount) gaps")
        parts.append("lag \(milliseconds(status.lagNanos)) ms")
        if status.connectedCount != 1 { parts.append("\(status.connectedCount) connected") }
        return parts.joined(separator: ", ")
    }

    static func text(
        _ report: LiveReport, _ host: String, _ seconds: Double, root: String, recording: String?,
        _ signals: FollowingOutput?
    ) -> String {
        var lines = [IngestText.text(report.asIngest(path: host), seconds, root: root)]
        let connections = report.connections
        lines.append(
            "\(Figures.grouped(UInt64(report.frameCount))) messages over \(connections.openedCount) connections in "
                + "\(Figures.oneDecimal(seconds)) s, \(report.commitCount) commits; \(ending(report.end))")
        if let signals { lines.append(signalText(signals, root)) }
        for trouble in connections.troubles { lines.append("  \(Terminal.styled("!", .warning)) \(plain(trouble))") }
        if connections.heldNanos > 0 {
            lines.append("  the disk did not keep up: nothing was read for \(milliseconds(connections.heldNanos)) ms")
        }
        if let recording, report.frameCount > 0 {
            lines.append("\(recording): \(Figures.bytes(report.recordedBytes)), SHA-256 \(report.digest)")
        }
        return lines.joined(separator: "\n")
    }

    private static func signalText(_ signals: FollowingOutput, _ root: String) -> String {
        let found =
            signals.matchedCount == 0
            ? "" : ", \(Figures.grouped(signals.matchedCount)) found there from before"
        return "\(Figures.grouped(signals.appendedCount)) events appended to \(root)/sig\(found): "
            + "\(Figures.grouped(signals.windowCount)) windows, \(Figures.grouped(signals.scoreCount)) scores, "
            + "\(Figures.grouped(signals.outcomeCount)) outcomes in all"
    }

    private static func signalJSON(_ signals: FollowingOutput) -> String {
        JSON.object([
            ("appended", "\(signals.appendedCount)"), ("found", "\(signals.matchedCount)"),
            ("windows", "\(signals.windowCount)"), ("scores", "\(signals.scoreCount)"),
            ("outcomes", "\(signals.outcomeCount)"),
        ])
    }

    static func json(
        _ report: LiveReport, _ address: String, _ seconds: Double, _ signals: FollowingOutput?
    ) -> String {
        let connections = report.connections
        var members = [
            ("end", jsonString(ending(report.end))), ("messages", "\(report.frameCount)"),
            ("recorded_bytes", "\(report.recordedBytes)"), ("recorded_sha256", jsonString("\(report.digest)")),
            ("commits", "\(report.commitCount)"),
            (
                "connections",
                JSON.object([
                    ("opened", "\(connections.openedCount)"), ("ended", "\(connections.closedCount)"),
                    ("failed", "\(connections.failedCount)"), ("stalled_streams", "\(connections.stalledCount)"),
                    ("refused_messages", "\(connections.rejectedCount)"), ("held_ns", "\(connections.heldNanos)"),
                    ("troubles", JSON.array(connections.troubles.map { jsonString($0) })),
                ])
            ),
            ("ingest", IngestText.json(report.asIngest(path: address), seconds)),
        ]
        if let signals { members.append(("signals", signalJSON(signals))) }
        return JSON.object(members)
    }

    private static func ending(_ end: LiveReport.End) -> String {
        switch end {
        case .stopped: "stopped"
        case .timeOver: "time over"
        case .feedEnded(let reason): "the feed gave up: \(plain(reason))"
        }
    }

    private static func milliseconds(_ nanos: Int64) -> String { Figures.oneDecimal(Double(nanos) / 1e6) }

    /// Texts of a venue without control characters.
    private static func plain(_ text: String) -> String {
        String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "?" : $0 })
    }
}
