import Events
import Glibc
import Herald
import LogFormat
import Testing

@testable import LogEngine
@testable import Runtime

/// Asks its partner and hears back.
struct EchoCaller: Reducer {
    let module = Module.sig
    var heard = 0

    mutating func step(_ input: Input, _ now: VirtualTime, _ effects: inout Effects) {
        switch input {
        case .outside(let event, let globalSeq):
            guard let asked = event as? OperatorActed else { return }
            effects.append(alert(effects.lineage("ask|\(globalSeq)"), asked.subject, to: .dm, key: "ask|\(globalSeq)"))
        case .message: heard += 1
        case .timer: break
        }
    }
}

/// Answers every question once, and a second time ten seconds later.
struct EchoPartner: Reducer {
    let module = Module.dm
    var asked = 0

    mutating func step(_ input: Input, _ now: VirtualTime, _ effects: inout Effects) {
        switch input {
        case .message(let message):
            asked += 1
            var note = AlarmRaised()
            note.lineage = effects.lineage("note|\(message.id)", parentID: message.id)
            note.subject = "asked \(asked)"
            effects.append(note)
            let lineage = effects.lineage("answer|\(message.id)", parentID: message.id)
            effects.append(alert(lineage, "answer \(asked)", to: .sig, key: "answer|\(message.id)"))
            effects.append(alert(effects.lineage("count|\(message.id)"), "count", to: .tr, key: "count|\(message.id)"))
            effects.setTimer("again", at: VirtualTime(now.nanos + 10_000_000_000))
        case .timer:
            effects.append(
                alert(effects.lineage("again|\(now.nanos)"), "again", to: .sig, key: "again|\(now.nanos)"))
        case .outside: break
        }
    }
}

/// Counts what it is told.
struct Counter: Reducer {
    let module = Module.tr
    var count = 0

    mutating func step(_ input: Input, _ now: VirtualTime, _ effects: inout Effects) {
        guard case .message(let message) = input else { return }
        count += 1
        var event = AlarmRaised()
        event.lineage = effects.lineage("counted|\(message.id)", parentID: message.id)
        event.value = Double(count)
        effects.append(event)
    }
}

private func alert(_ lineage: Lineage, _ subject: String, to target: Module, key: String) -> AlertRaised {
    var event = AlertRaised()
    event.lineage = lineage
    event.subject = subject
    var envelope = Envelope()
    envelope.from = target == .dm ? .sig : .dm
    envelope.to = [target]
    envelope.intent = .watchdogAlert
    envelope.schemaRef = "urn:alert"
    envelope.dedupeKey = key
    event.envelope = envelope
    return event
}

/// No signatures here.
struct NoSignatures: SignatureChecker {
    func isValid(_ signature: Signature, of bytes: [UInt8], publicKey: [UInt8]) -> Bool { false }
}

/// Dies after a number of events.
final class DyingOutput: EventOutput {
    let inner: ResumingOutput
    var left: Int
    init(_ inner: ResumingOutput, after left: Int) {
        self.inner = inner
        self.left = left
    }

    var lastGlobalSeq: UInt64 { inner.lastGlobalSeq }

    func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        let place = try inner.append(&event, to: module, eventNanos: eventNanos, flags: flags)
        left -= 1
        if left == 0 { throw LogError(.closed, "the process died") }
        return place
    }
}

/// The loop itself: order, delivery, and what a death at any event leaves (design §3, HER-05).
@Suite struct ConductorTests {
    static let modules: [Module] = [.sig, .dm, .tr, .herald]
    static let second: Int64 = 1_000_000_000

    static let map = ModelMap(
        [
            ModuleManifest(
                .sig, version: "1", outbound: [Outbound(.watchdogAlert, "urn:alert")],
                inbound: [Inbound(.watchdogAlert, "urn:alert", action: "hear")]),
            ModuleManifest(
                .dm, version: "1", outbound: [Outbound(.watchdogAlert, "urn:alert")],
                inbound: [Inbound(.watchdogAlert, "urn:alert", action: "answer")]),
            ModuleManifest(.tr, version: "1", inbound: [Inbound(.watchdogAlert, "urn:alert", action: "count")]),
        ],
        mayAddress: [(.sig, [.dm]), (.dm, [.sig, .tr])])

