import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// A tail gives what is there, then what comes, once each and in order; a cursor goes on where it stood or refuses.
@Suite struct TailTests {
    /// Reads what a tail has now, as event numbers; what it says between batches goes to `notes`.
    static func drain(_ tail: LogTail, _ seen: inout [UInt64], _ notes: inout [String]) throws {
        while true {
            switch try tail.next(timeoutNanos: 0) {
            case .batch(let block):
                for seq in block.firstSeq...block.lastSeq where seq >= tail.wantedSeq { seen.append(seq) }
            case .rewound(let from, let to): notes.append("rewound \(from) to \(to)")
            case .idle: return
            case .stopped:
                notes.append("stopped")
                return
            }
        }
    }

    static func environment(_ log: TestLog) -> LogEnvironment {
        var environment = log.environment
        environment.isProcessAlive = { _ in true }
        return environment
    }

    @Test(arguments: [AppendLevel.durable, .written])
    func `catching up and following give every event once, over rolls and seals`(_ level: AppendLevel) throws {
        for seed in 0..<UInt64(seedCount(10)) {
            let log = TestLog(seed: seed)
            var random = SeededGenerator(seed: seed)
            let core = try log.open()
            try core.appendQuotes(30)
            let tail = try LogTail("log", level: level, environment: Self.environment(log))
            var seen: [UInt64] = [], notes: [String] = []
            for _ in 0..<30 {
                switch random.below(6) {
                case 0: try core.roll()
                case 1: try core.sealPending()
                case 2: break
                default: try core.appendQuotes(1 + random.below(20), perBatch: 1 + random.below(8))
                }
                // Time passes, so that the tail asks again whether the writer lives.
                log.clock.advance(by: 1_000_000_000)
                if random.chance(0.7) { try Self.drain(tail, &seen, &notes) }
            }
            let last = core.writtenSeq
            try core.close(seal: true)
            log.clock.advance(by: 1_000_000_000)
            try Self.drain(tail, &seen, &notes)
            #expect(seen == Array(1...last), "seed \(seed)")
            #expect(notes.isEmpty, "seed \(seed)")
        }
    }

    @Test func `a durable tail does not see what is only written`() throws {
        let log = TestLog()
        let core = try log.open()
        let type = try core.register(try quoteSchema())
        let tails = try [AppendLevel.durable, .written].map {
            try LogTail("log", level: $0, environment: Self.environment(log))
        }
        var seen: [[UInt64]] = [[], []], notes: [String] = []
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        try batch.append(quote(0), head: RecordHead(typeID: type, appendNanos: 1, globalSeq: 1, eventNanos: 1))
        try core.write(batch)
        for index in 0..<2 { try Self.drain(tails[index], &seen[index], &notes) }
        #expect(seen == [[], [1]])
        try core.sync()
        for index in 0..<2 { try Self.drain(tails[index], &seen[index], &notes) }
        #expect(seen == [[1], [1]])
        core.release()
    }

    @Test func `a cursor resumes behind the last event, wherever in a batch that was`() throws {
        let log = TestLog()
        let core = try log.open()
        try core.appendSegment(50)
        try core.appendQuotes(50)
        let location = try LogLocation("log", environment: log.environment)
        #expect(try Cursor.load("me", of: location) == nil)
        for stop in [UInt64(1), 10, 11, 45, 50, 51, 99, 100] {
            let tail = try LogTail("log", environment: log.environment)
            while case .batch(let block) = try tail.next(timeoutNanos: 0) {
                guard (block.firstSeq...block.lastSeq).contains(stop) else { continue }
                try tail.cursor(at: stop).store("me", of: location)
            }
            let stored = try #require(try Cursor.load("me", of: location))
            #expect(stored.seq == stop)
            let again = try LogTail("log", environment: log.environment)
            try again.seek(to: stored)
            var seen: [UInt64] = [], notes: [String] = []
            try Self.drain(again, &seen, &notes)
            #expect(seen == (stop < 100 ? Array(stop + 1...100) : []), "cursor at \(stop)")
        }
        core.release()
    }

