package import Events

/// Venues whose data are read.
package enum Venue: UInt8, CaseIterable, Sendable {
    case hyperliquid, binance, binanceUSDM, binanceCoinM, binanceUS, coinbase, ftx, kraken
    /// Currencies over the counter: whose quotes they are is not said.
    case forex

    /// The name in `mkt.InstrumentListed`.
    package var name: String {
        switch self {
        case .hyperliquid: "hyperliquid"
        case .binance: "binance"
        case .binanceUSDM: "binance-usdm"
        case .binanceCoinM: "binance-coinm"
        case .binanceUS: "binance-us"
        case .coinbase: "coinbase"
        case .ftx: "ftx"
        case .kraken: "kraken"
        case .forex: "forex"
        }
    }

    /// The asset that a symbol of this venue stands for.
    package func asset(_ symbol: String) -> AssetID {
        switch self {
        case .hyperliquid:
            if symbol.hasPrefix("@") || symbol.hasPrefix("#") { return AssetID(symbol) }
            if let slash = symbol.firstIndex(of: "/") {
                return AssetID("\(symbol[..<slash])-\(symbol[symbol.index(after: slash)...])")
            }
            // A name of another dex is written `dex:COIN`.
            return AssetID("\(symbol.split(separator: ":").last ?? "")-USD")
        case .ftx: return AssetID(symbol.hasSuffix("-PERP") ? "\(symbol.dropLast(5))-USD" : symbol)
        case .kraken:
            // Kraken writes XBT and XDG where others write BTC and DOGE.
            for (own, common) in [("XBT", "BTC"), ("XDG", "DOGE")] where symbol.hasPrefix(own) {
                return Venue.coinbase.asset(common + symbol.dropFirst(own.count))
            }
            return Venue.coinbase.asset(symbol)
        case .binance, .binanceUSDM, .binanceCoinM, .binanceUS, .coinbase, .forex:
            if symbol.contains("-") { return AssetID(symbol) }
            for quote in ["USDT", "USDC", "FDUSD", "BUSD", "USD", "BTC", "ETH", "EUR"]
            where symbol.hasSuffix(quote) && symbol.utf8.count > quote.utf8.count {
                return AssetID("\(symbol.dropLast(quote.count))-\(quote)")
            }
            return AssetID(symbol)
        }
    }
}

/// The grids that books of an instrument are written on: powers of ten, in 1e-8.
package struct Grid: Equatable, Sendable {
    /// Price step.
    package var price: Int64
    /// Size step.
    package var size: Int64

    /// The finest grid: for instruments of which no price was seen.
    package static let finest = Grid(price: 1, size: 1)

    /// The grid that an instrument gets by its price.
    ///
    /// Prices have seven significant digits: Hyperliquid's have five, or are integers of six; Binance's BTC pairs have
    /// seven. So a price may fall a hundredfold and rise two-hundredfold before it leaves the grid. Sizes have as many
    /// decimals as the price has digits before the point and one more, at most five: a step is then worth about a tenth
    /// of the quote currency or less.
    package init(price: Int64, sizeDecimals: Int? = nil) {
        // Digits before the point; 0 or below for prices under 1.
        var digits = -8
        var rest = price
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        self.price = Self.step(decimals: 7 - digits)
        size = Self.step(decimals: sizeDecimals ?? min(digits + 1, 5))
    }

    /// A grid of given steps.
    package init(price: Int64, size: Int64) {
        self.price = price
        self.size = size
    }

    /// The power of ten with so many decimals, in 1e-8; between 1e-8 and 1.
    static func step(decimals: Int) -> Int64 {
        var step: Int64 = 1
        for _ in 0..<max(0, 8 - max(0, decimals)) { step *= 10 }
        return step
    }
}
