import Events
import Statistics
import Testing

@testable import SignalEngine

/// Scores: worked examples, parts against plain readings, phases, standings.
@Suite struct ScoreTests {
    @Test func `EX-06 the boost by evidence`() {
        #expect(abs(1 + 0.4 * 0.68 - 1.272) < 1e-12)
        #expect(abs(SigmaTrace.boosted(0.41, evidence: 0.68, boost: 0.4) - 0.52152) < 1e-12)
        #expect(abs(SigmaTrace.boosted(0.41, evidence: 0.68, boost: ScorePolicy().evidenceBoost) - 0.43788) < 1e-12)
        #expect(SigmaTrace.boosted(0.9, evidence: 1, boost: 0.4) == 1)
    }

    @Test func `EX-07 fused evidence`() {
        let (ratio, evidence) = Evidence.fused([0.42, 0.55, -0.10], weights: [0.61, 0.61, 0.61])
        #expect(abs(ratio - 0.5307) < 1e-12)
        #expect(abs(evidence - 0.6296) < 5e-5)
        #expect(Evidence.fused([100], weights: [1]).ratio == 6)
    }

    @Test func `EX-08 confirmation by m of n`() {
        #expect(Evidence.isConfirmed([true, true, false], weights: [1, 1, 1], atLeast: 2))
        #expect(!Evidence.isConfirmed([true, true, false], weights: [1, 1, 1], atLeast: 3))
    }

    @Test func `EX-09 a braid's shift of theta`() {
        #expect(abs(SigmaTrace.patched(0.22, delta: -0.12, floor: 0.05) - 0.10) < 1e-12)
        #expect(SigmaTrace.patched(0.15, delta: -0.12, floor: 0.05) == 0.05)
    }

    static func input() -> SigmaInput {
        var input = SigmaInput()
        input.quality = 0.5
        input.phi = 0.3
        input.coherence = 0.4
        input.novelty = 0.6
        input.emergence = 0.5
        input.theta = 0.4
        input.rho = 0.3
        input.hbar = 0.7
        return input
    }

    @Test func `the order of SIG-06, each step on the record`() throws {
        var input = Self.input()
        input.evidence = 0.8
        input.patch.reference = PayloadHash()
        input.patch.thetaDelta = -0.1
        input.patch.thetaMin = 0.05
        input.patch.phiFactor = 1.3
        input.patch.phiFactorMax = 1.15
        let trace = try SigmaTrace(input, policy: ScorePolicy())
        func resonance(_ theta: Double) throws -> Double {
            try Resonance(
                phi: 0.3, coherence: 0.4, novelty: 0.6, emergence: 0.5, theta: theta, rho: 0.3, surprise: 0.7
            ).value
        }
        #expect(trace.baseTheta == 0.4)
        #expect(trace.baseDeltaPhi == (try resonance(0.4)))
        #expect(abs(trace.steps.relievedTheta - 0.36) < 1e-15)
        #expect(abs(trace.theta - 0.26) < 1e-15)
        #expect(trace.steps.rawDeltaPhi == (try resonance(trace.theta)))
        #expect(abs(trace.steps.boostedDeltaPhi - 1.08 * trace.steps.rawDeltaPhi) < 1e-15)
        #expect(abs(trace.deltaPhi - 1.15 * trace.steps.boostedDeltaPhi) < 1e-15)
        let sigma = Elementary.power(0.5, 0.6) * Elementary.power(trace.deltaPhi, 0.4)
        #expect(abs(trace.sigma - sigma) < 1e-14)
        // Without evidence and patch nothing moves.
        let plain = try SigmaTrace(Self.input(), policy: ScorePolicy())
        #expect(plain.theta == plain.baseTheta && plain.deltaPhi == plain.baseDeltaPhi)
        // It rises when the penalty falls (SIG-03).
        #expect(trace.steps.rawDeltaPhi > trace.baseDeltaPhi)
    }

