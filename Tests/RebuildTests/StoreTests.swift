import Events
import Foundation
import LogEngine
import LogFormat
import Projections
import ProjectionsTesting
import Runtime
import Testing

/// A file of projections is the checkpoint of its fold (LOG-12).
@Suite struct StoreTests {
    /// Folds `root` into the file in portions, from wherever the file stands; returns the state hash that it notes.
    @discardableResult
    static func rebuild(
        _ root: SampleRoot, _ file: String, upTo globalSeq: UInt64 = .max, appendNanos: Int64 = .max,
        portion: UInt64 = 100, rowsInMemoryMax: Int = 100_000
    ) throws -> String {
        let store = try ProjectionStore(file, subject: "all", rowsInMemoryMax: rowsInMemoryMax)
        let folder = Folder()
        folder.state = try store.resume()
        while try root.fold(into: folder, upTo: globalSeq, appendNanos: appendNanos, most: portion) > 0 {
            try store.save(&folder.state)
        }
        let hash = try #require(try store.value("state_hash"))
        #expect(hash == "sha256:\(folder.state.stateHash())")
        try store.close()
        return hash
    }

    @Test(arguments: [1, 7, 4096] as [UInt64])
    func `a file holds the same as memory, whatever the size of its transactions`(_ portion: UInt64) throws {
        let (root, scratch) = (try SampleRoot(), try Scratch())
        try root.fill(portion == 1 ? 120 : 700, seed: 11)
        let inMemory = "sha256:\(try root.fold().state.stateHash())"
        #expect(try Self.rebuild(root, "\(scratch.path)/a", portion: portion) == inMemory)
        // With next to no rows in memory, everything is read back from the file.
        #expect(try Self.rebuild(root, "\(scratch.path)/b", portion: portion, rowsInMemoryMax: 0) == inMemory)
    }

    @Test func `rows that left memory are found again, and new ones are not looked for`() throws {
        let (root, scratch) = (try SampleRoot(), try Scratch())
        try root.fill(6000, seed: 20)
        let inMemory = "sha256:\(try root.fold().state.stateHash())"
        // Half of the rows stay: what comes late is about rows in memory, rows in the file and rows in neither.
        #expect(try Self.rebuild(root, "\(scratch.path)/a", portion: 300, rowsInMemoryMax: 1100) == inMemory)
    }

