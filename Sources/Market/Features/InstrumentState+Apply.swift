internal import Events

extension InstrumentState {
    /// Takes the grids; a book on other grids is not compared with the next.
    mutating func take(priceStep: Int64, sizeStep: Int64) {
        guard priceStep != self.priceStep || sizeStep != self.sizeStep else { return }
        self.priceStep = priceStep
        self.sizeStep = sizeStep
        hasBookBefore = false
    }

    /// Takes a trade with a price and a size above 0; false if it came too late for its bars.
    @inline(__always)
    mutating func take(_ trade: borrowing MarketTrade, eventNanos: Int64, now: Int64) -> Bool {
        let isBuy = trade.side == .buy
        let (price, size) = (Double(trade.price), Double(trade.size))
        if !hasTrades { stopCandles() }
        lastEventNanos = now
        lastTradePrice = trade.price
        run = isBuy ? (run > 0 ? run + 1 : 1) : (run < 0 ? run - 1 : -1)
        if !burst.continues(isBuy: isBuy, nanos: eventNanos) { beginBurst(isBuy: isBuy, eventNanos, now) }
        let isSweep = burst.add(price: price, size: size)
        spreadNow.add(isBuy: isBuy, price: price)
        var isInTime = true
        for index in frames.indices {
            closeBars(of: index, endingBy: eventNanos, at: now)
            isInTime = frames[index].builder.add(price: trade.price, size: trade.size, nanos: eventNanos) && isInTime
        }
        let (length, quote) = (abs(run), price * size)
        for index in windows.indices {
            windows[index].add(isBuy: isBuy, size: size, quote: quote, run: length, isSweep: isSweep)
        }
        return isInTime
    }

    /// Bars are made of trades as soon as there are trades; what candles began is dropped.
    private mutating func stopCandles() {
        hasTrades = true
        guard lastCandleNanos != .min else { return }
        for index in frames.indices {
            frames[index].builder = BarBuilder(seconds: frames[index].builder.seconds)
        }
    }

    private mutating func beginBurst(isBuy: Bool, _ nanos: Int64, _ now: Int64) {
        var (reach, depth) = (Double.nan, Double.nan)
        let count = Int(isBuy ? book.askCount : book.bidCount)
        if hasBookBefore, count > 0, isTopFresh(at: now) {
            var sum: Int64 = 0
            for level in 0..<min(count, FeatureConstants.sweepDepthLevels) {
                sum &+= Int64(isBuy ? book.askSizes[level] : book.bidSizes[level])
            }
            depth = Double(sum) * Double(sizeStep)
            if count >= FeatureConstants.sweepLevels {
                let level = FeatureConstants.sweepLevels - 1
                reach = Double(isBuy ? book.askPrices[level] : book.bidPrices[level]) * Double(priceStep)
            }
        }
        burst.begin(isBuy: isBuy, nanos: nanos, reachPrice: reach, topSize: depth)
    }

    /// Takes a book; false if it cannot be (crossed, counts or prices out of range).
    mutating func take(_ seen: borrowing MarketBook, now: Int64) -> Bool {
        let (bids, asks) = (Int(seen.bidCount), Int(seen.askCount))
        guard (0...MarketBook.levelsMax).contains(bids), (0...MarketBook.levelsMax).contains(asks) else { return false }
        var top = Top()
        top.seenNanos = now
        if bids > 0 {
            guard let price = steps(seen.bidPrices[0], priceStep), let size = steps(seen.bidSizes[0], sizeStep) else {
                return false
            }
            top.bidPrice = price
            top.bidSize = size
        }
        if asks > 0 {
            guard let price = steps(seen.askPrices[0], priceStep), let size = steps(seen.askSizes[0], sizeStep) else {
                return false
            }
            top.askPrice = price
            top.askSize = size
        }
        guard top.isPlausible else { return false }
        var difference = BookDifference()
        if hasBookBefore {
            difference.compare(
                book.bidPrices.span, book.bidSizes.span, Int(book.bidCount), seen.bidPrices.span, seen.bidSizes.span,
                bids, sign: -1)
            difference.compare(
                book.askPrices.span, book.askSizes.span, Int(book.askCount), seen.askPrices.span, seen.askSizes.span,
                asks, sign: 1)
        }
        self.top = top
        book = copy seen
        hasBook = true
        hasBookBefore = true
        lastEventNanos = now
        let step = Double(sizeStep)
        let (added, removed) = (Double(difference.added) * step, Double(difference.removed) * step)
        for index in windows.indices {
            windows[index].isTouched = true
            guard difference.isComparable else { continue }
            windows[index].hasDifferences = true
            windows[index].addedSize += added
            windows[index].removedSize += removed
        }
        return true
    }

