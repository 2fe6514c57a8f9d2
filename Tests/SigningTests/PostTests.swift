import Events
import Glibc
import Herald
import LogEngine
import LogFormat
import Runtime
import RuntimeTesting
import Signing
import Testing

/// A bad line: at first it refuses everything for the Trader, and it loses every third answer of the Signal Engine.
final class RoughTransport: Transport {
    private var traderCalls = 0
    private var signalCalls = 0

    func carry(
        _ message: Message, to target: Module, _ receiver: some MessageReceiver
    ) throws(LogError) -> DeliveryAnswer? {
        if target == .tr {
            traderCalls += 1
            if traderCalls <= 4 { return .refused("tr is closed") }
        }
        let answer = try receiver.receive(message, for: target)
        if target == .sig {
            signalCalls += 1
            if signalCalls % 3 == 0 { return .failed("the answer was lost") }
        }
        return answer
    }
}

/// Signed messages over a bad line, dead letters sent again, and a death at any event (HER-05, HER-12, SEC-01, SEC-07).
@Suite struct PostTests {
    static let modules: [Module] = [.sig, .dm, .tr, .herald, .ops]
    static let second = EchoRun.second

    /// Keys of a module: a second one from 16 s on.
    static func keys(_ module: Module) throws -> [SigningKey] {
        try [(KeyID("\(module.text)-1"), Int64(1)), (KeyID("\(module.text)-2"), 16)].map { id, start in
            try SigningKey(
                id, seed: [UInt8](repeating: module.rawValue * 16 + UInt8(start), count: 32), fromNanos: start * second)
        }
    }

    static func conductor(
        _ output: any EventOutput, transport: any Transport = RoughTransport(),
        signers others: [Module: any MessageSigner] = [:]
    ) throws -> Conductor {
        var settings = HeraldSettings()
        settings.requiresSignatures = true
        var signers: [Module: any MessageSigner] = [:]
        for module in [Module.sig, .dm] { signers[module] = Ed25519Signer(try keys(module)) }
        signers.merge(others) { $1 }
        return Conductor(
            [EchoCaller(), EchoPartner(), Counter()], herald: Herald(EchoRun.map, settings: settings),
            checker: Ed25519Checker(), signers: signers, transport: transport, output: output)
    }

    /// Keys, ten questions 3 s apart, new keys in between.
    static func questions(_ conductor: Conductor) throws {
        func rotate(_ index: Int) throws {
            for module in [Module.sig, .dm] {
                let key = try keys(module)[index]
                try conductor.rotate(key.record(owner: module), at: VirtualTime(key.fromNanos))
            }
        }
        try rotate(0)
        for index in 1...10 {
            if index == 6 { try rotate(1) }
            var event = OperatorActed()
            event.subject = "question \(index)"
            try conductor.take(event, globalSeq: UInt64(index), at: VirtualTime(Int64(index) * 3 * second), for: [.sig])
        }
        try conductor.advance(to: VirtualTime(55 * second))
    }

    /// The questions, then all letters sent again, and the same letters once more.
    static func run(_ conductor: Conductor) throws {
        try questions(conductor)
        let letters = conductor.deadLetters.map(\.lineage.id)
        for time in [60 * second, 70 * second] {
            let action = RedriveAction.record(
                letters, by: "ann", reason: "tr is open again", eventNanos: time, seenGlobalSeq: 0)
            try conductor.act(action, at: VirtualTime(time))
        }
        try conductor.advance(to: VirtualTime(90 * second))
    }

    static func opened(_ disk: SimulatedDisk) throws -> (root: Root, output: ResumingOutput) {
        let root = try EchoRun.openRoot(disk, modules)
        let output = try ResumingOutput(root, modules: modules, environment: EchoRun.environment(disk))
        return (root, output)
    }

    static func receipts(_ disk: SimulatedDisk, _ module: Module) throws -> [ReceiptResult] {
        var results: [ReceiptResult] = []
        let scan = EventScan()
        try scan.on(MessageReceived.self) { event, _ in results.append(event.result) }
        try scan.read("root/\(module.text)", environment: EchoRun.environment(disk))
        return results
    }

