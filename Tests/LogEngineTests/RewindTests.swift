import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// A tail that outlives the loss of what it delivered takes it back by name, wherever the new writer is by then.
@Suite struct RewindTests {
    /// A writer of 20 durable events and 5 that were only written, a tail that delivered all, and then the loss of
    /// everything behind `durableEnd`.
    final class Loss {
        let log = TestLog()
        let tail: LogTail
        var seen: [UInt64] = []
        var notes: [String] = []

        init(mark: Bool = false, written: Int = 5) throws {
            log.options.zeroAheadBytes = 0
            let core = try log.open()
            try core.appendQuotes(20)
            let end = Int(core.segment.end)
            tail = try LogTail("log", level: .written, environment: TailTests.environment(log))
            if mark { try core.writeMark() }
            if written > 0 { try Self.write(core, written) }
            try TailTests.drain(tail, &seen, &notes)
            #expect(seen == Array(1...UInt64(20 + written)))
            core.release()
            let path = "log/" + LogPaths.segment(1)
            log.disk.setContents(path, Array(try #require(log.disk.contents(path))[0..<end]))
        }

        /// Writes without making durable.
        static func write(_ core: LogCore, _ count: Int) throws {
            let type = try core.register(try quoteSchema())
            let state = BatchState()
            state.register(try quoteSchema(), typeID: type)
            var batch = BatchBuilder(state: state)
            for index in 0..<count {
                let head = RecordHead(typeID: type, appendNanos: 5_000, globalSeq: 1, eventNanos: quoteTime(index))
                try batch.append(quote(index), head: head)
            }
            try core.write(batch)
        }

        func drain() throws {
            log.clock.advance(by: 1_000_000_000)
            while true {
                switch try tail.next(timeoutNanos: 0) {
                // All of it, wanted or not: no batch comes twice, whoever follows need not filter.
                case .batch(let block): seen += Array(block.firstSeq...block.lastSeq)
                case .rewound(let from, let to): notes.append("rewound \(from) to \(to)")
                case .idle, .stopped: return
                }
            }
        }
    }

    @Test func `before the new writer writes`() throws {
        let loss = try Loss()
        let core = try loss.log.open()
        try loss.drain()
        #expect(loss.notes == ["rewound 25 to 20"])
        try core.appendQuotes(3)
        try loss.drain()
        #expect(loss.seen == Array(1...25) + [21, 22, 23])
        core.release()
    }

    @Test(arguments: [5, 6, 40, 400], [1, 3, 10]) func `when the new writer is at the old place or beyond it`(
        _ count: Int, _ perBatch: Int
    ) throws {
        let loss = try Loss()
        let core = try loss.log.open()
        try core.appendQuotes(count, perBatch: perBatch)
        try loss.drain()
        #expect(loss.notes == ["rewound 25 to 20"])
        #expect(loss.seen == Array(1...25) + Array(21...UInt64(20 + count)))
        core.release()
    }

    @Test func `when several writers came and went, over rolls`() throws {
        let loss = try Loss()
        for _ in 0..<3 {
            let core = try loss.log.open()
            try core.appendSegment(30)
            try core.appendQuotes(7)
            try core.close()
        }
        let core = try loss.log.open()
        try loss.drain()
        #expect(loss.notes == ["rewound 25 to 20"])
        #expect(loss.seen == Array(1...25) + Array(21...131))
        core.release()
    }

    @Test func `only a mark was lost: nothing is taken back, nothing is given twice`() throws {
        let loss = try Loss(mark: true, written: 0)
        let core = try loss.log.open()
        try loss.drain()
        try core.appendQuotes(30)
        try loss.drain()
        #expect(loss.notes.isEmpty)
        #expect(loss.seen == Array(1...50))
        core.release()
    }

    @Test func `nothing was lost: a new writer goes on behind the tail`() throws {
        let log = TestLog()
        let first = try log.open()
        try first.appendQuotes(25)
        let tail = try LogTail("log", level: .written, environment: TailTests.environment(log))
        var seen: [UInt64] = [], notes: [String] = []
        try TailTests.drain(tail, &seen, &notes)
        first.release()
        let next = try log.open()
        try next.appendQuotes(25)
        log.clock.advance(by: 1_000_000_000)
        try TailTests.drain(tail, &seen, &notes)
        #expect(seen == Array(1...50) && notes.isEmpty)
        next.release()
    }

    @Test func `what was lost twice is taken back twice`() throws {
        let loss = try Loss()
        let second = try loss.log.open()
        let end = Int(second.segment.end)
        try Loss.write(second, 8)
        try loss.drain()
        second.release()
        let path = "log/" + LogPaths.segment(1)
        loss.log.disk.setContents(path, Array(try #require(loss.log.disk.contents(path))[0..<end]))
        let third = try loss.log.open()
        try third.appendQuotes(20)
        try loss.drain()
        #expect(loss.notes == ["rewound 25 to 20", "rewound 28 to 20"])
        #expect(loss.seen == Array(1...25) + Array(21...28) + Array(21...40))
        third.release()
    }
}
