import LogEngine
import LogFormat
import LogTesting
import Synchronization
import Testing

/// The chain A1 → B1 → A2 over two logs of one group, each on a disk of its own, and the power failing for both at
/// every moment: whatever combination of unsynced operations the two disks kept, nothing that was acknowledged, and
/// nothing that a durable mark tells of, is there without its causes (T17).
@Suite struct CausalChainTests {
    /// What may happen between two events of the chain.
    enum Step: CaseIterable { case nothing, commitA, commitB, writeA, writeB, rollA, rollB }

    /// How many events of A and of B there are, or must be.
    struct Counts: Hashable {
        var a = 0, b = 0

        /// What must be there when this many are: each event with all before it in the chain.
        var withCauses: Counts { Counts(a: max(a, b), b: max(b, a - 1)) }

        func holds(_ other: Counts) -> Bool { a >= other.a && b >= other.b }
        func joined(_ other: Counts) -> Counts { Counts(a: max(a, other.a), b: max(b, other.b)) }
    }

    /// What opening finds after a power cut: events, and the highest durable mark.
    struct Found: Hashable {
        var kept: Int, marked: Int
    }

    /// Two logs of a group and what was acknowledged so far.
    final class Chain {
        let disks = [SimulatedDisk(seed: 71), SimulatedDisk(seed: 72)]
        let watched: [WatchedDisk]
        private(set) var writers: [LogWriter] = []
        private var types: [UInt16] = []
        private var unsealed: [[ActiveSegment]] = [[], []]
        private(set) var appended = Counts()
        private(set) var acknowledged = Counts()

        static var options: LogOptions {
            var options = LogOptions()
            options.segmentBytes = 64 << 10
            options.zeroAheadBytes = 8 << 10
            options.reserveBytes = 0
            // Nothing is written or marked before somebody asks.
            options.batchDelayNanos = 3_600_000_000_000
            options.markDelayNanos = 3_600_000_000_000
            return options
        }

        init() throws {
            watched = disks.map { WatchedDisk($0) }
            let group = CommitGroup()
            for index in 0..<2 {
                var environment = LogEnvironment.simulated(disk: disks[index], seed: 73)
                environment.fileSystem = watched[index]
                let writer = try LogWriter(
                    "log", name: "log", options: Self.options, environment: environment, group: group)
                types.append(try writer.register(try quoteSchema()))
                writers.append(writer)
            }
        }

        func append(to log: Int) throws {
            let index = log == 0 ? appended.a : appended.b
            try writers[log].append(quote(index), typeID: types[log], eventNanos: quoteTime(index))
            if log == 0 { appended.a += 1 } else { appended.b += 1 }
        }

        func perform(_ step: Step) throws {
            switch step {
            case .nothing: break
            case .commitA: try commit(0)
            case .commitB: try commit(1)
            case .writeA: try writers[0].flush()
            case .writeB: try writers[1].flush()
            case .rollA: try roll(0)
            case .rollB: try roll(1)
            }
        }

        private func commit(_ log: Int) throws {
            let seq = writers[log].lastSeq
            try writers[log].wait(for: seq, .durable)
            let own = log == 0 ? Counts(a: Int(seq)) : Counts(b: Int(seq))
            acknowledged = acknowledged.joined(own)
        }

        private func roll(_ log: Int) throws {
            let writer = writers[log]
            try writer.flush()
            try writer.coreLock.locked {
                try writer.core.roll()
                // As after a batch that did not fit any more.
                writer.durable.store(writer.core.durableSeq, ordering: .releasing)
                // A seal vouches for bytes, which are there, and gives no receipt; its thread comes when it likes.
                unsealed[log] += writer.core.sealer.pending
                writer.core.sealer.pending = []
            }
        }

        func close() throws {
            for (writer, segments) in zip(writers, unsealed) {
                writer.coreLock.locked { writer.core.sealer.pending = segments }
                try writer.close()
            }
        }
    }

    /// Recovers every state of a disk, each once.
    final class Recoveries {
        private var known: [[UInt64]: Found] = [:]

        /// What is found, and in how many states.
        func all(_ disk: SimulatedDisk, _ what: String) throws -> [Found: Int] {
            let count = disk.unsyncedOperationCount
            // All of them, not a sample.
            try #require(count <= 12, "\(what): \(count) unsynced operations")
            var found: [Found: Int] = [:]
            for state in disk.crashStates(limit: 1 << count) { found[try one(state, what), default: 0] += 1 }
            return found
        }

