import Events
import Foundation
import LogEngine
import LogFormat
import Projections
import ProjectionsTesting
import Runtime
import Specimens
import Testing

/// A rebuild gives one hash, whatever its way there: from nothing, from a checkpoint, in portions of any size, beside
/// others, under another clock, in debug and in release (LOG-10…12).
///
/// The history holds random events of every type. Tools/conformance/rebuild.py runs the release program over the same
/// one and expects the same pinned hash.
@Suite struct RebuildMatrixTests {
    static let portions: [UInt64] = [1, 7, 4096]

    /// Folds the logs of `modules` into a file, from wherever it stands; the hash of the state that the file notes.
    static func rebuild(
        _ root: SampleRoot, _ file: String, subject: String = "all", modules: [Module]? = nil,
        upTo globalSeq: UInt64 = .max, portion: UInt64 = 4096, threads: Int = 2, rowsInMemoryMax: Int = 100_000
    ) throws -> String {
        let store = try ProjectionStore(file, subject: subject, rowsInMemoryMax: rowsInMemoryMax)
        let folder = Folder(threads: threads)
        folder.state = try store.resume()
        // One reader for all portions, as the command has it.
        let reader = try RootReader(
            SampleRoot.directory, modules: modules, after: folder.state.position.seqs, environment: root.environment,
            wants: Folder.wants)
        while true {
            let count = try reader.read(upTo: globalSeq, most: portion) { (batch, place) throws(FormatError) in
                try folder.fold(
                    &batch,
                    EventPlace(
                        module: place.module, seq: place.seq, globalSeq: place.globalSeq,
                        eventNanos: batch.head.eventNanos))
            }
            // A file without any event notes its state too.
            if try count > 0 || store.value("state_hash") == nil { try store.save(&folder.state) }
            if count < portion { break }
        }
        let hash = try #require(try store.value("state_hash"))
        try store.close()
        return hash
    }

