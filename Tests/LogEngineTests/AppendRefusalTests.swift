import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Single events that are refused, and full disks: what was accepted stays, and the log goes on.
@Suite struct AppendRefusalTests {
    struct Sample: LogEvent {
        static let typeName = "test.Sample"
        static let version: UInt16 = 1
        var key: Int32 = 0
        var count: Int64 = 0
        var ratio = 0.0
        var text = ""

        mutating func fields(_ v: inout some FieldVisitor) {
            v.i32("key", &key, isKey: true)
            v.i64("count", &count, encoding: .keyDelta)
            v.f64("ratio", &ratio, unit: "", "")
            v.string("text", &text, isKey: false, "")
        }

        var values: [Value] { [.int(Int64(key)), .int(count), .double(ratio), .string(text)] }
    }

    static func writer(_ log: TestLog) throws(LogError) -> LogWriter {
        try LogWriter("log", name: "log", options: log.options, environment: log.environment)
    }

    /// A refused event has touched the packing state: what follows in the same batch must not be packed after it.
    @Test(arguments: [0, 1, 5]) func `an event refused half way leaves no trace in those behind it`(_ before: Int)
        throws
    {
        let log = TestLog()
        let writer = try Self.writer(log)
        let type = try writer.register(Sample.self)
        var accepted: [[Value]] = []
        for index in 0..<before + 4 {
            if index >= before {
                var bad = Sample(key: 7, count: 1_000_000 + Int64(index), ratio: .nan, text: "bad")
                #expect(try logFailure { try writer.append(&bad, typeID: type, eventNanos: 5) } == .badEvent)
            }
            var good = Sample(key: 7, count: Int64(index), ratio: 1, text: "good \(index)")
            accepted.append(good.values)
            #expect(try writer.append(&good, typeID: type, eventNanos: Int64(index)) == UInt64(index + 1))
        }
        try writer.close()
        #expect(try log.events() == accepted)
        #expect(try log.verify().status == .clean)
    }

