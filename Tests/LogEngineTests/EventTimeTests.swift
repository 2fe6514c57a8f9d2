import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Reading only a range of event times gives exactly what reading everything and choosing gives, although event times
/// jump back and forth, and without reading the batches in between (design §2.8).
@Suite struct EventTimeTests {
    /// A log whose event times jump, over several segments: sealed, only rolled, and growing.
    struct Jumping {
        let log: TestLog
        let times: [Int64]
    }

    static func makeLog(_ seed: UInt64, count: Int = 300, noteBytes: Int = 3) throws -> Jumping {
        let log = TestLog(seed: seed)
        var random = SeededGenerator(seed: seed)
        var times: [Int64] = []
        var now: Int64 = 1_000_000
        for _ in 0..<count {
            // Long quiet drifts, some jumps far away and back.
            now += Int64(random.below(7)) - 2
            if random.chance(0.04) { now += random.pick([-50_000, 50_000, 1_000, -1_000]) }
            times.append(random.chance(0.01) ? random.pick([.min, .max, 0]) : now)
        }
        let core = try log.open()
        let type = try core.register(try quoteSchema())
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        for index in 0..<count {
            let head = RecordHead(
                typeID: type, appendNanos: 1_000 + Int64(index), globalSeq: UInt64(index + 1), eventNanos: times[index])
            try batch.append(values(index, noteBytes, &random), head: head)
            if random.chance(0.15) || index == count - 1 {
                try core.write(batch)
                batch.removeAll()
                if random.chance(0.3) { try core.writeMark() }
                if random.chance(0.12) { try core.roll() }
                if random.chance(0.08) { try core.sealPending() }
            }
        }
        try core.sync()
        core.release()
        return Jumping(log: log, times: times)
    }

    /// A quote with a note that does not compress, so that batches can be made large.
    private static func values(_ index: Int, _ noteBytes: Int, _ random: inout SeededGenerator) -> [Value] {
        var values = quote(index)
        values[5] = .string(String(decoding: (0..<noteBytes).map { _ in UInt8(33 + random.below(90)) }, as: UTF8.self))
        return values
    }

    /// Event numbers with a time in `wanted`, read through a restricted reader; and the batches that it gave.
    static func read(
        _ environment: LogEnvironment, _ wanted: ClosedRange<Int64>, from seq: UInt64 = 1, to lastSeq: UInt64 = .max,
        skipsDamage: Bool = false
    ) throws -> (seqs: [UInt64], batches: Int) {
        let reader = try LogReader(try LogLocation("log", environment: environment))
        reader.range = EventRange(eventNanos: wanted, lastSeq: lastSeq)
        if seq > 1 { try reader.seek(toSeq: seq) }
        let state = BatchState()
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        var seqs: [UInt64] = []
        var batches = 0
        while let block = try reader.next() {
            state.register(reader.registry)
            batches += 1
            try reader.decode(block, into: &batch, codec: codec)
            var number = block.firstSeq
            while try batch.next() {
                if wanted.contains(batch.head.eventNanos), number >= seq, number <= lastSeq { seqs.append(number) }
                number += 1
                try batch.skip()
            }
        }
        return (seqs, batches)
    }

    static func ranges(_ times: [Int64], _ random: inout SeededGenerator) -> [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = [.min ... .max, .min ... .min, .max ... .max, 0...0, -5 ... -5]
        for _ in 0..<12 {
            let (a, b) = (random.pick(times), random.pick(times))
            ranges.append(min(a, b)...max(a, b))
            ranges.append(a...a)
            ranges.append(a ... .max)
            ranges.append(.min...b)
        }
        return ranges
    }

    @Test func `a range of event times gives what a scan with a filter gives`() throws {
        for seed in 0..<UInt64(seedCount(20)) {
            let made = try Self.makeLog(seed)
            var random = SeededGenerator(seed: seed ^ 0x5EED)
            for wanted in Self.ranges(made.times, &random) {
                let from = random.chance(0.3) ? UInt64(1 + random.below(300)) : 1
                let to = random.chance(0.3) ? UInt64(1 + random.below(300)) : UInt64.max
                let scan = made.times.indices.filter { wanted.contains(made.times[$0]) }.map { UInt64($0 + 1) }
                    .filter { $0 >= from && $0 <= to }
                let found = try Self.read(made.log.environment, wanted, from: from, to: to)
                #expect(found.seqs == scan, "seed \(seed), times \(wanted), seq \(from)…\(to)")
            }
        }
    }