    static func environment(_ disk: SimulatedDisk) -> LogEnvironment {
        var environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: 5)
        environment.isProcessAlive = { _ in false }
        return environment
    }

    static func makeDisk() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 3)
        try disk.createDirectory("root")
        try disk.syncDirectory(".")
        return disk
    }

    static func openRoot(_ disk: SimulatedDisk, _ modules: [Module] = modules) throws -> Root {
        var options = LogOptions()
        options.reserveBytes = 0
        return try Root("root", modules: modules, options: options, environment: environment(disk), holes: .refill)
    }

    /// The run: ten questions, 3 s apart, then a minute of quiet.
    static func run(_ conductor: Conductor) throws(LogError) {
        for index in 1...10 {
            var event = OperatorActed()
            event.subject = "question \(index)"
            try conductor.take(event, globalSeq: UInt64(index), at: VirtualTime(Int64(index) * 3 * second), for: [.sig])
        }
        try conductor.advance(to: VirtualTime(90 * second))
    }

    static func conductor(_ output: any EventOutput) -> Conductor {
        Conductor(
            [EchoCaller(), EchoPartner(), Counter()], herald: Herald(map), checker: NoSignatures(), output: output)
    }

    /// Everything on the logs: global seq and canonical stable bytes, in order.
    static func contents(_ disk: SimulatedDisk, _ modules: [Module] = modules) throws -> [Module: [[UInt8]]] {
        var all: [Module: [[UInt8]]] = [:]
        for module in modules {
            let history = try LogHistory("root/\(module.text)", environment: environment(disk))
            var events: [[UInt8]] = []
            while !history.isAtEnd {
                events.append(Array("\(history.globalSeq)|".utf8) + history.stable)
                try history.advance()
            }
            all[module] = events
        }
        return all
    }

    static func whole() throws -> (contents: [Module: [[UInt8]]], count: Int) {
        let disk = try makeDisk()
        let root = try openRoot(disk)
        let output = try ResumingOutput(root, modules: modules, environment: environment(disk))
        let conductor = conductor(output)
        try run(conductor)
        #expect(output.matchedCount == 0)
        #expect((conductor.reducer(.dm) as? EchoPartner)?.asked == 10)
        #expect((conductor.reducer(.tr) as? Counter)?.count == 10)
        // Ten answers, and one more ten seconds after the last question.
        #expect((conductor.reducer(.sig) as? EchoCaller)?.heard == 11)
        #expect(conductor.pendingDeliveryCount == 0)
        try root.close()
        return (try contents(disk), Int(output.appendedCount))
    }

    @Test(arguments: [false, true])
    func `the same inputs give the same logs, and a second run finds every event where it stands`(
        isSealed: Bool
    ) throws {
        let (first, count) = try Self.whole()
        #expect(try Self.whole().contents == first)
        #expect(first.values.reduce(0) { $0 + $1.count } == count)
        let disk = try Self.makeDisk()
        for round in 0..<2 {
            let root = try Self.openRoot(disk)
            let output = try ResumingOutput(root, modules: Self.modules, environment: Self.environment(disk))
            try Self.run(Self.conductor(output))
            #expect(output.matchedCount == (round == 0 ? 0 : UInt64(count)))
            #expect(output.isCaughtUp)
            try root.close(seal: isSealed)
        }
        #expect(try Self.contents(disk) == first)
    }

    /// The process dies after each event in turn; whoever goes on gets the same logs, with every effect once.
    @Test func `a death at any event doubles nothing and loses nothing`() throws {
        let (expected, count) = try Self.whole()
        // Every ninth event in a plain run, every one with LOTUS_EXHAUSTIVE=1.
        let stride = getenv("LOTUS_EXHAUSTIVE") == nil ? 9 : 1
        for death in Swift.stride(from: 1, through: count, by: stride) {
            let disk = try Self.makeDisk()
            let root = try Self.openRoot(disk)
            let output = try ResumingOutput(root, modules: Self.modules, environment: Self.environment(disk))
            #expect(throws: LogError.self) {
                try Self.run(Self.conductor(DyingOutput(output, after: death)))
            }
            // Some of what was appended is on the disk, some is not: the machine dies with the process.
            let copy = disk.copy()
            copy.powerCut(seed: UInt64(death), .random)
            try? root.close()
            let again = try Self.openRoot(copy)
            let resumed = try ResumingOutput(again, modules: Self.modules, environment: Self.environment(copy))
            try Self.run(Self.conductor(resumed))
            #expect(resumed.isCaughtUp)
            try again.close()
            #expect(try Self.contents(copy) == expected, "death after event \(death)")
        }
    }

    @Test func `another run's logs are not gone on with`() throws {
        let disk = try Self.makeDisk()
        let root = try Self.openRoot(disk)
        let output = try ResumingOutput(root, modules: Self.modules, environment: Self.environment(disk))
        try Self.run(Self.conductor(output))
        try root.close()
        let again = try Self.openRoot(disk)
        let resumed = try ResumingOutput(again, modules: Self.modules, environment: Self.environment(disk))
        let conductor = Self.conductor(resumed)
        var event = OperatorActed()
        event.subject = "something else"
        #expect(throws: LogError.self) {
            try conductor.take(event, globalSeq: 1, at: VirtualTime(1 * Self.second), for: [.sig])
        }
        try again.close()
    }
}