    static func whole() throws -> (disk: SimulatedDisk, count: Int) {
        let disk = try EchoRun.makeDisk()
        let (root, output) = try opened(disk)
        let conductor = try conductor(output)
        try run(conductor)
        #expect((conductor.reducer(.dm) as? EchoPartner)?.asked == 10)
        #expect((conductor.reducer(.tr) as? Counter)?.count == 10)
        #expect((conductor.reducer(.sig) as? EchoCaller)?.heard == 11)
        #expect(conductor.pendingDeliveryCount == 0 && conductor.deadLetters.isEmpty)
        try root.close()
        return (disk, Int(output.appendedCount))
    }

    @Test func `over a bad line every message has one effect, and refused ones come when they are sent again`() throws {
        let (disk, _) = try Self.whole()
        #expect(try Self.receipts(disk, .tr) == [ReceiptResult](repeating: .consumed, count: 10))
        let heard = try Self.receipts(disk, .sig)
        #expect(heard.count { $0 == .consumed } == 11)
        // Of 11 messages and the tries after lost answers, each third call loses its answer.
        #expect(heard.count { $0 == .duplicateIgnored } >= 4)
        let report = try HeraldReport(root: "root", environment: EchoRun.environment(disk))
        #expect(report.letters.count == 4 && report.letters.allSatisfy { $0.isTaken && $0.redrivenNanos != nil })
        #expect(
            report.reasons.map(\.reason) == [.schemaInvalid] && report.reasons.first?.openCount == 0
                && report.awaitedLetters.isEmpty)
        let alerts = try #require(report.intents.first { $0.intent == .watchdogAlert }?.figures)
        #expect(alerts.pickedCount == 31 && alerts.deliveredCount == 31 && alerts.pendingCount == 0)
        #expect(alerts.deadCount == 0 && alerts.successRate == 1 && alerts.retriedCount == heard.count - 11)
        #expect(alerts.lagNanos.count == 31 && alerts.lagNanos(percentile: 50) == 0)
        #expect(alerts.lagNanos(percentile: 100) ?? 0 >= Self.second)
    }

    @Test func `a death at any event of a signed run with letters sent again doubles nothing and loses nothing`() throws
    {
        let (disk, count) = try Self.whole()
        let expected = try EchoRun.contents(disk, Self.modules)
        #expect(expected.values.reduce(0) { $0 + $1.count } == count)
        let stride = getenv("LOTUS_EXHAUSTIVE") == nil ? 23 : 1
        // The last events are those of the letters: more of them, in a plain run too.
        let last = Swift.stride(from: count - 23, through: count, by: 3)
        let deaths = Set(Swift.stride(from: 1, through: count, by: stride)).union(last)
        for death in deaths.sorted() {
            let disk = try EchoRun.makeDisk()
            let (root, output) = try Self.opened(disk)
            #expect(throws: LogError.self) {
                try Self.run(try Self.conductor(DyingOutput(output, after: death)))
            }
            let copy = disk.copy()
            copy.powerCut(seed: UInt64(death), .random)
            try? root.close()
            let (again, resumed) = try Self.opened(copy)
            try Self.run(try Self.conductor(resumed))
            #expect(resumed.isCaughtUp)
            try again.close()
            #expect(try EchoRun.contents(copy, Self.modules) == expected, "death after event \(death)")
        }
    }

    /// The way of `lotus herald redrive`: the run is down, the action is written, the run goes on.
    @Test func `an action written while the run is down is taken up once when it goes on`() throws {
        let disk = try EchoRun.makeDisk()
        let environment = EchoRun.environment(disk)
        var options = LogOptions()
        options.reserveBytes = 0
        func redrive(_ choice: RedriveDesk.Choice) throws(LogError) -> RedriveDesk.Result {
            try RedriveDesk.redrive(
                root: "root", choice, by: "ann", reason: "", options: options, environment: environment)
        }
        func goOn() throws -> (matched: UInt64, appended: UInt64, counted: Int?) {
            let (root, output) = try Self.opened(disk)
            let conductor = try Self.conductor(output)
            try Self.questions(conductor)
            for action in try OperatorActions.read("root/ops", environment: environment) {
                try conductor.act(action.event, at: action.time)
            }
            #expect(output.isCaughtUp)
            let counted = (conductor.reducer(.tr) as? Counter)?.count
            try root.close()
            return (output.matchedCount, output.appendedCount, counted)
        }
        let first = try goOn()
        #expect(first.counted == 6)

        let letters = try HeraldReport(root: "root", environment: environment).letters
        #expect(letters.count == 4 && letters.allSatisfy { !$0.isTaken && $0.redrivenNanos == nil })
        let unknown = EventID(module: .herald, key: "nothing", eventNanos: 1)
        #expect(throws: LogError.self) { _ = try redrive(.ids([unknown])) }
        let result = try redrive(.ids([letters[0].record.lineage.id, letters[2].record.lineage.id]))
        #expect(result.letters.count == 2 && result.actionID != nil && result.passedOver.isEmpty)
        #expect(try HeraldReport(root: "root", environment: environment).awaitedLetters == result.letters)
        #expect(throws: LogError.self) { _ = try redrive(.reason(nil)) }

        let second = try goOn()
        // All that stood there, and the action.
        #expect(second.matched == first.appended + 1 && second.appended > 0 && second.counted == 8)
        #expect(try goOn() == (matched: second.matched + second.appended, appended: 0, counted: 8))

        let again = try redrive(.ids([letters[0].record.lineage.id]))
        #expect(again.letters.isEmpty && again.actionID == nil && again.passedOver.count == 1)
        #expect(try redrive(.reason(.hashMismatch)).letters.isEmpty)
        #expect(try redrive(.reason(.schemaInvalid)).letters.count == 2)
        #expect(try goOn().counted == 10)
        #expect(try Self.receipts(disk, .tr) == [ReceiptResult](repeating: .consumed, count: 10))
    }

    /// A transport to another machine answers later.
    @Test func `an answer that comes later ends the delivery, and none is given up at the end of its time`() throws {
        final class Slow: Transport {
            var carried: [(id: EventID, target: Module)] = []
            func carry(
                _ message: Message, to target: Module, _ receiver: some MessageReceiver
            ) throws(LogError) -> DeliveryAnswer? {
                carried.append((message.id, target))
                return nil
            }
        }
        let disk = try EchoRun.makeDisk()
        let (root, output) = try Self.opened(disk)
        let slow = Slow()
        let conductor = try Self.conductor(output, transport: slow)
        try Self.questions(conductor)
        #expect(slow.carried.count == 10 && conductor.pendingDeliveryCount == 10)
        try conductor.answer(slow.carried[0].id, from: .dm, .taken, at: VirtualTime(56 * Self.second))
        #expect(conductor.pendingDeliveryCount == 9)
        try conductor.advance(to: VirtualTime(700 * Self.second))
        #expect(conductor.pendingDeliveryCount == 0)
        #expect(conductor.deadLetters.map(\.reason) == [DeadLetterReason](repeating: .expired, count: 9))
        try root.close()
    }

    @Test func `a key that comes twice or too early is refused`() throws {
        let disk = try EchoRun.makeDisk()
        let (root, output) = try Self.opened(disk)
        let conductor = try Self.conductor(output)
        let key = try Self.keys(.sig)[0]
        try conductor.rotate(key.record(owner: .sig), at: VirtualTime(key.fromNanos))
        let before = output.appendedCount
        #expect(throws: LogError.self) {
            try conductor.rotate(key.record(owner: .sig), at: VirtualTime(key.fromNanos + 1))
        }
        #expect(output.appendedCount == before)
        try root.close()
    }
}
