import Events
import Foundation
import LogEngine
import LogFormat
import Market
import Runtime
import Testing

/// Reads frames with one reader, one after another, a millisecond apart unless told otherwise.
struct FrameRun {
    var intake = Intake()
    var reader = HyperliquidReader()
    var nanos: Int64 = 1_800_000_000_000_000_000

    mutating func frame(_ text: String, afterMillis: Int64 = 1) { frame(Array(text.utf8), afterMillis: afterMillis) }

    mutating func frame(_ bytes: [UInt8], afterMillis: Int64 = 1) {
        nanos += afterMillis * 1_000_000
        reader.frame(bytes.span, receivedNanos: nanos, into: &intake)
    }

    var counts: SourceCounts { intake.counts[0] }
    var queue: EventQueue { intake.queue }
    /// Names of the reasons that occurred.
    var rejects: [String] { counts.rejects.map { $0.reason.name } }
}

/// A deterministic source of random numbers (SplitMix64).
struct Seeded {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}

/// Real market data: LOTUS_DATA, or `shared/data/open` beside the package.
enum RealData {
    static var url: URL {
        if let path = ProcessInfo.processInfo.environment["LOTUS_DATA"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/data/open")
    }
    static var isThere: Bool { FileManager.default.fileExists(atPath: url.path) }

    /// Says visibly when nothing is compared.
    static func check() -> Bool {
        if !isThere {
            Issue.record("no market data at \(url.path): set LOTUS_DATA; nothing is read", severity: .warning)
        }
        return isThere
    }
    static func path(_ name: String) -> String { url.appending(path: name).path }
}

/// A folder that is removed when the test ends.
final class Scratch {
    let path: String
    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "market-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        let folder = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }
    var root: String { "\(path)/root" }
}

/// Reads sources into a root and closes it.
func ingest(_ paths: [String], into root: String, environment: LogEnvironment = .real()) throws -> IngestReport {
    let ingest = try Ingest(root: root, environment: environment)
    do {
        let report = try ingest.run(paths)
        try ingest.close()
        return report
    } catch {
        try? ingest.close()
        throw error
    }
}

/// Everything on the `mkt` log of a root as canonical bytes, without append times.
func canonicalLog(_ root: String) throws -> [[UInt8]] {
    let walk = try EventWalk("\(root)/mkt")
    var events: [[UInt8]] = []
    while try walk.next() {
        try walk.withCanonical { stable, _ in events.append(Array(stable)) }
    }
    return events
}
