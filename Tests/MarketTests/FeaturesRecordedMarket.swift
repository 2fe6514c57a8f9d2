import Events
import Foundation

/// The recorded data: LOTUS_DATA, or `shared/data/open` beside the package.
enum RecordedMarket {
    static let folder = RealData.url

    static let isPresent = FileManager.default.fileExists(
        atPath: folder.appending(path: "flagged/hl-l2-20250904/trades_BTC.csv").path)

    /// The fields of the lines of a CSV file, without its first line.
    static func lines(_ path: String, limit: Int = .max) -> [[Substring]] {
        guard let data = try? Data(contentsOf: folder.appending(path: path)) else { return [] }
        let text = String(decoding: data, as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).dropFirst().prefix(limit).map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
    }

    /// A decimal number scaled by 10^scale, further digits cut.
    static func scaled(_ text: Substring, _ scale: Int) -> Int64 {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        var result = Int64(parts[0]) ?? 0
        let digits = parts.count > 1 ? Array(parts[1].utf8) : []
        for index in 0..<scale {
            result = result * 10 + (index < digits.count ? Int64(digits[index]) - 48 : 0)
        }
        return result
    }

    /// Twenty-level books, quotes and trades of a coin in the order in which they were received.
    static func session(_ coin: String, instrument: Int32, limit: Int = .max) -> [FeaturesInput] {
        let folder = "flagged/hl-l2-20250904/"
        var inputs: [FeaturesInput] = []
        for line in lines(folder + "trades_\(coin).csv", limit: limit) {
            var trade = MarketTrade()
            trade.instrument = instrument
            trade.receivedNanos = scaled(line[0], 9)
            trade.price = scaled(line[1], 8)
            trade.size = scaled(line[2], 8)
            trade.side = line[3] == "buy" ? .buy : .sell
            trade.tradeID = UInt64(line[4]) ?? 0
            let at = (Int64(line[5]) ?? 0) * 1_000_000
            inputs.append(FeaturesInput(event: .trade(trade), at: at, now: trade.receivedNanos))
        }
        for line in lines(folder + "orderbooks_\(coin).csv", limit: limit) {
            var book = MarketBook()
            book.instrument = instrument
            book.receivedNanos = scaled(line[0], 9)
            book.bidCount = 20
            book.askCount = 20
            for level in 0..<20 {
                book.bidPrices[level] = Int32(scaled(line[3 + 4 * level], 1))
                book.bidSizes[level] = Int32(scaled(line[4 + 4 * level], 5))
                book.askPrices[level] = Int32(scaled(line[5 + 4 * level], 1))
                book.askSizes[level] = Int32(scaled(line[6 + 4 * level], 5))
            }
            let at = (Int64(line[2]) ?? 0) * 1_000_000
            inputs.append(FeaturesInput(event: .book(book), at: at, now: book.receivedNanos))
        }
        var quote = MarketQuote()
        for line in lines(folder + "prices_\(coin).csv", limit: limit == .max ? .max : limit * 2) {
            quote.instrument = instrument
            quote.receivedNanos = scaled(line[0], 9)
            if line[3] == "bid" {
                quote.bidPrice = scaled(line[1], 8)
                quote.bidSize = scaled(line[2], 8)
                continue
            }
            quote.askPrice = scaled(line[1], 8)
            quote.askSize = scaled(line[2], 8)
            let at = (Int64(line[4]) ?? 0) * 1_000_000
            inputs.append(FeaturesInput(event: .quote(quote), at: at, now: quote.receivedNanos))
        }
        var listed = MarketInstrument()
        listed.instrument = instrument
        listed.priceStep = 10_000_000
        listed.sizeStep = 1000
        let first = inputs.map(\.now).min() ?? 0
        let ordered = inputs.enumerated().sorted { ($0.element.now, $0.offset) < ($1.element.now, $1.offset) }
        return [FeaturesInput(event: .instrument(listed), at: first, now: first)] + ordered.map(\.element)
    }
}
