import Events
import LogFormat
import Statistics
import Testing

@testable import SignalEngine

/// Something that becomes known, in order.
enum Tape: Equatable {
    case price(Int32, Int64, at: Int64)
    case open(ScoredWindow)
    case gap(Int32, from: Int64, at: Int64)

    var nanos: Int64 {
        switch self {
        case .price(_, _, let at): at
        case .open(let window): window.asofNanos
        case .gap(_, _, let at): at
        }
    }
}

let second: Int64 = 1_000_000_000

func scored(_ number: UInt64, _ instrument: Int32, _ signal: Double, _ price: Int64, _ asof: Int64) -> ScoredWindow {
    ScoredWindow(
        scoredID: EventID(ULID(high: 1, low: number)), instrument: instrument, signal: signal, price: price,
        asofNanos: asof)
}

/// A random walk with windows, silences and gaps on several instruments.
func randomTape(_ seed: UInt64, _ count: Int) -> [Tape] {
    var random = Xoshiro256(seed: seed)
    var tape: [Tape] = []
    var now = 1_000 * second
    var last: [Int64] = [0, 0, 0, 0]
    var number: UInt64 = 0
    for _ in 0..<count {
        let quiet = random.index(below: 40) == 0
        // Often several things at one moment, sometimes long silence.
        now += random.index(below: 3) == 0 ? 0 : Int64(random.index(below: quiet ? 300 : 4)) * second / 2
        let instrument = random.index(below: 3) + 1
        switch random.index(below: 100) {
        case 0..<70:
            let step = Int64(random.index(below: 21)) - 10
            last[instrument] = max((last[instrument] == 0 ? 1_000_000 : last[instrument]) + step * 100, 100)
            tape.append(.price(Int32(instrument), last[instrument], at: now))
        case 70..<98:
            let signal = Double(random.index(below: 3) - 1) * 0.5
            number += 1
            tape.append(.open(scored(number, Int32(instrument), signal, last[instrument], now)))
        default:
            tape.append(
                .gap(Int32(random.index(below: 4)), from: now - Int64(random.index(below: 20)) * second, at: now))
        }
    }
    return tape
}

/// The outcomes up to the end of the tape, in the order in which they come out; every price and the end move time on.
func track(_ tape: [Tape], until end: Int64) -> [Outcome] {
    var tracker = OutcomeTracker()
    var found: [Outcome] = []
    for entry in tape {
        if entry.nanos > .min { tracker.advance(to: entry.nanos - 1) { found.append($0) } }
        switch entry {
        case .price(let instrument, let price, let at): tracker.price(instrument, price, atNanos: at)
        case .open(let window): tracker.open(window)
        case .gap(let instrument, let from, _): tracker.gap(instrument, fromNanos: from)
        }
    }
    tracker.advance(to: end) { found.append($0) }
    return found
}

/// The same, from the words of the requirement, by looking at the whole tape for every window.
func naive(_ tape: [Tape], until end: Int64) -> [Outcome] {
    var all: [(moment: Int64, order: Int, seconds: Int64, outcome: Outcome)] = []
    for (place, entry) in tape.enumerated() {
        guard case .open(let window) = entry else { continue }
        for horizon in Horizon.allCases {
            let due = window.asofNanos + horizon.nanos
            // What was known before anything later than the horizon happened.
            let known = tape.indices.filter { tape[$0].nanos <= due }
            let result = naiveResult(tape, known, place, window, due)
            // A window without a price is missed at once: before what is due at that moment, behind what was due
            // before.
            let (moment, shown) = window.price > 0 ? (2 * due, due) : (2 * window.asofNanos - 1, window.asofNanos)
            if shown <= end {
                all.append((moment, place, horizon.seconds, Outcome(window: window, horizon: horizon, result: result)))
            }
        }
    }
    return all.sorted { ($0.moment, $0.order, $0.seconds) < ($1.moment, $1.order, $1.seconds) }.map(\.outcome)
}

