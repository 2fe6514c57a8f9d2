package import Events

/// A trade that a reader found.
package struct TradeFact: Sendable {
    /// Time of the venue.
    package var eventNanos: Int64 = 0
    /// Price in 1e-8.
    package var price: Int64 = 0
    /// Size in 1e-8.
    package var size: Int64 = 0
    /// Who crossed the spread.
    package var side = Side.buy
    /// The venue's id; 0 if it has none.
    package var tradeID: UInt64 = 0

    /// An empty trade.
    package init() {}
}

/// A trade of a frame that is not complete.
struct PendingTrade: Sendable {
    var fact: TradeFact
    var symbol: Token
    var instrument: Int32 = 0
    var isKnown = false
}

extension Intake {
    /// Begins a frame of trades: nothing of it counts until it ends.
    package mutating func beginTrades() { frame.removeAll(keepingCapacity: true) }

    /// Adds a trade to the frame.
    @inline(__always)
    package mutating func add(_ trade: TradeFact, symbol: Token) throws(RejectReason) {
        guard trade.price > 0 else { throw .priceNotPositive }
        guard trade.size > 0 else { throw .sizeNotPositive }
        guard frame.count < Self.frameTradesMax else { throw .frameTooLarge }
        frame.append(PendingTrade(fact: trade, symbol: symbol))
    }

    /// Ends a frame: drops replayed trades, types the gap before it, emits the rest in the order of the frame.
    ///
    /// - Parameter hasSequence: whether ids rise by one, so that they tell what is missing (Binance).
    package mutating func endTrades(
        _ venue: Venue, _ text: Span<UInt8>, receivedNanos: Int64, hasSequence: Bool = false
    ) throws(RejectReason) {
        guard !frame.isEmpty else { return }
        frameNumber += 1
        for index in frame.indices {
            let trade = frame[index]
            let number = try instrument(
                venue, text, trade.symbol, price: trade.fact.price, eventNanos: trade.fact.eventNanos)
            frame[index].instrument = number
            frame[index].isKnown =
                trade.fact.tradeID != 0
                && !recentTrades.insert(
                    nanos: trade.fact.eventNanos, instrument: number, tradeID: trade.fact.tradeID)
        }
        for index in frame.indices {
            let feedIndex = feed(frame[index].instrument, .trades)
            if feeds[feedIndex].frameNumber != frameNumber {
                feeds[feedIndex].frameNumber = frameNumber
                bridge(from: index, feedIndex, receivedNanos, hasSequence)
            }
            emit(frame[index], receivedNanos)
        }
        frame.removeAll(keepingCapacity: true)
    }

    private mutating func emit(_ trade: PendingTrade, _ receivedNanos: Int64) {
        guard !trade.isKnown else { return duplicate() }
        var event = MarketTrade()
        event.instrument = trade.instrument
        event.receivedNanos = receivedNanos
        event.price = trade.fact.price
        event.size = trade.fact.size
        event.side = trade.fact.side
        event.tradeID = trade.fact.tradeID
        count(.trade, trade.fact.eventNanos)
        queue.add(event, trade.fact.eventNanos)
    }

    /// Looks whether the trades of one instrument in this frame follow the last ones.
    ///
    /// After a connection was silent, or when trades step back in time, the frame is the replay that Hyperliquid sends
    /// after a subscription. If it repeats a known trade it reaches back far enough; if not, trades may be missing and
    /// nothing else would say so.
    private mutating func bridge(
        from first: Int, _ feedIndex: Int, _ receivedNanos: Int64, _ hasSequence: Bool
    ) {
        let number = frame[first].instrument
        var oldest = Int64.max
        var newest = Int64.min
        var lastID: UInt64 = 0
        var isBridged = false
        for trade in frame[first...] where trade.instrument == number {
            oldest = min(oldest, trade.fact.eventNanos)
            newest = max(newest, trade.fact.eventNanos)
            lastID = trade.fact.tradeID
            isBridged = isBridged || trade.isKnown
        }
        let state = feeds[feedIndex]
        feeds[feedIndex].epoch = epoch
        feeds[feedIndex].isSeen = true
        feeds[feedIndex].eventNanos = max(state.eventNanos, newest)
        feeds[feedIndex].tradeID = lastID
        guard state.isSeen else { return }
        var missingCount: Int64?
        if hasSequence {
            let firstID = frame[first].fact.tradeID
            isBridged = isBridged || firstID == state.tradeID &+ 1
            if !isBridged, firstID > state.tradeID { missingCount = Int64(clamping: firstID - state.tradeID - 1) }
        }
        let isReplay = state.epoch != epoch || (!hasSequence && (isBridged || oldest < state.eventNanos))
        guard isReplay else { return }
        if isBridged { return note(.bridgedReconnect) }
        var gap = MarketGap()
        gap.instrument = number
        gap.channel = Channel.trades.name
        gap.fromNanos = state.eventNanos
        gap.reason = .reconnect
        gap.missingCount = missingCount
        emit(gap, max(oldest, state.eventNanos))
    }
}
