import Events

extension HyperliquidReader {
    /// Reads `{"coin","ctx":{…}}`.
    func readContext(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        guard let receivedNanos else { throw .undated }
        var coin = Token.none
        var fact: MarketContext?
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("coin", in: text) {
                coin = try cursor.string(text)
            } else if name.reads("ctx", in: text) {
                fact = try Self.readFields(&cursor, text)
            } else {
                try cursor.skip(text)
            }
        }
        guard coin.count > 0, let fact else { throw .missingField }
        try intake.context(.hyperliquid, text, coin, fact, receivedNanos: receivedNanos)
    }

    /// The fields of one context; those of spot coins lack funding, oracle and open interest.
    private static func readFields(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>
    ) throws(RejectReason) -> MarketContext {
        var fact = MarketContext()
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("funding", in: text) {
                fact.fundingRate = try cursor.optionalFixed(text, scale: FixedPoint.rateScale)
            } else if name.reads("openInterest", in: text) {
                fact.openInterest = try cursor.optionalFixed(text, scale: FixedPoint.priceScale)
            } else if name.reads("oraclePx", in: text) {
                fact.oraclePrice = try cursor.optionalFixed(text, scale: FixedPoint.priceScale)
            } else if name.reads("markPx", in: text) {
                fact.markPrice = try cursor.optionalFixed(text, scale: FixedPoint.priceScale)
            } else if name.reads("midPx", in: text) {
                fact.midPrice = try cursor.optionalFixed(text, scale: FixedPoint.priceScale)
            } else {
                try cursor.skip(text)
            }
        }
        return fact
    }

    /// `{"mids":{coin:mid,…}}`, or the bare map of the REST answer.
    func readMids(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        guard let receivedNanos else { throw .undated }
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("mids", in: text) {
                try readMids(&cursor, text, receivedNanos, &intake)
            } else if name.reads("dex", in: text) {
                try cursor.skip(text)
            } else {
                var fact = MarketContext()
                fact.midPrice = try cursor.fixed(text, scale: FixedPoint.priceScale)
                do throws(RejectReason) {
                    try intake.context(.hyperliquid, text, name, fact, receivedNanos: receivedNanos)
                } catch { intake.reject(error) }
            }
        }
    }

    /// `{"ctxs":[[dex,[ctx,…]],…]}`: contexts by position in each dex's universe.
    func readAllContexts(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ receivedNanos: Int64?, _ intake: inout Intake
    ) throws(RejectReason) {
        guard let receivedNanos else { throw .undated }
        var facts: [([UInt8], MarketContext)] = []
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            guard name.reads("ctxs", in: text) else {
                try cursor.skip(text)
                continue
            }
            try cursor.expect(UInt8(ascii: "["), text)
            var isFirstDex = true
            while try cursor.element(text, &isFirstDex) { try readDex(&cursor, text, &facts) }
        }
        // Only a frame that fits its universes as a whole is taken.
        for (symbol, fact) in facts {
            do throws(RejectReason) {
                try intake.context(
                    .hyperliquid, symbol.span, Token(start: 0, count: symbol.count), fact,
                    receivedNanos: receivedNanos)
            } catch { intake.reject(error) }
        }
    }

    private func readDex(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ facts: inout [([UInt8], MarketContext)]
    ) throws(RejectReason) {
        try cursor.expect(UInt8(ascii: "["), text)
        var isFirst = true
        guard try cursor.element(text, &isFirst) else { throw .missingField }
        let token = try cursor.string(text)
        let dex = String(decoding: (token.start..<token.end).map { text[$0] }, as: UTF8.self)
        guard let names = universe(dex) else { throw .metaMissing }
        guard try cursor.element(text, &isFirst) else { throw .missingField }
        try cursor.expect(UInt8(ascii: "["), text)
        var isFirstContext = true
        var position = 0
        while try cursor.element(text, &isFirstContext) {
            guard position < names.count else { throw .universeMismatch }
            facts.append((names[position], try Self.readFields(&cursor, text)))
            position += 1
        }
        guard position == names.count else { throw .universeMismatch }
        while try cursor.element(text, &isFirst) { try cursor.skip(text) }
    }
}