    @Test func `an event above 8 MiB is refused and the log goes on`() throws {
        let log = TestLog()
        let writer = try Self.writer(log)
        let type = try writer.register(Sample.self)
        let huge = String(repeating: "x", count: FormatLimits.eventBytesMax)
        var big = Sample(text: huge), small = Sample(text: "small")
        try writer.append(&small, typeID: type, eventNanos: 1)
        #expect(try logFailure { try writer.append(&big, typeID: type, eventNanos: 1) } == .badEvent)
        #expect(try logFailure { try writer.append(big.values, typeID: type, eventNanos: 1) } == .badEvent)
        try writer.append(&small, typeID: type, eventNanos: 1)
        // One that just fits is taken, although it is far above the segment size.
        var fits = Sample(text: String(repeating: "y", count: FormatLimits.eventBytesMax - 68))
        try writer.append(&fits, typeID: type, eventNanos: 1)
        try writer.append(small.values, typeID: type, eventNanos: 1)
        try writer.close(seal: true)
        let events = try log.events()
        #expect(
            events.map { if case .string(let text)? = $0.last { text.utf8.count } else { -1 } } == [
                5, 5, FormatLimits.eventBytesMax - 68, 5,
            ])
        let report = try log.verify()
        #expect(report.status == .clean, "\(report.damage)")
    }

    /// The largest event packs to more than its canonical size; it must still fit behind the fullest batch.
    @Test func `the fullest batch and the largest event together stay readable`() throws {
        let log = TestLog()
        log.options.batchBytes = FormatLimits.batchRawBytesMax / 4
        let writer = try Self.writer(log)
        let type = try writer.register(
            try Schema(name: "test.List", version: 1, fields: [Field("l", .list(.i64, count: 0)), Field("s", .string)]))
        let filler: [Value] = [
            .list([]), .string(String(repeating: "f", count: FormatLimits.batchRawBytesMax / 4 - 100)),
        ]
        let list = Value.list([Value](repeating: .int(.min), count: FormatLimits.listElementsMax - 100))
        try writer.append(filler, typeID: type, eventNanos: 1)
        try writer.append([list, .string("")], typeID: type, eventNanos: 1)
        try writer.close()
        #expect(try log.events() == [filler, [list, .string("")]])
    }

    @Test func `values that do not fit their schema are refused by name`() throws {
        let log = TestLog()
        let writer = try Self.writer(log)
        let type = try writer.register(try quoteSchema())
        var bad = quote(1)
        bad[2] = .string("size")
        do {
            try writer.append(bad, typeID: type, eventNanos: 1)
            Issue.record("accepted")
        } catch {
            #expect(error.code == .badEvent && error.message.contains("size"))
        }
        #expect(try logFailure { try writer.append(quote(1), typeID: type + 1, eventNanos: 1) } == .badEvent)
        #expect(try writer.append(quote(0), typeID: type, eventNanos: 1) == 1)
        try writer.close()
        #expect(try logFailure { try writer.append(quote(1), typeID: type, eventNanos: 1) } == .closed)
        #expect(try log.events() == [quote(0)])
    }

    @Test func `a type with another meaning is refused, also after reopening`() throws {
        let log = TestLog()
        for _ in 0..<2 {
            let writer = try Self.writer(log)
            _ = try writer.register(try Schema(name: "a.B", version: 1, fields: [Field("x", .i32)]))
            #expect(
                try logFailure {
                    _ = try writer.register(try Schema(name: "a.B", version: 1, fields: [Field("x", .i64)]))
                } == .schemaClash)
            // Other packing and words are the same meaning: the first description stays.
            let packed = try Schema(
                name: "a.B", version: 1, fields: [Field("x", .i32, encoding: .delta)], documentation: "words")
            #expect(try writer.register(packed) == 1)
            try writer.close()
        }
    }

    @Test func `nearly without space appends are refused, what was accepted is kept, and with space they go on`() throws
    {
        let log = TestLog(capacityBytes: 600 << 10)
        log.options.reserveBytes = 300 << 10
        log.options.zeroAheadBytes = 0
        log.options.batchBytes = 1 << 10
        let writer = try Self.writer(log)
        let type = try writer.register(try quoteSchema())
        var accepted = 0
        var refusal: LogError?
        while refusal == nil, accepted < 200_000 {
            do { try writer.append(quote(accepted), typeID: type, eventNanos: quoteTime(accepted)) } catch {
                refusal = error
                break
            }
            accepted += 1
            if accepted % 100 == 0 { try writer.flush() }
        }
        #expect(refusal?.code == .noSpace)
        #expect(refusal?.message.contains("free space") == true)
        #expect(try log.disk.freeBytes("log") > 100 << 10, "refused before the disk was full")
        // Everything accepted can still be made durable: that is what the reserve is for.
        try writer.wait(for: UInt64(accepted), .durable)
        log.disk.capacityBytes = 10 << 20
        for _ in 0..<500 {
            try writer.append(quote(accepted), typeID: type, eventNanos: quoteTime(accepted))
            accepted += 1
        }
        try writer.close()
        #expect(try log.events().count == accepted)
        #expect(try log.verify().status == .clean)
    }

    @Test func `a disk that runs full under the writer stops it without losing what was durable`() throws {
        let log = TestLog(seed: 4, capacityBytes: 200 << 10)
        let core = try log.open()
        var failure: LogError.Code?
        while failure == nil { failure = try logFailure { try core.appendQuotes(40) } }
        #expect(failure == .poisoned || failure == .noSpace)
        let durable = core.durableSeq
        #expect(try logFailure { try core.appendQuotes(1) } != nil)
        core.release()
        log.disk.capacityBytes = 10 << 20
        let again = try log.open()
        #expect(again.writtenSeq >= durable)
        let kept = Int(again.writtenSeq)
        try again.appendQuotes(10)
        try again.close()
        #expect(try log.events() == (0..<kept + 10).map(quote))
    }
}