private func naiveResult(
    _ tape: [Tape], _ known: [Int], _ place: Int, _ window: ScoredWindow, _ due: Int64
) -> Outcome.Result {
    guard window.price > 0 else { return .missed(.noStartPrice) }
    var seen: [(price: Int64, at: Int64)] = []
    var isInGap = false
    var gapFrom = Int64.max
    for index in known {
        switch tape[index] {
        case .price(window.instrument, let price, let at):
            if index > place { seen.append((price, at)) }
            (isInGap, gapFrom) = (false, .max)
        case .gap(let instrument, let from, _) where instrument == 0 || instrument == window.instrument:
            // Gaps count for instruments that were seen or opened before.
            isInGap = true
            gapFrom = min(gapFrom, from)
        default: break
        }
    }
    if isInGap, due >= gapFrom { return .missed(.gap) }
    guard let last = seen.last else { return .missed(.noPriceInWindow) }
    if due - last.at > 60 * second { return .missed(.stalePrice) }
    let (high, low) = (
        max(seen.map(\.price).max() ?? 0, window.price), min(seen.map(\.price).min() ?? 0, window.price)
    )
    let up = Double(high - window.price) / Double(window.price) * 1e4
    let down = Double(window.price - low) / Double(window.price) * 1e4
    let move = last.price - window.price
    let hit: Bool? = window.signal == 0 ? nil : (window.signal > 0) == (move > 0) && move != 0
    let isUp = window.signal >= 0
    return .evaluated(
        Outcome.Figures(
            forwardReturn: Double(move) / Double(window.price), favourableBps: isUp ? up : down,
            adverseBps: isUp ? down : up, hit: hit, endPrice: last.price))
}