    @Test func `sigma is 0 where a part with a positive exponent is 0 (SIG-01)`() {
        #expect(SigmaTrace.blended(0, 0.5, blend: 0.6) == 0)
        #expect(SigmaTrace.blended(0.5, 0, blend: 0.6) == 0)
        #expect(SigmaTrace.blended(0, 0.5, blend: 0) == 0.5)
        #expect(SigmaTrace.blended(1, 1, blend: 0.6) == 1)
    }

    @Test func `relief never goes below the floor nor raises theta (SIG-05)`() {
        #expect(SigmaTrace.relieved(0.03, evidence: 1, relief: 0.05, floor: 0) == 0)
        #expect(SigmaTrace.relieved(0.08, evidence: 1, relief: 0.05, floor: 0.05) == 0.05)
        #expect(SigmaTrace.relieved(0.02, evidence: 1, relief: 0.05, floor: 0.05) == 0.02)
    }

    @Test func `the book of days gives the hit rate, the turnover and the ratios of the plain sums`() throws {
        var random = Xoshiro256(seed: 11)
        var book = DayBook(days: 60)
        let day: Int64 = 86_400_000_000_000
        let start: Int64 = 20_000 * day
        var (signals, returns, weeks): ([Double], [Double], [Int64: [Double]]) = ([], [], [:])
        for step in 0..<4000 {
            let nanos = start + Int64(step) * day / 80
            let (s, r) = (2 * random.uniform() - 1, 0.001 * random.normal())
            book.window(asofNanos: nanos, turnover: abs(s), halfSpreadBps: 2)
            book.outcome(asofNanos: nanos, signal: s, forwardReturn: r, pnl: s * r)
            signals.append(s)
            returns.append(r)
            weeks[(nanos / day + 3) / 7, default: []].append(s * r)
        }
        let end = start + 50 * day - 1
        let accuracy = try #require(book.accuracy(at: end))
        #expect(abs(accuracy - (try SignalScores.accuracy(signals: signals, returns: returns) ?? 0)) < 1e-12)
        let ratios = weeks.keys.sorted().map { key -> Double in
            let values = weeks[key] ?? []
            let mean = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return mean / (squares / Double(values.count - 1)).squareRoot()
        }
        let found = book.ratios(at: end)
        #expect(found.count == ratios.count)
        for (a, b) in zip(found, ratios) { #expect(abs(a - b) < 1e-9) }
        let mean = signals.reduce(0) { $0 + abs($1) } / 4000
        #expect(abs((book.turnover(at: end)?.turnover ?? 0) - mean) < 1e-12)
        // Sixty days later nothing is left.
        #expect(book.accuracy(at: end + 60 * day) == nil)
    }

    @Test func `coherence tells a shared rhythm from noise`() throws {
        var random = Xoshiro256(seed: 5)
        var (x, y, z): ([Double], [Double], [Double]) = ([], [], [])
        for step in 0..<2048 {
            let wave = Elementary.sin(2 * 3.141592653589793 * Double(step) / 16)
            x.append(wave + 0.3 * random.normal())
            y.append(0.5 * wave + 0.3 * random.normal())
            z.append(random.normal())
        }
        let shared = try #require(Coherence.welch(x, y, band: 4...4))
        let noise = try #require(Coherence.welch(x, z, band: 1...16))
        #expect(shared > 0.9 && noise < 0.1, "\(shared) \(noise)")
        #expect(Coherence.welch(x, x, band: 1...16).map { abs($0 - 1) < 1e-12 } == true)
        #expect(Coherence.welch([Double](repeating: 0, count: 500), z, band: 1...4) == nil)
    }

    @Test func `partial correlation takes out what peers explain`() throws {
        var random = Xoshiro256(seed: 8)
        let peer = (0..<500).map { _ in random.normal() }
        let a = peer.map { $0 + 0.1 * random.normal() }
        let b = peer.map { $0 + 0.1 * random.normal() }
        let plain = try #require(Streams.correlation(a, b))
        let partial = try #require(Streams.partialCorrelation(a, b, given: [peer]))
        #expect(plain > 0.95 && partial < 0.15, "\(plain) \(partial)")
        // The same peer twice changes nothing.
        #expect(Streams.partialCorrelation(a, b, given: [peer, peer]) == partial)
    }

    @Test func `price bands follow a wave and see no phase in a constant price`() {
        var bands = PriceBands()
        for step in 0..<400 {
            let wave = 1 + 0.01 * Elementary.sin(2 * 3.141592653589793 * Double(step) / 32)
            bands.add(Int64(wave * 1e10))
        }
        let sizes = (0..<4).map { PriceBands.size(bands.values[2 * $0], bands.values[2 * $0 + 1]) }
        #expect(sizes[2] == sizes.max(), "\(sizes)")
        var flat = PriceBands()
        for _ in 0..<400 { flat.add(1_000_000) }
        for index in 0..<8 { #expect(flat.values[index] == 0) }
    }

    @Test func `kairos is 1 at the phase of past hits, 0 opposite, 0.5 before any`() throws {
        var (bands, opposite) = (PriceBands(), PriceBands())
        for step in 0..<256 {
            let wave = 0.01 * Elementary.sin(2 * 3.141592653589793 * Double(step) / 32)
            bands.add(Int64((Elementary.exp(wave) * 1e12).rounded()))
            opposite.add(Int64((Elementary.exp(-wave) * 1e12).rounded()))
        }
        var kairos = Kairos()
        #expect(kairos.value(bands) == 0.5)
        kairos.hit(bands.phases, weight: 0.01)
        #expect(abs((kairos.value(bands) ?? 0) - 1) < 1e-9)
        #expect((kairos.value(opposite) ?? 1) < 1e-6)
        #expect(kairos.value(PriceBands()) == nil)
    }

    @Test func `entrainment is that of the phases (DEF-18)`() throws {
        var random = Xoshiro256(seed: 3)
        for count in 1...12 {
            let phases = (0..<count).map { _ in 6 * random.uniform() - 3 }
            var all = Entrainment()
            for phase in phases {
                let (s, c) = Elementary.sinCos(phase)
                all.add((c, s))
            }
            let expected = try Phases.entrainment(phases)
            #expect((all.value == nil) == (expected == nil))
            if let value = all.value, let expected { #expect(abs(value - expected) < 1e-12) }
        }
    }

    @Test func `uncertainty is the variance of the siblings (DEF-19)`() {
        func uncertainty(_ signals: [Double]) -> Double? { Mutations.uncertainty(signals.span) }
        #expect(uncertainty([0.5]) == nil)
        #expect(uncertainty([1, -1]) == 1)
        #expect(abs((uncertainty([0.1, 0.2, 0.3]) ?? 0) - 0.02 / 3) < 1e-15)
    }

    @Test func `outcomes find their windows, late ones are left out`() {
        var ring = PendingRing(capacity: 3)
        for time in 1...4 {
            var window = PendingWindow()
            window.asofNanos = Int64(time)
            ring.add(window)
        }
        #expect(ring.take(1) == nil)
        #expect(ring.take(3)?.asofNanos == 3)
        #expect(ring.take(2) == nil)
        #expect(ring.take(4)?.asofNanos == 4)
        #expect(ring.count == 0)
    }

    @Test func `the grid holds a week and forgets what is older`() {
        var grid = MinuteGrid()
        let step = MinuteGrid.stepNanos
        for index in 0..<3000 { grid.add(Double(index), at: Int64(index) * step) }
        #expect(grid.first == 3000 - Int64(MinuteGrid.countMax))
        #expect(grid.value(2999) == 2999 && grid.value(100) == 0)
        grid.add(5, at: 10 * step)
        #expect(grid.value(2999) == 2999)
        var held = MinuteGrid()
        held.set(3, at: 0)
        held.set(4, at: 5 * step)
        #expect(held.values(0...5) == [3, 3, 3, 3, 3, 4])
    }
}
