import Events
import LogFormat
import Statistics
import Testing

@testable import SignalEngine

/// Proper scores and the composite (LRN-05, LRN-06, LRN-07).
@Suite struct HorizonScoresTests {
    private func judged(
        _ index: Int, _ horizon: Horizon, signal: Double, forward: Double, mean: Double? = nil
    ) -> JudgedWindow {
        JudgedWindow(
            asofNanos: Int64(index) * second, instrument: 1, horizon: horizon, signal: signal, meanForecast: mean,
            forwardReturn: forward, favourableBps: 10, adverseBps: 4)
    }

    private func score(_ windows: [JudgedWindow], cutOff: Int64 = 1_000_000 * second) throws -> HorizonScored {
        try HorizonScores.event(
            detector: "test_v1", windows: { horizon in windows.filter { $0.horizon == horizon } },
            cutOffNanos: cutOff, lineage: Lineage())
    }

    @Test func `the composite by hand`() throws {
        var windows: [JudgedWindow] = []
        for index in 0..<40 {
            // Signal 0.6 says p = 0.8; three of four are right: Brier 0.75 * 0.04 + 0.25 * 0.64 = 0.19.
            let right = index % 4 != 0
            for horizon in [Horizon.seconds30, .minutes5] {
                windows.append(judged(index, horizon, signal: 0.6, forward: right ? 0.001 : -0.001))
            }
            // Forecast half of what comes: squared error a quarter of the squared return.
            windows.append(judged(index, .hour1, signal: 0.6, forward: 0.01, mean: 0.005))
        }
        var event = try score(windows)
        let skill = 1 - 0.19 / 0.25
        #expect(event.parts.map(\.sampleCount) == [40, 40, 40])
        #expect(abs((event.parts[0].brier ?? 0) - 0.19) < 1e-12)
        #expect(abs((event.parts[0].logLoss ?? 0) - (0.75 * 0.22314355131421 + 0.25 * 1.6094379124341)) < 1e-12)
        #expect(event.parts[2].basis == .squaredError && abs((event.parts[2].skill ?? 0) - 0.75) < 1e-12)
        #expect(event.turnoverShare == 0)
        #expect(abs((event.composite ?? 0) - (0.5 * skill + 0.5 * 0.75)) < 1e-12)
        #expect(abs((event.parts[0].edge ?? 0) - 0.6 * 0.0005) < 1e-15)
        // Thirty windows share the prices of one horizon of 30 s; an hour spans them all.
        #expect(event.parts.map(\.lagCount) == [30, 39, 39])
        #expect(event.parts[0].favourableBps == 10 && event.parts[0].adverseBps == 4)
        let bytes = CanonicalBytes()
        #expect(try unsafe bytes.encode(&event, eventNanos: 1) { stable, _ in stable.count } > 0)
    }

    @Test func `turnover costs, and every change of sign counts`() throws {
        func composite(_ sign: (Int) -> Double) throws -> (turnover: Double?, composite: Double?) {
            let windows = (0..<60).flatMap { index in
                Horizon.allCases.map { judged(index, $0, signal: sign(index), forward: sign(index) * 0.001) }
            }
            let event = try score(windows)
            return (event.turnoverShare, event.composite)
        }
        let (steady, flipping) = (try composite { _ in 0.5 }, try composite { $0 % 2 == 0 ? 0.5 : -0.5 })
        #expect(steady.turnover == 0 && flipping.turnover == 1)
        #expect(abs((steady.composite ?? 0) - (flipping.composite ?? 0) - 0.1) < 1e-12)
    }

    @Test func `no horizon can be left out, and ties have no direction`() throws {
        let short = (0..<40).map { judged($0, .seconds30, signal: 1, forward: 0.001) }
        let event = try score(short)
        #expect(event.parts.count == 3 && event.parts[0].skill == 1)
        #expect(event.parts[1].skill == nil && event.parts[1].brier == nil && event.composite == nil)
        let ties = try score((0..<40).map { judged($0, .seconds30, signal: 1, forward: 0) })
        #expect(ties.parts[0].tieCount == 40 && ties.parts[0].brier == nil && ties.parts[0].edge == 0)
        #expect(try score([]).parts.allSatisfy { $0.sampleCount == 0 })
    }

    @Test func `outcomes of the cut-off and later do not count (LRN-64)`() throws {
        let windows = (0..<100).map { judged($0, .seconds30, signal: 1, forward: 0.001) }
        // The outcome of window 20 is known at second 50 exactly.
        #expect(try score(windows, cutOff: 50 * second).parts[0].sampleCount == 20)
        #expect(try score(windows, cutOff: 50 * second + 1).parts[0].sampleCount == 21)
    }

    @Test func `lags span the overlap of horizons, and at least 1.3 sqrt n (LRN-07)`() throws {
        func lags(everySeconds: Int) throws -> Int64 {
            try score((0..<400).map { judged($0 * everySeconds, .minutes5, signal: 1, forward: 0.001) }).parts[1]
                .lagCount
        }
        #expect(try lags(everySeconds: 300) == 26 && lags(everySeconds: 10) == 30)
        #expect(try lags(everySeconds: 7) == 43)
    }

    @Test func `windows of one moment are one draw`() throws {
        var random = Xoshiro256(seed: 4)
        var single: [JudgedWindow] = []
        for index in 0..<200 { single.append(judged(index, .seconds30, signal: 1, forward: random.normal() * 0.001)) }
        let tripled = single.flatMap { window in
            (1...3).map { number in
                var copy = window
                copy.instrument = Int32(number)
                return copy
            }
        }
        let (one, three) = (try score(single).parts[0], try score(tripled).parts[0])
        // Three copies of the same return say nothing new.
        #expect(abs((one.edgeError ?? 0) - (three.edgeError ?? 1)) < 1e-15)
        #expect((one.edgeLow ?? 0) < (one.edge ?? 0) && (one.edge ?? 0) < (one.edgeHigh ?? 0))
    }
}
