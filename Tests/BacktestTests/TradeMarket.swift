import DetectorYAML
import Events
import LogEngine
import Runtime
import SignalEngine
import Specimens

/// Trades of two coins every five seconds, from Sunday afternoon to Monday morning, and two detectors that speak in
/// every minute: the least that is scored and calibrated within some hours.
enum TradeMarket {
    static let hour: Int64 = 3_600_000_000_000
    /// 2026-03-02T00:00:00Z, a Monday.
    static let monday: Int64 = 1_772_409_600_000_000_000
    static let detectors = ["candle_body_v1", "candle_close_v1"]

    /// Writes the market log of a new root in a folder.
    static func write(_ folder: String, hoursBefore: Int64 = 9, hoursAfter: Int64 = 1) throws -> String {
        let directory = "\(folder)/root"
        try RealFS().createDirectory(directory)
        let root = try Root(directory, modules: [.mkt])
        let start = monday - hoursBefore * hour
        for number in 1...2 as ClosedRange<Int32> {
            var listed = MarketInstrument()
            (listed.instrument, listed.venue, listed.symbol) = (number, "hyperliquid", "C\(number)")
            listed.asset = AssetID("C\(number)-USD")
            (listed.priceStep, listed.sizeStep) = (1, 1)
            try root.append(&listed, to: .mkt, eventNanos: start)
        }
        var random = SeededGenerator(seed: 61)
        var prices: [Int64] = [10_000_000_000, 10_000_000_000]
        for step in 0..<((hoursBefore + hoursAfter) * 720) {
            for number in 1...2 as ClosedRange<Int32> {
                let now = start + step * 5_000_000_000 + Int64(number) * 100_000_000
                prices[Int(number) - 1] += Int64(random.below(4_000_001)) - 2_000_000
                var trade = MarketTrade()
                (trade.instrument, trade.receivedNanos) = (number, now)
                (trade.price, trade.size) = (prices[Int(number) - 1], Int64(1 + random.below(1000)) * 100_000)
                trade.side = random.chance(0.5) ? .buy : .sell
                trade.tradeID = UInt64(step) + 1
                try root.append(&trade, to: .mkt, eventNanos: now)
            }
        }
        try root.close(seal: true)
        return directory
    }

    static func engine() throws -> SignalEngine {
        var setup = EngineSetup()
        (setup.siblings, setup.initialState, setup.policy.uncertaintyMax) = (0, .active, 1)
        let recipes = try zip(detectors, ["zscore(body_bps, 20)", "2 * close_location - 1"]).map { id, signal in
            try RecipeCompiler.compile(
                try DetectorReader.source(
                    """
                    detector: \(id)
                    family: candle
                    summary: Speaks in every minute.
                    timeframe: 1m
                    every: 60s
                    horizon: 5m
                    half_life_bars: 5
                    params:
                      gain: {value: 0.5, min: 0.1, max: 1.0}
                    signal: tanh(gain * (\(signal)))
                    abstain: not present(body_bps)
                    invariants: []
                    """))
        }
        return SignalEngine(recipes, setup: setup)
    }
}
