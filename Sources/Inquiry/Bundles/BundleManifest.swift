import Events
package import LogFormat

/// What a bundle of frozen logs holds (SCH-REP-1), made from its files alone.
///
/// Nothing in it comes from anywhere else, so whoever has the files can make it again and compare: that is how a bundle
/// is verified.
package struct BundleManifest: Equatable, Sendable {
    /// Name of the file in the bundle's folder.
    package static let fileName = "BUNDLE.json"

    /// One file.
    struct File: Equatable, Sendable {
        let name: String
        let hashes: FrozenFile
        /// First and last event; nil for a file that holds none.
        var events: (first: UInt64, last: UInt64)?

        static func == (a: File, b: File) -> Bool { a.json == b.json }

        var json: String {
            "{\"file\":\(jsonString(name)),\"first_seq\":\(events?.first ?? 0),\"last_seq\":\(events?.last ?? 0),"
                + "\"bytes\":\(hashes.byteCount),\"xxh64\":\"\(Self.padded(hashes.xxh64))\","
                + "\"sha256\":\"\(hashes.sha256)\"}"
        }

        private static func padded(_ value: UInt64) -> String {
            let digits = hex(value)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
    }

    /// One log.
    struct Stream: Equatable, Sendable {
        let name: String
        let chainHead: Digest
        let events: UInt64
        let lastGlobalSeq: UInt64
        /// Smallest and largest event time.
        let eventNanos: ClosedRange<Int64>?
        let files: [File]
        /// Commits of the programs that wrote it.
        let builds: [String]
        let schemas: [Digest]
    }

    /// Where the logs agree.
    struct Cut: Equatable, Sendable {
        /// Every event up to here is there.
        let globalSeq: UInt64
        let lastGlobalSeq: UInt64
        /// Events behind it.
        let orphanCount: UInt64
    }

    let streams: [Stream]
    let cut: Cut
    let universe: [String]
    let priorsVersions: [(owner: String, version: String)]
    let run: RecordedEvent?

    package static func == (a: BundleManifest, b: BundleManifest) -> Bool { a.text == b.text }

    /// SHA-256 of the manifest without its last line: the name of the bundle.
    package var digest: Digest { Digest(hashing: Array(body.utf8)) }

    /// Events of all logs.
    package var eventCount: UInt64 { streams.reduce(0) { $0 + $1.events } }
    /// Bytes of all files.
    package var byteCount: UInt64 { streams.flatMap(\.files).reduce(0) { $0 + $1.hashes.byteCount } }
    /// Number of logs.
    package var logCount: Int { streams.count }
    /// Where the logs agree: every event up to here is there.
    package var cutGlobalSeq: UInt64 { cut.globalSeq }

    /// The manifest: one JSON object, one line a file, the same bytes for the same files.
    package var text: String { "\(body)\"bundle_sha256\":\"\(digest)\"}\n" }

    private var body: String {
        func list(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }
        let market = streams.filter { $0.name == Module.mkt.text }
        let ranges = (market.isEmpty ? streams : market).compactMap(\.eventNanos)
        let start = ranges.map(\.lowerBound).min().map { "\"\(TimeText.text($0))\"" } ?? "null"
        let end = ranges.map(\.upperBound).max().map { "\"\(TimeText.text($0))\"" } ?? "null"
        let builds = Set(streams.flatMap(\.builds)).sorted()
        var registry = SHA256Hasher()
        for schema in Set(streams.flatMap(\.schemas).map(\.description)).sorted() {
            registry.update(Array(schema.utf8))
        }
        let seeds: String
        if case .uint(let seed)? = run?["seed"] { seeds = "{\"run\":\"\(seed)\"}" } else { seeds = "{}" }
        var lines = ["{\"format\":1,"]
        lines.append("\"universe\":\(list(universe.map(jsonString))),\"date_range\":\(list([start, end])),")
        lines.append(
            "\"config_sha256\":\(Self.hash(run, "config_hash")),\"seeds\":\(seeds),"
                + "\"code_sha\":\(list(builds.map(jsonString))),\"schema_sha256\":\"\(registry.digest())\",")
        let versions = priorsVersions.map { "\(jsonString($0.owner)):\(jsonString($0.version))" }
        lines.append("\"priors_ver\":{\(versions.joined(separator: ","))},")
        lines.append(
            "\"cut\":{\"gsn\":\(cut.globalSeq),\"last_gsn\":\(cut.lastGlobalSeq),\"orphans\":\(cut.orphanCount)},")
        lines.append("\"segments\":[")
        for (index, stream) in streams.enumerated() {
            lines.append(
                "{\"stream\":\(jsonString(stream.name)),\"events\":\(stream.events),"
                    + "\"last_gsn\":\(stream.lastGlobalSeq),\"chain_head\":\"\(stream.chainHead)\",\"files\":[")
            lines += stream.files.enumerated().map { place, file in
                file.json + (place + 1 < stream.files.count ? "," : "]}\(index + 1 < streams.count ? "," : "],")")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func hash(_ event: RecordedEvent?, _ field: String) -> String {
        guard case .bytes(let bytes)? = event?[field], bytes.contains(where: { $0 != 0 }) else { return "null" }
        return "\"\(hex(bytes))\""
    }
}