    @Test func `every file that was deleted comes back the same`() throws {
        let (root, scratch) = (try SampleRoot.random(), try Scratch())
        let subjects: [(String, [Module]?)] =
            [("all", nil)] + RandomHistory.modules.map { ($0.text, [$0] as [Module]?) }
        func rebuildAll() throws -> [String] {
            try subjects.map { subject, modules in
                try Self.rebuild(root, "\(scratch.path)/\(subject).sqlite", subject: subject, modules: modules)
            }
        }
        let before = try rebuildAll()
        #expect(Set(before.prefix(4)).count == 4)
        for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
            try FileManager.default.removeItem(atPath: "\(scratch.path)/\(name)")
        }
        #expect(try rebuildAll() == before)
    }

    @Test(arguments: portions)
    func `going on from any checkpoint gives the hash of one rebuild, whatever the portions`(_ portion: UInt64) throws {
        let count = portion == 1 ? 250 : 1200
        let (root, scratch) = (try SampleRoot.random(count, seed: 5 + portion), try Scratch())
        let whole = "sha256:\(try root.fold().state.stateHash())"
        let last = try root.fold().state.position.globalSeq
        for cut in [1, 2, last / 3, last / 2, last - 1, last] {
            let file = "\(scratch.path)/\(cut)"
            let before = try Self.rebuild(root, file, upTo: cut, portion: portion)
            #expect((before == whole) == (cut == last), "cut at \(cut)")
            #expect(try Self.rebuild(root, file, portion: portion) == whole, "cut at \(cut), portions of \(portion)")
        }
    }

    /// Views are kept by the thread that reads, or by one of their own; with few rows in memory both threads ask the
    /// file for others.
    @Test(arguments: [1, 2], [5, 100_000])
    func `one thread and two come to the same hash, in memory and in a file`(_ threads: Int, _ rowsMax: Int) throws {
        let (root, scratch) = (try SampleRoot.random(), try Scratch())
        let one = try root.fold(threads: 1)
        let folder = try root.fold(threads: threads)
        #expect(folder.state.tableHashes() == one.state.tableHashes())
        #expect(folder.state.position == one.state.position)
        let found = try Self.rebuild(
            root, "\(scratch.path)/a", portion: 700, threads: threads, rowsInMemoryMax: rowsMax)
        #expect(found == "sha256:\(one.state.stateHash())")
    }

    /// What was folded before an event that does not decode stands in the views, by either number of threads.
    @Test(arguments: [1, 2]) func `an event that does not decode ends a fold, and nothing before it is lost`(
        _ threads: Int
    ) throws {
        let root = try SampleRoot.random(700)
        let folder = Folder(threads: threads)
        let reader = try RootReader(SampleRoot.directory, environment: root.environment, wants: Folder.wants)
        #expect(throws: LogError.self) {
            _ = try reader.read { (batch, place) throws(FormatError) in
                guard place.globalSeq < 500 else { throw .invalid(what: "event", detail: "is of no use") }
                try folder.fold(
                    &batch,
                    EventPlace(
                        module: place.module, seq: place.seq, globalSeq: place.globalSeq,
                        eventNanos: batch.head.eventNanos))
            }
        }
        let before = try root.fold(upTo: folder.state.position.globalSeq)
        #expect(folder.state.position.globalSeq > 400)
        #expect(folder.state.stateHash() == before.state.stateHash())
    }

    /// What can meet as well are rebuilds of several files at once: eight threads, each with a root and a file of its
    /// own, come to the hash that one thread comes to.
    @Test func `eight threads at once come to the hash of one`() throws {
        let scratch = try Scratch()
        let one = try Self.rebuild(try SampleRoot.random(800), "\(scratch.path)/one")
        let path = scratch.path
        let lock = NSLock()
        let ended = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var found: [String] = []
        let threads = (0..<8).map { index in
            Thread {
                let hash = Result {
                    try Self.rebuild(
                        try SampleRoot.random(800, batchBytes: 512 << index), "\(path)/\(index)",
                        portion: 7 << UInt64(index))
                }
                lock.withLock { found.append((try? hash.get()) ?? "\(hash)") }
                ended.signal()
            }
        }
        for thread in threads {
            thread.stackSize = 8 << 20
            thread.start()
        }
        for _ in threads { ended.wait() }
        #expect(found == [String](repeating: one, count: 8))
    }

    @Test(arguments: ["Asia/Kolkata", "America/St_Johns", "UTC"])
    func `the time zone of the machine changes nothing`(_ zone: String) throws {
        let before = getenv("TZ").map { String(cString: $0) }
        setenv("TZ", zone, 1)
        tzset()
        defer {
            if let before { setenv("TZ", before, 1) } else { unsetenv("TZ") }
            tzset()
        }
        let (root, scratch) = (try SampleRoot.random(600), try Scratch())
        let found = try Self.rebuild(root, "\(scratch.path)/a")
        #expect(found == Self.hashOf600)
    }

    /// Made once, under the first zone: the others are held against it.
    static let hashOf600: String =
        "sha256:" + ((try? SampleRoot.random(600).fold().state.stateHash().description) ?? "none")

    /// SQLite keeps no negative zero; a row that is read back must count as the row that was written.
    @Test func `numbers on the edge of what SQLite keeps come back as they were`() throws {
        let (sample, scratch) = (try SampleRoot(), try Scratch())
        var options = LogOptions()
        options.reserveBytes = 0
        let root = try Root(
            SampleRoot.directory, modules: RandomHistory.modules, options: options, environment: sample.environment)
        let edges = [-0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e15 + 0.5, Double(1 << 53) + 2, 0.1]
        for (index, edge) in edges.enumerated() {
            var scored = SignalScored()
            scored.lineage.id = EventID(module: .sig, key: "\(index)", eventNanos: 5)
            scored.signal = edge.magnitude > 1 ? 1 : edge
            try root.append(&scored, to: .sig, eventNanos: 5)
        }
        for (index, edge) in edges.enumerated() {
            var evaluated = SignalEvaluated()
            evaluated.lineage.id = EventID(module: .sig, key: "of \(index)", eventNanos: 6)
            evaluated.scoredID = EventID(module: .sig, key: "\(index)", eventNanos: 5)
            evaluated.forwardReturn = edge
            try root.append(&evaluated, to: .sig, eventNanos: 6)
        }
        // Every row is read back and changed once more.
        for index in edges.indices {
            var published = SignalPublished()
            published.lineage.id = EventID(module: .sig, key: "then \(index)", eventNanos: 7)
            published.scoredID = EventID(module: .sig, key: "\(index)", eventNanos: 5)
            try root.append(&published, to: .sig, eventNanos: 7)
        }
        try root.close()
        let whole = "sha256:\(try sample.fold().state.stateHash())"
        for cut in UInt64(1)...17 {
            let file = "\(scratch.path)/\(cut)"
            _ = try Self.rebuild(sample, file, upTo: cut)
            #expect(try Self.rebuild(sample, file) == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `folding random events of every type in two parts is folding them at once`(_ seed: UInt64) throws {
        let root = try SampleRoot.random(500, seed: seed)
        let whole = try root.fold().state.stateHash()
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5 {
            let split = UInt64(random.below(500))
            let next = Folder()
            next.state = try root.fold(upTo: split).state
            _ = try root.fold(into: next)
            #expect(next.state.stateHash() == whole, "split at \(split), seed \(seed)")
        }
    }
}