    @Test func `a following tail with a range misses nothing of it`() throws {
        let made = try Self.makeLog(91)
        let wanted = made.times[100]...made.times[100] + 5_000
        let tail = try LogTail("log", environment: made.log.environment)
        tail.reader.range = EventRange(eventNanos: wanted)
        var seen: [UInt64] = [], notes: [String] = []
        try TailTests.drain(tail, &seen, &notes)
        let core = try made.log.open()
        // Their times are those of quotes, far away from the range.
        try core.appendQuotes(20)
        core.release()
        made.log.clock.advance(by: 1_000_000_000)
        try TailTests.drain(tail, &seen, &notes)
        let scan = made.times.indices.filter { wanted.contains(made.times[$0]) }.map { UInt64($0 + 1) }
        #expect(Set(seen).isSuperset(of: scan) && seen == seen.sorted() && (seen.last ?? 0) <= 300)
        #expect(notes.isEmpty)
    }

    /// Batches of 20 kB: of those passed over, only the page with the header is read.
    @Test func `payloads of batches outside the range are not read`() throws {
        let log = TestLog(seed: 92)
        log.options.segmentBytes = 8 << 20
        let core = try log.open()
        let type = try core.register(try quoteSchema())
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        var random = SeededGenerator(seed: 92)
        for index in 0..<200 {
            // Back and forth: even batches at 0, odd ones at their number.
            let time = index % 2 == 0 ? Int64(0) : Int64(index)
            let head = RecordHead(
                typeID: type, appendNanos: 1_000 + Int64(index), globalSeq: UInt64(index + 1), eventNanos: time)
            try batch.append(Self.values(index, 20_000, &random), head: head)
            try core.write(batch)
            batch.removeAll()
            if index == 99 {
                try core.roll()
                try core.sealPending()
            }
        }
        try core.close()
        let disk = ReaderDisk(log.disk)
        var environment = log.environment
        environment.fileSystem = disk
        let whole = try Self.read(environment, .min ... .max)
        #expect(whole.batches == 200)
        let all = disk.bytesRead
        #expect(all > 200 * 20_000)
        // Half of the batches of the growing segment hold no wanted event; nothing of the sealed one is wanted.
        let one = try Self.read(environment, 151...151)
        #expect(one.seqs == [152])
        #expect(one.batches == 1)
        let few = disk.bytesRead - all
        // Header, index and seal of the sealed one; a page for each of 100 headers; one read-ahead at each start and
        // at the batch that is wanted.
        #expect(few < 100 * 4096 + 400_000, "read \(few) of \(all) bytes")
        let none = disk.bytesRead
        #expect(try Self.read(environment, 1_000...2_000).batches == 0)
        #expect(disk.bytesRead - none < 100 * 4096 + 300_000)
    }

    @Test func `damage in batches that are passed over does not matter, damage elsewhere is found`() throws {
        for seed in 0..<UInt64(seedCount(6)) {
            let made = try Self.makeLog(seed &+ 300)
            let time = made.times[150]
            let wanted = time...time
            let scan = made.times.indices.filter { wanted.contains(made.times[$0]) }.map { UInt64($0 + 1) }
            // Where every batch stands.
            let reader = try LogReader(try LogLocation("log", environment: made.log.environment))
            var inside: [(path: String, offset: Int, block: BlockHeader)] = []
            var outside: [(path: String, offset: Int, block: BlockHeader)] = []
            let paths = made.log.disk.paths().filter { $0.hasSuffix(".seg") }
            while let block = try reader.next() {
                let path = paths[Int(reader.position.ordinal)]
                let place = (path, Int(reader.position.offset), block)
                if block.minEventNanos <= time && block.maxEventNanos >= time {
                    inside.append(place)
                } else {
                    outside.append(place)
                }
            }
            for place in outside { made.log.disk.mutateDurable(place.path, place.offset + 140) { $0 ^= 1 } }
            #expect(try Self.read(made.log.environment, wanted).seqs == scan, "seed \(seed): passed over")
            for place in inside {
                made.log.disk.mutateDurable(place.path, place.offset + 140) { $0 ^= 1 }
                #expect(
                    try logFailure { _ = try Self.read(made.log.environment, wanted) } == .damaged,
                    "seed \(seed): batch at seq \(place.block.firstSeq)")
                made.log.disk.mutateDurable(place.path, place.offset + 140) { $0 ^= 1 }
            }
            guard paths.count > 2 else { continue }
            made.log.disk.removeFile(paths[1])
            #expect(
                try logFailure { _ = try Self.read(made.log.environment, wanted) } == .damaged,
                "seed \(seed): a missing segment")
        }
    }
}
