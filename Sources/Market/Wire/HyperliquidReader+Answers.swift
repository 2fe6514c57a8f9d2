import Events

extension HyperliquidReader {
    /// One candle `{"t","T","s","i","o","c","h","l","v","n"}`.
    ///
    /// - Parameter closedBefore: a moment at which the venue answered; a bar that ended before it is finished. Nil for
    ///   the open bar of the socket.
    func readCandle(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, closedBefore: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        var fact = CandleFact()
        var coin = Token.none
        var found = 0
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("t", in: text) {
                fact.openNanos = try cursor.milliseconds(text)
                found |= 1
            } else if name.reads("s", in: text) {
                coin = try cursor.string(text)
                found |= 2
            } else if name.reads("i", in: text) {
                fact.seconds = try Interval.seconds(text, try cursor.string(text))
                found |= 4
            } else if name.reads("o", in: text) {
                fact.open = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 8
            } else if name.reads("c", in: text) {
                fact.close = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 16
            } else if name.reads("h", in: text) {
                fact.high = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 32
            } else if name.reads("l", in: text) {
                fact.low = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 64
            } else if name.reads("v", in: text) {
                fact.volume = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 128
            } else if name.reads("n", in: text) {
                fact.tradeCount = try cursor.whole(text)
            } else {
                try cursor.skip(text)
            }
        }
        guard found == 255 else { throw .missingField }
        let end = fact.openNanos + Int64(fact.seconds) * 1_000_000_000
        try intake.candle(
            .hyperliquid, text, coin, fact, isClosed: closedBefore.map { end <= $0 } ?? false, isGapless: false)
    }

    /// Reads `[{"coin","fundingRate","premium","time"},…]`.
    func readFundingHistory(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ intake: inout Intake
    ) throws(RejectReason) {
        try cursor.expect(UInt8(ascii: "["), text)
        var isFirstRow = true
        while try cursor.element(text, &isFirstRow) {
            var coin = Token.none
            var rate: Int64?
            var premium: Int64?
            var nanos: Int64?
            var isFirst = true
            try cursor.expect(UInt8(ascii: "{"), text)
            while let name = try cursor.member(text, &isFirst) {
                if name.reads("coin", in: text) {
                    coin = try cursor.string(text)
                } else if name.reads("fundingRate", in: text) {
                    rate = try cursor.fixed(text, scale: FixedPoint.rateScale)
                } else if name.reads("premium", in: text) {
                    premium = try cursor.optionalFixed(text, scale: FixedPoint.rateScale)
                } else if name.reads("time", in: text) {
                    nanos = try cursor.milliseconds(text)
                } else {
                    try cursor.skip(text)
                }
            }
            do throws(RejectReason) {
                guard let rate, let nanos, coin.count > 0 else { throw .missingField }
                try intake.funding(.hyperliquid, text, coin, rate: rate, premium: premium, eventNanos: nanos)
            } catch { intake.reject(error) }
        }
    }

    /// A recorded exchange `{"request":{"type",…},"date":"Mon, 17 Jul 2023 21:43:20 GMT","response":…}`.
    package mutating func exchange(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, into intake: inout Intake
    ) throws(RejectReason) {
        var type = Token.none
        var dex = Token.none
        var dateNanos: Int64?
        var response: Int?
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("request", in: text) {
                try cursor.expect(UInt8(ascii: "{"), text)
                var isFirstField = true
                while let field = try cursor.member(text, &isFirstField) {
                    if field.reads("type", in: text) {
                        type = try cursor.string(text)
                    } else if field.reads("dex", in: text) {
                        dex = try cursor.string(text)
                    } else {
                        try cursor.skip(text)
                    }
                }
            } else if name.reads("date", in: text) {
                dateNanos = try HTTPDate.nanos(text, try cursor.string(text))
            } else if name.reads("response", in: text) {
                response = cursor.at
                try cursor.skip(text)
            } else {
                try cursor.skip(text)
            }
        }
        guard type.count > 0, let response else { throw .missingField }
        var inner = JSONCursor(at: response)
        do throws(RejectReason) {
            try answer(type, dex, dateNanos, &inner, text, &intake)
        } catch { intake.reject(error) }
        intake.note(.rounded, inner.roundedCount)
    }

    private mutating func answer(
        _ type: Token, _ dex: Token, _ dateNanos: Int64?, _ cursor: inout JSONCursor, _ text: Span<UInt8>,
        _ intake: inout Intake
    ) throws(RejectReason) {
        if type.reads("meta", in: text) {
            let name = String(decoding: (dex.start..<dex.end).map { text[$0] }, as: UTF8.self)
            try readMeta(&cursor, text, dex: name, &intake)
        } else if type.reads("allMids", in: text) {
            try readMids(&cursor, text, dateNanos, &intake)
        } else if type.reads("l2Book", in: text) {
            try readBook(&cursor, text, dateNanos, &intake)
        } else if type.reads("recentTrades", in: text) {
            intake.note(.unknownChannel)
        } else if type.reads("candleSnapshot", in: text) {
            try readCandles(&cursor, text, closedBefore: dateNanos, &intake)
        } else if type.reads("fundingHistory", in: text) {
            try readFundingHistory(&cursor, text, &intake)
        } else if Self.isPrivateRequest(type, text) {
            intake.note(.privateData)
        } else {
            intake.note(.unknownChannel)
        }
    }

    /// An array of candles.
    func readCandles(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, closedBefore: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        try cursor.expect(UInt8(ascii: "["), text)
        var isFirst = true
        while try cursor.element(text, &isFirst) {
            let start = cursor.at
            do throws(RejectReason) {
                try readCandle(&cursor, text, closedBefore: closedBefore, &intake)
            } catch {
                intake.reject(error)
                cursor.at = start
                try cursor.skip(text)
            }
        }
    }

    private static func isPrivateRequest(_ type: Token, _ text: Span<UInt8>) -> Bool {
        let names: [StaticString] = [
            "userFills", "userFillsByTime", "openOrders", "frontendOpenOrders", "userFunding", "clearinghouseState",
            "spotClearinghouseState", "orderStatus", "historicalOrders", "userRole", "subAccounts", "portfolio",
        ]
        for name in names where type.reads(name, in: text) { return true }
        return false
    }
}

