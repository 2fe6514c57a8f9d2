/// A question to the venue's `POST /info`, and what it costs.
package enum VenueQuestion: Equatable, Sendable {
    /// The coins of an exchange of the venue; empty for its own.
    case meta(exchange: String)
    /// Candles whose open times lie in a span, milliseconds since 1970; only the newest 5,000 exist.
    case candles(coin: String, interval: CandleInterval, fromMillis: Int64, toMillis: Int64)
    /// Funding payments in a span, milliseconds since 1970; 500 an answer, so ask again from the last one.
    case funding(coin: String, fromMillis: Int64, toMillis: Int64)
    /// The newest trades of a coin, newest first; a longer outage than they span loses trades for good.
    case recentTrades(coin: String)

    /// The price of a question without rows.
    package static let price = 20

    /// The JSON that asks it.
    package var body: String {
        switch self {
        case .meta(exchange: ""): #"{"type":"meta"}"#
        case .meta(let exchange): #"{"type":"meta","dex":"\#(exchange)"}"#
        case .candles(let coin, let interval, let from, let to):
            #"{"type":"candleSnapshot","req":{"coin":"\#(coin)","interval":"\#(interval.rawValue)","#
                + #""startTime":\#(from),"endTime":\#(to)}}"#
        case .funding(let coin, let from, let to):
            #"{"type":"fundingHistory","coin":"\#(coin)","startTime":\#(from),"endTime":\#(to)}"#
        case .recentTrades(let coin): #"{"type":"recentTrades","coin":"\#(coin)"}"#
        }
    }

    /// The most it can cost: 20, and one more for each 20 rows or 60 candles of the answer.
    package var priceMax: Int {
        switch self {
        case .meta: Self.price
        case .candles: Self.price + 5_000 / 60 + 1
        case .funding: Self.price + 500 / 20
        case .recentTrades: Self.price + 100 / 20
        }
    }

    /// The coin that is asked about.
    package var coin: String? {
        switch self {
        case .meta: nil
        case .candles(let coin, _, _, _), .funding(let coin, _, _), .recentTrades(let coin): coin
        }
    }
}
