import Events
import Foundation
import Market
import Statistics

/// Features computed anew at every window from all events before it, with no state kept: slow, and independent.
///
/// One instrument, trades and books without gaps.
struct FeaturesOracle {
    let inputs: [FeaturesInput]
    let kind: WindowKind
    let rows: [Int64]

    var every: Int64 { Int64(kind.everySeconds) * second }
    private var timeframeNanos: Int64 { kind.timeframe.seconds * second }

    /// How many inputs came before a moment.
    private func count(before end: Int64) -> Int {
        var (low, high) = (0, inputs.count)
        while low < high {
            let middle = (low + high) / 2
            if inputs[middle].now < end { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func known(_ end: Int64) -> ArraySlice<FeaturesInput> { inputs.prefix(count(before: end)) }

    func lastBook(_ end: Int64) -> MarketBook? {
        for input in known(end).reversed() { if case .book(let book) = input.event { return book } }
        return nil
    }

    func trades(_ end: Int64, from start: Int64 = .min) -> [(MarketTrade, Int64)] {
        known(end).dropFirst(start == .min ? 0 : count(before: start)).compactMap {
            guard case .trade(let trade) = $0.event else { return nil }
            return (trade, $0.at)
        }
    }

    func books(_ end: Int64) -> [(MarketBook, Int64)] {
        known(end).compactMap {
            guard case .book(let book) = $0.event else { return nil }
            return (book, $0.now)
        }
    }

    /// Best bid, its size, best ask, its size, in 1e-8, as of a moment.
    func top(_ end: Int64) -> (bid: Double, bidSize: Double, ask: Double, askSize: Double)? {
        for input in known(end).reversed() {
            switch input.event {
            case .book(let book):
                return (
                    Double(book.bidPrices[0]) * 1e7, Double(book.bidSizes[0]) * 1e3, Double(book.askPrices[0]) * 1e7,
                    Double(book.askSizes[0]) * 1e3
                )
            case .quote(let quote):
                return (
                    Double(quote.bidPrice), Double(quote.bidSize), Double(quote.askPrice), Double(quote.askSize)
                )
            default: continue
            }
        }
        return nil
    }

    func mid(_ end: Int64) -> Double? { top(end).map { (($0.bid + $0.ask) / 2).rounded(.down) } }

    func microprice(_ end: Int64) -> Double? {
        top(end).map { ($0.ask * $0.bidSize + $0.bid * $0.askSize) / ($0.bidSize + $0.askSize) }
    }

    func context(_ end: Int64) -> MarketContext? {
        for input in known(end).reversed() { if case .context(let context) = input.event { return context } }
        return nil
    }

    /// Bars that were handed out before a row at `end`: those whose grace is over, or with a trade behind them.
    func bars(_ end: Int64) -> [(open: Double, high: Double, low: Double, close: Double, volume: Double)] {
        let all = trades(end)
        guard let first = all.first, let newest = all.map(\.1).max() else { return [] }
        var open = first.1 - first.1 % timeframeNanos
        var result: [(open: Double, high: Double, low: Double, close: Double, volume: Double)] = []
        while open + timeframeNanos + 2 * second <= end || open + timeframeNanos <= newest {
            let inside = all.filter { $0.1 >= open && $0.1 < open + timeframeNanos }.map(\.0)
            let last = result.last?.close ?? 0
            let prices = inside.map { Double($0.price) }
            result.append(
                (
                    prices.first ?? last, prices.max() ?? last, prices.min() ?? last, prices.last ?? last,
                    inside.reduce(0) { $0 + Double($1.size) }
                ))
            open += timeframeNanos
        }
        return result
    }

    private func total(_ trades: [(MarketTrade, Int64)]) -> Double { trades.reduce(0) { $0 + Double($1.0.size) } }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }

    /// The value of a feature at the end of a window; nil where this oracle has none.
    func value(_ feature: Feature, at end: Int64) -> Double? {
        let start = end - every
        switch feature {
        case .tradeCount: return Double(trades(end, from: start).count)
        case .tradedQuote:
            return trades(end, from: start).reduce(0) { $0 + Double($1.0.price) / 1e8 * (Double($1.0.size) / 1e8) }
        case .aggressorImbalance:
            let all = trades(end, from: start)
            guard !all.isEmpty else { return nil }
            return (total(all.filter { $0.0.side == .buy }) - total(all.filter { $0.0.side == .sell })) / total(all)
        case .longestRun: return Double(runs(trades(end, from: start).map(\.0.side)).max() ?? 0)
        case .aggressorRun:
            let sides = trades(end).map(\.0.side)
            let length = Double(runs(sides).last ?? 0)
            return sides.last == .sell ? -length : length
        case .relativeVolume:
            let before = rows.filter { $0 < end }.dropFirst().map { total(trades($0, from: $0 - every)) }
            let busy = Array(before.filter { $0 > 0 }.suffix(512))
            return busy.count >= 20 ? total(trades(end, from: start)) / median(busy) : nil
        case .spreadBps: return top(end).map { ($0.ask - $0.bid) / (($0.ask + $0.bid) / 2) * 1e4 }
        case .bookImbalance1: return top(end).map { ($0.bidSize - $0.askSize) / ($0.bidSize + $0.askSize) }
        case .bookImbalance5: return imbalance(end, 5)
        case .bookImbalance10: return imbalance(end, 10)
        case .imbalanceShock:
            let before = rows.filter { $0 < end }.compactMap { imbalance($0, 5) }.suffix(512)
            guard before.count >= 200, let now = imbalance(end, 5) else { return nil }
            let middle = median(Array(before))
            let spread = 1.4826 * median(before.map { abs($0 - middle) })
            return max(-5, min(5, (now - middle) / spread))
        case .depthSlope: return slope(end)
        case .topDepthQuote: return depth(end)
        case .depthPercentile:
            let all = rows.filter { $0 <= end }.compactMap { depth($0) }
            guard all.count >= 200, let now = all.last else { return nil }
            return (Double(all.count { $0 < now }) + 0.5 * Double(all.count { $0 == now })) / Double(all.count) * 100
        case .cancelRate: return cancelRate(end, from: start)
        case .sweepCount: return Double(sweeps(end).count { $0 >= start })
        case .priceChangeBps:
            guard rows.contains(start), let now = mid(end), let then = mid(start) else { return nil }
            return (now / then - 1) * 1e4
        case .micropriceDriftBps:
            guard rows.contains(start), let now = microprice(end), let then = microprice(start) else { return nil }
            return (now / then - 1) * 1e4
        case .fundingRate: return context(end)?.fundingRate.map { Double($0) / 1e12 }
        case .openInterestChange:
            guard rows.contains(start), let now = context(end)?.openInterest, let then = context(start)?.openInterest
            else { return nil }
            return Double(now) / Double(then) - 1
        case .basisBps: return basis(end)
        case .basisChangeBps:
            guard rows.contains(start), let now = basis(end), let then = basis(start) else { return nil }
            return now - then
        default: return bar(feature, at: end)
        }
    }

    private func basis(_ end: Int64) -> Double? {
        guard let oracle = context(end)?.oraclePrice, let mid = mid(end) else { return nil }
        return (mid / Double(oracle) - 1) * 1e4
    }

    private func runs(_ sides: [Side]) -> [Int] {
        var lengths: [Int] = []
        for (index, side) in sides.enumerated() {
            if index > 0, sides[index - 1] == side { lengths[lengths.count - 1] += 1 } else { lengths.append(1) }
        }
        return lengths
    }

    private func bar(_ feature: Feature, at end: Int64) -> Double? {
        let all = bars(end)
        guard let last = all.last else { return nil }
        let closes = all.map(\.close)
        // The first bar began before the data did.
        let isWhole = all.count > 1
        switch feature {
        case .bodyBps: return isWhole ? (last.close - last.open) / last.open * 1e4 : nil
        case .upperWickBps: return isWhole ? (last.high - max(last.open, last.close)) / last.open * 1e4 : nil
        case .lowerWickBps: return isWhole ? (min(last.open, last.close) - last.low) / last.open * 1e4 : nil
        case .closeLocation:
            return isWhole && last.high > last.low ? (last.close - last.low) / (last.high - last.low) : nil
        case .barReturnBps: return isWhole ? (last.close / closes[closes.count - 2] - 1) * 1e4 : nil
        case .volatility:
            let returns = zip(closes, closes.dropFirst()).map { log($1 / $0) }.suffix(64)
            guard returns.count >= 20 else { return nil }
            let mean = returns.reduce(0, +) / Double(returns.count)
            return (returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(returns.count - 1)).squareRoot()
        case .relativeStrengthIndex: return strength(closes)
        case .macdHistogramBps: return histogram(closes)
        case .distanceToHighBps:
            guard all.count >= 20, let mid = mid(end) else { return nil }
            return ((all.suffix(20).map(\.high).max() ?? 0) / mid - 1) * 1e4
        case .barVolumeRelative:
            let before = all.dropFirst().dropLast().suffix(512).map(\.volume)
            return before.count >= 20 ? last.volume / median(before) : nil
        case .realisedVariance:
            let close = end - end % timeframeNanos
            let grid = stride(from: close - timeframeNanos, through: close, by: 5 * Int(second)).map { mid(Int64($0)) }
            let returns = zip(grid, grid.dropFirst()).compactMap { pair in
                pair.0.flatMap { then in pair.1.map { log($0 / then) } }
            }
            guard Double(returns.count) >= 0.5 * Double(timeframeNanos / second / 5) else { return nil }
            return returns.reduce(0) { $0 + $1 * $1 }
        default: return nil
        }
    }

    private func strength(_ closes: [Double]) -> Double? {
        let changes = zip(closes, closes.dropFirst()).map { $1 - $0 }
        guard changes.count >= 14 else { return nil }
        var gain = changes.prefix(14).reduce(0) { $0 + max(0, $1) } / 14
        var loss = changes.prefix(14).reduce(0) { $0 + max(0, -$1) } / 14
        for change in changes.dropFirst(14) {
            gain = (gain * 13 + max(0, change)) / 14
            loss = (loss * 13 + max(0, -change)) / 14
        }
        return 100 - 100 / (1 + gain / loss)
    }

    private func histogram(_ closes: [Double]) -> Double? {
        guard closes.count >= 34 else { return nil }
        func average(_ values: [Double], _ length: Double) -> [Double] {
            var level = values[0]
            return values.map { value in
                level = value * (2 / (length + 1)) + level * (1 - 2 / (length + 1))
                return level
            }
        }
        let line = zip(average(closes, 12), average(closes, 26)).map { $0 - $1 }
        return (line[line.count - 1] - average(line, 9)[line.count - 1]) / closes[closes.count - 1] * 1e4
    }
}

extension FeaturesOracle {
    private func imbalance(_ end: Int64, _ levels: Int) -> Double? {
        guard let book = lastBook(end) else { return nil }
        let bids = (0..<levels).reduce(0.0) { $0 + Double(book.bidSizes[$1]) }
        let asks = (0..<levels).reduce(0.0) { $0 + Double(book.askSizes[$1]) }
        return (bids - asks) / (bids + asks)
    }

    private func depth(_ end: Int64) -> Double? {
        guard let book = lastBook(end) else { return nil }
        let mid = (Double(book.bidPrices[0]) + Double(book.askPrices[0])) / 2
        return (0..<20).reduce(0.0) { sum, level in
            let (bid, ask) = (Double(book.bidPrices[level]), Double(book.askPrices[level]))
            let low = (mid - bid) / mid * 1e4 <= 10 ? bid / 10 * Double(book.bidSizes[level]) / 1e5 : 0
            let high = (ask - mid) / mid * 1e4 <= 10 ? ask / 10 * Double(book.askSizes[level]) / 1e5 : 0
            return sum + low + high
        }
    }

    private func slope(_ end: Int64) -> Double? {
        guard let book = lastBook(end) else { return nil }
        let mid = (Double(book.bidPrices[0]) + Double(book.askPrices[0])) / 2
        var points: [(x: Double, y: Double)] = []
        for level in 0..<20 {
            points.append(((mid - Double(book.bidPrices[level])) / mid * 1e4, log(Double(book.bidSizes[level]))))
            points.append(((Double(book.askPrices[level]) - mid) / mid * 1e4, log(Double(book.askSizes[level]))))
        }
        let count = Double(points.count)
        let (meanX, meanY) = (
            points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count
        )
        return points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
            / points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    }

    /// Sizes by price of one side, as a table.
    private func table(_ book: MarketBook, bids: Bool) -> [Int32: Int64] {
        var result: [Int32: Int64] = [:]
        for level in 0..<20 {
            result[bids ? book.bidPrices[level] : -book.askPrices[level]] =
                Int64(bids ? book.bidSizes[level] : book.askSizes[level])
        }
        return result
    }

    private func cancelRate(_ end: Int64, from start: Int64) -> Double? {
        let all = books(end)
        var (added, removed): (Int64, Int64) = (0, 0)
        for index in all.indices.dropFirst() where all[index].1 >= start {
            for bids in [true, false] {
                let (old, new) = (table(all[index - 1].0, bids: bids), table(all[index].0, bids: bids))
                let worst = max(old.keys.min() ?? 0, new.keys.min() ?? 0)
                for price in Set(old.keys).union(new.keys) where price >= worst {
                    let change = (new[price] ?? 0) - (old[price] ?? 0)
                    added += max(0, change)
                    removed += max(0, -change)
                }
            }
        }
        guard added > 0 else { return nil }
        let traded = total(trades(end, from: start)) / 1000
        return min(1, max(0, Double(removed) - traded) / Double(added))
    }

    /// When sweeps were noticed.
    private func sweeps(_ end: Int64) -> [Int64] {
        var book: MarketBook?
        var (first, side, size, reference, isCounted): (Int64, Side?, Double, MarketBook?, Bool) = (
            0, nil, 0, nil, true
        )
        var found: [Int64] = []
        for input in known(end) {
            if case .book(let seen) = input.event { book = seen }
            guard case .trade(let trade) = input.event else { continue }
            if side != trade.side || input.at < first || input.at - first > 100_000_000 {
                (first, side, size, reference, isCounted) = (input.at, trade.side, 0, book, false)
            }
            size += Double(trade.size)
            guard let reference, !isCounted else { continue }
            let isBuy = trade.side == .buy
            let third = Int64(isBuy ? reference.askPrices[2] : reference.bidPrices[2]) * 10_000_000
            let depth = (0..<5).reduce(0.0) { $0 + Double(isBuy ? reference.askSizes[$1] : reference.bidSizes[$1]) }
            let isThrough = isBuy ? trade.price >= third : trade.price <= third
            if isThrough || size >= depth * 1000 / 2 {
                found.append(input.now)
                isCounted = true
            }
        }
        return found
    }
}
