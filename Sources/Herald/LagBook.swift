package import Events
import LogFormat

/// How far each receiver is behind, and how deliveries fared, over one period after another (HER-11, ARC-20).
///
/// A fold of what Herald decided: the lag of a delivery runs from the message's being picked, or sent again, to its
/// being taken. Messages that are refused as a whole have no pair and count only as dead letters.
package struct LagBook: Sendable {
    /// Length of a period; periods begin at its multiples since 1970.
    package static let periodNanos: Int64 = 3_600_000_000_000

    private struct Pair: Hashable, Comparable {
        var from: Module
        var target: Module
        var intent: Intent

        static func < (a: Pair, b: Pair) -> Bool {
            (a.from.rawValue, a.target.rawValue, a.intent.rawValue)
                < (b.from.rawValue, b.target.rawValue, b.intent.rawValue)
        }
    }

    private struct Way: Hashable {
        var message: EventID
        var target: Module
    }

    /// What happened between a pair in the period.
    private struct Traffic {
        var lagNanos: [Int64] = []
        var dead: Int64 = 0
    }

    private var waiting: [Way: (pair: Pair, since: Int64)] = [:]
    /// Where a dead letter belongs, until it is sent again; as many as Herald keeps, the oldest go.
    private var letters: [EventID: (way: Way, pair: Pair)] = [:]
    private var letterOrder: [EventID] = []
    private let lettersMax: Int
    private var traffic: [Pair: Traffic] = [:]
    /// End of the period that something happened in, or waits in; nil while nothing does.
    package private(set) var dueNanos: Int64?

    /// A book without entries.
    package init(lettersMax: Int = HeraldSettings().deadLettersMax) { self.lettersMax = lettersMax }

    /// Takes in what Herald decided.
    package mutating func note(_ action: HeraldAction, now: Int64) {
        switch action {
        case .picked(let event):
            for target in event.to {
                let pair = Pair(from: event.from, target: target, intent: event.intent)
                waiting[Way(message: event.messageID, target: target)] = (pair, now)
            }
        case .record(let event):
            guard event.step == .delivered else { return }
            let way = Way(message: event.messageID, target: event.target)
            guard let entry = waiting.removeValue(forKey: way) else { return }
            traffic[entry.pair, default: Traffic()].lagNanos.append(max(0, now - entry.since))
        case .dead(let event):
            guard let target = event.target, let intent = event.intent else { return }
            let way = Way(message: event.messageID, target: target)
            let pair = Pair(from: event.from, target: target, intent: intent)
            waiting[way] = nil
            keep(event.lineage.id, way, pair)
            traffic[pair, default: Traffic()].dead += 1
        case .redriven(let event):
            guard let letter = letters.removeValue(forKey: event.deadLetterID) else { return }
            waiting[letter.way] = (letter.pair, now)
        case .deliver: return
        }
        if dueNanos == nil { dueNanos = Self.end(of: now) }
    }

    private mutating func keep(_ letter: EventID, _ way: Way, _ pair: Pair) {
        letters[letter] = (way, pair)
        letterOrder.append(letter)
        guard letterOrder.count > 2 * lettersMax else { return }
        for old in letterOrder.prefix(letterOrder.count - lettersMax) { letters[old] = nil }
        letterOrder.removeFirst(letterOrder.count - lettersMax)
    }

    /// The reports of the period that ends at `dueNanos`, one a pair and intent with traffic or with messages that
    /// wait, in the order of their ranks; a new period begins.
    package mutating func take(seenGlobalSeq: UInt64) -> [LagReported] {
        guard let end = dueNanos else { return [] }
        var depths: [Pair: Int64] = [:]
        for entry in waiting.values { depths[entry.pair, default: 0] += 1 }  // ORDERED: only counted
        let pairs = Set(traffic.keys).union(depths.keys).sorted()
        let reports = pairs.map { pair in
            let entry = traffic[pair] ?? Traffic()
            var report = LagReported()
            let key = "lag|\(pair.from.text)|\(pair.target.text)|\(pair.intent.text)"
            report.lineage = Lineage(
                id: EventID(module: .herald, key: key, eventNanos: end), seenGlobalSeq: seenGlobalSeq)
            report.from = pair.from
            report.target = pair.target
            report.intent = pair.intent
            report.delivered = Int64(entry.lagNanos.count)
            report.dead = entry.dead
            report.lagMillisP95 = Double(Self.percentile95(entry.lagNanos)) / 1_000_000
            report.depth = depths[pair] ?? 0
            return report
        }
        traffic = [:]
        dueNanos = waiting.isEmpty ? nil : Self.end(of: end)
        return reports
    }

    /// The 95th percentile by nearest rank, 0 of nothing.
    private static func percentile95(_ values: [Int64]) -> Int64 {
        values.isEmpty ? 0 : values.sorted()[(values.count * 95 + 99) / 100 - 1]
    }

    /// The end of the period that a moment lies in; a moment on the boundary begins the next one.
    private static func end(of nanos: Int64) -> Int64 {
        let start = nanos - (nanos % periodNanos + periodNanos) % periodNanos
        let end = start.addingReportingOverflow(periodNanos)
        return end.overflow ? .max : end.partialValue
    }
}
