import Events
import LogFormat
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The vocabulary as a whole: unique, stable, documented, and readable by others.
@Suite struct CatalogTests {
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    static func file(_ path: String) throws -> String {
        let file = try #require(fopen("\(root)/\(path)", "r"), "\(path) is absent")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[0..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `names are unique and of the form area and past tense`() throws {
        let names = EventCatalog.types.map { $0.type.typeName }
        #expect(Set(names).count == names.count)
        for name in names {
            let parts = name.split(separator: ".")
            #expect(parts.count == 2 && parts[1].first?.isUppercase == true, "\(name)")
            #expect(try !EventCatalog.type(named: name).map { try $0.describe().schema.documentation.isEmpty }! == true)
        }
    }

    /// A changed meaning needs a new version, and an upcaster for the old one (GEN-10).
    @Test func `meanings are as they were when the version was given`() throws {
        let current = try EventCatalog.types.map { type in
            let schema = try type.describe().schema
            return "\(schema.name) \(schema.version) \(hex(schema.fingerprint))"
        }
        let frozen = try Self.file("Fixtures/events/fingerprints.txt").split(separator: "\n").map(String.init)
        for line in current {
            let known = frozen.first { $0.hasPrefix(line.split(separator: " ").prefix(2).joined(separator: " ") + " ") }
            #expect(known == line, "the meaning changed: raise the version, add an upcaster and this line: \(line)")
        }
    }

    @Test func `docs events md is what the declarations say`() throws {
        #expect(try Self.file("docs/events.md") == (try EventTable.markdown()), "run lotus schema export --markdown")
    }

    @Test func `an empty event of every type comes back from its bytes`() throws {
        for type in EventCatalog.types { try roundTrip(type.type) }
    }

    private func roundTrip<Event: LogEvent>(_ type: Event.Type) throws {
        let state = BatchState()
        let schema = try Event.makeSchema()
        state.register(schema, typeID: 1)
        var builder = BatchBuilder(state: state)
        var event = Event()
        let head = RecordHead(typeID: 1, appendNanos: 5, globalSeq: 1, eventNanos: 7)
        try builder.append(&event, head: head)
        let again = try reread(builder, count: 1)
        #expect(again == schema.name)
    }

    private func reread(_ builder: borrowing BatchBuilder, count: UInt32) throws -> String {
        var reader = BatchReader(state: builder.state)
        reader.open(raw: builder.raw, count: count)
        guard try reader.next() else { return "" }
        return try reader.decodeValues().schema.name
    }

    @Test func `a JSON Schema names ranges, symbols and what is required`() throws {
        let type = try #require(EventCatalog.type(named: "sig.SignalScored"))
        let text = JSONSchema.document(try type.describe())
        #expect(text.contains("\"$id\":\"urn:schema:sig.signal_scored:v3\""))
        #expect(text.contains("\"signal\":{\"type\":\"number\",\"minimum\":-1.0,\"maximum\":1.0"))
        #expect(text.contains("\"enum\":[\"30s\",\"5m\",\"1h\"]"))
        #expect(text.contains("\"theta\":{\"type\":\"number\",\"minimum\":0.0,\"maximum\":1.0}"))
        #expect(text.contains("\"required\":[\"id\",\"seen_gsn\",\"symbol\""))
    }
}
