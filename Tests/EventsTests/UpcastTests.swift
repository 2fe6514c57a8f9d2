import Events
import LogEngine
import LogFormat
import Testing

/// Old segments stay readable: what version 1 wrote is read as version 2 (GEN-10, LOG-22).
@Suite struct UpcastTests {
    static let fixture = "\(CatalogTests.root)/Fixtures/events/signal-scored-v1/log"

    static func readAll<Event: LogEvent>(_ path: String, as type: Event.Type) throws -> [Event] {
        let reader = try LogReader(try LogLocation(path))
        let state = BatchState()
        var batch = BatchReader(state: state)
        var decoder = try EventDecoder<Event>()
        let codec = FrameCodec()
        var events: [Event] = []
        while let block = try reader.next() {
            state.register(reader.registry)
            try reader.decode(block, into: &batch, codec: codec)
            while try batch.next() {
                var event = Event()
                try decoder.decode(&batch, into: &event)
                events.append(event)
            }
        }
        return events
    }

    @Test func `scores of version 1 are read as version 2`() throws {
        let events = try Self.readAll(Self.fixture, as: SignalScored.self)
        #expect(events.count == 5)
        #expect(events.map(\.signal) == [-0.5, -0.25, 0, 0.25, 0.5])
        #expect(events.map(\.sigma) == [0.25, 0.35, nil, 0.55, 0.65])
        #expect(events.map(\.baseTheta) == [0.5, 0.4375, nil, 0.3125, 0.25])
        #expect(events.map(\.baseDeltaPhi) == [0.375, 0.375, nil, 0.375, 0.375])
        #expect(events.map(\.regime) == [nil, .high, nil, .high, nil])
        #expect(events.map(\.horizon) == [.seconds30, .minutes5, .hour1, .seconds30, .minutes5])
        #expect(events.map(\.abstained) == [false, false, true, false, false])
        #expect(events.map(\.lineage.seenGlobalSeq) == [0, 0, 0, 0, 0])
        let first = EventID(module: .sig, key: "w0", eventNanos: 1_757_075_696_000_000_000)
        #expect(events.first?.lineage.id == first)
        #expect(events.allSatisfy { $0.priorsVersion == "sig:2025-09-05.v1" })
    }

    @Test func `another event is not taken for it`() throws {
        #expect(throws: FormatError.self) { try Self.readAll(Self.fixture, as: SignalEvaluated.self) }
    }
}
