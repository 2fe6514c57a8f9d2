import LogFormat
import LogTesting
import Synchronization
import Testing

@testable import LogEngine

/// A segment that is prepared ahead makes the roll shorter and changes nothing else: not a byte of the log, and not
/// what any failure or leftover can do to it.
@Suite struct NextSegmentTests {
    static let next = "log/" + LogPaths.next

    /// Three segments, all sealed, and the files that the log consists of.
    static func filesOfLog(prepares: Bool) throws -> [String: [UInt8]] {
        let log = TestLog(seed: 61)
        let core = try log.open()
        for _ in 0..<3 {
            try core.appendQuotes(30)
            if prepares { core.prepareNext() }
            try core.roll()
            try core.sealPending()
        }
        try core.appendQuotes(5)
        try core.close(seal: true)
        #expect(try log.verify().status == .clean)
        let paths = log.disk.paths().filter { $0.hasSuffix(".seg") || $0.hasSuffix("MANIFEST") }
        return Dictionary(uniqueKeysWithValues: paths.map { ($0, log.disk.contents($0) ?? []) })
    }

    @Test func `the log is the same, byte for byte, with and without preparation`() throws {
        let with = try Self.filesOfLog(prepares: true)
        let without = try Self.filesOfLog(prepares: false)
        #expect(with.count == 6)
        #expect(with.keys.sorted() == without.keys.sorted())
        for path in with.keys.sorted() { #expect(with[path] == without[path], "\(path)") }
    }

    /// A roll that makes its file itself and a preparation that comes late must never hold the same file: the later
    /// segment would be written over the earlier one.
    @Test func `preparing while the log rolls never touches a segment`() throws {
        let log = TestLog(seed: 66)
        let core = try log.open()
        let stop = Atomic<Bool>(false)
        let next = core.next
        let preparer = EngineThread {
            while !stop.load(ordering: .acquiring) { next.prepare(zeroAheadBytes: 8192, sizeMax: 64 << 10) }
        }
        for _ in 0..<200 {
            try core.appendQuotes(3)
            try core.roll()
        }
        stop.store(true, ordering: .releasing)
        preparer.join()
        try core.close()
        let report = try log.verify()
        #expect(report.status == .clean && report.events == 600, "\(report.damage)")
    }

    @Test(arguments: [0, 7, 8, 8 << 10, 1 << 20])
    func `a roll makes no file and grows none, and the stream stays valid`(_ zeroAhead: Int) throws {
        let log = TestLog(seed: 62)
        log.options.zeroAheadBytes = zeroAhead
        let core = try log.open()
        try core.appendQuotes(30)
        core.prepareNext()
        let size = try #require(log.disk.contents(Self.next)).count
        #expect(size <= log.options.segmentBytes)
        #expect(zeroAhead < 8 || size == min(4096 + zeroAhead, log.options.segmentBytes))
        log.disk.isTracing = true
        try core.roll()
        for operation in log.disk.trace {
            switch operation {
            case .create, .createDirectory, .truncate: Issue.record("\(operation)")
            case .write(let path, let offset, let bytes):
                #expect(path.hasSuffix("MANIFEST") || (offset == 0 && bytes.count == 4096), "\(path)")
            case .rename(let from, _): #expect(from.hasSuffix(LogPaths.next))
            case .syncData, .syncDirectory: break
            }
        }
        let path = "log/" + LogPaths.segment(31)
        #expect(log.disk.contents(path)?.count == size)
        #expect(log.disk.kind(Self.next) == .nothing)
        #expect(try log.verify().status == .clean)
        try core.appendQuotes(5)
        if zeroAhead > 4096 { #expect(log.disk.contents(path)?.count == size, "the first batch grew the file") }
        #expect(try log.events() == (0..<35).map(quote))
        core.release()
        log.disk.powerCut(seed: 1, .loseAll)
        #expect(try log.events() == (0..<35).map(quote))
        let again = try log.open()
        #expect(again.writtenSeq == 35 && again.recovery.cut == nil)
        again.release()
    }

    /// What an earlier writer left was never part of the log: half a page, a whole header, anything.
    @Test(arguments: [0, 100, 4096, 50_000]) func `a leftover is written over, whatever it holds`(_ count: Int) throws {
        let log = TestLog(seed: 63)
        let core = try log.open()
        try core.appendQuotes(30)
        core.release()
        let header = Array(try #require(log.disk.contents("log/" + LogPaths.segment(1)))[..<4096])
        let garbage = Array((header + [UInt8](repeating: 0xA5, count: 50_000)).prefix(count))
        for prepares in [false, true] {
            log.disk.setContents(Self.next, garbage)
            #expect(try log.verify().status == .clean)
            let core = try log.open()
            #expect(!core.recovery.changedAnything)
            let before = Int(core.writtenSeq)
            if prepares { core.prepareNext() }
            try core.roll()
            #expect(try log.verify().status == .clean, "the leftover shows behind the header")
            try core.appendQuotes(5)
            core.release()
            #expect(try log.events() == (0..<before + 5).map(quote))
            #expect(try log.verify().status == .clean)
        }
    }

    @Test(arguments: ["open", "write", "sync"])
    func `a preparation that fails stops nothing, and the roll does the work`(_ call: String) throws {
        let log = TestLog(seed: 64)
        let core = try log.open()
        try core.appendQuotes(30)
        let open = log.disk.openFileCount
        switch call {
        case "open": log.disk.faults.openError = 1
        case "write": log.disk.faults.writeError = 1
        default: log.disk.faults.syncError = 1
        }
        core.prepareNext()
        log.disk.faults = DiskFaults()
        #expect(core.poison == nil)
        #expect(log.disk.openFileCount == open)
        try core.roll()
        try core.appendQuotes(5)
        core.release()
        log.disk.powerCut(seed: 1, .loseAll)
        #expect(try log.open().writtenSeq == 35)
        #expect(try log.events() == (0..<35).map(quote))
    }

    @Test func `a clean close gives the space back`() throws {
        let log = TestLog(seed: 65)
        let core = try log.open()
        try core.appendQuotes(30)
        core.prepareNext()
        #expect(try #require(log.disk.contents(Self.next)).count > 4096)
        try core.close()
        #expect(log.disk.contents(Self.next) == [])
        #expect(try log.open().recovery.wasClosedCleanly)
    }

    @Test(arguments: [false, true]) func `no file stays open, whether the preparation was used or not`(
        _ rolls: Bool
    ) throws {
        let log = TestLog(seed: 68)
        func live(_ ends: (LogCore) throws -> Void) throws {
            let core = try log.open()
            try core.appendQuotes(30)
            core.prepareNext()
            if rolls { try core.roll() }
            try ends(core)
        }
        try live { $0.release() }
        #expect(log.disk.openFileCount == 0)
        try live { try $0.close() }
        #expect(log.disk.openFileCount == 0)
        // A roll that fails in the middle, with the prepared file in its hands.
        try live { core in
            try core.appendQuotes(1)
            core.prepareNext()
            log.disk.faults.renameError = 1
            #expect(try logFailure { try core.roll() } == .poisoned)
            log.disk.faults = DiskFaults()
            core.release()
        }
        #expect(log.disk.openFileCount == 0)
        #expect(try log.open().writtenSeq == 91)
    }

    @Test func `a writer prepares once its segment is half full, and once only`() throws {
        let log = TestLog(seed: 66)
        let core = try log.open()
        try core.appendQuotes(30)
        #expect(!core.claimNext())
        while core.segment.end < UInt64(log.options.segmentBytes / 2) { try core.appendQuotes(30) }
        #expect(core.claimNext())
        #expect(!core.claimNext())
        try core.roll()
        #expect(!core.claimNext())
        core.release()
    }

    @Test func `the writer's own thread prepares in time`() throws {
        let log = TestLog(seed: 67)
        log.options.segmentBytes = 1 << 20
        let writer = try LogWriter("log", name: "log", options: log.options, environment: log.environment)
        let type = try writer.register(try quoteSchema())
        log.disk.isTracing = true
        var index = 0
        while writer.coreLock.locked({ writer.core.segment.end }) < UInt64(log.options.segmentBytes / 2) {
            for _ in 0..<500 {
                try writer.append(quote(index), typeID: type, eventNanos: quoteTime(index))
                index += 1
            }
            try writer.flush()
        }
        // The thread looks for this work once more before it ends.
        try writer.close()
        let made = log.disk.trace.filter { operation in
            if case .create(let path) = operation { return path.hasSuffix(LogPaths.next) }
            return false
        }
        #expect(made.count == 1)
        #expect(log.disk.contents(Self.next) == [])
    }
}