/// Outcomes of windows: right, late enough, and nothing from the future (LRN-03, LRN-04, AUD-06).
@Suite struct OutcomeTrackerTests {
    @Test func `a window's three outcomes by hand`() {
        let window = scored(1, 1, 0.7, 1_000_000, 100 * second)
        var tracker = OutcomeTracker()
        var found: [Outcome] = []
        tracker.price(1, 1_000_000, atNanos: 99 * second)
        tracker.open(window)
        tracker.price(1, 1_020_000, atNanos: 110 * second)
        tracker.price(1, 990_000, atNanos: 120 * second)
        tracker.price(1, 1_010_000, atNanos: 130 * second)
        tracker.advance(to: 130 * second - 1) { found.append($0) }
        #expect(found.isEmpty)
        // A price at exactly the horizon counts; time beyond it does not have to come first.
        tracker.advance(to: 130 * second) { found.append($0) }
        #expect(
            found == [
                Outcome(
                    window: window, horizon: .seconds30,
                    result: .evaluated(
                        Outcome.Figures(
                            forwardReturn: 0.01, favourableBps: 200, adverseBps: 100, hit: true, endPrice: 1_010_000)))
            ])
        tracker.price(1, 900_000, atNanos: 399 * second)
        tracker.price(1, 2_000_000, atNanos: 401 * second)
        tracker.advance(to: 401 * second) { found.append($0) }
        #expect(found.count == 2)
        guard case .evaluated(let figures) = found[1].result else {
            Issue.record("missed")
            return
        }
        #expect(figures.endPrice == 900_000 && figures.adverseBps == 1000 && figures.favourableBps == 200)
        #expect(figures.hit == false)
        tracker.advance(to: 3_700 * second) { found.append($0) }
        // Nothing was seen for the best part of an hour.
        #expect(found.last?.result == .missed(.stalePrice))
        #expect(tracker.openCount == 0 && tracker.evaluatedCount == 2 && tracker.missedCount(.stalePrice) == 1)
    }

    @Test func `a short signal turns excursions round, a signal of 0 has no hit`() {
        func figures(_ signal: Double) -> Outcome.Figures? {
            var tracker = OutcomeTracker(horizons: [.seconds30])
            var found: Outcome?
            tracker.open(scored(1, 1, signal, 1_000_000, 0))
            tracker.price(1, 1_030_000, atNanos: second)
            tracker.price(1, 980_000, atNanos: 2 * second)
            tracker.advance(to: 30 * second) { found = $0 }
            guard case .evaluated(let figures) = found?.result else { return nil }
            return figures
        }
        #expect(figures(-1)?.favourableBps == 200 && figures(-1)?.adverseBps == 300 && figures(-1)?.hit == true)
        #expect(figures(0)?.favourableBps == 300 && figures(0)?.hit == nil && figures(0)?.forwardReturn == -0.02)
    }

    @Test func `every reason for a missing outcome`() {
        var tracker = OutcomeTracker(horizons: [.seconds30])
        var found: [MissedReason] = []
        func advance(_ to: Int64) {
            tracker.advance(to: to) { if case .missed(let reason) = $0.result { found.append(reason) } }
        }
        tracker.open(scored(1, 1, 1, 0, 0))
        tracker.open(scored(2, 70_000, 1, 5, 0))
        advance(0)
        #expect(found == [.noStartPrice, .noStartPrice])
        tracker.open(scored(3, 1, 1, 100, 0))
        advance(30 * second)
        tracker.price(1, 100, atNanos: 40 * second)
        tracker.open(scored(4, 1, 1, 100, 39 * second))
        tracker.open(scored(5, 1, 1, 100, 41 * second))
        tracker.price(1, 101, atNanos: 42 * second)
        tracker.gap(1, fromNanos: 60 * second)
        advance(80 * second)
        #expect(found == [.noStartPrice, .noStartPrice, .noPriceInWindow, .openedLate, .gap])
        tracker.price(1, 0, atNanos: 81 * second)
        tracker.price(0, 5, atNanos: 81 * second)
        #expect(tracker.refusedPriceCount == 2 && tracker.evaluatedCount == 0)
    }

    @Test(arguments: 0..<24) func `random paths agree with the naive oracle`(seed: UInt64) {
        let tape = randomTape(seed, 900)
        let end = (tape.last?.nanos ?? 0) + Int64(seed % 3) * 1_800 * second
        let (found, expected) = (track(tape, until: end), naive(tape, until: end))
        #expect(found.count == expected.count, "seed \(seed)")
        if let index = (0..<min(found.count, expected.count)).first(where: { found[$0] != expected[$0] }) {
            Issue.record("seed \(seed), outcome \(index): \(found[index]) instead of \(expected[index])")
        }
        #expect(expected.contains { if case .evaluated = $0.result { true } else { false } })
    }

    /// AUD-06: cut the tape at any time, and everything at or before the cut is unchanged.
    @Test(arguments: 0..<8) func `nothing at or before a cut depends on what came later`(seed: UInt64) {
        let tape = randomTape(1_000 + seed, 800)
        let whole = track(tape, until: (tape.last?.nanos ?? 0) + 4_000 * second)
        var random = Xoshiro256(seed: seed)
        for _ in 0..<25 {
            let cut = tape[random.index(below: tape.count)].nanos
            let part = track(tape.filter { $0.nanos <= cut }, until: cut)
            #expect(Array(whole.prefix(part.count)) == part, "seed \(seed), cut \(cut)")
            #expect(whole.dropFirst(part.count).allSatisfy { $0.dueNanos > cut }, "seed \(seed), cut \(cut)")
        }
    }

    @Test func `memory follows the windows of an hour, not the prices`() {
        var tracker = OutcomeTracker()
        var outcomes = 0
        // The worst case for a queue of maxima: a price that only falls.
        for tick in 0..<100_000 {
            let now = Int64(tick) * second / 10
            tracker.advance(to: now - 1) { _ in outcomes += 1 }
            if tick % 100 == 0 { tracker.open(scored(UInt64(tick), 1, 1, 10_000_000, now)) }
            tracker.price(1, Int64(5_000_000 - tick), atNanos: now)
        }
        #expect(tracker.openCount <= 361)
        #expect(tracker.heldCount < 5_000)
        #expect(outcomes > 2_000)
    }

    @Test func `an outcome becomes an event whose fields and id follow from it`() throws {
        let window = scored(7, 1, -0.5, 1_000_000, 100 * second)
        let figures = Outcome.Figures(
            forwardReturn: -0.01, favourableBps: 100, adverseBps: 5, hit: true, endPrice: 990_000)
        let outcome = Outcome(window: window, horizon: .minutes5, result: .evaluated(figures))
        let lineage = outcome.lineage(seenGlobalSeq: 9)
        var event = try #require(outcome.evaluated(lineage))
        #expect(outcome.missed(lineage) == nil)
        #expect(event.scoredID == window.scoredID && event.horizonSeconds == 300 && event.isPaper)
        #expect(event.lineage.parentID == window.scoredID && event.lineage.id.ulid.millis == 400_000)
        #expect(outcome.lineage(seenGlobalSeq: 9) == lineage)
        for horizon in Horizon.allCases {
            let other = Outcome(window: window, horizon: horizon, result: .evaluated(figures))
            let key = "evaluated|\(window.scoredID)|\(horizon.seconds)"
            let wanted = EventID(module: .sig, key: key, eventNanos: other.dueNanos)
            #expect(other.lineage(seenGlobalSeq: 9).id == wanted)
        }
        let missed = Outcome(window: window, horizon: .hour1, result: .missed(.gap))
        var other = try #require(missed.missed(missed.lineage(seenGlobalSeq: 9)))
        #expect(other.lineage.id != lineage.id && other.reason == .gap)
        let bytes = CanonicalBytes()
        #expect(try unsafe bytes.encode(&event, eventNanos: outcome.dueNanos) { stable, _ in stable.count } > 0)
        #expect(try unsafe bytes.encode(&other, eventNanos: missed.dueNanos) { stable, _ in stable.count } > 0)
    }
}
