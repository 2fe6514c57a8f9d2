package import Events

/// The levels of a book in 1e-8, best first, as a reader found them.
package struct BookFact: Sendable {
    /// Levels in use.
    package var bidCount = 0
    package var askCount = 0
    package var bidPrices = InlineArray<20, Int64>(repeating: 0)
    package var bidSizes = InlineArray<20, Int64>(repeating: 0)
    package var askPrices = InlineArray<20, Int64>(repeating: 0)
    package var askSizes = InlineArray<20, Int64>(repeating: 0)

    /// An empty book.
    package init() {}

    /// Adds a level behind the others of its side; levels behind the twentieth are left away.
    @inline(__always)
    package mutating func add(isBid: Bool, price: Int64, size: Int64) throws(RejectReason) {
        guard price > 0 else { throw .priceNotPositive }
        guard size > 0 else { throw .sizeNotPositive }
        if isBid {
            guard bidCount < MarketBook.levelsMax else { return }
            guard bidCount == 0 || price < bidPrices[bidCount &- 1] else { throw .unsortedBook }
            bidPrices[bidCount] = price
            bidSizes[bidCount] = size
            bidCount &+= 1
        } else {
            guard askCount < MarketBook.levelsMax else { return }
            guard askCount == 0 || price > askPrices[askCount &- 1] else { throw .unsortedBook }
            askPrices[askCount] = price
            askSizes[askCount] = size
            askCount &+= 1
        }
    }

    /// A price of the book, 0 if it is empty.
    package var anyPrice: Int64 { bidCount > 0 ? bidPrices[0] : askCount > 0 ? askPrices[0] : 0 }
}

/// The best bid and ask in 1e-8; size 0 for an empty side.
package struct QuoteFact: Equatable, Sendable {
    package var eventNanos: Int64 = 0
    package var bidPrice: Int64 = 0
    package var bidSize: Int64 = 0
    package var askPrice: Int64 = 0
    package var askSize: Int64 = 0

    /// An empty quote.
    package init() {}
}

extension Intake {
    /// Takes a book.
    ///
    /// A book that equals the last one but has a new time is kept: it says that the feed was alive then. One with the
    /// same time is a repetition and dropped.
    package mutating func book(
        _ venue: Venue, _ text: Span<UInt8>, _ symbol: Token, _ fact: BookFact, eventNanos: Int64,
        receivedNanos: Int64, stallNanos: Int64 = Intake.bookSilenceNanos
    ) throws(RejectReason) {
        if fact.bidCount > 0, fact.askCount > 0, fact.bidPrices[0] >= fact.askPrices[0] { throw .crossedBook }
        let price = fact.anyPrice
        let number = try instrument(
            venue, text, symbol, price: price > 0 ? price : nil, eventNanos: eventNanos)
        var event = MarketBook()
        event.instrument = number
        event.receivedNanos = receivedNanos
        if !Self.fill(&event, fact, instruments.grid(number)) {
            guard let grid = Self.regrid(fact), Self.fill(&event, fact, grid) else { throw .gridOverflow }
            instruments.setGrid(number, grid)
            note(.relisted)
            list(number, eventNanos)
        }
        let index = feed(number, .books)
        let hash = Self.hash(event, eventNanos)
        if feeds[index].isSeen, feeds[index].bookHash == hash { return duplicate() }
        checkGap(
            number, .books, eventNanos: eventNanos, receivedNanos: receivedNanos, stallNanos: stallNanos)
        feeds[index].bookHash = hash
        count(.book, eventNanos)
        queue.add(event, eventNanos)
    }

    /// Takes a quote; one that equals the last one, time included, is dropped.
    package mutating func quote(
        _ venue: Venue, _ text: Span<UInt8>, _ symbol: Token, _ fact: QuoteFact, receivedNanos: Int64
    ) throws(RejectReason) {
        guard fact.bidSize >= 0, fact.askSize >= 0 else { throw .sizeNotPositive }
        guard fact.bidSize == 0 || fact.bidPrice > 0, fact.askSize == 0 || fact.askPrice > 0 else {
            throw .priceNotPositive
        }
        if fact.bidSize > 0, fact.askSize > 0, fact.bidPrice >= fact.askPrice { throw .crossedBook }
        let price = fact.bidSize > 0 ? fact.bidPrice : fact.askPrice
        let number = try instrument(
            venue, text, symbol, price: price > 0 ? price : nil, eventNanos: fact.eventNanos)
        let index = feed(number, .quotes)
        if feeds[index].isSeen, feeds[index].quote == fact { return duplicate() }
        checkGap(number, .quotes, eventNanos: fact.eventNanos, receivedNanos: receivedNanos)
        feeds[index].quote = fact
        var event = MarketQuote()
        event.instrument = number
        event.receivedNanos = receivedNanos
        event.bidPrice = fact.bidSize > 0 ? fact.bidPrice : 0
        event.bidSize = fact.bidSize
        event.askPrice = fact.askSize > 0 ? fact.askPrice : 0
        event.askSize = fact.askSize
        count(.quote, fact.eventNanos)
        queue.add(event, fact.eventNanos)
    }

