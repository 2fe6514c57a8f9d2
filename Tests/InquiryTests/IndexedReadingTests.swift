import Events
import LogFormat
import Runtime
import Testing

@testable import Inquiry
@testable import LogEngine

/// Looking up single events costs little of a long log, sealed or not (LOG-19, AT8.1).
@Suite struct IndexedReadingTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    /// A log of alarms in many batches; every 1000th has another type.
    @discardableResult private func make(
        _ name: String, count: Int, segmentBytes: Int = FormatLimits.segmentBytesMin, sealing: Bool
    ) throws -> [EventID] {
        try bench.disk.createDirectory(name)
        var options = LogOptions()
        options.reserveBytes = 0
        options.batchBytes = 2048
        options.segmentBytes = segmentBytes
        let root = try Root(name, modules: [.ops], options: options, environment: bench.environment)
        var ids: [EventID] = []
        for index in 0..<count {
            let nanos = Story.start + Int64(index) * 1_000_000
            var alarm = AlarmRaised()
            alarm.lineage = Lineage(
                id: EventID(module: .ops, key: "\(index)", eventNanos: nanos), parentID: ids.last,
                seenGlobalSeq: UInt64(index))
            alarm.subject = "feed \(index * 7919 % 1000)"
            ids.append(alarm.lineage.id)
            if index % 1000 == 999 {
                var act = OperatorActed()
                act.lineage = alarm.lineage
                try root.append(&act, to: .ops, eventNanos: nanos)
            } else {
                try root.append(&alarm, to: .ops, eventNanos: nanos)
            }
        }
        try root.close(seal: sealing)
        return ids
    }

    @Test(arguments: [false, true]) func `every event is found by its id and by its place`(isSealed: Bool) throws {
        let ids = try make("root", count: 3000, sealing: isSealed)
        let logs = try bench.logs("root")
        for index in Array(stride(from: 0, to: ids.count, by: 37)) + [ids.count - 1] {
            let event = try #require(try logs.event(ids[index].ulid, isThorough: false), "\(index)")
            #expect(event.id == ids[index].ulid && event.seq == UInt64(index + 1))
            #expect(try logs.event(globalSeq: UInt64(index + 1)) == event)
        }
        #expect(
            try logs.event(EventID(module: .ops, key: "none", eventNanos: Story.start).ulid, isThorough: true) == nil)
        #expect(try logs.event(globalSeq: 3001) == nil)
    }

    @Test func `by index come the events that reading everything gives`() throws {
        try make("root", count: 3000, sealing: true)
        let logs = try bench.logs("root")
        for types in [[OperatorActed.typeName], [AlarmRaised.typeName], ["nobody.Knows"]] as [Set<String>] {
            for range in [nil, (Story.start + 900_000_000)...(Story.start + 2_100_000_000)] as [ClosedRange<Int64>?] {
                func seqs(_ byIndex: Bool) throws -> [UInt64] {
                    let walk = try logs.walk("ops", types: types, eventNanos: range, byIndex: byIndex ? .all : nil)
                    var found: [UInt64] = []
                    while try walk.next() {
                        if range?.contains(walk.head.eventNanos) ?? true { found.append(walk.seq) }
                    }
                    return found
                }
                #expect(try seqs(true) == seqs(false))
                #expect(try seqs(true).isEmpty == types.contains("nobody.Knows"))
            }
        }
    }

    @Test func `what is appended after the first question is found by the next one`() throws {
        try bench.disk.createDirectory("root")
        var options = LogOptions()
        options.reserveBytes = 0
        let root = try Root("root", modules: [.ops], options: options, environment: bench.environment)
        var alarm = AlarmRaised()
        func append(_ index: Int) throws {
            alarm.lineage.id = EventID(module: .ops, key: "\(index)", eventNanos: Story.start)
            try root.append(&alarm, to: .ops, eventNanos: Story.start)
            try root.commit()
        }
        for index in 1...5 { try append(index) }
        let logs = try bench.logs("root")
        #expect(try logs.event(globalSeq: 3)?.seq == 3)
        for index in 6...20 { try append(index) }
        #expect(try logs.event(globalSeq: 17)?.seq == 17 && logs.event("ops", seq: 20)?.seq == 20)
        let id = EventID(module: .ops, key: "19", eventNanos: Story.start)
        #expect(try logs.event(id.ulid, isThorough: true)?.seq == 19)
        try root.close()
    }

    @Test func `a question reads little of a long log`() throws {
        let ids = try make("root", count: 20_000, sealing: true)
        let size = try bench.disk.list("root/ops").reduce(0) { sum, name in
            sum + (try bench.disk.readAll("root/ops/\(name)", limit: 1 << 28).count)
        }
        let counter = ReadCounter(bench.disk)
        var environment = bench.environment
        environment.fileSystem = counter
        let logs = try RootLogs("root", environment: environment)
        for index in [15_000, 3] {
            let before = counter.bytesRead
            #expect(try logs.event(ids[index].ulid, isThorough: false) != nil)
            #expect(counter.bytesRead - before < size / 3, "\(counter.bytesRead - before) of \(size) bytes")
        }
    }

    @Test func `the growing segment is gone through only for what no sealed one holds`() throws {
        // Where a segment begins depends on the batches before it; one that has grown is looked for.
        var (ids, growing, size): ([EventID], String, Int) = ([], "", 0)
        var root = ""
        for count in [20_000, 21_500, 23_000, 24_500] where size < 1 << 14 {
            root = "root\(count)"
            ids = try make(root, count: count, sealing: false)
            let segments = try LogLocation("\(root)/ops", environment: bench.environment).segmentNames()
            try #require(segments.count > 2)
            growing = "\(root)/ops/\(segments[segments.count - 1])"
            size = try bench.disk.readAll(growing, limit: 1 << 28).count
        }
        try #require(size >= 1 << 14)
        let counter = ReadCounter(bench.disk)
        var environment = bench.environment
        environment.fileSystem = counter
        let logs = try RootLogs(root, environment: environment)
        let before = counter.bytesRead(of: growing)
        #expect(try logs.event(ids[3].ulid, isThorough: false)?.seq == 4)
        // Its header and its end, where an index would stand, and no header behind them.
        let looked = counter.bytesRead(of: growing) - before
        #expect(0 < looked && looked < 12_288, "\(looked) of \(size) bytes")
        #expect(try logs.event(ids[ids.count - 1].ulid, isThorough: false)?.seq == UInt64(ids.count))
        let gone = counter.bytesRead(of: growing) - before - looked
        #expect(gone > looked, "\(gone) bytes where it is gone through")
    }

    @Test func `a fold of few events goes through the headers of a growing segment once`() throws {
        try make("root", count: 5000, segmentBytes: 1 << 26, sealing: false)
        let counter = ReadCounter(bench.disk)
        var environment = bench.environment
        environment.fileSystem = counter
        let location = try LogLocation("root/ops", environment: bench.environment)
        let names = try location.segmentNames()
        try #require(names.count == 1)
        let batches = try LogReader(location).batches(typeMask: .max).count
        try #require(batches > 100)
        let reader = try RootReader("root", environment: environment) { $0 == OperatorActed.typeName }
        var places: [UInt64] = []
        _ = try reader.read { (batch, place) throws(FormatError) in
            places.append(place.seq)
            try batch.skip()
        }
        #expect(places == [1000, 2000, 3000, 4000, 5000])
        // The cut of the root goes through them once more, before the fold begins.
        let reads = counter.reads(of: "root/ops/\(names[0])")
        #expect(reads < 3 * batches, "\(reads) reads of a segment of \(batches) batches")
    }

    @Test func `of types that a log does not know nothing of it is read`() throws {
        try make("root", count: 3000, sealing: false)
        let counter = ReadCounter(bench.disk)
        var environment = bench.environment
        environment.fileSystem = counter
        let logs = try RootLogs("root", environment: environment)
        let segments = try LogLocation("root/ops", environment: bench.environment).segmentNames()
        func segmentBytes() -> Int { segments.reduce(0) { $0 + counter.bytesRead(of: "root/ops/\($1)") } }
        let before = segmentBytes()
        let unknown = try logs.walk("ops", types: [VersionMinted.typeName], byIndex: .all)
        #expect(try !unknown.next())
        #expect(segmentBytes() == before)
        let known = try logs.walk("ops", types: [OperatorActed.typeName], byIndex: .all)
        #expect(try known.next() && known.seq == 1000)
        #expect(segmentBytes() > before)
    }
}
