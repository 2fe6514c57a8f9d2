import Events
import LogEngine
import LogFormat
import ProjectionsTesting
import Testing

@testable import Projections

/// Rows go into the file as bytes.
@Suite struct RowBytesTests {
    @Test func `bytes that are no row are refused`() throws {
        let scratch = try Scratch()
        let store = try ProjectionStore("\(scratch.path)/a", subject: "all")
        var row = AtlasRow()
        var bytes = RowBytes()
        bytes.append(&row)
        func feed(from start: Int64) throws {
            let upsert = try store.statements("atlas").upsert
            try store.transaction { _ in try store.feed(bytes, [start], to: upsert) }
        }
        #expect(throws: Never.self) { try feed(from: 0) }
        for start in [Int64(bytes.count), 1 << 40, -1] {
            let refusal = #expect(throws: ProjectionError.self) { try feed(from: start) }
            #expect(refusal?.description.contains("malformed") == true, "from \(start)")
        }
        bytes.truncate(to: bytes.count - 1)
        #expect(throws: ProjectionError.self) { try feed(from: 0) }
        #expect(try store.strings("SELECT count(*) FROM atlas") == ["1"])
        try store.close()
    }

    @Test func `ids stand in the file as they are written everywhere`() throws {
        let scratch = try Scratch()
        let store = try ProjectionStore("\(scratch.path)/a", subject: "all")
        var random = SeededGenerator(seed: 9)
        var ids = [ULID(high: 0, low: 1), ULID(high: .max, low: .max), ULID(high: 1 << 63, low: 0)]
        for _ in 0..<200 { ids.append(ULID(high: random.next(), low: random.next())) }
        let folder = Folder()
        folder.state = try store.resume()
        for id in ids {
            _ = folder.state.strands.add(EventID(id), at: 0) { _ in }
        }
        try store.save(&folder.state)
        #expect(try store.strings("SELECT event_id FROM strands ORDER BY 1") == ids.map { "\"\($0.text)\"" }.sorted())
        #expect(try store.strings("SELECT count(*) FROM strands WHERE length(event_id)=26") == ["\(ids.count)"])
        try store.close()
    }
}
