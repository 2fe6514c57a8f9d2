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
    /// First place where they are not the same; nil if they are equal.
    package let seq: UInt64?
    /// The events there; nil where a log has ended.
    package let a: RecordedEvent?
    package let b: RecordedEvent?
    package let fields: [FieldDifference]
    /// Runs of 1,024 events that the seals of both vouch for, and that were not read because they are the same.
    package let skippedRuns: Int
    /// Whether append times, places in the root and volatile fields count as well.
    package let isExact: Bool

    /// Compares the logs at two paths.
    ///
    /// Sealed runs are compared by their digests, as far as both logs are sealed; what follows is compared by its
    /// canonical bytes. Seals are believed here: whether they are true is for verify to say.
    ///
    /// - Throws: `notALog`, `damaged`, `fileSystem`.
    package init(
        _ a: String, _ b: String, isExact: Bool = false, environment: LogEnvironment = .real(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) {
        let runs = (try SealedRuns(a, environment: environment), try SealedRuns(b, environment: environment))
        let start = SealedRuns.firstDifference(runs.0, runs.1, from: 0, isExact: isExact)
        let pair = EventPair(
            try EventWalk(a, environment: environment), try EventWalk(b, environment: environment), isExact: isExact)
        let place = try pair.firstDifference(from: SealedRuns.firstSeq(ofRun: start), progress)
        self.isExact = isExact
        skippedRuns = start
        seq = place
        countA = try pair.a.end()?.seq ?? 0
        countB = try pair.b.end()?.seq ?? 0
        self.a = try place.flatMap { seq throws(LogError) in try Self.event(seq, pair.a) }
        self.b = try place.flatMap { seq throws(LogError) in try Self.event(seq, pair.b) }
        switch (place, self.a, self.b) {
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
    private var bytesA: [UInt8] = []
    private var bytesB: [UInt8] = []

    init(_ a: EventWalk, _ b: EventWalk, isExact: Bool) {
        self.a = a
        self.b = b
        self.isExact = isExact
    }

    /// The first place from `seq` on where one log ends or the canonical bytes differ; nil if both end together.
    func firstDifference(from seq: UInt64, _ progress: (UInt64) -> Void) throws(LogError) -> UInt64? {
        if seq > 1 {
            try a.seek(toSeq: seq)
            try b.seek(toSeq: seq)
        }
        while true {
            let (isA, isB) = (try a.next(), try b.next())
            if !isA, !isB { return nil }
            let place = isA ? a.seq : b.seq
            guard isA, isB else { return place }
            guard a.seq == b.seq else {
                throw LogError(
                    .usage,
                    "\(a.name) starts at seq \(a.seq), \(b.name) at seq \(b.seq): compare whole logs, or segments that "
                        + "start at the same event")
            }
            try Self.take(a, isExact, into: &bytesA)
            try Self.take(b, isExact, into: &bytesB)
            if bytesA != bytesB { return place }
            if place & 0xFFFF == 0 { progress(place) }
        }
    }

    private static func take(_ walk: EventWalk, _ isExact: Bool, into bytes: inout [UInt8]) throws(LogError) {
        bytes.removeAll(keepingCapacity: true)
        unsafe try walk.withCanonical { stable, volatile in
            unsafe bytes.append(contentsOf: stable)
            if isExact { unsafe bytes.append(contentsOf: volatile) }
        }
    }
}
