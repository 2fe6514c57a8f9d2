import Events
import Glibc
import Herald
import LogFormat
import RuntimeTesting
import Testing

@testable import LogEngine
@testable import Runtime

/// No signatures here.
struct NoSignatures: SignatureChecker {
    func isValid(_ signature: Signature, of bytes: [UInt8], publicKey: [UInt8]) -> Bool { false }
}

/// The loop itself: order, delivery, and what a death at any event leaves (design §3, HER-05).
@Suite struct ConductorTests {
    /// The run: ten questions, 3 s apart, then a minute of quiet.
    static func run(_ conductor: Conductor) throws(LogError) {
        for index in 1...10 {
            var event = OperatorActed()
            event.subject = "question \(index)"
            try conductor.take(
                event, globalSeq: UInt64(index), at: VirtualTime(Int64(index) * 3 * EchoRun.second), for: [.sig])
        }
        try conductor.advance(to: VirtualTime(90 * EchoRun.second))
    }

    static func conductor(_ output: any EventOutput) -> Conductor {
        Conductor(
            [EchoCaller(), EchoPartner(), Counter()], herald: Herald(EchoRun.map), checker: NoSignatures(),
            output: output)
    }

    static func whole() throws -> (contents: [Module: [[UInt8]]], count: Int) {
        let disk = try EchoRun.makeDisk()
        let root = try EchoRun.openRoot(disk)
        let output = try ResumingOutput(root, modules: EchoRun.modules, environment: EchoRun.environment(disk))
        let conductor = conductor(output)
        try run(conductor)
        #expect(output.matchedCount == 0)
        #expect((conductor.reducer(.dm) as? EchoPartner)?.asked == 10)
        #expect((conductor.reducer(.tr) as? Counter)?.count == 10)
        // Ten answers, and one more ten seconds after the last question.
        #expect((conductor.reducer(.sig) as? EchoCaller)?.heard == 11)
        #expect(conductor.pendingDeliveryCount == 0)
        try root.close()
        return (try EchoRun.contents(disk), Int(output.appendedCount))
    }

    @Test(arguments: [false, true])
    func `the same inputs give the same logs, and a second run finds every event where it stands`(
        isSealed: Bool
    ) throws {
        let (first, count) = try Self.whole()
        #expect(try Self.whole().contents == first)
        #expect(first.values.reduce(0) { $0 + $1.count } == count)
        let disk = try EchoRun.makeDisk()
        for round in 0..<2 {
            let root = try EchoRun.openRoot(disk)
            let output = try ResumingOutput(root, modules: EchoRun.modules, environment: EchoRun.environment(disk))
            try Self.run(Self.conductor(output))
            #expect(output.matchedCount == (round == 0 ? 0 : UInt64(count)))
            #expect(output.isCaughtUp)
            try root.close(seal: isSealed)
        }
        #expect(try EchoRun.contents(disk) == first)
    }

    /// The process dies after each event in turn; whoever goes on gets the same logs, with every effect once.
    @Test func `a death at any event doubles nothing and loses nothing`() throws {
        let (expected, count) = try Self.whole()
        // Every ninth event in a plain run, every one with LOTUS_EXHAUSTIVE=1.
        let stride = getenv("LOTUS_EXHAUSTIVE") == nil ? 9 : 1
        for death in Swift.stride(from: 1, through: count, by: stride) {
            let disk = try EchoRun.makeDisk()
            let root = try EchoRun.openRoot(disk)
            let output = try ResumingOutput(root, modules: EchoRun.modules, environment: EchoRun.environment(disk))
            #expect(throws: LogError.self) {
                try Self.run(Self.conductor(DyingOutput(output, after: death)))
            }
            // Some of what was appended is on the disk, some is not: the machine dies with the process.
            let copy = disk.copy()
            copy.powerCut(seed: UInt64(death), .random)
            try? root.close()
            let again = try EchoRun.openRoot(copy)
            let resumed = try ResumingOutput(again, modules: EchoRun.modules, environment: EchoRun.environment(copy))
            try Self.run(Self.conductor(resumed))
            #expect(resumed.isCaughtUp)
            try again.close()
            #expect(try EchoRun.contents(copy) == expected, "death after event \(death)")
        }
    }

    @Test func `another run's logs are not gone on with`() throws {
        let disk = try EchoRun.makeDisk()
        let root = try EchoRun.openRoot(disk)
        let output = try ResumingOutput(root, modules: EchoRun.modules, environment: EchoRun.environment(disk))
        try Self.run(Self.conductor(output))
        try root.close()
        let again = try EchoRun.openRoot(disk)
        let resumed = try ResumingOutput(again, modules: EchoRun.modules, environment: EchoRun.environment(disk))
        let conductor = Self.conductor(resumed)
        var event = OperatorActed()
        event.subject = "something else"
        #expect(throws: LogError.self) {
            try conductor.take(event, globalSeq: 1, at: VirtualTime(1 * EchoRun.second), for: [.sig])
        }
        try again.close()
    }
}
