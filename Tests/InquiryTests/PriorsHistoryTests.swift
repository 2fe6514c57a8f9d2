import Events
import Foundation
import LogFormat
import Runtime
import Testing
import Weave

@testable import Inquiry
@testable import LogEngine

/// `lotus diff priors`: versions by name, number and time, and what they do not share (LOG-17, EX-38).
@Suite struct PriorsHistoryTests {
    let bench: Bench
    let history: PriorsHistory

    init() throws {
        bench = try Bench()
        try bench.story("root")
        history = try PriorsHistory(.sig, of: try bench.logs("root"))
    }

    @Test func `five versions are there, and only sig has any`() throws {
        #expect(history.versions.map(\.name.text) == (1...5).map { "sig:2026-01-02.v\($0)" })
        #expect(try PriorsHistory.owners(try bench.logs("root")) == [.sig])
    }

    @Test(arguments: [
        "v3", "3", "2026-01-02.v3", "sig:2026-01-02.v3", "2026-01-02T00:07:00Z", "2026-01-02T02:07:30+02:00",
    ]) func `a version has several names`(_ name: String) throws {
        #expect(try history.version(name) == "sig:2026-01-02.v3")
    }

    @Test(arguments: [
        ("v9", "has no version v9"), ("2026-01-01", "the first, sig:2026-01-02.v1, is of 2026-01-02T00:05:00"),
        ("noon", "expected one of sig:2026-01-02.v1, "),
    ]) func `a version that is not there is refused with those that are`(_ name: String, _ words: String) throws {
        let error = #expect(throws: LogError.self) { try history.version(name) }
        #expect(error?.code == .usage && error?.message.contains(words) == true)
    }

    @Test func `EX-38: exactly the knobs that changed, to the digit, with their causes`() throws {
        let found = try history.difference(from: try history.version("v2"), to: try history.version("v5"))
        let entry = try #require(found.entries.first)
        #expect(found.entries.count == 1 && entry.key == "gate:breakout_v3:1h:5f3a" && entry.patches == ["P-gate"])
        #expect(entry.old?.effect.thetaDelta == -0.2 && entry.new?.effect.thetaDelta == -0.2 * 0.8)
        #expect(entry.causes == ["attenuated: operator, factor 0.8"] && entry.operators.count == 1)
        let blend = try history.difference(from: try history.version("v3"), to: try history.version("v5"))
        #expect(blend.entries.map(\.key) == ["gate:breakout_v3:1h:5f3a", "sig.blend_u", "sig.blend_u"])
        #expect(blend.entries[1].old?.value == 0.62 && blend.entries[1].new?.value == 0.6)
        #expect(blend.entries[1].evidence.map(\.name) == ["oos_uplift_p05", "support", "stability"])
    }

    @Test func `below the difference stand the records that bear it out`() throws {
        let (from, to) = (try history.version("v2"), try history.version("v5"))
        let report = try PriorsReport(history, from: from, to: to, of: try bench.logs("root"))
        #expect(report.records.map(\.schema.name) == ["gov.OperatorActed", "priors.PatchChanged"])
        #expect(report.text.contains("by ana, action attenuate, subject P-gate, amount 0.8, reason too bold"))
        let parsed = try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any]
        #expect((parsed?["records"] as? [Any])?.count == 2 && (parsed?["changes"] as? [Any])?.count == 1)
    }

    @Test func `a snapshot that is not what its hash says is damage`() throws {
        try bench.disk.createDirectory("forged")
        var story = try Story("forged", environment: bench.environment)
        var snapshot = SnapshotTaken()
        snapshot.priorsVersion = "sig:2026-01-02.v1"
        try story.add(snapshot, to: .sig, as: "snapshot")
        try story.root.close()
        let error = #expect(throws: LogError.self) { try PriorsHistory(.sig, of: try bench.logs("forged")) }
        #expect(error?.code == .damaged && error?.message.contains("sig:1: the snapshot") == true)
    }
}

/// The root under Fixtures/priors, which README reads.
@Suite struct PriorsFixtureTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/priors/root").path

    /// Writes the fixture where `LOTUS_FIXTURE_OUT` says: once for a version of the events, then it only gets read.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["LOTUS_FIXTURE_OUT"] != nil))
    func `the fixture is made`() throws {
        let out = try #require(ProcessInfo.processInfo.environment["LOTUS_FIXTURE_OUT"])
        try RealFS().createDirectory(out)
        _ = try Story.make(out, environment: .real())
    }

    @Test func `the fixture holds what its generator makes, to the append times`() throws {
        let bench = try Bench()
        try bench.story("root")
        for module in Story.modules {
            let made = try EventWalk("root/\(module.text)", environment: bench.environment)
            let kept = try EventWalk("\(Self.folder)/\(module.text)")
            while try made.next() {
                #expect(try kept.next())
                // What an older version kept is compared as what it is read as.
                #expect(try Self.isSame(made, kept))
            }
            #expect(try !kept.next())
        }
    }

    private static func isSame(_ made: EventWalk, _ kept: EventWalk) throws -> Bool {
        func isSame<Event: DomainEvent>(_ type: Event.Type) throws -> Bool {
            try lifted(made, as: type) == lifted(kept, as: type)
        }
        switch kept.schema?.name {
        case SignalScored.typeName: return try isSame(SignalScored.self)
        case PatchProposed.typeName: return try isSame(PatchProposed.self)
        case PatchApplied.typeName: return try isSame(PatchApplied.self)
        case SnapshotTaken.typeName: return try isSame(SnapshotTaken.self)
        default: return try made.event() == kept.event()
        }
    }

    private static func lifted<Event: DomainEvent>(_ walk: EventWalk, as type: Event.Type) throws -> Event {
        var decoder = try EventDecoder<Event>()
        var event = Event()
        try walk.read { (batch: inout BatchReader) throws(FormatError) in try decoder.decode(&batch, into: &event) }
        return event
    }
}