    @Test func `a cursor of another history is refused as rewound`() throws {
        let log = TestLog()
        let core = try log.open()
        try core.appendQuotes(50)
        core.release()
        let tail = try LogTail("log", environment: log.environment)
        _ = try tail.next(timeoutNanos: 0)
        let good = tail.cursor(at: 5)
        var changed = good, foreign = good, beyond = good
        changed.hash ^= 1
        foreign.logID[0] ^= 1
        beyond.seq = 51
        for (name, cursor) in [("hash", changed), ("log", foreign), ("seq", beyond)] {
            let other = try LogTail("log", environment: log.environment)
            #expect(try logFailure { try other.seek(to: cursor) } == .rewound, "\(name)")
        }
        try LogTail("log", environment: log.environment).seek(to: good)
    }

    @Test func `a damaged cursor file and a bad name are refused`() throws {
        let log = TestLog()
        let core = try log.open()
        try core.appendQuotes(5)
        core.release()
        let location = try LogLocation("log", environment: log.environment)
        let tail = try LogTail("log", environment: log.environment)
        _ = try tail.next(timeoutNanos: 0)
        try tail.cursor(at: 3).store("me", of: location)
        log.disk.mutateDurable("log/cursors/me", 50) { $0 ^= 1 }
        #expect(try logFailure { _ = try Cursor.load("me", of: location) } == .format)
        for name in ["", "../x", "A", "a b"] {
            #expect(try logFailure { _ = try Cursor.load(name, of: location) } == .usage)
            #expect(try logFailure { try tail.cursor(at: 3).store(name, of: location) } == .usage)
        }
    }

    @Test func `events that a new writer had to cut are taken back by name`() throws {
        let log = TestLog()
        log.options.zeroAheadBytes = 0
        let core = try log.open()
        try core.appendQuotes(20)
        let durableEnd = Int(core.segment.end)
        let type = try core.register(try quoteSchema())
        let tail = try LogTail("log", level: .written, environment: Self.environment(log))
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        for index in 20..<25 {
            let head = RecordHead(
                typeID: type, appendNanos: 5_000, globalSeq: UInt64(index + 1), eventNanos: quoteTime(index))
            try batch.append(quote(index), head: head)
        }
        try core.write(batch)
        var seen: [UInt64] = [], notes: [String] = []
        try Self.drain(tail, &seen, &notes)
        #expect(seen == Array(1...25))
        // What was only written is lost; the tail's machine lives on.
        core.release()
        let path = "log/" + LogPaths.segment(1)
        log.disk.setContents(path, Array(try #require(log.disk.contents(path))[0..<durableEnd]))
        let next = try log.open()
        #expect(next.writtenSeq == 20)
        try Self.drain(tail, &seen, &notes)
        #expect(notes == ["rewound 25 to 20"])
        try next.appendQuotes(3)
        try Self.drain(tail, &seen, &notes)
        #expect(seen == Array(1...25) + [21, 22, 23])
        next.release()
    }

    @Test func `a stopped tail says so`() throws {
        let log = TestLog()
        let core = try log.open()
        try core.appendQuotes(5)
        core.release()
        let tail = try LogTail("log", environment: log.environment)
        tail.stop()
        guard case .stopped = try tail.next() else {
            Issue.record("not stopped")
            return
        }
    }

    /// On the real disk, with the writer's own threads beside the tail: it sleeps and is woken, and misses nothing.
    @Test func `a tail beside a running writer gets every event once, over rolls`() throws {
        let directory = TemporaryDirectory()
        var options = LogOptions()
        options.segmentBytes = 64 << 10
        options.batchBytes = 2 << 10
        let writer = try LogWriter(directory.path + "/live", options: options)
        let type = try writer.register(try quoteSchema())
        let tail = try LogTail(directory.path + "/live")
        let count = 5000
        let producer = EngineThread {
            for index in 0..<count {
                guard let seq = try? writer.append(quote(index), typeID: type, eventNanos: quoteTime(index)) else {
                    return
                }
                if index % 97 == 96 || index == count - 1 { try? writer.wait(for: seq, .durable) }
            }
        }
        var seen: [UInt64] = []
        while seen.count < count {
            // The time-out only ends a test that would hang.
            guard case .batch(let block) = try tail.next(timeoutNanos: 60_000_000_000) else { break }
            seen += Array(block.firstSeq...block.lastSeq)
        }
        producer.join()
        try writer.close()
        #expect(seen == Array(1...UInt64(count)))
    }
}
