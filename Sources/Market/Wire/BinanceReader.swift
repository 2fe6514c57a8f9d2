import Events

/// Reads combined-stream frames of Binance, spot and USD-M futures, and the REST depth snapshot among them.
///
/// The book is built as Binance asks for it: changes wait for the snapshot; those that it holds already are dropped;
/// the
/// first one behind it must overlap it, every later one must follow the one before. A break is a `mkt.Gap`, and no book
/// is told until the next snapshot.
package struct BinanceReader: Sendable {
    private let venue: Venue
    private var book = DepthBook()
    private var symbol: [UInt8] = []
    private var change = DepthBook.Change(first: 0, last: 0, previous: nil, eventNanos: 0, levels: [])

    /// Most levels of one change or snapshot.
    package static let changeLevelsMax = 2 * DepthSide.levelsMax

    /// A reader for one symbol's streams.
    package init(_ venue: Venue) { self.venue = venue }

    /// Reads one frame.
    package mutating func frame(_ text: Span<UInt8>, receivedNanos: Int64, into intake: inout Intake) {
        intake.received(receivedNanos)
        var cursor = JSONCursor()
        do throws(RejectReason) {
            guard cursor.peek(text) == UInt8(ascii: "{") else {
                throw cursor.at >= text.count ? .truncated : .notJSON
            }
            cursor.at += 1
            var stream = Token.none
            var data: Int?
            var isSnapshot = false
            var isFirst = true
            while let name = try cursor.member(text, &isFirst) {
                if name.reads("stream", in: text) {
                    stream = try cursor.string(text)
                } else if name.reads("data", in: text) {
                    data = cursor.at
                    try cursor.skip(text)
                } else {
                    isSnapshot = isSnapshot || name.reads("lastUpdateId", in: text)
                    try cursor.skip(text)
                }
            }
            try cursor.end(text)
            if isSnapshot {
                var inner = JSONCursor()
                try snapshot(&inner, text, receivedNanos, &intake)
                return
            }
            guard let data, stream.count > 0 else {
                // Answers to SUBSCRIBE requests have neither.
                return intake.note(.acknowledged)
            }
            var inner = JSONCursor(at: data)
            try payload(stream, &inner, text, receivedNanos, &intake)
            intake.note(.rounded, inner.roundedCount)
        } catch { intake.reject(error) }
    }

    private mutating func payload(
        _ stream: Token, _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64,
        _ intake: inout Intake
    ) throws(RejectReason) {
        // `btcusdt@depth@100ms`: the part behind the first @ names the stream.
        var at = stream.start
        while at < stream.end, text[at] != UInt8(ascii: "@") { at += 1 }
        let kind = Token(start: min(at + 1, stream.end), count: max(0, stream.end - at - 1))
        if kind.reads("bookTicker", in: text) {
            try ticker(&cursor, text, receivedNanos, &intake)
        } else if kind.reads("trade", in: text) {
            try trade(&cursor, text, receivedNanos, &intake)
        } else if kind.count >= 5, Token(start: kind.start, count: 5).reads("depth", in: text),
            kind.count == 5 || text[kind.start + 5] == UInt8(ascii: "@")
        {
            try depth(&cursor, text, receivedNanos, &intake)
        } else {
            intake.note(.unknownChannel)
        }
    }

    // MARK: Ticker and trades

    /// `{"u","s","b","B","a","A"[,"T","E"]}`; spot says no time, then the moment of receipt dates it.
    private func ticker(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        var quote = QuoteFact()
        quote.eventNanos = receivedNanos
        var coin = Token.none
        var found = 0
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            guard name.count == 1 else {
                try cursor.skip(text)
                continue
            }
            switch text[name.start] {
            case UInt8(ascii: "s"): coin = try cursor.string(text)
            case UInt8(ascii: "b"):
                quote.bidPrice = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 1
            case UInt8(ascii: "B"):
                quote.bidSize = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 2
            case UInt8(ascii: "a"):
                quote.askPrice = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 4
            case UInt8(ascii: "A"):
                quote.askSize = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 8
            case UInt8(ascii: "T"): quote.eventNanos = try cursor.milliseconds(text)
            default: try cursor.skip(text)
            }
        }
        guard found == 15, coin.count > 0 else { throw .missingField }
        try intake.quote(venue, text, coin, quote, receivedNanos: receivedNanos)
    }

    /// `{"s","t","p","q","T","m"[,"X"]}`; `m` true: the buyer was the maker, so the taker sold.
    private func trade(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        var trade = TradeFact()
        var coin = Token.none
        var found = 0
        var isMarket = true
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            guard name.count == 1 else {
                try cursor.skip(text)
                continue
            }
            switch text[name.start] {
            case UInt8(ascii: "s"): coin = try cursor.string(text)
            case UInt8(ascii: "t"): trade.tradeID = UInt64(try cursor.whole(text))
            case UInt8(ascii: "p"):
                trade.price = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 1
            case UInt8(ascii: "q"):
                trade.size = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 2
            case UInt8(ascii: "T"):
                trade.eventNanos = try cursor.milliseconds(text)
                found |= 4
            case UInt8(ascii: "m"):
                trade.side = try cursor.bool(text) ? .sell : .buy
                found |= 8
            // Futures also tell of the insurance fund and of liquidations that took over a position.
            case UInt8(ascii: "X"): isMarket = try cursor.string(text).reads("MARKET", in: text)
            default: try cursor.skip(text)
            }
        }
        guard found == 15, coin.count > 0 else { throw .missingField }
        guard isMarket else { return intake.note(.notATrade) }
        intake.beginTrades()
        try intake.add(trade, symbol: coin)
        try intake.endTrades(venue, text, receivedNanos: receivedNanos, hasSequence: true)
    }

    // MARK: Depth

    private mutating func depth(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        try readChange(&cursor, text)
        guard let lastID = book.lastID else {
            if book.wait(change) { intake.note(.depthWaiting) }
            return
        }
        if change.last <= lastID, !book.isChained { return intake.note(.depthOutdated) }
        guard follows(change, lastID) else {
            try breakChain(lastID, receivedNanos, &intake)
            return
        }
        try apply(change)
        try tell(change.eventNanos, receivedNanos, &intake)
    }

    /// Whether a change goes on where the book stands.
    private func follows(_ change: DepthBook.Change, _ lastID: Int64) -> Bool {
        if !book.isChained {
            // The first behind a snapshot overlaps it or follows it. Ids of futures have holes, but each change says
            // which id came before it.
            let isNext = change.first <= lastID + 1 || (change.previous.map { $0 <= lastID } ?? false)
            return isNext && change.last >= lastID
        }
        if let previous = change.previous { return previous == lastID }
        return change.first == lastID + 1
    }

    private mutating func breakChain(
        _ lastID: Int64, _ receivedNanos: Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        var gap = MarketGap()
        gap.instrument = try intake.instrument(
            venue, symbol.span, Token(start: 0, count: symbol.count), price: nil, eventNanos: change.eventNanos)
        gap.channel = Channel.books.name
        gap.fromNanos = book.wholeNanos ?? change.eventNanos
        gap.reason = .sequence
        intake.emit(gap, max(change.eventNanos, gap.fromNanos))
        book.clear()
        if book.wait(change) { intake.note(.depthWaiting) }
    }

    private mutating func apply(_ change: DepthBook.Change) throws(RejectReason) {
        for level in change.levels { try book.set(isBid: level.isBid, level.price, level.size) }
        book.lastID = change.last
        book.isChained = true
    }

    private mutating func tell(
        _ eventNanos: Int64, _ receivedNanos: Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        let fact = try book.top()
        book.wholeNanos = eventNanos
        guard !symbol.isEmpty else { return }
        // Ids prove that nothing is missing, so silence is none here.
        try intake.book(
            venue, symbol.span, Token(start: 0, count: symbol.count), fact, eventNanos: eventNanos,
            receivedNanos: receivedNanos, stallNanos: .max)
    }

    /// Reads `{"E"[,"T"],"s","U","u"[,"pu"],"b":[[px,qty]…],"a":[…]}`.
    private mutating func readChange(_ cursor: inout JSONCursor, _ text: Span<UInt8>) throws(RejectReason) {
        change.levels.removeAll(keepingCapacity: true)
        change.previous = nil
        var eventNanos: Int64?
        var sentNanos: Int64?
        var found = 0
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("b", in: text) || name.reads("a", in: text) {
                let isBid = text[name.start] == UInt8(ascii: "b")
                try readLevels(&cursor, text, isBid: isBid)
                found |= isBid ? 1 : 2
            } else if name.reads("U", in: text) {
                change.first = try cursor.whole(text)
                found |= 4
            } else if name.reads("u", in: text) {
                change.last = try cursor.whole(text)
                found |= 8
            } else if name.reads("pu", in: text) {
                change.previous = try cursor.whole(text)
            } else if name.reads("T", in: text) {
                eventNanos = try cursor.milliseconds(text)
            } else if name.reads("E", in: text) {
                sentNanos = try cursor.milliseconds(text)
            } else if name.reads("s", in: text) {
                let token = try cursor.string(text)
                if !isSymbol(token, text) { symbol = (token.start..<token.end).map { text[$0] } }
            } else {
                try cursor.skip(text)
            }
        }
        guard found == 15, let time = eventNanos ?? sentNanos else { throw .missingField }
        guard change.first <= change.last, change.last < Int64.max else { throw .badNumber }
        change.eventNanos = time
    }

    private func isSymbol(_ token: Token, _ text: Span<UInt8>) -> Bool {
        guard token.count == symbol.count else { return false }
        for index in 0..<token.count where symbol[index] != text[token.start + index] { return false }
        return true
    }

    private mutating func readLevels(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, isBid: Bool
    ) throws(RejectReason) {
        try cursor.expect(UInt8(ascii: "["), text)
        var isFirst = true
        while try cursor.element(text, &isFirst) {
            try cursor.expect(UInt8(ascii: "["), text)
            var isFirstPart = true
            guard try cursor.element(text, &isFirstPart) else { throw .missingField }
            let price = try cursor.fixed(text, scale: FixedPoint.priceScale)
            guard try cursor.element(text, &isFirstPart) else { throw .missingField }
            let size = try cursor.fixed(text, scale: FixedPoint.priceScale)
            while try cursor.element(text, &isFirstPart) { try cursor.skip(text) }
            guard price > 0 else { throw .priceNotPositive }
            guard size >= 0 else { throw .sizeNotPositive }
            guard change.levels.count < Self.changeLevelsMax else { throw .bookTooDeep }
            change.levels.append((price, size, isBid))
        }
    }

    /// Reads `{"lastUpdateId"[,"E","T"],"bids":[…],"asks":[…]}`.
    private mutating func snapshot(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        change.levels.removeAll(keepingCapacity: true)
        var lastID: Int64?
        var nanos: Int64?
        var sides = 0
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("bids", in: text) || name.reads("asks", in: text) {
                try readLevels(&cursor, text, isBid: text[name.start] == UInt8(ascii: "b"))
                sides += 1
            } else if name.reads("lastUpdateId", in: text) {
                lastID = try cursor.whole(text)
            } else if name.reads("T", in: text) {
                nanos = try cursor.milliseconds(text)
            } else {
                try cursor.skip(text)
            }
        }
        guard let lastID, sides == 2 else { throw .missingField }
        guard lastID < Int64.max else { throw .badNumber }
        let gapFrom = book.lastID == nil && book.wholeNanos != nil ? book.wholeNanos : nil
        book.clear()
        for level in change.levels { try book.set(isBid: level.isBid, level.price, level.size) }
        book.lastID = lastID
        intake.note(.snapshot)
        // Spot snapshots have no time; the changes that wait do.
        var eventNanos = nanos
        for waiting in book.takeWaiting() {
            eventNanos = max(eventNanos ?? waiting.eventNanos, waiting.eventNanos)
            if waiting.last <= lastID, !book.isChained {
                intake.note(.depthOutdated)
                continue
            }
            guard let id = book.lastID else { continue }
            change = waiting
            guard follows(waiting, id) else {
                try breakChain(id, receivedNanos, &intake)
                continue
            }
            try apply(waiting)
        }
        guard book.lastID != nil else { return }
        let time = eventNanos ?? receivedNanos
        if let gapFrom, !symbol.isEmpty {
            var gap = MarketGap()
            gap.instrument = try intake.instrument(
                venue, symbol.span, Token(start: 0, count: symbol.count), price: nil, eventNanos: time)
            gap.channel = Channel.books.name
            gap.fromNanos = gapFrom
            gap.reason = .sequence
            intake.emit(gap, max(time, gapFrom))
        }
        try tell(time, receivedNanos, &intake)
    }
}
