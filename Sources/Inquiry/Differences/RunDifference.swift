package import Filters
package import LogEngine
import LogFormat
import Runtime

/// Where two runs part: over all module logs, in the order over all logs (design §5, `diff runs`).
package struct RunDifference: Equatable, Sendable {
    /// One module's logs.
    package struct Member: Equatable, Sendable {
        package let log: String
        package let eventsA: UInt64
        package let eventsB: UInt64
        package let alignment: Alignment?
        /// Events that count, of a log that only one of the runs has.
        let onlyHere: UInt64

        /// Whether both runs say the same in this log.
        package var isEqual: Bool { alignment?.isEqual ?? (onlyHere == 0) }
    }

    /// The first event that the runs do not share; one that says what they were made of only if nothing else differs.
    package struct First: Equatable, Sendable {
        package let log: String
        package let a: RecordedEvent?
        package let b: RecordedEvent?
        package let fields: [FieldDifference]
        /// Why it is there, in either run.
        package let whyA: CauseTree?
        package let whyB: CauseTree?
    }

    package let members: [Member]
    package let first: First?
    /// What the runs were made of and do not share: the reason, if there is one that is on record.
    package private(set) var origins: [OriginDifference]
    /// The filter of which compared events satisfy it on either side; nil if all are compared.
    package let condition: String?

    /// Compares the logs of two roots; with a filter only events that it takes in the one run or in the other.
    ///
    /// - Throws: `notALog`, `damaged`, `fileSystem`.
    package init(
        _ a: RootLogs, _ b: RootLogs, where filter: Filter? = nil, progress: (String) -> Void = { _ in }
    ) throws(LogError) {
        var members: [Member] = []
        var earliest: (log: String, difference: Alignment.Difference)?
        var earliestOrigin = earliest
        for name in Set(a.names + b.names).sorted() {
            progress(name)
            let (isA, isB) = (a.names.contains(name), b.names.contains(name))
            let counts = (isA ? try Self.count(a, name) : 0, isB ? try Self.count(b, name) : 0)
            guard isA, isB else {
                let (found, count) = try Self.wanted(isA ? a : b, name, isA: isA, filter, of: max(counts.0, counts.1))
                members.append(
                    Member(log: name, eventsA: counts.0, eventsB: counts.1, alignment: nil, onlyHere: count))
                guard let difference = found else { continue }
                if earliest.map({ difference.globalSeq < $0.difference.globalSeq }) ?? true {
                    earliest = (name, difference)
                }
                continue
            }
            let alignment = try Alignment(a.path(name), b.path(name), where: filter, environment: a.environment)
            members.append(
                Member(log: name, eventsA: counts.0, eventsB: counts.1, alignment: alignment, onlyHere: 0))
            if let found = alignment.firstResult,
                earliest.map({ found.globalSeq < $0.difference.globalSeq }) ?? true
            {
                earliest = (name, found)
            }
            if let found = alignment.first,
                earliestOrigin.map({ found.globalSeq < $0.difference.globalSeq }) ?? true
            {
                earliestOrigin = (name, found)
            }
        }
        self.members = members
        condition = filter?.text
        // What runs were made of is on their logs: logs that are equal whole need not be read for it.
        let isEqual = earliest == nil && earliestOrigin == nil && filter == nil
        origins = isEqual ? [] : RunOrigins.differences(try RunOrigins(a), try RunOrigins(b))
        first = try (earliest ?? earliestOrigin).map { earliest throws(LogError) in
            let (log, place) = earliest
            let eventA = try place.seqA.flatMap { seq throws(LogError) in try a.event(log, seq: seq) }
            let eventB = try place.seqB.flatMap { seq throws(LogError) in try b.event(log, seq: seq) }
            var fields: [FieldDifference] = []
            if let eventA, let eventB { fields = FieldDifference.between(eventA, eventB, isExact: false) }
            return First(
                log: log, a: eventA, b: eventB, fields: fields,
                whyA: try eventA.map { event throws(LogError) in try CauseTree(event, of: a) },
                whyB: try eventB.map { event throws(LogError) in try CauseTree(event, of: b) })
        }
    }

    /// Whether the runs say the same.
    package var isEqual: Bool { first == nil }

    /// Adds what is known from elsewhere of what the runs were made of.
    package mutating func add(_ more: [OriginDifference]) {
        origins = (origins + more).sorted { $0.name < $1.name }
    }

    private static func count(_ root: RootLogs, _ name: String) throws(LogError) -> UInt64 {
        try root.walk(name).end()?.seq ?? 0
    }

    /// The first event that counts of a log that only one run has, and how many of its events do.
    private static func wanted(
        _ root: RootLogs, _ name: String, isA: Bool, _ filter: Filter?, of all: UInt64
    ) throws(LogError) -> (first: Alignment.Difference?, count: UInt64) {
        let walk = try root.walk(name, where: filter.map { filter in { filter.mayTake($0, log: name) } })
        var sieve = LogSieve(filter, log: name)
        var first: Alignment.Difference?
        var count: UInt64 = 0
        while try walk.next() {
            let (seq, globalSeq) = (walk.seq, walk.head.globalSeq)
            let isTaken = unsafe try walk.withCanonical(asking: &sieve) { isTaken, _, _ in isTaken }
            guard isTaken else { continue }
            count += 1
            if first == nil {
                first = Alignment.Difference(
                    seqA: isA ? seq : nil, seqB: isA ? nil : seq, globalSeq: globalSeq)
            }
            if filter == nil { return (first, all) }
        }
        return (first, count)
    }
}

