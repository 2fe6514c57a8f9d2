import LogFormat

/// The fold that replays feed, bit for bit the C floor's: a small state per instrument.
struct MixFold {
    struct Instrument {
        var lastPrice: Int64 = 0
        var volume: Int64 = 0
        var notional = 0.0
        var imbalance = 0.0
        var score = 0.0
        var lastEventNanos: Int64 = 0
        var trades: UInt64 = 0
        var books: UInt64 = 0
        var scores: UInt64 = 0
    }

    var instruments = InlineArray<16, Instrument>(repeating: Instrument())
    var isMalformed = false

    @inline(__always)
    mutating func take(_ trade: borrowing MixTrade, eventNanos: Int64) {
        let index = Int(trade.instrument) &- 1
        guard UInt(bitPattern: index) < 16 else { return isMalformed = true }
        let sell = Int64(trade.side == 0 ? -1 : 0)
        instruments[index].lastPrice = trade.price
        instruments[index].volume &+= (trade.quantity ^ sell) &- sell
        instruments[index].notional += Double(trade.price) * Double(trade.quantity)
        instruments[index].lastEventNanos = eventNanos
        instruments[index].trades &+= 1
    }

    @inline(__always)
    mutating func take(_ book: borrowing MixBook, eventNanos: Int64) {
        let index = Int(book.instrument) &- 1
        guard UInt(bitPattern: index) < 16 else { return isMalformed = true }
        var bids: Int64 = 0
        var asks: Int64 = 0
        for level in 0..<10 {
            bids &+= unsafe Int64(UInt32(bitPattern: book.quantities[unchecked: level]))
            asks &+= unsafe Int64(UInt32(bitPattern: book.quantities[unchecked: 10 &+ level]))
        }
        instruments[index].imbalance =
            0.9 * instruments[index].imbalance + 0.1 * (Double(bids) - Double(asks)) / Double(bids &+ asks &+ 1)
        instruments[index].lastEventNanos = eventNanos
        instruments[index].books &+= 1
    }

    @inline(__always)
    mutating func take(_ score: borrowing MixScore, eventNanos: Int64) {
        let index = Int(score.instrument) &- 1
        guard UInt(bitPattern: index) < 16 else { return isMalformed = true }
        let before = instruments[index].score
        instruments[index].score = score.score > before ? score.score : before * 0.999
        instruments[index].lastEventNanos = eventNanos
        instruments[index].scores &+= 1
    }

    /// XXH3 over the state, as the C floor prints it.
    var hash: UInt64 { unsafe withUnsafeBytes(of: instruments) { unsafe xxh3($0, seed: 0) } }
}

/// Decodes and folds a batch of the mix; the loop that a projection of the engine runs.
struct MixReplay {
    var fold = MixFold()
    private var trade = MixTrade()
    private var book = MixBook()
    private var score = MixScore()

    /// Folds all events of an opened batch.
    mutating func take(_ batch: inout BatchReader, _ types: MixTypes, _ state: BatchState) throws(FormatError) {
        guard let tradeState = state.state(of: types.trade), let bookState = state.state(of: types.book),
            let scoreState = state.state(of: types.score)
        else { return }
        while try batch.next() {
            let typeID = batch.head.typeID
            if typeID == types.trade {
                try batch.decode(&trade, tradeState)
                fold.take(trade, eventNanos: batch.head.eventNanos)
            } else if typeID == types.book {
                try batch.decode(&book, bookState)
                fold.take(book, eventNanos: batch.head.eventNanos)
            } else {
                try batch.decode(&score, scoreState)
                fold.take(score, eventNanos: batch.head.eventNanos)
            }
        }
    }
}