/// Lengths of bars by their names.
package enum Interval {
    /// Seconds of `1m`, `4h`, `1d`, `1w`; months have no fixed length and are refused.
    package static func seconds(_ text: Span<UInt8>, _ token: Token) throws(RejectReason) -> Int32 {
        guard token.count >= 2, token.count <= 4 else { throw .badInterval }
        var at = token.start
        guard let number = try? readDigits(text, &at), number > 0, at == token.end - 1 else { throw .badInterval }
        let unit: Int64
        switch text[at] {
        case UInt8(ascii: "s"): unit = 1
        case UInt8(ascii: "m"): unit = 60
        case UInt8(ascii: "h"): unit = 3600
        case UInt8(ascii: "d"): unit = 86_400
        case UInt8(ascii: "w"): unit = 604_800
        default: throw .badInterval
        }
        return Int32(number * unit)
    }

    /// The same of a string.
    package static func seconds(_ text: String) throws(RejectReason) -> Int32 {
        let bytes = Array(text.utf8)
        return try seconds(bytes.span, Token(start: 0, count: bytes.count))
    }
}

/// The date of an HTTP answer (RFC 9110, IMF-fixdate).
enum HTTPDate {
    static func nanos(_ text: Span<UInt8>, _ token: Token) throws(RejectReason) -> Int64 {
        // Mon, 17 Jul 2023 21:43:20 GMT
        guard token.count == 29 else { throw .badTime }
        let months: [StaticString] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let name = Token(start: token.start + 8, count: 3)
        guard let month = months.firstIndex(where: { name.reads($0, in: text) }) else { throw .badTime }
        func field(_ offset: Int, _ count: Int) throws(RejectReason) -> Int64 {
            var at = token.start + offset
            guard let value = try? readDigits(text, &at), at == token.start + offset + count else { throw .badTime }
            return value
        }
        let midnight = try Moment.midnight(try field(12, 4), Int64(month + 1), try field(5, 2))
        let (hour, minute, second) = (try field(17, 2), try field(20, 2), try field(23, 2))
        guard hour < 24, minute < 60, second <= 60 else { throw .badTime }
        return midnight + (hour * 3600 + minute * 60 + second) * 1_000_000_000
    }
}
