import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Salvage copies everything that can be read, and says exactly what cannot.
@Suite struct SalvageTests {
    struct Salvaged {
        var report: Salvage.Report
        var quotes: [(old: UInt64, values: [Value])]
        var gaps: [(first: UInt64, last: UInt64)]
    }

    /// Salvages into `new` and reads the copy: quotes with their old place (their gsn), gaps with their ranges.
    static func salvage(_ log: TestLog) throws -> Salvaged {
        let report = try Salvage.copy("log", to: "new", environment: log.environment, options: log.options)
        var result = Salvaged(report: report, quotes: [], gaps: [])
        let reader = try LogReader(try LogLocation("new", environment: log.environment))
        let state = BatchState()
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        while let block = try reader.next() {
            state.register(reader.registry)
            try reader.decode(block, into: &batch, codec: codec)
            while try batch.next() {
                let head = batch.head
                let (schema, values) = try batch.decodeValues()
                if schema.name == "lotus.Gap", case .uint(let first) = values[0], case .uint(let last) = values[1] {
                    #expect(head.flags.contains(.gap))
                    #expect(values[2] == .string("log"))
                    result.gaps.append((first, last))
                } else {
                    result.quotes.append((head.globalSeq, values))
                    #expect(head.eventNanos == quoteTime(Int(head.globalSeq - 1)))
                    #expect(head.appendNanos >= 1_000 + Int64(head.globalSeq - 1))
                }
            }
        }
        #expect(try log.verify("new").status == .clean)
        return result
    }

    static func makeLog() throws -> TestLog {
        let log = TestLog(seed: 61)
        let core = try log.open()
        for _ in 0..<2 { try core.appendSegment(50) }
        try core.appendQuotes(50)
        try core.close()
        return log
    }

    /// Offset of the batch that holds `seq`, and its segment's path.
    static func place(_ log: TestLog, _ seq: UInt64) throws -> (path: String, offset: Int) {
        let reader = try LogReader(try LogLocation("log", environment: log.environment))
        while let block = try reader.next(), block.lastSeq < seq {}
        return ("log/" + LogPaths.segment((seq - 1) / 50 * 50 + 1), Int(reader.position.offset))
    }

    static func check(_ salvaged: Salvaged, lost: ClosedRange<UInt64>, _ what: String) {
        #expect(salvaged.quotes.map(\.old) == (1...150).filter { !lost.contains($0) }, "\(what)")
        for (old, values) in salvaged.quotes where values != quote(Int(old - 1)) {
            Issue.record("\(what): event \(old) was altered")
        }
        #expect(salvaged.gaps.map { [$0.first, $0.last] } == [[lost.lowerBound, lost.upperBound]], "\(what)")
        #expect(salvaged.report.events == UInt64(salvaged.quotes.count), "\(what)")
        #expect(salvaged.report.gaps.count == 1, "\(what)")
    }

    @Test func `a healthy log is copied whole, without gaps`() throws {
        let salvaged = try Self.salvage(try Self.makeLog())
        #expect(salvaged.quotes.map(\.old) == Array(1...150))
        #expect(salvaged.gaps.isEmpty)
        #expect(salvaged.quotes.map(\.values) == (0..<150).map(quote))
    }

    @Test(arguments: [UInt64(1), 25, 50, 71, 130]) func `a batch with damaged payload becomes a gap of its events`(
        _ seq: UInt64
    ) throws {
        let log = try Self.makeLog()
        let (path, offset) = try Self.place(log, seq)
        log.disk.mutateDurable(path, offset + 128 + 20) { $0 ^= 0x10 }
        let first = (seq - 1) / 10 * 10 + 1
        Self.check(try Self.salvage(log), lost: first...first + 9, "payload at seq \(seq)")
    }

    @Test(arguments: [UInt64(11), 75, 131]) func `a batch with a damaged header becomes a gap up to the next good one`(
        _ seq: UInt64
    ) throws {
        let log = try Self.makeLog()
        let (path, offset) = try Self.place(log, seq)
        log.disk.mutateDurable(path, offset + 50) { $0 ^= 0x10 }
        let first = (seq - 1) / 10 * 10 + 1
        Self.check(try Self.salvage(log), lost: first...first + 9, "header at seq \(seq)")
    }

    @Test func `a missing middle segment becomes one gap`() throws {
        let log = try Self.makeLog()
        log.disk.removeFile("log/" + LogPaths.segment(51))
        Self.check(try Self.salvage(log), lost: 51...100, "missing segment")
    }

    @Test func `a segment with both header copies damaged becomes one gap`() throws {
        let log = try Self.makeLog()
        let path = "log/" + LogPaths.segment(51)
        for offset in [20, 2060] { log.disk.mutateDurable(path, offset) { $0 ^= 1 } }
        Self.check(try Self.salvage(log), lost: 51...100, "header of a segment")
    }

    @Test func `a damaged end becomes a gap up to the last acknowledged event`() throws {
        let log = try Self.makeLog()
        let (path, offset) = try Self.place(log, 141)
        log.disk.setContents(path, Array(try #require(log.disk.contents(path))[0..<offset + 60]))
        Self.check(try Self.salvage(log), lost: 141...150, "damaged end")
    }

    @Test func `a log without MANIFEST is copied by what its segments say`() throws {
        let log = try Self.makeLog()
        log.disk.removeFile("log/MANIFEST")
        let salvaged = try Self.salvage(log)
        #expect(salvaged.quotes.map(\.values) == (0..<150).map(quote))
        #expect(salvaged.gaps.isEmpty)
    }

    @Test func `the old log is not touched, and a target that exists is refused`() throws {
        let log = try Self.makeLog()
        let (path, offset) = try Self.place(log, 25)
        log.disk.mutateDurable(path, offset + 150) { $0 ^= 1 }
        let before = log.disk.paths().map { [$0: log.disk.contents($0)] }
        _ = try Self.salvage(log)
        #expect(log.disk.paths().filter { $0.hasPrefix("/log/") }.map { [$0: log.disk.contents($0)] } == before)
        #expect(try logFailure { _ = try Self.salvage(log) } == .usage)
    }
}
