import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Clocks jump; a log's append times do not, and looking by time finds what a scan finds (T5, T7).
@Suite struct TimeTests {
    static let tenYears: Int64 = 10 * 365 * 86_400 * 1_000_000_000

    /// Append and event time of every event, in order.
    static func heads(_ log: TestLog, from start: (LogReader) throws -> Void = { _ in }) throws -> [(
        seq: UInt64, head: RecordHead
    )] {
        let reader = try LogReader(try LogLocation("log", environment: log.environment))
        try start(reader)
        let state = BatchState()
        state.register(try quoteSchema(), typeID: 1)
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        var heads: [(seq: UInt64, head: RecordHead)] = []
        while let block = try reader.next() {
            try reader.decode(block, into: &batch, codec: codec)
            var seq = block.firstSeq
            while try batch.next() {
                heads.append((seq, batch.head))
                seq += 1
                try batch.skip()
            }
        }
        return heads
    }

    static func expectNeverBack(_ log: TestLog, count: Int) throws {
        let times = try heads(log).map(\.head.appendNanos)
        #expect(times.count == count)
        for (before, after) in zip(times, times.dropFirst()) where after < before {
            Issue.record("append time goes from \(before) to \(after)")
            return
        }
        let report = try log.verify()
        #expect(report.status == .clean, "\(report.damage)")
    }

    @Test(arguments: [false, true]) func `append times never decrease when the clock jumps between two openings`(
        _ seals: Bool
    ) throws {
        let log = TestLog(seed: 31)
        log.options.batchBytes = 256
        var count = 0
        for jump in [0, Self.tenYears, -2 * Self.tenYears, -1, 0, Self.tenYears] {
            log.clock.wall += jump
            // A restarted machine counts from zero again.
            log.clock.monotonic = 1_000
            let writer = try LogWriter("log", name: "log", options: log.options, environment: log.environment)
            let type = try writer.register(try quoteSchema())
            for _ in 0..<20 {
                log.clock.advance(by: 1_000)
                try writer.append(quote(count), typeID: type, eventNanos: quoteTime(count))
                count += 1
            }
            try writer.close(seal: seals)
        }
        try Self.expectNeverBack(log, count: count)
    }

    @Test func `append times never decrease when the clock jumps under a running writer`() throws {
        let log = TestLog(seed: 32)
        log.options.batchBytes = 256
        let writer = try LogWriter("log", name: "log", options: log.options, environment: log.environment)
        let type = try writer.register(try quoteSchema())
        var random = SeededGenerator(seed: 32)
        for index in 0..<200 {
            log.clock.wall += random.pick([0, Self.tenYears, -Self.tenYears, -1, 1])
            log.clock.advance(by: Int64(random.below(3)))
            // A caller that brings its own times may bring them in any order.
            let own = random.chance(0.3) ? log.clock.wall : nil
            try writer.append(quote(index), typeID: type, eventNanos: quoteTime(index), appendNanos: own)
        }
        try writer.close()
        try Self.expectNeverBack(log, count: 200)
    }

    @Test func `append times that go back from one segment to the next are found by verify`() throws {
        let log = TestLog(seed: 33)
        let core = try log.open()
        try core.appendQuotes(20, appendNanos: { _ in 5_000 })
        try core.roll()
        try core.appendQuotes(20, appendNanos: { _ in 4_999 })
        try core.close()
        #expect(try log.verify().status == .damaged)
    }

    /// Long runs of equal times, and jumps, over several segments; some sealed, one not.
    static func timed(_ seed: UInt64) throws -> (TestLog, times: [Int64]) {
        let log = TestLog(seed: seed)
        var random = SeededGenerator(seed: seed)
        var times: [Int64] = []
        var now: Int64 = 1_000
        for _ in 0..<150 {
            if random.chance(0.2) { now += random.pick([1, 10, Self.tenYears / 100]) }
            times.append(now)
        }
        let core = try log.open()
        for part in 0..<3 {
            let all = times
            try core.appendQuotes(50, perBatch: 1 + random.below(9), appendNanos: { all[$0] })
            if part < 2 { try core.roll() }
            if part < 1 { try core.sealPending() }
        }
        core.release()
        return (log, times)
    }

    @Test func `seeking by append time finds what a scan finds`() throws {
        for seed in 0..<UInt64(seedCount(12)) {
            let (log, times) = try Self.timed(seed)
            var wanted: Set<Int64> = [.min, 0, .max]
            for time in times { wanted.formUnion([time - 1, time, time + 1]) }
            for nanos in wanted.sorted() {
                let scan = times.firstIndex { $0 >= nanos }.map { UInt64($0 + 1) }
                let found = try Self.heads(log) { try $0.seek(toAppendNanos: nanos) }
                #expect(found.first { $0.head.appendNanos >= nanos }?.seq == scan, "seed \(seed), time \(nanos)")
                if scan != nil, nanos > times[0], let first = found.first?.seq {
                    #expect(first >= (scan ?? 0) - min(scan ?? 0, 9), "seed \(seed), time \(nanos): begins at \(first)")
                }
            }
        }
    }

    @Test func `seeking by seq stands in the batch that holds it`() throws {
        for seed in 0..<UInt64(seedCount(6)) {
            let (log, _) = try Self.timed(seed)
            for seq in UInt64(1)...150 {
                let found = try Self.heads(log) { try $0.seek(toSeq: seq) }
                let first = try #require(found.first?.seq)
                #expect(first <= seq && first + 9 > seq, "seed \(seed), seq \(seq): begins at \(first)")
                #expect(found.map(\.seq) == Array(first...150), "seed \(seed), seq \(seq)")
            }
        }
    }

    @Test func `seeks give the same without indexes, which are only a help`() throws {
        let (log, times) = try Self.timed(40)
        let core = try log.open()
        try core.close(seal: true)
        for nanos in [times[30], times[60], times[149]] {
            let with = try Self.heads(log) { try $0.seek(toAppendNanos: nanos) }.map(\.seq)
            let copy = TestLog(seed: 40)
            for path in log.disk.paths() { copy.disk.setContents(path, log.disk.contents(path) ?? []) }
            for path in copy.disk.paths() where path.hasSuffix(".seg") {
                // The seal's header, at a known distance from the end.
                let size = copy.disk.contents(path)?.count ?? 0
                if size > 4096 + 400 { copy.disk.mutateDurable(path, size - 390) { $0 ^= 1 } }
            }
            #expect(try Self.heads(copy) { try $0.seek(toAppendNanos: nanos) }.map(\.seq) == with, "time \(nanos)")
        }
    }

    @Test func `event times may be anything, and batches tell their range`() throws {
        let log = TestLog(seed: 34)
        log.options.batchBytes = 1
        let writer = try LogWriter("log", name: "log", options: log.options, environment: log.environment)
        let type = try writer.register(try quoteSchema())
        let times: [Int64] = [.max, .min, 0, -1, Self.tenYears, .min + 1]
        for (index, time) in times.enumerated() { try writer.append(quote(index), typeID: type, eventNanos: time) }
        try writer.close(seal: true)
        let heads = try Self.heads(log)
        #expect(heads.map(\.head.eventNanos) == times)
        let reader = try LogReader(try LogLocation("log", environment: log.environment))
        while let block = try reader.next() {
            for (seq, head) in heads where (block.firstSeq...block.lastSeq).contains(seq) {
                #expect((block.minEventNanos...block.maxEventNanos).contains(head.eventNanos))
            }
        }
        #expect(try log.verify().status == .clean)
    }
}
