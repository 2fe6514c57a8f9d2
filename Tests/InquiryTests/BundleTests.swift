import Events
import LogFormat
import Runtime
import Testing

@testable import Inquiry
@testable import LogEngine

/// `lotus freeze`: a bundle that says what it holds, and that no byte can leave unnoticed (SCH-REP-1, REP-02).
@Suite struct BundleTests {
    let bench: Bench

    init() throws {
        bench = try Bench()
        try bench.story("root")
    }

    private func freeze(_ out: String = "out") throws -> BundleManifest {
        try Bundle.freeze(try bench.logs("root"), to: out)
    }

    private func files(_ folder: String) throws -> [String] {
        try bench.disk.list(folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            return bench.disk.kind(path) == .directory ? try files(path) : [path]
        }
    }

    @Test func `the manifest names streams, hashes, cut, universe, range and versions`() throws {
        let manifest = try freeze()
        let stored = try bench.disk.readAll("out/BUNDLE.json", limit: 1 << 20)
        #expect(String(decoding: stored, as: UTF8.self) == manifest.text)
        #expect(manifest.text.contains("\"universe\":[\"BTC-USD\"],\"date_range\":[\"2026-01-02T00:01:00.000000000Z\""))
        #expect(manifest.text.contains("\"priors_ver\":{\"sig\":\"sig:2026-01-02.v5\"}"))
        #expect(manifest.streams.map(\.name) == ["dm", "herald", "mkt", "ops", "sig"])
        let last = try #require(try bench.logs("root").walk("dm").end()).globalSeq
        #expect(manifest.cut == BundleManifest.Cut(globalSeq: last, lastGlobalSeq: last, orphanCount: 0))
        #expect(manifest.eventCount == last)
        let report = try Verifier.verify("out/sig", deep: true, environment: bench.environment)
        #expect(report.status == .clean && report.chainHead == manifest.streams[4].chainHead)
        #expect(try Bundle.check("out", environment: bench.environment).digest == manifest.digest)
    }

    @Test func `two bundles of the same root are the same bytes`() throws {
        #expect(try freeze("out").text == (try freeze("again").text))
    }

    @Test func `a changed byte in any file, and in any line of the manifest, is found`() throws {
        _ = try freeze()
        for path in try files("out") {
            let bytes = try bench.disk.readAll(path, limit: 1 << 26)
            let lines = bytes.indices.filter { bytes[$0] == 10 }
            let places = path.hasSuffix(".json") ? lines.map { $0 - 1 } : [0, bytes.count / 3, bytes.count - 1]
            for place in places {
                let file = try bench.disk.open(path, .readWrite)
                try bench.disk.write(file, [bytes[place] ^ 1], at: UInt64(place))
                let found = try Bundle.check("out", environment: bench.environment)
                #expect(found.digest == nil && !found.problems.isEmpty, "\(path) at \(place)")
                #expect(path.hasSuffix(".json") || found.problems.first?.hasPrefix("\(path): has SHA-256") == true)
                try bench.disk.write(file, [bytes[place]], at: UInt64(place))
                bench.disk.close(file)
            }
        }
        #expect(try Bundle.check("out", environment: bench.environment).problems.isEmpty)
    }

    @Test func `a bundle that agrees with itself but was made anew is found by its name`() throws {
        let name = "sha256:\(try freeze().digest)"
        #expect(try Bundle.check("out", name: name, environment: bench.environment).problems.isEmpty)
        try bench.story("other", signal: 0.7)
        let other = try Bundle.freeze(try bench.logs("other"), to: "forged")
        let found = try Bundle.check("forged", name: name, environment: bench.environment)
        #expect(found.digest == other.digest && found.problems.first?.contains("expected \(name)") == true)
    }

    @Test func `a missing file is found`() throws {
        _ = try freeze()
        try bench.disk.rename("out/herald/MANIFEST", to: "out/herald/gone")
        #expect(try !Bundle.check("out", environment: bench.environment).problems.isEmpty)
    }

    @Test func `events behind the last seal are not frozen, and nothing is made`() throws {
        try bench.story("open", seal: false)
        let error = #expect(throws: LogError.self) { try Bundle.freeze(try bench.logs("open"), to: "none") }
        #expect(error?.code == .usage && error?.message.contains("lotus seal open/dm") == true)
        #expect(bench.disk.kind("none") == .nothing)
    }

    @Test func `a folder that is there is not written to`() throws {
        _ = try freeze()
        let error = #expect(throws: LogError.self) { try freeze() }
        #expect(error?.message.contains("exists already") == true)
    }
}

/// What `lotus freeze` costs, and what it leaves behind.
@Suite struct BundleRecordTests {
    let bench: Bench

    init() throws {
        bench = try Bench()
        try bench.story("root")
    }

    @Test func `the record of a bundle stands on the ops log, with its hash and size`() throws {
        let logs = try bench.logs("root")
        let manifest = try Bundle.freeze(logs, to: "out")
        var options = LogOptions()
        options.reserveBytes = 0
        let id = try Bundle.record(manifest, name: "out", of: logs, options: options)
        let event = try #require(try bench.logs("root").event(id.ulid, isThorough: true))
        #expect(event.schema.name == FixtureFrozen.typeName && event.log == "ops")
        #expect(event["bundle_hash"] == .bytes(manifest.digest.bytes) && event.text("name") == "out")
        #expect(event["bytes"] == .int(Int64(manifest.byteCount)))
        #expect(event.seenGlobalSeq == manifest.cutGlobalSeq)
        // The bundle itself is what it was.
        #expect(try Bundle.check("out", environment: bench.environment).digest == manifest.digest)
    }

    /// Bytes that freezing a market of some trades reads, and bytes of the files that it copies.
    private func costs(_ trades: Int, _ name: String) throws -> (read: Int, copied: Int) {
        try bench.disk.createDirectory(name)
        var options = LogOptions()
        options.reserveBytes = 0
        let root = try Root(name, modules: [.mkt], options: options, environment: bench.environment)
        var random = SeededGenerator(seed: 4)
        var trade = MarketTrade()
        for index in 0..<trades {
            // Numbers that do not pack well, so that the files are long against what is looked up in them.
            trade.price = Int64(random.below(1 << 50))
            trade.size = Int64(random.below(1 << 50))
            try root.append(&trade, to: .mkt, eventNanos: Story.start + Int64(index))
        }
        try root.close(seal: true)
        let counter = ReadCounter(bench.disk)
        var environment = bench.environment
        environment.fileSystem = counter
        let manifest = try Bundle.freeze(try RootLogs(name, environment: environment), to: "\(name).bundle")
        return (counter.bytesRead, Int(manifest.byteCount))
    }

    @Test func `each file is read once, while it is copied`() throws {
        let (short, long) = (try costs(5_000, "short"), try costs(45_000, "long"))
        let (read, copied) = (long.read - short.read, long.copied - short.copied)
        #expect(copied > 400_000 && read < copied * 3 / 2, "\(read) bytes more are read for \(copied) bytes more")
    }

    @Test func `no record is made while somebody owns the root`() throws {
        let logs = try bench.logs("root")
        let manifest = try Bundle.freeze(logs, to: "out")
        var options = LogOptions()
        options.reserveBytes = 0
        var environment = bench.environment
        environment.isProcessAlive = { _ in true }
        let owner = try Root("root", modules: Story.modules, options: options, environment: bench.environment)
        let error = #expect(throws: LogError.self) {
            try Bundle.record(
                manifest, name: "out", of: try RootLogs("root", environment: environment), options: options)
        }
        #expect(error?.code == .locked)
        try owner.close()
    }
}
