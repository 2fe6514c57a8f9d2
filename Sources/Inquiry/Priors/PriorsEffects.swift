package import Events
package import LogEngine
import LogFormat
import Runtime
package import Weave

/// What a change of priors does to recorded windows: signals that appear, vanish or change, by the key that changed
/// (design §5, `diff priors --effects`).
///
/// Every window is scored again under both versions, and under the old one with each changed key alone taken from the
/// new one. What the keys together do beyond the sum of what each does alone is the interaction; all figures are
/// integers, so the parts add up to the whole exactly.
package struct PriorsEffects: Equatable, Sendable {
    /// Figures of one comparison.
    package struct Sums: Equatable, Sendable {
        /// Windows that are published under the second set alone.
        package var appeared = 0
        /// Windows that are published under the first set alone.
        package var vanished = 0
        /// Windows that keep their side of the gate and change their score.
        package var changed = 0
        /// Sum of the changes of the score, in millionths.
        package var microSigma: Int64 = 0

        mutating func add(_ old: WindowScorer.Verdict, _ new: WindowScorer.Verdict) {
            microSigma += new.microSigma - old.microSigma
            switch (old.isPublished, new.isPublished) {
            case (false, true): appeared += 1
            case (true, false): vanished += 1
            default: if old.microSigma != new.microSigma { changed += 1 }
            }
        }

        static func - (a: Sums, b: Sums) -> Sums {
            Sums(
                appeared: a.appeared - b.appeared, vanished: a.vanished - b.vanished, changed: a.changed - b.changed,
                microSigma: a.microSigma - b.microSigma)
        }
    }

    /// What became of a window.
    package enum Fate: String, Sendable {
        case appears, vanishes, changes
    }

    /// A window whose verdict is another one under the new priors.
    package struct Flip: Equatable, Sendable {
        package let window: ScoredWindow
        package let fate: Fate
        package let old: WindowScorer.Verdict
        package let new: WindowScorer.Verdict
        /// Changed keys that alone bring the window about, in their order; none where only several together do.
        package let keys: [PriorKey]
    }

    package let from: PriorsVersion
    package let to: PriorsVersion
    /// Windows that were scored again.
    package private(set) var windowCount = 0
    /// Windows without all parts of a score, which nothing can be said about.
    package private(set) var passedOverCount = 0
    /// Windows that were recorded under one of the two versions, and how many of them come to the recorded score.
    package private(set) var recordedCount = 0
    package private(set) var reproducedCount = 0
    package private(set) var total = Sums()
    /// Each changed key alone, in the order of the keys.
    package private(set) var keys: [(key: PriorKey, sums: Sums)] = []
    /// Windows that appear and vanish, all of them, in the order of the log; then those that change the most.
    package private(set) var flips: [Flip] = []

    /// Changed windows that are listed one by one.
    package static let changesMax = 20

    /// What the keys together do beyond the sum of each alone.
    package var interaction: Sums { keys.reduce(total) { $0 - $1.sums } }

    package static func == (a: PriorsEffects, b: PriorsEffects) -> Bool { a.json == b.json }

    /// Scores the windows of a root, or of a bundle, under two sets.
    ///
    /// - Parameter eventNanos: the windows that are meant, by event time; all if nil.
    /// - Throws: `usage` for a set that cannot be applied; `damaged`, `fileSystem`.
    package init(
        owner: Module, from: (PriorsVersion, PriorsSet), to: (PriorsVersion, PriorsSet), windows: RootLogs,
        eventNanos: ClosedRange<Int64>? = nil
    ) throws(LogError) {
        (self.from, self.to) = (from.0, to.0)
        let changed = PriorsDiff(owner: owner, from: from, to: to).entries.map(\.key)
        let keys = Set(changed).sorted()
        self.keys = keys.map { ($0, Sums()) }
        let scorers: Scorers
        do throws(WeaveError) {
            scorers = try Scorers(owner, from.1, to.1, keys)
        } catch { throw LogError(.usage, "\(from.0) -> \(to.0): \(error)") }
        guard windows.names.contains(Module.sig.text) else {
            throw LogError(
                .usage,
                "\(windows.directory): has no log '\(Module.sig.text)' with scored windows; found \(windows.names): "
                    + "give the root of a run, or a bundle of it")
        }
        let walk = try windows.walk(Module.sig.text, types: [SignalScored.typeName], eventNanos: eventNanos)
        var decoder: EventDecoder<SignalScored>
        do throws(FormatError) { decoder = try EventDecoder() } catch { throw LogError(error, at: walk.name) }
        var changes: [Flip] = []
        var event = SignalScored()
        while try walk.next() {
            let head = walk.head
            if windows.isOrphan(head) { continue }
            if let eventNanos, !eventNanos.contains(head.eventNanos) { continue }
            try walk.read { batch throws(FormatError) in try decoder.decode(&batch, into: &event) }
            guard let window = ScoredWindow(event, globalSeq: head.globalSeq, nanos: head.eventNanos) else {
                passedOverCount += 1
                continue
            }
            do throws(WeaveError) {
                try take(window, scorers, &changes)
            } catch { throw LogError(.usage, "\(windows.directory), window \(window.id): \(error)") }
        }
        flips += changes.sorted(by: Self.isLarger).prefix(Self.changesMax)
    }

    private mutating func take(
        _ window: ScoredWindow, _ scorers: Scorers, _ changes: inout [Flip]
    ) throws(WeaveError) {
        let (old, new) = (try scorers.old.verdict(window), try scorers.new.verdict(window))
        windowCount += 1
        check(window, old, new)
        total.add(old, new)
        var causes: [PriorKey] = []
        for (index, scorer) in scorers.alone.enumerated() {
            let alone = try scorer.verdict(window)
            keys[index].sums.add(old, alone)
            if alone.isPublished != old.isPublished || (old.isPublished == new.isPublished && alone != old) {
                causes.append(keys[index].key)
            }
        }
        guard old != new else { return }
        let fate: Fate = old.isPublished == new.isPublished ? .changes : new.isPublished ? .appears : .vanishes
        let flip = Flip(window: window, fate: fate, old: old, new: new, keys: causes)
        guard fate == .changes else { return flips.append(flip) }
        changes.append(flip)
        // Twice as many as are wanted, so that sorting costs little.
        if changes.count >= 2 * Self.changesMax {
            changes.sort(by: Self.isLarger)
            changes.removeLast(changes.count - Self.changesMax)
        }
    }

    /// Whether the score that was recorded comes out again under the priors that it was recorded under.
    private mutating func check(_ window: ScoredWindow, _ old: WindowScorer.Verdict, _ new: WindowScorer.Verdict) {
        guard let sigma = window.sigma, window.priorsVersion == from || window.priorsVersion == to else { return }
        recordedCount += 1
        let micro = window.priorsVersion == from ? old.microSigma : new.microSigma
        if Int64((sigma * 1_000_000).rounded()) == micro { reproducedCount += 1 }
    }

    private static func isLarger(_ a: Flip, _ b: Flip) -> Bool {
        let (first, second) = (a.change.magnitude, b.change.magnitude)
        return first != second ? first > second : a.window.globalSeq < b.window.globalSeq
    }

    /// The sets that every window is scored under.
    private struct Scorers {
        let old: WindowScorer
        let new: WindowScorer
        /// The old set with one key of the new one, in the order of the keys.
        let alone: [WindowScorer]

        init(_ owner: Module, _ from: PriorsSet, _ to: PriorsSet, _ keys: [PriorKey]) throws(WeaveError) {
            old = try WindowScorer(from, owner: owner)
            new = try WindowScorer(to, owner: owner)
            var alone: [WindowScorer] = []
            for key in keys {
                let mixed = from.priors.filter { $0.key != key } + to.priors.filter { $0.key == key }
                alone.append(try WindowScorer(PriorsSet(mixed), owner: owner))
            }
            self.alone = alone
        }
    }
}

extension PriorsEffects.Flip {
    /// The change of the score, in millionths.
    package var change: Int64 { new.microSigma - old.microSigma }
}