    private func steps(_ count: Int32, _ step: Int64) -> Int64? {
        let (product, overflow) = Int64(count).multipliedReportingOverflow(by: step)
        return overflow ? nil : product
    }

    /// Takes the best bid and ask; false if they cannot be.
    mutating func take(_ quote: borrowing MarketQuote, now: Int64) -> Bool {
        let seen = Top(
            bidPrice: quote.bidPrice, bidSize: quote.bidSize, askPrice: quote.askPrice, askSize: quote.askSize,
            seenNanos: now)
        guard seen.isPlausible else { return false }
        top = seen
        hasQuote = true
        touch(now)
        return true
    }

    /// Takes a closed candle; false if it cannot be or no timeframe uses it.
    mutating func take(_ candle: borrowing MarketCandle, now: Int64) -> Bool {
        guard candle.seconds > 0, candle.open > 0, candle.low > 0, candle.high >= max(candle.open, candle.close),
            candle.low <= min(candle.open, candle.close), candle.volume >= 0,
            candle.openNanos >= 0, candle.openNanos <= FeatureConstants.timeMax
        else { return false }
        var bar = Bar()
        bar.openNanos = candle.openNanos
        bar.seconds = candle.seconds
        bar.open = candle.open
        bar.high = candle.high
        bar.low = candle.low
        bar.close = candle.close
        bar.volume = candle.volume
        bar.tradeCount = max(0, candle.tradeCount ?? 0)
        bar.isComplete = true
        bar.isEmpty = false
        guard bar.endNanos <= saturatingSum(now, limits.futureNanosMax) else { return false }
        lastCandleClose = candle.close
        lastCandleNanos = now
        candleNanos = max(candleNanos, Int64(candle.seconds) * nanosPerSecond)
        touch(now)
        // Trades are finer than candles and say the same: where both come, bars are made of trades.
        guard !hasTrades else { return true }
        var isUsed = false
        for index in frames.indices {
            closeBars(of: index, endingBy: bar.openNanos, at: now)
            guard frames[index].builder.add(bar) else { continue }
            isUsed = true
            closeBars(of: index, endingBy: bar.endNanos, at: now)
        }
        return isUsed
    }

    /// Takes what the venue says of a perpetual.
    mutating func take(_ context: borrowing MarketContext, now: Int64) {
        if let rate = context.fundingRate { funding = Reading(value: Double(rate) / 1e12, seenNanos: now) }
        if let open = context.openInterest, open > 0 { openInterest = Reading(value: Double(open), seenNanos: now) }
        if let price = context.oraclePrice, price > 0 { oracle = Reading(value: Double(price), seenNanos: now) }
        if let price = context.markPrice, price > 0 { mark = Reading(value: Double(price), seenNanos: now) }
        // The context tells the rate of the current hour.
        fundingEveryNanos = 3600 * nanosPerSecond
        touch(now)
    }

    /// Takes a settled funding; two of them tell how often there is one.
    mutating func take(_ settled: borrowing MarketFunding, eventNanos: Int64, now: Int64) {
        funding = Reading(value: Double(settled.rate) / 1e12, seenNanos: now)
        let hour = 3600 * nanosPerSecond
        if lastFundingNanos != .min, eventNanos > lastFundingNanos {
            let hours = (eventNanos - lastFundingNanos + hour / 2) / hour
            if (1...24).contains(hours) { fundingEveryNanos = hours * hour }
        }
        lastFundingNanos = max(lastFundingNanos, eventNanos)
        touch(now)
    }

    private mutating func touch(_ now: Int64) {
        lastEventNanos = now
        for index in windows.indices { windows[index].isTouched = true }
    }
}
