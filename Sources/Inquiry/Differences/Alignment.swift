import Events
package import Filters
package import LogEngine
import LogFormat
import Runtime

/// How the logs of one module in two runs correspond, event by event, by the ids of their lineages.
///
/// Events that have no id, such as those of the market, correspond when they say the same. An inserted event is one
/// insertion: what follows it corresponds again, though every number is another one.
package struct Alignment: Equatable, Sendable {
    /// One event that the runs do not share.
    package struct Difference: Equatable, Sendable {
        /// Place in the first run's log; nil if the event is not there.
        package var seqA: UInt64?
        package var seqB: UInt64?
        /// Place in the order over all logs, the smaller one of both runs.
        package var globalSeq: UInt64
    }

    package private(set) var onlyA: UInt64 = 0
    package private(set) var onlyB: UInt64 = 0
    /// Same id, other content.
    package private(set) var changed: UInt64 = 0
    /// Same but for the cursor of the inputs, which counts an event more or less before it.
    package private(set) var renumbered: UInt64 = 0
    package private(set) var first: Difference?
    /// The first one in what a run did, and not in what it was made of (`RunOrigins`).
    package private(set) var firstResult: Difference?
    /// Whether counting stopped because too many events had no counterpart yet.
    package private(set) var isCut = false

    /// Most events that wait for their counterpart.
    static let pendingMax = 1_000_000

    private struct Key: Hashable {
        var high: UInt64
        var low: UInt64
        /// Whether it is an id, and not the digest of what is said.
        var isID: Bool
    }

    private struct Entry {
        var seq: UInt64
        var globalSeq: UInt64
        var digest: UInt64
        /// The digest without the cursor of the inputs.
        var settled: UInt64
        var hasID: Bool
        /// Whether it says what the run was made of.
        var isOrigin: Bool
        /// Whether the filter takes it: a difference is one if it takes the event of either side.
        var isWanted: Bool
    }

    /// Aligns two logs; sealed runs that are the same at the same place are not read.
    ///
    /// - Parameter filter: if given, only events that it takes, in the one log or in the other, are differences.
    package init(
        _ a: String, _ b: String, where filter: Filter? = nil, environment: LogEnvironment
    ) throws(LogError) {
        let runs = (try SealedRuns(a, environment: environment), try SealedRuns(b, environment: environment))
        // A type of which the filter takes nothing in either log holds no difference, and is not decoded. What it takes
        // in one log alone has its counterpart in the other.
        let names = try filter.map { filter throws(LogError) in
            try filter.typeNames(of: a, environment).union(try filter.typeNames(of: b, environment))
        }
        var sides = (
            Side(try Self.walk(a, filter, names, environment), filter),
            Side(try Self.walk(b, filter, names, environment), filter)
        )
        var run = SealedRuns.firstDifference(runs.0, runs.1, from: 0, isExact: false)
        try sides.0.start(SealedRuns.firstSeq(ofRun: run))
        try sides.1.start(SealedRuns.firstSeq(ofRun: run))
        let leaf = FormatLimits.leafEvents
        var (next, other) = (try sides.0.next(), try sides.1.next())
        while next != nil || other != nil {
            // Behind an event more or less, the side that is ahead waits until the other one has come as far: from
            // there on both stand at the same event again, and nothing need be looked up.
            if let a = next, let b = other, a.key == b.key {
                compare(a.entry, b.entry)
                let here = Int((a.entry.seq - 1) / leaf)
                if a.entry.seq == b.entry.seq, here > run {
                    // Runs that are the same at the same place are each other's counterpart, whatever still waits for
                    // its own: also what is left of this one.
                    run = SealedRuns.firstDifference(runs.0, runs.1, from: here, isExact: false)
                    if run > here {
                        try sides.0.start(SealedRuns.firstSeq(ofRun: run))
                        try sides.1.start(SealedRuns.firstSeq(ofRun: run))
                    }
                }
                (next, other) = (try sides.0.next(), try sides.1.next())
            } else if let b = other, let a = sides.0.take(b.key) {
                compare(a, b.entry)
                other = try sides.1.next()
            } else if let a = next, let b = sides.1.take(a.key) {
                compare(a.entry, b)
                next = try sides.0.next()
            } else {
                if let next { sides.0.wait(next) }
                if let other { sides.1.wait(other) }
                guard sides.0.pending.count + sides.1.pending.count <= Self.pendingMax else {
                    isCut = true
                    break
                }
                (next, other) = (try sides.0.next(), try sides.1.next())
            }
        }
        settle(sides.0.rest, sides.1.rest)
    }

    private static func walk(
        _ path: String, _ filter: Filter?, _ names: Set<String>?, _ environment: LogEnvironment
    ) throws(LogError) -> EventWalk {
        guard let filter, let names else { return try EventWalk(path, environment: environment) }
        let log = EventWalk.name(of: path)
        // A type that the log got since it was asked has no name yet.
        return try EventWalk(
            path, where: { names.contains($0.name) || filter.mayTake($0, log: log) }, environment: environment)
    }

    /// Counts the events that found no counterpart; two without an id at the same place are one event that changed.
    private mutating func settle(_ a: [Entry], _ b: [Entry]) {
        var (left, right) = (a[...], b[...])
        while left.first != nil || right.first != nil {
            let (first, second) = (left.first, right.first)
            if let first, let second, first.seq == second.seq, !first.hasID, !second.hasID {
                if first.isWanted || second.isWanted {
                    changed += 1
                    let globalSeq = min(first.globalSeq, second.globalSeq)
                    note(Difference(seqA: first.seq, seqB: second.seq, globalSeq: globalSeq), first)
                }
                left.removeFirst()
                right.removeFirst()
            } else if let first, second.map({ first.seq <= $0.seq }) ?? true {
                if first.isWanted {
                    onlyA += 1
                    note(Difference(seqA: first.seq, globalSeq: first.globalSeq), first)
                }
                left.removeFirst()
            } else if let second {
                if second.isWanted {
                    onlyB += 1
                    note(Difference(seqB: second.seq, globalSeq: second.globalSeq), second)
                }
                right.removeFirst()
            }
        }
    }

    /// Whether the logs say the same; numbers that follow from other logs aside.
    package var isEqual: Bool { onlyA == 0 && onlyB == 0 && changed == 0 }

    private mutating func note(_ difference: Difference, _ entry: Entry) {
        if first.map({ difference.globalSeq < $0.globalSeq }) ?? true { first = difference }
        guard !entry.isOrigin, firstResult.map({ difference.globalSeq < $0.globalSeq }) ?? true else { return }
        firstResult = difference
    }

    /// Counts what two events with the same key do not share.
    private mutating func compare(_ a: Entry, _ b: Entry) {
        if a.digest == b.digest || !(a.isWanted || b.isWanted) { return }
        if a.settled == b.settled {
            renumbered += 1
            return
        }
        changed += 1
        note(Difference(seqA: a.seq, seqB: b.seq, globalSeq: min(a.globalSeq, b.globalSeq)), a)
    }

    /// One of the logs.
    private struct Side {
        let walk: EventWalk
        var pending: [Key: [Entry]] = [:]
        private var layouts = LineageLayouts()
        private var origins: [Bool?] = []
        private var sieve: LogSieve

        init(_ walk: EventWalk, _ filter: Filter?) {
            self.walk = walk
            sieve = LogSieve(filter, log: walk.name)
        }

        mutating func start(_ seq: UInt64) throws(LogError) { if seq > 1 { try walk.seek(toSeq: seq) } }

        /// Keeps an event until its counterpart comes.
        mutating func wait(_ item: (key: Key, entry: Entry)) { pending[item.key, default: []].append(item.entry) }

        /// The first event that waits under a key, which it leaves.
        mutating func take(_ key: Key) -> Entry? {
            guard !pending.isEmpty, var waiting = pending[key] else { return nil }
            let found = waiting.removeFirst()
            pending[key] = waiting.isEmpty ? nil : waiting
            return found
        }

        /// Events without a counterpart, in their order.
        var rest: [Entry] {
            pending.values.flatMap { $0 }.sorted { $0.seq < $1.seq }  // ORDERED: sorted by place
        }

        private mutating func isOrigin(_ typeID: UInt16) -> Bool {
            while origins.count <= Int(typeID) { origins.append(nil) }
            if let known = origins[Int(typeID)] { return known }
            let answer = RunOrigins.types.contains(walk.schema?.name ?? "")
            origins[Int(typeID)] = answer
            return answer
        }

        mutating func next() throws(LogError) -> (key: Key, entry: Entry)? {
            guard try walk.next() else { return nil }
            let (seq, globalSeq) = (walk.seq, walk.head.globalSeq)
            let layout = layouts.layout(of: walk.schema, typeID: walk.head.typeID)
            let isOrigin = isOrigin(walk.head.typeID)
            return unsafe try walk.withCanonical(asking: &sieve) { isWanted, stable, _ in
                let digest = unsafe xxh3(stable, seed: 0)
                let id = layout.map { layout in unsafe layout.id(stable) }
                // An id that nobody set tells no event from another.
                guard let layout, let id, id.high | id.low != 0 else {
                    let second = unsafe xxh3(stable, seed: 1)
                    return (
                        Key(high: digest, low: second, isID: false),
                        Entry(
                            seq: seq, globalSeq: globalSeq, digest: digest, settled: digest, hasID: false,
                            isOrigin: isOrigin, isWanted: isWanted)
                    )
                }
                let seen = unsafe layout.seenStart(stable)
                let before = unsafe xxh3(UnsafeRawBufferPointer(rebasing: stable[..<seen]), seed: 0)
                let settled = unsafe xxh3(UnsafeRawBufferPointer(rebasing: stable[(seen + 8)...]), seed: before)
                return (
                    Key(high: id.high, low: id.low, isID: true),
                    Entry(
                        seq: seq, globalSeq: globalSeq, digest: digest, settled: settled, hasID: true,
                        isOrigin: isOrigin, isWanted: isWanted)
                )
            }
        }
    }
}
