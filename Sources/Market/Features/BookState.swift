internal import Events
internal import Statistics

/// The best bid and ask, from whichever of book and quote came last.
struct Top: Sendable {
    var bidPrice: Int64 = 0
    var bidSize: Int64 = 0
    var askPrice: Int64 = 0
    var askSize: Int64 = 0
    /// When it was seen, on our clock.
    var seenNanos: Int64 = .min

    /// Whether both sides have something.
    var isTwoSided: Bool { bidSize > 0 && askSize > 0 && bidPrice > 0 && askPrice > bidPrice }
    /// Middle of the two prices, rounded down; two-sided tops only.
    var mid: Int64 { bidPrice + (askPrice - bidPrice) / 2 }

    /// (ask × bid size + bid × ask size) / (bid size + ask size), in 1e-8 of the quote currency (DEF-41).
    var microprice: Double {
        let (bid, ask) = (Double(bidSize), Double(askSize))
        return (Double(askPrice) * bid + Double(bidPrice) * ask) / (bid + ask)
    }

    /// Whether a top can be: sizes not negative, prices above 0 where there is size, not crossed.
    var isPlausible: Bool {
        guard bidSize >= 0, askSize >= 0, bidSize == 0 || bidPrice > 0, askSize == 0 || askPrice > 0 else {
            return false
        }
        return bidSize == 0 || askSize == 0 || askPrice > bidPrice
    }
}

/// What a book of up to 20 levels a side says at the end of a window; not a number where missing.
struct BookFacts {
    var imbalance5 = Double.nan
    var imbalance10 = Double.nan
    var slope = Double.nan
    var depthQuote = Double.nan
}

/// Sizes added to and removed from the levels that two books in a row both show.
struct BookDifference {
    /// In steps of size.
    var added: Int64 = 0
    var removed: Int64 = 0
    /// Whether there was anything to compare.
    var isComparable = false

    /// Compares one side; `sign` is 1 where prices rise (asks) and -1 where they fall (bids).
    ///
    /// Levels beyond the worst price of either book were not visible in both and say nothing.
    @inline(__always)
    mutating func compare(
        _ oldPrices: Span<Int32>, _ oldSizes: Span<Int32>, _ oldCount: Int, _ newPrices: Span<Int32>,
        _ newSizes: Span<Int32>, _ newCount: Int, sign: Int64
    ) {
        guard oldCount > 0, newCount > 0 else { return }
        isComparable = true
        let worst = min(sign &* Int64(oldPrices[oldCount - 1]), sign &* Int64(newPrices[newCount - 1]))
        var (old, new) = (0, 0)
        while old < oldCount || new < newCount {
            let oldPrice = old < oldCount ? sign &* Int64(oldPrices[old]) : .max
            let newPrice = new < newCount ? sign &* Int64(newPrices[new]) : .max
            guard min(oldPrice, newPrice) <= worst else { return }
            if oldPrice == newPrice {
                let change = Int64(newSizes[new]) - Int64(oldSizes[old])
                if change > 0 { added &+= change } else { removed &-= change }
                old += 1
                new += 1
            } else if oldPrice < newPrice {
                removed &+= Int64(oldSizes[old])
                old += 1
            } else {
                added &+= Int64(newSizes[new])
                new += 1
            }
        }
    }
}

extension MarketBook {
    /// Imbalances, slope and depth of a book with both sides, in the steps of its instrument.
    func facts(priceStep: Double, sizeStep: Double) -> BookFacts {
        var facts = BookFacts()
        let (bids, asks) = (Int(bidCount), Int(askCount))
        guard bids > 0, asks > 0 else { return facts }
        facts.imbalance5 = imbalance(5)
        facts.imbalance10 = imbalance(10)
        // Spans, as everywhere here: an element of a stored array is read from a copy of all of it.
        let (bidPrices, bidSizes) = (bidPrices.span, bidSizes.span)
        let (askPrices, askSizes) = (askPrices.span, askSizes.span)
        let mid = (Double(bidPrices[0]) + Double(askPrices[0])) / 2
        var distances = InlineArray<40, Double>(repeating: 0)
        var sizes = InlineArray<40, Double>(repeating: 0)
        var count = 0
        var depth = 0.0
        for index in 0..<(bids + asks) {
            let price = Double(index < bids ? bidPrices[index] : askPrices[index - bids])
            let size = Double(index < bids ? bidSizes[index] : askSizes[index - bids])
            let distance = abs(price - mid) / mid * 1e4
            if distance <= FeatureConstants.depthBps { depth += price * size }
            guard size > 0 else { continue }
            distances[count] = distance
            sizes[count] = size
            count += 1
        }
        facts.depthQuote = depth * priceStep * sizeStep / 1e16
        facts.slope = slopeOfLogarithm(distances.span, sizes.span, count)
        return facts
    }

    /// (bids - asks) / (bids + asks) of the sizes of the best `levels` of each side.
    private func imbalance(_ levels: Int) -> Double {
        var (bids, asks): (Int64, Int64) = (0, 0)
        let (bidSizes, askSizes) = (bidSizes.span, askSizes.span)
        for index in 0..<min(levels, Int(bidCount)) { bids &+= Int64(bidSizes[index]) }
        for index in 0..<min(levels, Int(askCount)) { asks &+= Int64(askSizes[index]) }
        return bids + asks > 0 ? Double(bids - asks) / Double(bids + asks) : .nan
    }
}

/// The slope of ln(size) over distance by least squares, in order of the levels; not a number below four levels.
private func slopeOfLogarithm(_ distances: Span<Double>, _ sizes: Span<Double>, _ count: Int) -> Double {
    guard count >= FeatureConstants.slopeLevelsMin else { return .nan }
    var logs = InlineArray<40, Double>(repeating: 0)
    var (sumX, sumY) = (0.0, 0.0)
    for index in 0..<count {
        logs[index] = Elementary.log(sizes[index])
        sumX += distances[index]
        sumY += logs[index]
    }
    let (meanX, meanY) = (sumX / Double(count), sumY / Double(count))
    var (covariance, variance) = (0.0, 0.0)
    for index in 0..<count {
        let d = distances[index] - meanX
        covariance += d * (logs[index] - meanY)
        variance += d * d
    }
    return variance > 0 ? covariance / variance : .nan
}
