import Events
import LogEngine
import LogFormat
import Runtime

/// Where a pipeline under test writes: of a record a hash stays, and itself only while something waits to be compared
/// with it.
final class LookaheadOutput: EventOutput {
    /// Time and hash of a record.
    struct Mark: Equatable {
        let nanos: Int64
        let hash: UInt64
    }

    /// What a pipeline that ended at a moment said, which the one that goes on has to say as well.
    private struct Expectation {
        let cutNanos: Int64
        let records: [KeptRecord]
        var next = 0
        var isBroken = false
    }

    private(set) var lastGlobalSeq: UInt64 = 0
    /// Every record, in order.
    private(set) var marks: [Mark] = []
    private(set) var findings: [LookaheadFinding] = []
    private let canonical = CanonicalBytes()
    private var expectations: [Expectation] = []
    /// Records of a fork, up to its moment, while one runs.
    private var aside: (limitNanos: Int64, records: [KeptRecord], globalSeq: UInt64)?
    /// The records of an earlier run, and how many of them are done; nil in that run itself.
    private let reference: Reference?
    /// The place of a record that is wanted itself.
    private let wanted: Int?
    private(set) var wantedRecord: KeptRecord?
    /// First place of the reference that this run says otherwise, and what it says; nil for less.
    private(set) var parted: (place: Int, record: KeptRecord?)?

    /// Most findings that are kept.
    static let findingsMax = 100

    /// An earlier run, to be compared with up to a moment.
    struct Reference {
        let marks: [Mark]
        let limitNanos: Int64
        /// Place of the next record that counts.
        var place = 0

        /// Goes on to the next record that counts; nil at the end.
        mutating func skip() -> Mark? {
            while place < marks.count, marks[place].nanos > limitNanos { place += 1 }
            return place < marks.count ? marks[place] : nil
        }
    }

    private var compared: Reference?

    init(reference: Reference? = nil, wanted: Int? = nil) {
        self.reference = reference
        self.wanted = wanted
        compared = reference
    }

    func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        lastGlobalSeq += 1
        let place = Place(module: module, seq: lastGlobalSeq, globalSeq: lastGlobalSeq)
        let hash: UInt64
        do throws(FormatError) {
            hash = try unsafe canonical.encode(&event, eventNanos: eventNanos, flags: flags) { stable, _ in
                unsafe xxh3(stable, seed: 0)
            }
        } catch { throw LogError(.badEvent, "\(Event.typeName): \(error)") }
        func kept() -> KeptRecord {
            KeptRecord(name: Event.typeName, nanos: eventNanos, hash: hash, event: event)
        }
        if let limit = aside?.limitNanos {
            if eventNanos <= limit { aside?.records.append(kept()) }
            return place
        }
        if let limit = reference?.limitNanos {
            if eventNanos <= limit, parted == nil { compare(kept()) }
            return place
        }
        if marks.count == wanted { wantedRecord = kept() }
        marks.append(Mark(nanos: eventNanos, hash: hash))
        if let last = expectations.last, eventNanos <= last.cutNanos { try meet(kept()) }
        return place
    }

    /// What is written from here on is a fork's, of which the records up to a moment are kept.
    func beginAside(upTo limitNanos: Int64) { aside = (limitNanos, [], lastGlobalSeq) }

    /// The records of the fork.
    func endAside() -> [KeptRecord] {
        defer { aside = nil }
        lastGlobalSeq = aside?.globalSeq ?? lastGlobalSeq
        return aside?.records ?? []
    }

    /// Notes what a fork that ended at a moment said.
    func expect(_ records: [KeptRecord], cutNanos: Int64) {
        expectations.append(Expectation(cutNanos: cutNanos, records: records))
    }

    /// Holds a record against all forks that had to say it.
    private func meet(_ record: KeptRecord) throws(LogError) {
        for index in expectations.indices.reversed() {
            let cut = expectations[index].cutNanos
            guard record.nanos <= cut else { break }
            guard !expectations[index].isBroken else { continue }
            let next = expectations[index].next
            guard next < expectations[index].records.count else {
                expectations[index].isBroken = true
                try found(.prefix, cut, with: record, without: nil)
                continue
            }
            let other = expectations[index].records[next]
            expectations[index].next += 1
            guard other.hash != record.hash else { continue }
            try found(.prefix, cut, with: record, without: other)
            expectations[index].isBroken = other.name != record.name || other.nanos != record.nanos
        }
    }

    /// Looks for what forks said and the run did not.
    func finish() throws(LogError) {
        for one in expectations where !one.isBroken && one.next < one.records.count {
            try found(.prefix, one.cutNanos, with: nil, without: one.records[one.next])
        }
        expectations.removeAll()
    }

    /// Holds what a spoiled fork said against what one that ended said.
    func compare(_ spoiled: [KeptRecord], _ ended: [KeptRecord], cutNanos: Int64) throws(LogError) {
        for place in 0..<max(spoiled.count, ended.count) {
            let (a, b) = (
                place < ended.count ? ended[place] : nil, place < spoiled.count ? spoiled[place] : nil
            )
            guard a?.hash != b?.hash else { continue }
            try found(.poison, cutNanos, with: a, without: b)
            guard let a, let b, a.name == b.name, a.nanos == b.nanos else { return }
        }
    }

    private func compare(_ record: KeptRecord) {
        let expected = compared?.skip()
        let place = compared?.place ?? 0
        compared?.place += 1
        if expected?.hash != record.hash { parted = (place, record) }
    }

    /// Looks whether the reference goes on behind this run.
    func finishComparison() {
        if parted == nil, compared?.skip() != nil { parted = (compared?.place ?? 0, nil) }
    }

    func found(
        _ law: LookaheadLaw, _ cutNanos: Int64, with: KeptRecord?, without: KeptRecord?
    ) throws(LogError) {
        add(
            LookaheadFinding(
                law, cutNanos: cutNanos,
                with: try with.map { (record) throws(LogError) in try record.recorded(in: "with") },
                without: try without.map { (record) throws(LogError) in try record.recorded(in: "without") }))
    }

    /// Keeps a finding, or counts it if one like it is known.
    func add(_ finding: LookaheadFinding) {
        if let known = findings.firstIndex(where: { $0.isLike(finding) }) {
            findings[known].count += 1
        } else if findings.count < Self.findingsMax {
            findings.append(finding)
        }
    }
}
