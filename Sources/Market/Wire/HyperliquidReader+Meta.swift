extension HyperliquidReader {
    /// Remembers the coins of a dex by position, and the decimals of their sizes:
    /// `{"universe":[{"name","szDecimals"}]}`.
    mutating func readMeta(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, dex: String, _ intake: inout Intake
    ) throws(RejectReason) {
        var names: [[UInt8]] = []
        var decimals: [(String, Int)] = []
        try cursor.expect(UInt8(ascii: "{"), text)
        var isFirst = true
        while let member = try cursor.member(text, &isFirst) {
            guard member.reads("universe", in: text) else {
                try cursor.skip(text)
                continue
            }
            try cursor.expect(UInt8(ascii: "["), text)
            var isFirstCoin = true
            while try cursor.element(text, &isFirstCoin) {
                guard names.count < Self.universeMax else { throw .instrumentsFull }
                let coin = try Self.readCoin(&cursor, text)
                names.append(coin.name)
                if let places = coin.sizeDecimals {
                    decimals.append((String(decoding: coin.name, as: UTF8.self), places))
                }
            }
        }
        for (name, places) in decimals { intake.sizeDecimals[name] = places }
        universes.removeAll { $0.dex == dex }
        universes.append((dex, names))
        intake.note(.meta)
    }

    private static func readCoin(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>
    ) throws(RejectReason) -> (name: [UInt8], sizeDecimals: Int?) {
        try cursor.expect(UInt8(ascii: "{"), text)
        var name = Token.none
        var places: Int?
        var isFirst = true
        while let member = try cursor.member(text, &isFirst) {
            if member.reads("name", in: text) {
                name = try cursor.string(text)
            } else if member.reads("szDecimals", in: text) {
                let value = try cursor.whole(text)
                guard value <= 8 else { throw .badNumber }
                places = Int(value)
            } else {
                try cursor.skip(text)
            }
        }
        guard name.count > 0, name.count <= InstrumentTable.symbolBytesMax else { throw .badSymbol }
        return ((name.start..<name.end).map { text[$0] }, places)
    }

    /// The coins of a dex by position; nil if its meta was not seen.
    func universe(_ dex: String) -> [[UInt8]]? { universes.first { $0.dex == dex }?.names }
}
