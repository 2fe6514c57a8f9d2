internal import Events

extension InstrumentState {
    /// Fills a row with what is known at the end of a window, and begins the next windows[index].
    ///
    /// docs/features.md defines every value.
    mutating func close(_ index: Int, at nanos: Int64, into row: inout FeatureRow) {
        row.asofNanos = nanos
        row.price = price(at: nanos)
        let isOld = isStale(at: nanos)
        row.isStale = isOld || windows[index].hasGap
        let price = row.price > 0 ? Double(row.price) : .nan
        setTrades(index, isWhole: !row.isStale, &row)
        setBook(index, at: nanos, &row)
        setVenue(index, at: nanos, price: price, &row)
        setBar(frames[windows[index].frame].facts, price: price, &row)
        setClock(nanos, &row)
        row[.priceChangeBps] = (price / windows[index].priceBefore - 1) * 1e4
        windows[index].priceBefore = price
        windows[index].restart()
    }

    private mutating func setTrades(_ index: Int, isWhole: Bool, _ row: inout FeatureRow) {
        guard hasTrades else { return }
        let size = windows[index].buySize + windows[index].sellSize
        row[.tradeCount] = Double(windows[index].tradeCount)
        row[.tradedQuote] = windows[index].quoteSum / 1e16
        row[.longestRun] = Double(windows[index].longestRun)
        row[.aggressorRun] = Double(run)
        if size > 0 { row[.aggressorImbalance] = (windows[index].buySize - windows[index].sellSize) / size }
        if let middle = windows[index].sizes.median(minimum: FeatureConstants.medianSamplesMin), middle > 0 {
            row[.relativeVolume] = size / middle
        }
        if windows[index].tradeCount > 0,
            let middle = windows[index].largests.median(minimum: FeatureConstants.medianSamplesMin), middle > 0
        {
            row[.largestTradeRelative] = windows[index].largest / middle
        }
        if hasBook {
            row[.sweepCount] = Double(windows[index].sweepCount)
            row[.sweep] = windows[index].sweepCount > 0 ? 1 : 0
        }
        if windows[index].spreadCount > 0 {
            row[.realisedSpreadBps] = windows[index].spreadSum / windows[index].spreadCount
        }
        // Windows that were not seen whole would pull the median down.
        guard isWhole else { return }
        if windows[index].tradeCount > 0 {
            windows[index].sizes.add(size)
            windows[index].largests.add(windows[index].largest)
        }
    }

    private mutating func setBook(_ index: Int, at nanos: Int64, _ row: inout FeatureRow) {
        if windows[index].hasDifferences, windows[index].addedSize > 0 {
            let traded = windows[index].buySize + windows[index].sellSize
            row[.cancelRate] = min(1, max(0, windows[index].removedSize - traded) / windows[index].addedSize)
        }
        guard isTopFresh(at: nanos) else {
            windows[index].micropriceBefore = .nan
            return
        }
        if top.isTwoSided {
            let (bid, ask) = (Double(top.bidPrice), Double(top.askPrice))
            row[.spreadBps] = (ask - bid) / ((ask + bid) / 2) * 1e4
            let (bidSize, askSize) = (Double(top.bidSize), Double(top.askSize))
            row[.bookImbalance1] = (bidSize - askSize) / (bidSize + askSize)
            let microprice = top.microprice
            row[.micropriceDriftBps] = (microprice / windows[index].micropriceBefore - 1) * 1e4
            windows[index].micropriceBefore = microprice
        } else {
            windows[index].micropriceBefore = .nan
        }
        guard hasBook, hasBookBefore else { return }
        let facts = book.facts(priceStep: Double(priceStep), sizeStep: Double(sizeStep))
        row[.bookImbalance5] = facts.imbalance5
        row[.bookImbalance10] = facts.imbalance10
        row[.depthSlope] = facts.slope
        row[.topDepthQuote] = facts.depthQuote
        windows[index].depths.add(facts.depthQuote)
        let share = windows[index].depths.share(of: facts.depthQuote, minimum: FeatureConstants.samplesMin)
        row[.depthPercentile] = share.map { 100 * $0 }
        row[.imbalanceShock] = windows[index].imbalances.robustZ(
            of: facts.imbalance5, minimum: FeatureConstants.samplesMin)
        windows[index].imbalances.add(facts.imbalance5)
    }

    private mutating func setVenue(_ index: Int, at nanos: Int64, price: Double, _ row: inout FeatureRow) {
        row[.fundingRate] = funding.fresh(at: nanos, age: limits.fundingAgeNanosMax)
        let open = openInterest.fresh(at: nanos, age: limits.contextAgeNanosMax)
        row[.openInterestChange] = open / windows[index].openInterestBefore - 1
        windows[index].openInterestBefore = open
        let oracle = oracle.fresh(at: nanos, age: limits.contextAgeNanosMax)
        let mark = mark.fresh(at: nanos, age: limits.contextAgeNanosMax)
        let basis = (price / oracle - 1) * 1e4
        row[.basisBps] = basis
        row[.basisChangeBps] = basis - windows[index].basisBefore
        windows[index].basisBefore = basis
        row[.markOracleBps] = (mark / oracle - 1) * 1e4
    }

    private func setBar(_ facts: BarFacts, price: Double, _ row: inout FeatureRow) {
        row[.barReturnBps] = facts.barReturnBps
        row[.upperWickBps] = facts.upperWickBps
        row[.lowerWickBps] = facts.lowerWickBps
        row[.bodyBps] = facts.bodyBps
        row[.rangePercentile] = facts.rangePercentile
        row[.closeLocation] = facts.closeLocation
        row[.barGap] = facts.barGap
        row[.barVolumeRelative] = facts.barVolumeRelative
        row[.engulfing] = facts.engulfing
        row[.pinBar] = facts.pinBar
        row[.volatility] = facts.volatility
        row[.skewness] = facts.skewness
        row[.kurtosis] = facts.kurtosis
        row[.barCount] = facts.barCount
        row[.volatilityPercentile] = facts.volatilityPercentile
        row[.relativeStrengthIndex] = facts.relativeStrengthIndex
        row[.rsiDivergence] = facts.rsiDivergence
        row[.macdHistogramBps] = facts.macdHistogramBps
        row[.macdDivergence] = facts.macdDivergence
        row[.openInterestPercentile] = facts.openInterestPercentile
        row[.fundingPercentile] = facts.fundingPercentile
        row[.realisedVariance] = facts.realisedVariance
        row[.surprise] = facts.surprise
        row[.midReturnBps] = (price / facts.lastClose - 1) * 1e4
        row[.distanceToHighBps] = (facts.high / price - 1) * 1e4
        row[.distanceToLowBps] = (price / facts.low - 1) * 1e4
    }

    private func setClock(_ nanos: Int64, _ row: inout FeatureRow) {
        let minutes = floorMultiple(nanos, of: 60 * nanosPerSecond) / (60 * nanosPerSecond)
        // The first of January 1970 was a Thursday; weeks begin on Monday.
        row[.minuteOfDay] = Double(((minutes % 1440) + 1440) % 1440)
        row[.minuteOfWeek] = Double((((minutes + 3 * 1440) % 10_080) + 10_080) % 10_080)
        if fundingEveryNanos > 0 {
            row[.secondsToFunding] = Double(nextMultiple(nanos, of: fundingEveryNanos) - nanos) / 1e9
        }
    }
}
