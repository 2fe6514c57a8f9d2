package import Filters
package import LogEngine
import LogFormat
import Runtime

/// Where two logs part, event by event (design §5, `diff logs`).
package struct LogDifference: Equatable, Sendable {
    /// How the logs stand to each other.
    package enum Verdict: String, Sendable {
        case equal
        /// The first log ends where the second goes on.
        case aIsPrefix = "a_is_prefix"
        /// The second log ends where the first goes on.
        case bIsPrefix = "b_is_prefix"
        /// Both have an event at a place, and these say different things.
        case differs
    }

    package let verdict: Verdict
    /// Events of the logs.
    package let countA: UInt64
    package let countB: UInt64
    /// First place where they are not the same, in the first log unless that has ended; nil if they are equal.
    package let seq: UInt64?
    /// The events there; nil where a log has ended.
    package let a: RecordedEvent?
    package let b: RecordedEvent?
    package let fields: [FieldDifference]
    /// Runs of 1,024 events that the seals of both vouch for, and that were not read because they are the same.
    package let skippedRuns: Int
    /// Whether append times, places in the root and volatile fields count as well.
    package let isExact: Bool
    /// The filter that compared events satisfy; nil if all are compared.
    package let condition: String?

    /// Compares the logs at two paths.
    ///
    /// Sealed runs are compared by their digests, as far as both logs are sealed; what follows is compared by its
    /// canonical bytes. Seals are believed here: whether they are true is for verify to say.
    ///
    /// With a filter only the events that it takes are compared, in their order, whatever stands between them.
    ///
    /// - Throws: `notALog`, `damaged`, `fileSystem`.
    package init(
        _ a: String, _ b: String, isExact: Bool = false, where filter: Filter? = nil,
        environment: LogEnvironment = .real(), progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) {
        let runs = (try SealedRuns(a, environment: environment), try SealedRuns(b, environment: environment))
        let start = SealedRuns.firstDifference(runs.0, runs.1, from: 0, isExact: isExact)
        let pair = EventPair(
            try Self.walk(a, filter, environment), try Self.walk(b, filter, environment), isExact: isExact,
            where: filter)
        let place = try pair.firstDifference(from: SealedRuns.firstSeq(ofRun: start), progress)
        self.isExact = isExact
        condition = filter?.text
        skippedRuns = start
        seq = place?.a ?? place?.b
        countA = try pair.a.end()?.seq ?? 0
        countB = try pair.b.end()?.seq ?? 0
        self.a = try place?.a.flatMap { seq throws(LogError) in try Self.event(seq, pair.a) }
        self.b = try place?.b.flatMap { seq throws(LogError) in try Self.event(seq, pair.b) }
        switch (seq, self.a, self.b) {
        case (nil, _, _): verdict = .equal
        case (_, nil, _): verdict = .aIsPrefix
        case (_, _, nil): verdict = .bIsPrefix
        default: verdict = .differs
        }
        if let a = self.a, let b = self.b {
            fields = FieldDifference.between(a, b, isExact: isExact)
        } else {
            fields = []
        }
    }

    /// Goes through a log without the types that the filter takes nothing of.
    private static func walk(
        _ path: String, _ filter: Filter?, _ environment: LogEnvironment
    ) throws(LogError) -> EventWalk {
        guard let filter else { return try EventWalk(path, environment: environment) }
        let name = EventWalk.name(of: path)
        return try EventWalk(path, where: { filter.mayTake($0, log: name) }, environment: environment)
    }

    private static func event(_ seq: UInt64, _ walk: EventWalk) throws(LogError) -> RecordedEvent? {
        try walk.seek(toSeq: seq)
        guard try walk.next(), walk.seq == seq else { return nil }
        return try walk.event()
    }
}

/// Two logs read side by side.
final class EventPair {
    let a: EventWalk
    let b: EventWalk
    private let isExact: Bool
    private let isFiltered: Bool
    private var sieveA: LogSieve
    private var sieveB: LogSieve
    private var bytesA: [UInt8] = []
    private var bytesB: [UInt8] = []

    init(_ a: EventWalk, _ b: EventWalk, isExact: Bool, where filter: Filter?) {
        self.a = a
        self.b = b
        self.isExact = isExact
        isFiltered = filter != nil
        sieveA = LogSieve(filter, log: a.name)
        sieveB = LogSieve(filter, log: b.name)
    }

    /// The first place from `seq` on where one log ends, which is nil then, or the canonical bytes differ; nil if both
    /// end together.
    func firstDifference(
        from seq: UInt64, _ progress: (UInt64) -> Void
    ) throws(LogError) -> (a: UInt64?, b: UInt64?)? {
        if seq > 1 {
            try a.seek(toSeq: seq)
            try b.seek(toSeq: seq)
        }
        while true {
            let isA = try Self.take(a, isExact, &sieveA, into: &bytesA)
            let isB = try Self.take(b, isExact, &sieveB, into: &bytesB)
            if !isA, !isB { return nil }
            guard isA, isB else { return (isA ? a.seq : nil, isB ? b.seq : nil) }
            guard isFiltered || a.seq == b.seq else {
                throw LogError(
                    .usage,
                    "\(a.name) starts at seq \(a.seq), \(b.name) at seq \(b.seq): compare whole logs, or segments that "
                        + "start at the same event")
            }
            if bytesA != bytesB { return (a.seq, b.seq) }
            if a.seq & 0xFFFF == 0 { progress(a.seq) }
        }
    }

    /// Takes the bytes of the next wanted event; false at the end of the log.
    private static func take(
        _ walk: EventWalk, _ isExact: Bool, _ sieve: inout LogSieve, into bytes: inout [UInt8]
    ) throws(LogError) -> Bool {
        while try walk.next() {
            let isTaken = unsafe try walk.withCanonical(asking: &sieve) { isTaken, stable, volatile in
                guard isTaken else { return false }
                bytes.removeAll(keepingCapacity: true)
                unsafe bytes.append(contentsOf: stable)
                if isExact { unsafe bytes.append(contentsOf: volatile) }
                return true
            }
            if isTaken { return true }
        }
        return false
    }
}
