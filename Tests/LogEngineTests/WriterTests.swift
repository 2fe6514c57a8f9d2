import Glibc
import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// The writer on the real disk: what is appended is read back, over rolls, restarts and threads.
@Suite struct WriterTests {
    let directory = TemporaryDirectory()

    @Test func `events come back in order over many segments and restarts`() throws {
        var options = LogOptions()
        options.segmentBytes = 64 << 10
        options.batchBytes = 2 << 10
        let path = directory.path + "/quotes"
        var count = 0
        for round in 0..<4 {
            let writer = try LogWriter(path, options: options)
            let type = try writer.register(try quoteSchema())
            for _ in 0..<5000 {
                let seq = try writer.append(quote(count), typeID: type, eventNanos: quoteTime(count))
                #expect(seq == UInt64(count + 1))
                count += 1
            }
            try writer.wait(for: writer.lastSeq, round % 2 == 0 ? .durable : .written)
            try writer.close(seal: round == 2)
        }
        let all = try readAll(path, .real())
        #expect(all.count == count)
        #expect(all == (0..<count).map(quote))
        let report = try Verifier.verify(path, deep: true)
        #expect(report.status == .clean, "\(report.damage)")
        #expect(report.events == UInt64(count))
        #expect(report.segmentCount > 3)
    }

    @Test func `a closed writer tells what its threads took`() throws {
        var options = LogOptions()
        options.segmentBytes = 64 << 10
        let writer = try LogWriter(directory.path + "/quotes", options: options)
        let type = try writer.register(try quoteSchema())
        for event in 0..<20_000 { try writer.append(quote(event), typeID: type, eventNanos: quoteTime(event)) }
        #expect(writer.threadNanos == (0, 0))
        try writer.close()
        #expect(writer.threadNanos.writing > 0 && writer.threadNanos.sealing > 0)
    }

    @Test func `roots do not depend on batches, segments and restarts`() throws {
        var roots: [MerkleLeaf?] = []
        for (index, (batch, segment)) in [(200, 64 << 10), (60_000, 1 << 20), (1, 128 << 10)].enumerated() {
            var options = LogOptions()
            options.batchBytes = batch
            options.segmentBytes = segment
            let path = directory.path + "/log\(index)"
            for part in 0..<3 {
                let writer = try LogWriter(path, options: options)
                let type = try writer.register(try quoteSchema())
                for event in part * 1100..<(part + 1) * 1100 {
                    try writer.append(
                        quote(event), typeID: type, eventNanos: quoteTime(event), appendNanos: quoteTime(event) + 5)
                }
                try writer.close(seal: part == index)
            }
            let report = try Verifier.verify(path, deep: true)
            #expect(report.status == .clean, "\(report.damage)")
            roots.append(report.roots)
        }
        #expect(roots[0] != nil)
        #expect(roots[0] == roots[1])
        #expect(roots[0] == roots[2])
    }

    @Test func `many threads append durably and every receipt holds`() throws {
        let path = directory.path + "/storm"
        let writer = try LogWriter(path)
        let type = try writer.register(try quoteSchema())
        let threads = (0..<8).map { thread in
            EngineThread {
                for index in 0..<50 {
                    guard
                        let seq = try? writer.append(
                            quote(thread * 1000 + index), typeID: type, eventNanos: quoteTime(index))
                    else { return }
                    try? writer.wait(for: seq, .durable)
                    precondition(writer.durableSeq >= seq, "Invariant: a wait ends when the event is durable")
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(writer.durableSeq == 400)
        try writer.close()
        #expect(try readAll(path, .real()).count == 400)
    }

    @Test func `a second writer is refused while the first lives`() throws {
        let path = directory.path + "/one"
        let writer = try LogWriter(path)
        #expect {
            _ = try LogWriter(path)
        } throws: {
            ($0 as? LogError)?.code == .locked
        }
        try writer.close()
        try LogWriter(path).close()
    }

    @Test func `the same type with another meaning is refused`() throws {
        let path = directory.path + "/clash"
        let writer = try LogWriter(path)
        _ = try writer.register(try Schema(name: "a.B", version: 1, fields: [Field("x", .i32)]))
        #expect {
            _ = try writer.register(try Schema(name: "a.B", version: 1, fields: [Field("x", .i64)]))
        } throws: {
            ($0 as? LogError)?.code == .schemaClash
        }
        _ = try writer.register(try Schema(name: "a.B", version: 2, fields: [Field("x", .i64)]))
        try writer.close()
    }
}