        private func one(_ disk: SimulatedDisk, _ what: String) throws -> Found {
            let key = disk.paths().flatMap { path in
                [xxh3(Array(path.utf8), seed: 0), xxh3(disk.contents(path) ?? [], seed: 0)]
            }
            if let known = known[key] { return known }
            var environment = LogEnvironment.simulated(disk: disk, seed: 74)
            environment.isProcessAlive = { _ in false }
            let core = try LogCore.open("log", name: nil, options: Chain.options, environment: environment)
            let found = Found(kept: Int(core.writtenSeq), marked: Int(core.recovery.durableSeq))
            core.release()
            let events = try readAll("log", environment)
            #expect(events == (0..<found.kept).map(quote), "\(what)")
            known[key] = found
            return found
        }
    }

    /// The joint states of one moment.
    struct Tally {
        var states = 0
        /// States that lost an event.
        var losing = 0
        /// States in which an effect nobody was promised survived without its cause.
        var orphans = 0
        /// States that break the promise, and the first of them.
        var broken = 0
        var firstBroken = ""
    }

    static func check(
        _ a: [Found: Int], _ b: [Found: Int], promised: Counts, appended: Counts, _ tally: inout Tally, _ what: String
    ) {
        for (inA, countA) in a {
            for (inB, countB) in b {
                let kept = Counts(a: inA.kept, b: inB.kept)
                let marked = Counts(a: inA.marked, b: inB.marked)
                tally.states += countA * countB
                if kept != appended { tally.losing += countA * countB }
                if !kept.holds(kept.withCauses) { tally.orphans += countA * countB }
                let isWhole =
                    kept.holds(promised.withCauses) && kept.holds(marked.withCauses) && appended.holds(kept)
                if isWhole { continue }
                if tally.broken == 0 {
                    tally.firstBroken =
                        "\(what): appended \(appended), acknowledged \(promised), marked as durable \(marked), "
                        + "kept \(kept)"
                }
                tally.broken += countA * countB
            }
        }
    }

    /// One chain with `steps` between and after its events; from step `first` on the power fails at every moment.
    static func run(_ steps: [Step], from first: Int, _ recoveries: [Recoveries], _ tally: inout Tally) throws {
        let chain = try Chain()
        for (index, step) in steps.enumerated() {
            try chain.append(to: index % 2)
            let promised = chain.acknowledged
            let before = chain.disks.map { $0.copy() }
            for watched in chain.watched { _ = watched.takeCopies() }
            try chain.perform(step)
            guard index >= first else { continue }
            let what = "\(steps), step \(index)"
            // Until the logs of a round are released, each disk is anywhere on its own way.
            let during = try (0..<2).map { log in
                try ([before[log]] + chain.watched[log].takeCopies()).map { try recoveries[log].all($0, what) }
            }
            let after = try (0..<2).map { try recoveries[$0].all(chain.disks[$0], what) }
            let appended = chain.appended
            for a in during[0] {
                for b in during[1] { check(a, b, promised: promised, appended: appended, &tally, what) }
            }
            let last = [try #require(during[0].last), try #require(during[1].last)]
            check(after[0], last[1], promised: promised, appended: appended, &tally, what)
            check(last[0], after[1], promised: promised, appended: appended, &tally, what)
            check(after[0], after[1], promised: chain.acknowledged, appended: appended, &tally, what)
        }
        try chain.close()
    }

    // With only A1 there, the other steps do nothing.
    @Test(arguments: [Step.nothing, .commitA, .writeA, .rollA])
    func `no effect survives without its cause, in any state of both disks`(
        _ first: Step
    ) throws {
        let recoveries = [Recoveries(), Recoveries()]
        var tally = Tally()
        for (number, second) in Step.allCases.enumerated() {
            for (last, third) in Step.allCases.enumerated() {
                // What chains have in common is looked at once.
                let from = last > 0 ? 2 : number > 0 ? 1 : 0
                try Self.run([first, second, third], from: from, recoveries, &tally)
            }
        }
        #expect(tally.broken == 0, "\(tally.broken) of \(tally.states) states; \(tally.firstBroken)")
        // Otherwise the power never failed at a bad moment.
        #expect(tally.states > 1000 && tally.losing > 0 && tally.orphans > 0, "\(tally)")
    }
}