    /// The most rows that any table has in memory.
    private struct Widest: TableVisitor {
        var rows = 0

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) { rows = max(rows, table.rowsInMemory) }
    }

    @Test func `memory holds no more rows however long the history is`() throws {
        for count in [1500, 6000] {
            let (root, scratch) = (try SampleRoot(), try Scratch())
            try root.fill(count, seed: 21)
            let store = try ProjectionStore("\(scratch.path)/a", subject: "all", rowsInMemoryMax: 400)
            let folder = Folder()
            folder.state = try store.resume()
            while try root.fold(into: folder, most: 300) > 0 {
                // One event changes at most one row of a table, so a portion adds no more than its events.
                var before = Widest()
                folder.state.visit(&before)
                #expect(before.rows <= 400 + 300)
                try store.save(&folder.state)
                var after = Widest()
                folder.state.visit(&after)
                #expect(after.rows <= 400)
            }
            #expect(folder.state.position.folded > UInt64(count / 2))
            try store.close()
        }
    }

    @Test func `a file that was deleted comes back the same`() throws {
        let (root, scratch) = (try SampleRoot(), try Scratch())
        try root.fill(500, seed: 12)
        let file = "\(scratch.path)/all.sqlite"
        let hash = try Self.rebuild(root, file)
        try FileManager.default.removeItem(atPath: file)
        #expect(try Self.rebuild(root, file) == hash)
    }

    @Test func `going on from every seventeenth place equals one rebuild`() throws {
        let (root, scratch) = (try SampleRoot(), try Scratch())
        try root.fill(300, seed: 13)
        let whole = try Self.rebuild(root, "\(scratch.path)/whole")
        for place in stride(from: UInt64(0), to: 300, by: 17) {
            let file = "\(scratch.path)/\(place)"
            try Self.rebuild(root, file, upTo: place == 0 ? 1 : place)
            #expect(try Self.rebuild(root, file) == whole, "resumed behind \(place)")
            let store = try ProjectionStore(file, subject: "all")
            #expect(try store.firstDifference(from: "\(scratch.path)/whole") == nil)
            try store.close()
        }
    }

    @Test func `going on after the history grew folds only what is new`() throws {
        let (root, scratch) = (try SampleRoot(), try Scratch())
        try root.fill(200, seed: 14)
        let file = "\(scratch.path)/all.sqlite"
        let before = try Self.rebuild(root, file)
        try root.fill(200, seed: 15)
        let store = try ProjectionStore(file, subject: "all")
        let folder = Folder()
        folder.state = try store.resume()
        let position = folder.state.position
        #expect(try store.value("state_hash") == before)
        let count = try root.fold(into: folder)
        try store.save(&folder.state)
        #expect(count > 0 && count <= 200)
        #expect(folder.state.position.globalSeq - position.globalSeq >= count)
        try store.close()
        #expect(try Self.rebuild(root, "\(scratch.path)/anew") == "sha256:\(folder.state.stateHash())")
    }

    @Test func `as of a place is the rebuild of a history that ends there`() throws {
        let scratch = try Scratch()
        let (long, short) = (try SampleRoot(), try SampleRoot())
        try long.fill(400, seed: 16)
        try short.fill(150, seed: 16)
        let last = try short.fold().state.position.globalSeq
        #expect(
            try Self.rebuild(long, "\(scratch.path)/a", upTo: last)
                == Self.rebuild(short, "\(scratch.path)/b"))
    }

    @Test func `as of a moment ends before the first event that was appended later`() throws {
        let root = try SampleRoot()
        var options = LogOptions()
        options.reserveBytes = 0
        let writer = try Root("root", modules: [.sig, .ops], options: options, environment: root.environment)
        for index in 0..<6 {
            var event = AlarmRaised()
            event.subject = "\(index)"
            try writer.append(
                &event, to: index % 2 == 0 ? .sig : .ops, eventNanos: 100 - Int64(index),
                appendNanos: Int64(1000 * (index + 1)))
        }
        try writer.close()
        let state = try root.fold(appendNanos: 3500).state
        #expect(state.alarms.sortedRows.map(\.key.second.second).sorted() == ["0", "1", "2"])
        #expect(state.position.globalSeq == 3)
    }

    @Test func `a changed row is found, with the event that it comes from`() throws {
        let (root, scratch) = (try SampleRoot(), try Scratch())
        try root.fill(300, seed: 17)
        let (file, fresh) = ("\(scratch.path)/stands", "\(scratch.path)/fresh")
        try Self.rebuild(root, file)
        try Self.rebuild(root, fresh)
        let store = try ProjectionStore(file, subject: "all")
        #expect(try store.firstDifference(from: fresh) == nil)
        let state = try root.fold().state
        let strands = state.strands.sortedRows.sorted { $0.globalSeq < $1.globalSeq }
        let (early, late) = (strands[2], strands[strands.count - 1])
        try store.execute("UPDATE strands SET signal=0.987 WHERE event_id='\(late.key)'")
        try store.execute("UPDATE strands SET symbol='XRP-USD' WHERE event_id='\(early.key)'")
        let found = try #require(try store.firstDifference(from: fresh))
        #expect(found.table == "strands" && found.column == "symbol" && found.rowCount == 2)
        #expect(found.key == [early.key.description] && found.globalSeq == early.globalSeq)
        #expect(found.found.contains("XRP-USD") && found.expected.contains(early.symbol.text))
        try store.close()
    }

    @Test func `missing and invented rows are found`() throws {
        let (root, scratch) = (try SampleRoot(), try Scratch())
        try root.fill(200, seed: 18)
        let (file, fresh) = ("\(scratch.path)/stands", "\(scratch.path)/fresh")
        try Self.rebuild(root, file)
        try Self.rebuild(root, fresh)
        let store = try ProjectionStore(file, subject: "all")
        try store.execute("DELETE FROM atlas WHERE gsn=1")
        let missing = try #require(try store.firstDifference(from: fresh))
        #expect(missing.table == "atlas" && missing.found == "no row" && missing.globalSeq == 1)
        try store.execute("INSERT INTO manifests VALUES ('sig', 'x', 'y', 0, 1, 0)")
        let invented = try #require(try store.firstDifference(from: fresh))
        #expect(
            invented.table == "manifests" && invented.expected == "no row"
                && invented.key.first?.contains("sig") == true)
        try store.close()
    }

    @Test func `a file of something else is refused with what to do`() throws {
        let scratch = try Scratch()
        let file = "\(scratch.path)/other"
        try Data("this is no database, it only looks like a long enough text file".utf8).write(
            to: URL(fileURLWithPath: file))
        #expect(throws: ProjectionError.self) { try ProjectionStore(file, subject: "all") }
        let root = try SampleRoot()
        try root.fill(20, seed: 1)
        let good = "\(scratch.path)/good"
        try Self.rebuild(root, good)
        let refusal = #expect(throws: ProjectionError.self) { try ProjectionStore(good, subject: "sig") }
        #expect(refusal?.description.contains("expected sig") == true)
    }

    @Test func `every column is explained inside of the file and in the documentation`() throws {
        let scratch = try Scratch()
        let store = try ProjectionStore("\(scratch.path)/a", subject: "all")
        let explained = try store.strings(
            "SELECT table_name || '.' || column_name FROM lotus_columns WHERE meaning<>''")
        let real = try store.strings(
            "SELECT m.name || '.' || p.name FROM sqlite_master m, pragma_table_info(m.name) p "
                + "WHERE m.type='table' AND m.name NOT LIKE 'lotus_%'")
        #expect(Set(explained) == Set(real) && real.count > 200)
        try store.close()
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/projections.md").path
        let document = try String(contentsOfFile: path, encoding: .utf8)
        #expect(document == (try ColumnKey.markdown()), "run lotus rebuild --columns > docs/projections.md")
    }

    @Test func `the questions that a file answers by name can be asked`() throws {
        let (root, scratch) = (try SampleRoot(), try Scratch())
        try root.fill(400, seed: 19)
        try Self.rebuild(root, "\(scratch.path)/a")
        let store = try ProjectionStore("\(scratch.path)/a", subject: "all")
        for name in ["active_lessons", "active_braids", "effective_priors", "inbox", "outbox"] {
            #expect(try !store.strings("SELECT * FROM \(name)").isEmpty, "\(name)")
        }
        try store.close()
    }
}
