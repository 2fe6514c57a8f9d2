import Events
import LiveFeed
import LogEngine
import LogFormat
import Market
import Runtime
import VenueFeed

/// `lotus ingest --live`: a feed into a root until its time is over.
struct LiveJob {
    private let plan: FeedPlan
    private let flags: LiveFlags
    private let root: String
    private let json: Bool
    private let address: String

    init(_ address: String, _ flags: LiveFlags, root: String, json: Bool) throws(ToolError) {
        self.address = address
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
        let stop = LiveStop()
        // Before the feed's thread starts.
        Interrupt.handle { stop.request() }
        var options = LiveOptions()
        options.durationNanos = flags.durationNanos
        options.recording = flags.record
        options.seal = flags.seal
        let start = Terminal.nanos
        let line = Progress("live", .events)
        let report: LiveReport
        do throws(LiveError) {
            report = try LiveIngest.run(plan, root: root, options: options, stop: stop) { status throws(LogError) in
                line.show(LiveText.progress(status, seconds: (Terminal.nanos - start) / 1_000_000_000))
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
                ? LiveText.json(report, address, seconds)
                : LiveText.text(report, plan.socketAddress.host, seconds, root: root, recording: flags.record))
        // Nothing at all came: that is no session.
        if case .feedEnded = report.end, report.frameCount == 0 { return .failure }
        return IngestText.outcome(report.asIngest(path: address))
    }

    /// What makes no sense is told from what cannot be done.
    private static func refusal(_ error: FeedError) -> ToolError {
        switch error {
        case .badAddress, .badPlan, .unknownCoins: ToolError(.usage, error.description)
        default: ToolError(.failure, error.description)
        }
    }
}

/// A live session for people and machines.
enum LiveText {
    static func progress(_ status: LiveStatus, seconds: Int64) -> String {
        "\(seconds) s: \(Figures.grouped(UInt64(status.frameCount))) messages, "
            + "\(Figures.grouped(status.eventCount)) events, \(status.gapCount) gaps, "
            + "\(milliseconds(status.lagNanos)) ms from receipt to disk, \(status.connectedCount) connected"
    }

    static func text(
        _ report: LiveReport, _ host: String, _ seconds: Double, root: String, recording: String?
    ) -> String {
        var lines = [IngestText.text(report.asIngest(path: host), seconds, root: root)]
        let connections = report.connections
        lines.append(
            "\(Figures.grouped(UInt64(report.frameCount))) messages over \(connections.openedCount) connections in "
                + "\(Figures.oneDecimal(seconds)) s, \(report.commitCount) commits; \(ending(report.end))")
        for trouble in connections.troubles { lines.append("  \(Terminal.styled("!", .warning)) \(plain(trouble))") }
        if connections.heldNanos > 0 {
            lines.append("  the disk did not keep up: nothing was read for \(milliseconds(connections.heldNanos)) ms")
        }
        if let recording, report.frameCount > 0 {
            lines.append("\(recording): \(Figures.bytes(report.recordedBytes)), SHA-256 \(report.digest)")
        }
        return lines.joined(separator: "\n")
    }

    static func json(_ report: LiveReport, _ address: String, _ seconds: Double) -> String {
        let connections = report.connections
        return JSON.object([
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
        ])
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
