import Events
import LogEngine
import LogFormat
import Testing

/// Old segments stay readable: what versions 1 and 2 wrote is read as version 3 (GEN-10, LOG-22).
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

    @Test func `scores of version 1 are read as version 3`() throws {
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

    static let second = "\(CatalogTests.root)/Fixtures/events/signal-scored-v2/log"

    @Test func `scores of version 2 are read as version 3, every field of them`() throws {
        let events = try Self.readAll(Self.second, as: SignalScored.self)
        #expect(events.count == 3 && events.allSatisfy { $0.steps == nil })
        let bare = events[0]
        #expect(bare.sigma == nil && bare.quality == nil && bare.kernel == nil && bare.regime == nil)
        #expect(bare.abstained && bare.signal == 0 && bare.gates == [GateResult("spread", false)])
        #expect(bare.experts.isEmpty && bare.confirmed == nil && bare.effectivePatch == nil)
        let full = events[2]
        #expect("\(full.lineage.id)" == "01FRH65C00KE1QMZVFX1ZDTTM5" && full.lineage.seenGlobalSeq == 4_380)
        #expect(full.lineage.parentID == bare.lineage.id && full.lineage.lifecycleID != nil)
        #expect(full.symbol == "BTC-USD" && full.timeframe == .minute5 && full.horizon == .hour1)
        #expect(full.session == .asia && full.regime == .high && full.detectorID == "event_opening_drift_v1")
        #expect("\(full.detectorVersionHash)".contains("6c4fe497884ccf37155df0776c4bbb74"))
        #expect(full.effectivePatch == full.detectorVersionHash)
        #expect(full.signal == -0.75 && !full.abstained && full.sigma == 0.5625)
        let quality = try #require(full.quality)
        #expect(quality.accuracy == 0.40696548751444844 && quality.precision == 0.18106092672527296)
        #expect(quality.stability == 0.2493516794158276 && quality.orthogonality == 1)
        #expect(quality.cost == 0.0003690677234074107 && quality.score == 0.4671514002741368)
        let kernel = try #require(full.kernel)
        #expect(kernel.deltaPhi == 0.3125 && kernel.theta == 0.25 && kernel.phi == 0.021787452039850965)
        #expect(kernel.rho == 0.5063290943687868 && kernel.hbar == 0.125 && kernel.coherence == 0)
        #expect(kernel.novelty == 1 && kernel.emergence == 0.5)
        #expect(full.baseTheta == 0.3125 && full.baseDeltaPhi == 0.28125 && full.evidence == 0.625)
        #expect(full.confirmed == true && full.experts == ["sweep", "absorption"])
        #expect(full.kairos == 0.5625 && full.entrainment == 0.5 && full.uncertainty == 0.0625)
        #expect(full.gates == [GateResult("spread", true), GateResult("mx_confirm", true)])
        #expect(full.context.first == ContextBin("vol", "75-90") && full.context.count == 5)
        #expect(full.conditionKey == "vol=75-90|session=ASIA|tf=5m|h=1h|weekend=no")
        #expect(full.conditionHash == 13_800_817_695_969_569_866 && full.propensity == 0.375)
        #expect(full.priorsVersion == "sig:2026-11-01.v7")
    }

    @Test func `a field that holds something else now is refused by name`() throws {
        let fields = [Field("signal", .string)]
        let old = OldEvent(
            try Schema(name: SignalScored.typeName, version: 2, fields: fields, documentation: ""), [.string("up")])
        do throws(FormatError) {
            _ = try old.extended(to: SignalScored.self)
            Issue.record("a text was taken for a number")
        } catch { #expect("\(error)".contains("signal")) }
    }

    @Test func `another event is not taken for it`() throws {
        #expect(throws: FormatError.self) { try Self.readAll(Self.fixture, as: SignalEvaluated.self) }
    }
}
