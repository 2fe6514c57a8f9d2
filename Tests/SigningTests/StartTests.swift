import Events
import Glibc
import Herald
import LogEngine
import LogFormat
import Runtime
import RuntimeTesting
import Signing
import Testing

/// What a run writes about itself: contracts (ARC-18), lag by the hour (HER-11, ARC-20), keys that an operator brought
/// into force (SEC-07).
@Suite struct StartTests {
    static let modules: [Module] = [.sig, .dm, .tr, .herald, .ops]
    static let second = EchoRun.second
    static let hour = LagBook.periodNanos

    static func manifest(_ owner: Module, _ version: String) -> ManifestRegistered {
        var record = ManifestRegistered()
        record.owner = owner
        record.manifestHash = PayloadHash(Digest(hashing: Array("\(owner.text) \(version)".utf8)))
        record.manifestVersion = version
        return record
    }

    /// Contracts, ten questions over a bad line, two hours of quiet.
    static func run(_ conductor: Conductor) throws {
        try conductor.start([manifest(.sig, "1"), manifest(.dm, "1")], at: VirtualTime(second))
        try PostTests.questions(conductor)
        try conductor.advance(to: VirtualTime(3 * hour))
    }

    static func events<Event: LogEvent>(_ disk: SimulatedDisk, _ module: Module, _ type: Event.Type) throws -> [Event] {
        var found: [Event] = []
        let scan = EventScan()
        try scan.on(type) { event, _ in found.append(event) }
        try scan.read("root/\(module.text)", environment: EchoRun.environment(disk))
        return found
    }

    @Test func `a run registers each contract once, also when it goes on, and again when it changed`() throws {
        let disk = try EchoRun.makeDisk()
        for round in 0..<2 {
            let (root, output) = try PostTests.opened(disk)
            let conductor = try PostTests.conductor(output)
            try Self.run(conductor)
            #expect(output.isCaughtUp && (round == 0 || output.appendedCount == 0))
            // The same contract once more, and one that changed.
            let before = output.appendedCount
            try conductor.start([Self.manifest(.sig, "1")], at: conductor.now)
            #expect(output.appendedCount == before)
            try root.close()
        }
        #expect(try Self.events(disk, .herald, ManifestRegistered.self).map(\.owner) == [.sig, .dm])
        let (root, output) = try PostTests.opened(disk)
        let conductor = try PostTests.conductor(output)
        try Self.run(conductor)
        try conductor.start([Self.manifest(.sig, "2"), Self.manifest(.dm, "1")], at: conductor.now)
        #expect(output.appendedCount == 1)
        try root.close()
        let inputs = try HeraldInputs("root/herald", environment: EchoRun.environment(disk))
        #expect(inputs.manifests.map(\.manifest.manifestVersion) == ["1", "1", "2"] && inputs.keys.count == 4)
        let report = try HeraldReport(root: "root", environment: EchoRun.environment(disk))
        #expect(report.contracts.map(\.record.manifestVersion) == ["2", "1"])
        #expect(report.contracts.map(\.fromNanos) == [3 * Self.hour, Self.second])
    }

