import Events
import LogFormat
import Testing

@testable import LogEngine
@testable import Runtime

/// A crash that takes a cause and leaves its effect is found at open, recorded once, and passed over (trap T17).
@Suite struct ConsistentCutTests {
    /// One disk for the root; its logs are written by hand, so that they can be made durable one without the other.
    struct Disk {
        let disk = SimulatedDisk(seed: 3)
        var environment: LogEnvironment
        var options = LogOptions()

        init() throws {
            environment = .simulated(disk: disk, clock: SimulatedClock(), seed: 5)
            environment.isProcessAlive = { _ in false }
            options.reserveBytes = 0
            try disk.createDirectory("root")
            try disk.syncDirectory(".")
        }

        func writer(_ module: Module) throws -> LogWriter {
            try LogWriter("root/\(module.text)", name: module.text, options: options, environment: environment)
        }

        func root() throws -> Root {
            try Root("root", modules: [.sig, .dm, .ops], options: options, environment: environment)
        }
    }

    static func append(_ writer: LogWriter, _ globalSeqs: [UInt64]) throws {
        let type = try writer.register(AlarmRaised.self)
        for globalSeq in globalSeqs {
            var event = AlarmRaised()
            event.subject = "\(globalSeq)"
            try writer.append(&event, typeID: type, eventNanos: Int64(globalSeq), globalSeq: globalSeq)
        }
    }

    @Test func `numbers go on after a clean close`() throws {
        let disk = try Disk()
        var root = try disk.root()
        #expect(root.cut.isWhole && root.nextGlobalSeq == 1)
        var event = AlarmRaised()
        for index in 0..<10 {
            let place = try root.append(&event, to: [.sig, .dm][index % 2], eventNanos: Int64(index))
            #expect(place.globalSeq == UInt64(index + 1))
        }
        try root.close()
        root = try disk.root()
        #expect(root.cut.isWhole && root.nextGlobalSeq == 11)
        try root.close()
    }

    /// A sealed log ends in a segment without any event: the last number stands in the one before.
    @Test func `numbers go on after the last segment was sealed`() throws {
        let disk = try Disk()
        var root = try disk.root()
        var event = AlarmRaised()
        for index in 0..<10 { try root.append(&event, to: [.sig, .dm][index % 2], eventNanos: Int64(index)) }
        try root.close(seal: true)
        root = try disk.root()
        #expect(root.cut == ConsistentCut(globalSeq: 10, lastGlobalSeq: 10, orphanCount: 0))
        #expect(root.nextGlobalSeq == 11)
        try root.close()
    }

    @Test func `an effect whose cause was lost is an orphan, once and for ever`() throws {
        let disk = try Disk()
        let sig = try disk.writer(.sig), dm = try disk.writer(.dm), ops = try disk.writer(.ops)
        try Self.append(sig, [1, 3])
        try Self.append(dm, [2])
        for writer in [sig, dm] { try writer.wait(for: writer.lastSeq, .durable) }
        // 4 is lost with the machine, 5 and 6 depend on it and were synced by themselves.
        try Self.append(dm, [5, 6])
        try dm.wait(for: dm.lastSeq, .durable)
        try Self.append(sig, [4])
        let copy = disk.disk.copy()
        copy.powerCut(seed: 1, .loseAll)
        for writer in [sig, dm, ops] { try writer.close() }

        var after = disk
        after.environment = .simulated(disk: copy, clock: SimulatedClock(), seed: 6)
        after.environment.isProcessAlive = { _ in false }
        var root = try after.root()
        #expect(root.cut == ConsistentCut(globalSeq: 3, lastGlobalSeq: 6, orphanCount: 2))
        #expect(root.knownCuts == [KnownCut(after: 3, resumed: 7, orphanCount: 2)])
        #expect(root.knownCuts.first?.isOrphan(5) == true && root.knownCuts.first?.isOrphan(7) == false)
        var event = AlarmRaised()
        #expect(try root.append(&event, to: .sig, eventNanos: 9).globalSeq == 8)
        try root.close()
        // Found again by the record, not as a new loss.
        root = try after.root()
        #expect(root.cut.isWhole && root.nextGlobalSeq == 9)
        #expect(root.knownCuts.count == 1)
        try root.close()
    }

    @Test func `a second loss behind a recorded one is found by itself`() throws {
        let disk = try Disk()
        let known = [KnownCut(after: 3, resumed: 7, orphanCount: 2)]
        let sig = try disk.writer(.sig), dm = try disk.writer(.dm)
        try Self.append(sig, [1, 3, 7, 10])
        try Self.append(dm, [2, 5, 6, 8])
        for writer in [sig, dm] { try writer.close() }
        let cut = try ConsistentCut.find(["root/sig", "root/dm"], known: known, environment: disk.environment)
        #expect(cut == ConsistentCut(globalSeq: 8, lastGlobalSeq: 10, orphanCount: 1))
    }

    @Test func `a log that is not open is named`() throws {
        let disk = try Disk()
        let root = try disk.root()
        var event = AlarmRaised()
        #expect(throws: LogError.self) { try root.append(&event, to: .tr, eventNanos: 0) }
        try root.close()
    }
}