extension RunDifference {
    /// The difference for people.
    package var text: String {
        guard let first else {
            let events = members.reduce(0) { $0 + $1.eventsA }
            guard condition != nil else { return "equal: \(events) events in \(members.count) logs" }
            let others = members.reduce(0) { $0 + $1.eventsB }
            return "equal in what --where takes, of \(events) and \(others) events in \(members.count) logs"
        }
        let kind = first.a == nil ? "only in b" : first.b == nil ? "only in a" : "says something else"
        let event = first.a ?? first.b
        var lines = origins.isEmpty ? [] : ["made of different things:"] + origins.map { "    \($0.text)" }
        let part = condition == nil ? "" : " in what --where takes"
        lines.append("differs\(part): the first event that is not the same is \(kind): \(event?.title ?? first.log)")
        lines += first.fields.map { "    \($0.text)" }
        for (name, why) in [("a", first.whyA), ("b", first.whyB)] {
            lines.append("in \(name):" + (why == nil ? " not there" : ""))
            if let why { lines += why.text.split(separator: "\n").map { "  " + $0 } }
        }
        lines.append("logs:")
        lines += members.map { member in
            let counts = "\(member.eventsA) and \(member.eventsB) events"
            guard let alignment = member.alignment else {
                return "  \(member.log): \(counts), \(member.eventsA > 0 ? "only in a" : "only in b")"
            }
            let moved = alignment.renumbered > 0 ? ", \(alignment.renumbered) with another cursor" : ""
            guard !alignment.isEqual else { return "  \(member.log): \(counts), the same\(moved)" }
            return "  \(member.log): \(counts), \(alignment.changed) changed, \(alignment.onlyA) only in a, "
                + "\(alignment.onlyB) only in b\(moved)"
                + (alignment.isCut ? " (not counted to the end: too many without a counterpart)" : "")
        }
        return lines.joined(separator: "\n")
    }

    /// One JSON object.
    package var json: String {
        let logs = members.map { member in
            let counts = member.alignment
            return "{\"log\":\(jsonString(member.log)),\"equal\":\(member.isEqual),\"events_a\":\(member.eventsA),"
                + "\"events_b\":\(member.eventsB),\"changed\":\(counts?.changed ?? 0),"
                + "\"only_a\":\(counts?.onlyA ?? (member.eventsA > 0 ? member.onlyHere : 0)),"
                + "\"only_b\":\(counts?.onlyB ?? (member.eventsB > 0 ? member.onlyHere : 0)),"
                + "\"renumbered\":\(counts?.renumbered ?? 0),\"cut\":\(counts?.isCut ?? false)}"
        }
        let origins = origins.map(\.json).joined(separator: ",")
        let part = condition.map { "\"where\":\(jsonString($0))," } ?? ""
        var text =
            "{\"equal\":\(isEqual),\(part)\"made_of\":[\(origins)],\"logs\":[\(logs.joined(separator: ","))],\"first\":"
        guard let first else { return text + "null}" }
        text += "{\"log\":\(jsonString(first.log)),\"a\":\(first.a?.json ?? "null"),\"b\":\(first.b?.json ?? "null"),"
        text += "\"fields\":[\(first.fields.map(\.json).joined(separator: ","))],"
        return text + "\"why_a\":\(first.whyA?.json ?? "null"),\"why_b\":\(first.whyB?.json ?? "null")}}"
    }
}
