import LogEngine
import LogFormat
import LogTesting
import Testing

/// Every bit of a sealed log matters: flips, holes, cuts and splices are found, and never change an event silently
/// (design §6, trap T2).
@Suite struct DamageTests {
    static let events = 700

    /// A log of three sealed segments and one active, closed cleanly, in memory.
    static func makeLog() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1)
        let environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: 7)
        var options = LogOptions()
        options.segmentBytes = 64 << 10
        options.reserveBytes = 0
        let core = try LogCore.open("log", name: "log", options: options, environment: environment)
        let type = try core.register(try quoteSchema())
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        for index in 0..<events {
            try batch.append(quote(index), head: quoteHead(index, type))
            if index % 40 == 39 {
                try core.write(batch)
                batch.removeAll()
                try core.sync()
            }
            if index % 300 == 299 {
                try core.write(batch)
                batch.removeAll()
                try core.roll()
                try core.sealPending()
            }
        }
        try core.write(batch)
        try core.close()
        return disk
    }

    static func environment(_ disk: SimulatedDisk) -> LogEnvironment {
        var environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: 9)
        environment.isProcessAlive = { _ in false }
        return environment
    }

    static func segments(_ disk: SimulatedDisk) -> [String] { disk.paths().filter { $0.hasSuffix(".seg") } }

    /// A batch as it was written.
    struct Batch {
        let header: BlockHeader
        let payload: [UInt8]
    }

    /// The batches of an undamaged log by their first events.
    static func batches(_ disk: SimulatedDisk) throws -> [UInt64: Batch] {
        let reader = try LogReader(try LogLocation("log", environment: environment(disk)))
        var all: [UInt64: Batch] = [:]
        while let block = try reader.next() {
            all[block.firstSeq] = Batch(header: block, payload: reader.withPayload { [UInt8]($0) })
        }
        return all
    }

    /// Reads what can be read; every event is either as it was written or within a range that was reported.
    ///
    /// Batches that are what they were, to the last byte, are not decoded again: in each of a million cases that is all
    /// but one.
    static func checkNothingSilent(_ disk: SimulatedDisk, _ written: [UInt64: Batch], _ what: String) throws {
        let environment = environment(disk)
        var seen = [Bool](repeating: false, count: events)
        let reader: LogReader
        do { reader = try LogReader(try LogLocation("log", environment: environment)) } catch { return }
        let state = BatchState()
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        var reported: [ClosedRange<UInt64>] = []
        while true {
            let expected = reader.nextSeq
            do throws(LogError) {
                guard let block = try reader.next() else { break }
                var seq = block.firstSeq
                let isAsWritten = written[seq].map { known in
                    block == known.header
                        && reader.withPayload { payload in known.payload.withUnsafeBytes { areSame($0, payload) } }
                }
                if isAsWritten ?? false {
                    for place in seq...block.lastSeq { seen[Int(place - 1)] = true }
                    continue
                }
                state.register(reader.registry)
                try reader.decode(block, into: &batch, codec: codec)
                while (try? batch.next()) == true {
                    guard let values = try? batch.decodeValues().values else { break }
                    #expect(values == quote(Int(seq - 1)), "\(what): event \(seq) was altered")
                    seen[Int(seq - 1)] = true
                    seq += 1
                }
            } catch {
                guard let next = try? reader.skipDamage() else {
                    if expected <= UInt64(events) { reported.append(expected...UInt64(events)) }
                    break
                }
                if next > expected { reported.append(expected...next - 1) }
            }
        }
        for index in 0..<events where !seen[index] {
            let isReported = reported.contains { $0.contains(UInt64(index + 1)) }
            if !isReported {
                Issue.record("\(what): event \(index + 1) is silently absent")
                return
            }
        }
    }

    static func expectFound(_ disk: SimulatedDisk, _ what: String) throws {
        do {
            let report = try Verifier.verify("log", environment: environment(disk))
            if report.status == .clean { Issue.record("\(what): verify says clean") }
        } catch {
            // Not even openable as a log: that is not silent either.
            #expect(error.code != .fileSystem, "\(what): \(error)")
        }
    }

    /// One bit in `stride` is flipped in a plain run; LOTUS_EXHAUSTIVE=1 flips all of them.
    @Test(arguments: 0..<8)
    func `every flipped bit is found`(bit: Int) throws {
        let original = try Self.makeLog()
        let written = try Self.batches(original)
        #expect(try Verifier.verify("log", deep: true, environment: Self.environment(original)).status == .clean)
        let stride = isExhaustive ? 1 : 211
        var cases = 0
        for path in Self.segments(original) + ["log/MANIFEST"] {
            let size = original.contents(path)?.count ?? 0
            for offset in Swift.stride(from: bit, to: size, by: stride) {
                let disk = original
                disk.mutateDurable(path, offset) { $0 ^= 1 << UInt8(bit) }
                defer { disk.mutateDurable(path, offset) { $0 ^= 1 << UInt8(bit) } }
                let what = "\(path) byte \(offset) bit \(bit)"
                try Self.expectFound(disk, what)
                try Self.checkNothingSilent(disk, written, what)
                cases += 1
            }
        }
        print("flipped bits: \(cases) cases for bit \(bit)")
    }

    @Test func `every hole of 512 bytes is found`() throws {
        let original = try Self.makeLog()
        let written = try Self.batches(original)
        var cases = 0
        for path in Self.segments(original) {
            guard let content = original.contents(path) else { continue }
            for start in stride(from: 0, to: content.count, by: isExhaustive ? 64 : 512) {
                var bytes = content
                let end = min(start + 512, bytes.count)
                if bytes[start..<end].allSatisfy({ $0 == 0 }) { continue }
                for index in start..<end { bytes[index] = 0 }
                let disk = original.copy()
                disk.setContents(path, bytes)
                try Self.expectFound(disk, "\(path) hole at \(start)")
                try Self.checkNothingSilent(disk, written, "\(path) hole at \(start)")
                cases += 1
            }
        }
        print("holes: \(cases) cases")
    }

    @Test func `a file cut at any byte of its end is found`() throws {
        let original = try Self.makeLog()
        let written = try Self.batches(original)
        var cases = 0
        for path in Self.segments(original) {
            guard let content = original.contents(path) else { continue }
            for cut in stride(from: content.count - 1, to: max(0, content.count - 900), by: isExhaustive ? -1 : -13) {
                let disk = original.copy()
                disk.setContents(path, Array(content[0..<cut]))
                try Self.expectFound(disk, "\(path) cut at \(cut)")
                try Self.checkNothingSilent(disk, written, "\(path) cut at \(cut)")
                cases += 1
            }
        }
        print("cuts: \(cases) cases")
    }

    /// The mark that a clean close ends with holds no event, but MANIFEST vouches for it.
    @Test func `a mark lost behind a clean close is found, with every event still there`() throws {
        let disk = try Self.makeLog()
        let path = try #require(Self.segments(disk).last)
        let content = try #require(disk.contents(path))
        disk.setContents(path, Array(content.dropLast(128)))
        let report = try Verifier.verify("log", environment: Self.environment(disk))
        #expect(report.status == .damaged)
        #expect(report.events == UInt64(Self.events))
        #expect(report.damage.map(\.kind) == [.manifest] && !report.damage[0].losesEvents, "\(report.damage)")
        #expect(try readAll("log", Self.environment(disk)).count == Self.events)
        #expect(
            try logFailure {
                _ = try LogCore.open("log", name: "log", options: LogOptions(), environment: Self.environment(disk))
            } == .damaged)
    }

    @Test func `swapped, copied and foreign bytes are found`() throws {
        let original = try Self.makeLog()
        let written = try Self.batches(original)
        let paths = Self.segments(original)
        let first = try #require(original.contents(paths[0]))
        let second = try #require(original.contents(paths[1]))
        let file = try original.open(paths[0], .read)
        let scan = try SegmentScan(original, file, name: "00000000000000000001.seg")
        #expect(scan.damage.isEmpty)
        let entries = scan.entries
        // A batch copied over the next one of the same segment.
        let a = Int(entries[1].offset), b = Int(entries[2].offset), c = Int(entries[3].offset)
        var swapped = first
        swapped.replaceSubrange(a..<c, with: Array(first[b..<c]) + Array(first[a..<b]))
        var repeated = first
        repeated.replaceSubrange(b..<b + min(b - a, c - b), with: first[a..<a + min(b - a, c - b)])
        var spliced = first
        spliced.removeSubrange(a..<b)
        for (name, bytes) in [("swapped", swapped), ("repeated", repeated), ("spliced", spliced)] {
            let disk = original.copy()
            disk.setContents(paths[0], bytes)
            try Self.expectFound(disk, name)
            try Self.checkNothingSilent(disk, written, name)
        }
        // A whole segment under another's name, and a missing middle segment.
        let renamed = original.copy()
        renamed.setContents(paths[1], first)
        try Self.expectFound(renamed, "segment under another name")
        let missing = original.copy()
        missing.removeFile(paths[1])
        try Self.expectFound(missing, "missing middle segment")
        #expect(second.count > 4096)
    }
}
