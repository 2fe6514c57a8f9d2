/// What a source is: found by its first bytes and its name.
package enum SourceFormat: Equatable, Sendable {
    /// A table of the Hyperliquid collector: `orderbooks_BTC.csv`, `prices_BTC.csv`, `trades_BTC.csv`.
    case collector(CollectorTable.Kind, symbol: String)
    /// Bars, one a line.
    case candles(CandleTable.Layout)
    /// Funding rates, one a line.
    case funding(FundingTable.Layout)
    /// `<receive stamp> <frame>` lines of Hyperliquid or Binance.
    case frames(FrameLines.Kind)
    /// One JSON document.
    case document(DocumentReader.Kind)
    /// A file that is known and not read, with the reason.
    case unread(String)

    /// The name of the kind in `mkt.SourceRead`.
    package var name: String {
        switch self {
        case .collector(let kind, _): "hyperliquid-collector-\(kind.rawValue)"
        case .candles(let layout): "candles-\(layout.venue.name)"
        case .funding(let layout): "funding-\(layout.venue.name)"
        case .frames(.hyperliquid): "frames-hyperliquid"
        case .frames(.binance(let venue)): "frames-\(venue.name)"
        case .document(let kind): kind.name
        case .unread: "unread"
        }
    }

    /// Whether its records are what a connection sent, so that its end is a gap.
    package var isStream: Bool {
        switch self {
        case .collector, .frames: true
        case .candles, .funding, .document, .unread: false
        }
    }

    /// The family of sources that are read as one session; nil for none.
    package var family: String? {
        switch self {
        case .collector: "collector"
        case .frames(.hyperliquid): "frames-hyperliquid"
        case .frames(.binance(let venue)): "frames-\(venue.name)"
        // Files of one day each are gone through day by day: a year of them is not opened at once.
        case .candles(let layout): layout.isOfOneDay ? "day-\(layout.dayNanos)" : "tables"
        case .funding: "tables"
        case .document, .unread: nil
        }
    }

    /// Whether a family is made of files of one folder, where what a connection sent was recorded.
    ///
    /// Tables tell of the same market wherever they lie.
    package var isFamilyOfOneFolder: Bool { isStream }

    /// The day that the whole source is of; nil if its name does not say.
    package var dayNanos: Int64? {
        guard case .candles(let layout) = self, layout.isOfOneDay else { return nil }
        return layout.dayNanos
    }

    /// All kinds, for a person whose file is none of them.
    package static let known = """
        Hyperliquid collector tables (orderbooks_COIN.csv, prices_COIN.csv, trades_COIN.csv); \
        frame captures, "<receive stamp> <frame>" a line, of Hyperliquid or Binance, plain or .gz; \
        candle tables (COIN_ohlc_30.csv, hl-COIN-1h.csv, binance-SYMBOL-15m.csv[.gz], coin-perp-…_1m.csv, \
        FOREX_EURUSD_1H_ASK.csv); \
        funding tables (hl-COIN-funding-1h.csv, binance-SYMBOL-funding-8h.csv, LEAN margin_interest/SYMBOL.csv); \
        JSON of Hyperliquid (recorded /info exchanges, single frames or answers) and of ta4j \
        (Coinbase-ASSET-CUR-PT4H-….json, Binance-…-PT5M-….json); trades and bars as Kraken answers them (JSON); \
        LEAN zips (crypto/VENUE/minute|second/SYMBOL/YYYYMMDD_trade|quote.zip)
        """
}

/// What is known of a source before it is read.
package struct SourceName: Sendable {
    /// The parts of its path.
    package let parts: [String]

    /// Takes a path apart.
    package init(_ path: String) {
        parts = path.split(separator: "/").map(String.init)
    }

    /// The name without its folder.
    package var file: String { parts.last ?? "" }

    /// The name without `.gz` and the last extension.
    package var stem: String {
        var name = Substring(file)
        if name.hasSuffix(".gz") { name = name.dropLast(3) }
        if let dot = name.lastIndex(of: ".") { name = name[..<dot] }
        return String(name)
    }

    /// The part `back` places before the last.
    package func parent(_ back: Int) -> String { parts.count > back ? parts[parts.count - 1 - back] : "" }
}

/// What was found when no format fits.
package struct UnknownSource: Error, Sendable {
    /// What was found, for a person.
    package let found: String
}

extension SourceFormat {
    /// Files that are known by their names and not read.
    package static func unread(_ name: SourceName) -> String? {
        let file = name.file.lowercased()
        let ending = file.split(separator: ".").last.map(String.init) ?? ""
        switch ending {
        case "feather", "parquet", "arrow": return "columnar file: read its CSV under derived/ instead"
        case "yaml", "yml": return "recorded HTTP exchange: read its JSON under derived/ instead"
        case "md", "rst", "pdf", "html": return "a text for people"
        case "png", "jpg", "jpeg", "gif", "svg", "webp": return "an image"
        default: break
        }
        if file.hasPrefix("license") || file.hasPrefix("readme") || file.hasPrefix("notice") || file.hasPrefix(".") {
            return "a text for people"
        }
        return nil
    }

    /// Finds the format by the first bytes, decompressed, and the name.
    ///
    /// - Parameter head: the first line at least, if the source has that much.
    package static func detect(_ head: [UInt8], _ name: SourceName) throws(UnknownSource) -> SourceFormat {
        let first = head.first { $0 > 0x20 } ?? 0
        let text = head.prefix { $0 != 0x0a && $0 != 0x0d }
        let line = String(decoding: text.prefix(512), as: UTF8.self)
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            return .document(try DocumentReader.Kind(head, name))
        }
        if let kind = CollectorTable.Kind(header: line) {
            guard let symbol = CollectorTable.symbol(name) else {
                throw UnknownSource(found: "a collector table whose name does not end in _COIN.csv")
            }
            return .collector(kind, symbol: symbol)
        }
        if let lean = LeanName(name), (first ^ 0x30) < 10 {
            return .candles(
                CandleTable.Layout(
                    venue: lean.venue, symbol: lean.symbol, seconds: lean.seconds,
                    columns: lean.isQuote ? .leanQuotes : .leanTrades, dayNanos: lean.dayNanos))
        }
        if let layout = FundingTable.Layout(header: line, name) { return .funding(layout) }
        if let layout = CandleTable.Layout(header: line, name) { return .candles(layout) }
        if let kind = FrameLines.Kind(head, name) { return .frames(kind) }
        if head.contains(0) { throw UnknownSource(found: "bytes that are no text") }
        throw UnknownSource(found: head.isEmpty ? "an empty file" : "a text that begins with \"\(line.prefix(60))\"")
    }
}