    @Test func `the hour with traffic is reported once a pair, and quiet hours are not`() throws {
        let disk = try EchoRun.makeDisk()
        let (root, output) = try PostTests.opened(disk)
        let conductor = try PostTests.conductor(output)
        try Self.run(conductor)
        try root.close()
        let lags = try Self.events(disk, .herald, LagReported.self)
        #expect(lags.map { "\($0.from.text) \($0.target.text)" } == ["sig dm", "dm sig", "dm tr"])
        #expect(
            lags.map(\.delivered) == [10, 11, 6] && lags.map(\.dead) == [0, 0, 4] && lags.allSatisfy { $0.depth == 0 })
        // Every third answer of sig is lost and comes again after a second.
        #expect(lags[0].lagMillisP95 == 0 && lags[1].lagMillisP95 >= 1000 && lags[2].lagMillisP95 == 0)
        #expect(lags.allSatisfy { $0.lineage.id.ulid.millis == UInt64(Self.hour / 1_000_000) })
        let report = try HeraldReport(root: "root", environment: EchoRun.environment(disk))
        #expect(report.lags.map(\.latest) == lags && report.lags.allSatisfy { $0.reportCount == 1 })
        let alerts = try #require(report.intents.first { $0.intent == .watchdogAlert }?.figures)
        // The same success rate from the reports and from the deliveries: 27 of 31.
        #expect(alerts.successRate == 27.0 / 31.0)
        #expect(lags.reduce(0) { $0 + $1.delivered } == 27 && lags.reduce(0) { $0 + $1.dead } == 4)
    }

    @Test func `a run that was not begun reports nothing`() throws {
        let disk = try EchoRun.makeDisk()
        let (root, output) = try PostTests.opened(disk)
        let conductor = try PostTests.conductor(output)
        try PostTests.questions(conductor)
        try conductor.advance(to: VirtualTime(3 * Self.hour))
        try root.close()
        #expect(try Self.events(disk, .herald, LagReported.self).isEmpty)
    }

    @Test func `a death at any moment of a run with contracts and reports doubles nothing`() throws {
        let disk = try EchoRun.makeDisk()
        let (root, output) = try PostTests.opened(disk)
        try Self.run(try PostTests.conductor(output))
        try root.close()
        let expected = try EchoRun.contents(disk, Self.modules)
        let count = Int(output.appendedCount)
        // The first and the last events in a plain run, every one with LOTUS_EXHAUSTIVE=1.
        let few = [1, 2, 3, count / 2] + Array(count - 4...count)
        for death in getenv("LOTUS_EXHAUSTIVE") == nil ? few : Array(1...count) {
            let disk = try EchoRun.makeDisk()
            let (root, output) = try PostTests.opened(disk)
            #expect(throws: LogError.self) { try Self.run(try PostTests.conductor(DyingOutput(output, after: death))) }
            let copy = disk.copy()
            copy.powerCut(seed: UInt64(death), .random)
            try? root.close()
            let (again, resumed) = try PostTests.opened(copy)
            try Self.run(try PostTests.conductor(resumed))
            #expect(resumed.isCaughtUp)
            try again.close()
            #expect(try EchoRun.contents(copy, Self.modules) == expected, "death after event \(death)")
        }
    }

    /// The way of `lotus herald keys rotate`: the run is down, the key is written, the run goes on and signs with it.
    @Test func `a key brought into force while the run is down is taken up when it goes on`() throws {
        let disk = try EchoRun.makeDisk()
        let environment = EchoRun.environment(disk)
        var options = LogOptions()
        options.reserveBytes = 0
        let (root, output) = try PostTests.opened(disk)
        try PostTests.questions(try PostTests.conductor(output))
        try root.close()
        let file = try KeyFile(new: .sig, keyID: "sig-3")
        func rotate() throws -> KeyRotated {
            try KeyDesk.rotate(root: "root", options: options, environment: environment) { fromNanos in
                (try? file.signingKey(fromNanos: fromNanos).record(owner: .sig)) ?? KeyRotated()
            }
        }
        let record = try rotate()
        let publicKey = try file.publicKey
        #expect(record.keyID == "sig-3" && record.publicKey == publicKey)
        #expect(throws: LogError.self) { _ = try rotate() }

        let (again, resumed) = try PostTests.opened(disk)
        let inputs = try HeraldInputs("root/herald", environment: environment)
        let key = try #require(inputs.keys.last)
        #expect(inputs.keys.count == 5 && key.key == record && key.time.nanos > 55 * Self.second)
        let signer = Ed25519Signer(try PostTests.keys(.sig) + [file.signingKey(fromNanos: key.time.nanos)])
        let conductor = try PostTests.conductor(resumed, signers: [.sig: signer])
        try PostTests.questions(conductor)
        try conductor.rotate(key.key, at: key.time)
        #expect(resumed.isCaughtUp && resumed.appendedCount == 0)
        var event = OperatorActed()
        event.subject = "question 11"
        try conductor.take(event, globalSeq: 11, at: VirtualTime(key.time.nanos + Self.second), for: [.sig])
        #expect((conductor.reducer(.dm) as? EchoPartner)?.asked == 11)
        try again.close()
        let asked = try Self.events(disk, .sig, AlertRaised.self).map { $0.envelope?.keyID }
        #expect(asked.last == "sig-3" && asked.first == "sig-1")
        #expect(try HeraldReport(root: "root", environment: environment).letters.count == 4)
    }

    @Test func `a key for a folder without a run is refused`() throws {
        let disk = try EchoRun.makeDisk()
        let error = #expect(throws: LogError.self) {
            try KeyDesk.rotate(root: "root", environment: EchoRun.environment(disk)) { _ in KeyRotated() }
        }
        #expect(error?.code == .notALog)
    }
}
