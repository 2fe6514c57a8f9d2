package import LogFormat
package import Market
package import Runtime

/// How far a live session is, told after each commit.
package struct LiveStatus: Sendable {
    /// Messages that were taken.
    package var frameCount = 0
    /// Their bytes.
    package var byteCount: UInt64 = 0
    /// Events that this session has made durable.
    package var eventCount: UInt64 = 0
    /// Gaps among them.
    package var gapCount: Int64 = 0
    /// Connections that stand.
    package var connectedCount = 0
    /// From the receipt of the oldest message of the last commit to its end, with what followed from it; nanoseconds by
    /// the wall clock.
    package var lagNanos: Int64 = 0

    /// Nothing yet.
    package init() {}
}

/// What happened to the connections of a live session.
package struct LiveConnections: Equatable, Sendable {
    /// Connections that came about.
    package var openedCount = 0
    /// Connections that ended, but for our own end.
    package var closedCount = 0
    /// Attempts that failed.
    package var failedCount = 0
    /// Streams that fell silent beyond their limit.
    package var stalledCount = 0
    /// Messages that were not delivered (binary, too large, against the protocol).
    package var rejectedCount = 0
    /// For how long nothing was read because the disk did not keep up; nanoseconds.
    package var heldNanos: Int64 = 0
    /// What a person should know, the first `troublesMax` of it.
    package var troubles: [String] = []

    /// Most troubles that are kept.
    package static let troublesMax = 20

    /// Nothing happened.
    package init() {}

    mutating func add(_ trouble: String) {
        if troubles.count < Self.troublesMax { troubles.append(trouble) }
    }
}

/// What a live session did.
package struct LiveReport: Sendable {
    /// Why it ended.
    package enum End: Equatable, Sendable {
        /// It was told to.
        case stopped
        /// Its time was over.
        case timeOver
        /// The feed gave up, with its reason.
        case feedEnded(String)
    }

    /// Why it ended.
    package var end = End.stopped
    /// What became of the messages.
    package var counts = SourceCounts()
    /// Messages.
    package var frameCount = 0
    /// Bytes of the recorded lines.
    package var recordedBytes: UInt64 = 0
    /// SHA-256 of the recorded lines: a recording of the session counts as read.
    package var digest = Digest.zero
    /// Events that were appended, with those that announce and close the session.
    package var appendedCount: UInt64 = 0
    /// The connections.
    package var connections = LiveConnections()
    /// Commits that had something to commit.
    package var commitCount = 0

    /// An empty report.
    package init() {}

    /// The same in the form of an ingest of files, as if the session was one source.
    ///
    /// - Parameter path: what stands for the source, such as its address.
    package func asIngest(path: String) -> IngestReport {
        var trouble: String?
        if case .feedEnded(let reason) = end { trouble = "\(path): the feed ended early: \(reason)" }
        var report = IngestReport()
        report.sources = [
            SourceReport(
                path: path, kind: MarketLog.liveHyperliquid, bytes: recordedBytes, textBytes: recordedBytes,
                outcome: .read(trouble: trouble), counts: counts)
        ]
        report.appendedCount = appendedCount
        report.textBytes = recordedBytes
        report.bytes = recordedBytes
        return report
    }
}