    /// Takes what a venue says about a perpetual.
    ///
    /// It has no time: the moment of receipt dates it.
    package mutating func context(
        _ venue: Venue, _ text: Span<UInt8>, _ symbol: Token, _ fact: MarketContext, receivedNanos: Int64
    ) throws(RejectReason) {
        guard (fact.oraclePrice ?? 1) > 0, (fact.markPrice ?? 1) > 0, (fact.midPrice ?? 1) > 0 else {
            throw .priceNotPositive
        }
        guard (fact.openInterest ?? 0) >= 0 else { throw .sizeNotPositive }
        var event = fact
        event.instrument = try instrument(
            venue, text, symbol, price: fact.markPrice ?? fact.midPrice ?? fact.oraclePrice,
            eventNanos: receivedNanos)
        event.receivedNanos = receivedNanos
        checkGap(event.instrument, .contexts, eventNanos: receivedNanos, receivedNanos: receivedNanos)
        count(.context, receivedNanos)
        queue.add(event, receivedNanos)
    }

    /// Writes the levels in steps of the grid; false if one is off the grid or beyond 32 bits.
    @inline(__always)
    private static func fill(_ event: inout MarketBook, _ fact: BookFact, _ grid: Grid) -> Bool {
        event.bidCount = Int32(fact.bidCount)
        event.askCount = Int32(fact.askCount)
        for index in 0..<fact.bidCount {
            guard let price = steps(fact.bidPrices[index], grid.price),
                let size = steps(fact.bidSizes[index], grid.size)
            else { return false }
            event.bidPrices[index] = price
            event.bidSizes[index] = size
        }
        for index in 0..<fact.askCount {
            guard let price = steps(fact.askPrices[index], grid.price),
                let size = steps(fact.askSizes[index], grid.size)
            else { return false }
            event.askPrices[index] = price
            event.askSizes[index] = size
        }
        return true
    }

    @inline(__always)
    private static func steps(_ value: Int64, _ step: Int64) -> Int32? {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: step)
        return remainder == 0 ? Int32(exactly: quotient) : nil
    }

    /// The coarsest decimal grid, at most 1, on which every level of a book lies.
    private static func regrid(_ fact: BookFact) -> Grid? {
        var grid = Grid(price: 100_000_000, size: 100_000_000)
        for index in 0..<fact.bidCount {
            while fact.bidPrices[index] % grid.price != 0 { grid.price /= 10 }
            while fact.bidSizes[index] % grid.size != 0 { grid.size /= 10 }
        }
        for index in 0..<fact.askCount {
            while fact.askPrices[index] % grid.price != 0 { grid.price /= 10 }
            while fact.askSizes[index] % grid.size != 0 { grid.size /= 10 }
        }
        // Room for the next books, if the usual grid has it: else each finer price would list the instrument again.
        let usual = Grid(price: fact.anyPrice)
        var wide = Grid(price: min(grid.price, usual.price), size: min(grid.size, usual.size))
        var trial = MarketBook()
        if fill(&trial, fact, wide) { return wide }
        wide.price = grid.price
        if fill(&trial, fact, wide) { return wide }
        return grid
    }

    /// Tells books apart: FNV-1a over the time and the levels.
    private static func hash(_ book: MarketBook, _ eventNanos: Int64) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ value: Int64) { hash = (hash ^ UInt64(bitPattern: value)) &* 0x9e37_79b9_7f4a_7c15 }
        mix(eventNanos)
        mix(Int64(book.bidCount) << 32 | Int64(book.askCount))
        for index in 0..<Int(book.bidCount) { mix(Int64(book.bidPrices[index]) << 32 ^ Int64(book.bidSizes[index])) }
        for index in 0..<Int(book.askCount) { mix(Int64(book.askPrices[index]) << 32 ^ Int64(book.askSizes[index])) }
        return hash
    }
}
