import Events

/// Reads frames of the Hyperliquid WebSocket and answers of its `/info`.
///
/// Unknown fields are skipped, fields may come in any order, numbers may stand bare or in quotes. Addresses of wallets
/// (`users`, `user`) are never looked at.
package struct HyperliquidReader: Sendable {
    /// Most coins of a universe.
    package static let universeMax = 4096

    /// Names of the coins of each dex by position, as its `meta` told; the first is the main one, named "".
    var universes: [(dex: String, names: [[UInt8]])] = []
    private var book = BookFact()

    /// A reader that has seen no universe.
    package init() {}

    /// Reads one frame.
    ///
    /// - Parameter receivedNanos: when it came; nil if the source does not say, then frames without a time of their own
    ///   are refused as `undated`.
    package mutating func frame(_ text: Span<UInt8>, receivedNanos: Int64?, into intake: inout Intake) {
        if let receivedNanos { intake.received(receivedNanos) }
        var cursor = JSONCursor()
        do throws(RejectReason) {
            let first = cursor.peek(text)
            guard first == UInt8(ascii: "{") else {
                // The venue greets in plain text.
                guard first != UInt8(ascii: "["), first != UInt8(ascii: "\"") else { throw .notJSON }
                guard first >= 0x20, first < 0x7f else {
                    throw first == 0 && cursor.at >= text.count ? .truncated : .notText
                }
                guard !Self.holdsZero(text) else { throw .notText }
                return intake.note(.plainText)
            }
            cursor.at += 1
            var channel = Token.none
            var data: Int?
            var parsed = Parsed.nothing
            var isFirst = true
            while let name = try cursor.member(text, &isFirst) {
                if name.reads("channel", in: text) {
                    channel = try cursor.string(text)
                } else if name.reads("data", in: text) {
                    data = cursor.at
                    // The busy channels are read where they stand, and told only when the whole frame is sound.
                    if channel.reads("l2Book", in: text) {
                        let (coin, nanos) = try parseBook(&cursor, text)
                        parsed = .book(coin, nanos)
                    } else if channel.reads("trades", in: text) {
                        parsed = .trades(try parseTrades(&cursor, text, &intake))
                    } else {
                        try cursor.skip(text)
                    }
                } else {
                    try cursor.skip(text)
                }
            }
            try cursor.end(text)
            switch parsed {
            case .book(let coin, let nanos):
                try tellBook(coin, nanos, text, receivedNanos, &intake)
                return intake.note(.rounded, cursor.roundedCount)
            case .trades(let lastNanos):
                try intake.endTrades(.hyperliquid, text, receivedNanos: receivedNanos ?? lastNanos)
                return intake.note(.rounded, cursor.roundedCount)
            case .nothing: break
            }
            guard channel.count > 0 else { throw .missingField }
            try payload(channel, data, text, receivedNanos, &intake)
        } catch { intake.reject(error) }
    }

    /// What was read of a frame before its end.
    private enum Parsed {
        case nothing
        case book(Token, Int64?)
        case trades(Int64)
    }

    private static func holdsZero(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where text[index] == 0 { return true }
        return false
    }

    private mutating func payload(
        _ channel: Token, _ data: Int?, _ text: Span<UInt8>, _ receivedNanos: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        if channel.reads("pong", in: text) { return intake.note(.pong) }
        guard let data else { throw .missingField }
        var cursor = JSONCursor(at: data)
        if channel.reads("l2Book", in: text) {
            try readBook(&cursor, text, receivedNanos, &intake)
        } else if channel.reads("trades", in: text) {
            try readTrades(&cursor, text, receivedNanos, &intake)
        } else if channel.reads("bbo", in: text) {
            try readQuote(&cursor, text, receivedNanos, &intake)
        } else if channel.reads("candle", in: text) {
            try readCandle(&cursor, text, closedBefore: nil, &intake)
        } else if channel.reads("activeAssetCtx", in: text) || channel.reads("activeSpotAssetCtx", in: text) {
            try readContext(&cursor, text, receivedNanos, &intake)
        } else if channel.reads("allMids", in: text) {
            try readMids(&cursor, text, receivedNanos, &intake)
        } else if channel.reads("allDexsAssetCtxs", in: text) {
            try readAllContexts(&cursor, text, receivedNanos, &intake)
        } else if channel.reads("subscriptionResponse", in: text) {
            intake.note(.acknowledged)
        } else if channel.reads("error", in: text) {
            intake.note(.venueError)
        } else if Self.isPrivate(channel, text) {
            intake.note(.privateData)
        } else {
            intake.note(.unknownChannel)
        }
        intake.note(.rounded, cursor.roundedCount)
    }

    /// Channels that tell of accounts.
    private static func isPrivate(_ channel: Token, _ text: Span<UInt8>) -> Bool {
        let names: [StaticString] = [
            "user", "userFills", "userEvents", "userFundings", "userNonFundingLedgerUpdates", "orderUpdates",
            "activeAssetData", "webData2", "userTwapSliceFills", "userTwapHistory", "clearinghouseState",
            "openOrders", "notification",
        ]
        for name in names where channel.reads(name, in: text) { return true }
        return false
    }

    // MARK: Books and quotes

    /// Reads `{"coin","time","levels":[[{px,sz,n}…],[…]]}`.
    mutating func readBook(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        let (coin, nanos) = try parseBook(&cursor, text)
        try tellBook(coin, nanos, text, receivedNanos, &intake)
    }

    private mutating func parseBook(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>
    ) throws(RejectReason) -> (coin: Token, nanos: Int64?) {
        var coin = Token.none
        var nanos: Int64?
        var hasLevels = false
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("levels", in: text) {
                try readLevels(&cursor, text)
                hasLevels = true
            } else if name.reads("coin", in: text) {
                coin = try cursor.string(text)
            } else if name.reads("time", in: text) {
                nanos = try cursor.milliseconds(text)
            } else {
                try cursor.skip(text)
            }
        }
        guard coin.count > 0, hasLevels else { throw .missingField }
        return (coin, nanos)
    }

    private func tellBook(
        _ coin: Token, _ nanos: Int64?, _ text: Span<UInt8>, _ receivedNanos: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        guard let eventNanos = nanos ?? receivedNanos else { throw .undated }
        try intake.book(
            .hyperliquid, text, coin, book, eventNanos: eventNanos, receivedNanos: receivedNanos ?? eventNanos)
    }

    private mutating func readLevels(_ cursor: inout JSONCursor, _ text: Span<UInt8>) throws(RejectReason) {
        book.bidCount = 0
        book.askCount = 0
        try cursor.expect(UInt8(ascii: "["), text)
        var isFirst = true
        var side = 0
        while try cursor.element(text, &isFirst) {
            guard side < 2 else { throw .wrongType }
            try cursor.expect(UInt8(ascii: "["), text)
            var isFirstLevel = true
            while try cursor.element(text, &isFirstLevel) {
                let (price, size) = try Self.readLevel(&cursor, text)
                try book.add(isBid: side == 0, price: price, size: size)
            }
            side += 1
        }
        guard side == 2 else { throw .missingField }
    }

    /// Reads `{"px":"…","sz":"…","n":…}`.
    @inline(__always)
    private static func readLevel(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>
    ) throws(RejectReason) -> (price: Int64, size: Int64) {
        if let quick = QuickRead.level(text, &cursor.at) { return quick }
        return try readAnyLevel(&cursor, text)
    }

    private static func readAnyLevel(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>
    ) throws(RejectReason) -> (price: Int64, size: Int64) {
        try cursor.expect(UInt8(ascii: "{"), text)
        var price: Int64?
        var size: Int64?
        var isFirst = true
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("px", in: text) {
                price = try cursor.fixed(text, scale: FixedPoint.priceScale)
            } else if name.reads("sz", in: text) {
                size = try cursor.fixed(text, scale: FixedPoint.priceScale)
            } else {
                try cursor.skip(text)
            }
        }
        guard let price, let size else { throw .missingField }
        return (price, size)
    }

    /// Reads `{"coin","time","bbo":[level or null, level or null]}`.
    private func readQuote(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        var coin = Token.none
        var nanos: Int64?
        var quote = QuoteFact()
        var sides = 0
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("bbo", in: text) {
                try cursor.expect(UInt8(ascii: "["), text)
                var isFirstSide = true
                while try cursor.element(text, &isFirstSide) {
                    guard sides < 2 else { throw .wrongType }
                    sides += 1
                    if cursor.takeNull(text) { continue }
                    let (price, size) = try Self.readLevel(&cursor, text)
                    guard price > 0 else { throw .priceNotPositive }
                    guard size > 0 else { throw .sizeNotPositive }
                    if sides == 1 {
                        (quote.bidPrice, quote.bidSize) = (price, size)
                    } else {
                        (quote.askPrice, quote.askSize) = (price, size)
                    }
                }
            } else if name.reads("coin", in: text) {
                coin = try cursor.string(text)
            } else if name.reads("time", in: text) {
                nanos = try cursor.milliseconds(text)
            } else {
                try cursor.skip(text)
            }
        }
        guard coin.count > 0, sides == 2 else { throw .missingField }
        guard let eventNanos = nanos ?? receivedNanos else { throw .undated }
        quote.eventNanos = eventNanos
        try intake.quote(.hyperliquid, text, coin, quote, receivedNanos: receivedNanos ?? eventNanos)
    }

    // MARK: Trades

    private func readTrades(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        let lastNanos = try parseTrades(&cursor, text, &intake)
        try intake.endTrades(.hyperliquid, text, receivedNanos: receivedNanos ?? lastNanos)
    }

    /// Puts the trades into the intake's frame; the time of the last.
    private func parseTrades(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ intake: inout Intake
    ) throws(RejectReason) -> Int64 {
        intake.beginTrades()
        try cursor.expect(UInt8(ascii: "["), text)
        var isFirst = true
        var lastNanos: Int64 = 0
        while try cursor.element(text, &isFirst) { try readTrade(&cursor, text, &lastNanos, &intake) }
        return lastNanos
    }

    @inline(__always)
    private func readTrade(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ lastNanos: inout Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        try cursor.expect(UInt8(ascii: "{"), text)
        var trade = TradeFact()
        var coin = Token.none
        var found = 0
        var isFirst = true
        while let name = try cursor.member(text, &isFirst) {
            let key = NameKey(name, in: text)
            if key == .px {
                trade.price = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 1
            } else if key == .sz {
                trade.size = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 2
            } else if key == .time {
                trade.eventNanos = try cursor.milliseconds(text)
                found |= 4
            } else if key == .side {
                let side = try cursor.string(text)
                // The taker's side: B bought, A sold.
                if side.reads("B", in: text) {
                    trade.side = .buy
                } else if side.reads("A", in: text) {
                    trade.side = .sell
                } else {
                    throw .badSide
                }
                found |= 8
            } else if key == .coin {
                coin = try cursor.string(text)
                found |= 16
            } else if key == .tid {
                trade.tradeID = UInt64(try cursor.whole(text))
            } else {
                try cursor.skip(text)
            }
        }
        guard found == 31 else { throw .missingField }
        lastNanos = max(lastNanos, trade.eventNanos)
        try intake.add(trade, symbol: coin)
    }
}
