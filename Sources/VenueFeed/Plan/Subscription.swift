/// A stream of the venue, without its coin.
package enum FeedChannel: Hashable, Sendable {
    /// Trades, first a replay of about thirty recent ones.
    case trades
    /// The whole book; `fast` has 5 levels a side about twice a second, the other 20 levels every few seconds.
    case book(fast: Bool)
    /// Best bid and ask, pushed when they change.
    case bestPrices
    /// The open candle of an interval.
    case candle(CandleInterval)
    /// Funding, open interest, mark and oracle price of a coin.
    case assetContext
    /// Mid prices of all coins; the one channel without a coin.
    case allMids

    /// The venue's name of the subscription, which is also the channel of its frames.
    package var wireName: String {
        switch self {
        case .trades: "trades"
        case .book: "l2Book"
        case .bestPrices: "bbo"
        case .candle: "candle"
        case .assetContext: "activeAssetCtx"
        case .allMids: "allMids"
        }
    }
}

extension FeedChannel {
    /// Reads a channel by the venue's name: `trades`, `l2Book`, `l2Book:fast`, `bbo`, `candle:1m`, `activeAssetCtx` or
    /// `allMids`.
    package init(_ text: String) throws(FeedError) {
        switch text {
        case "trades": self = .trades
        case "l2Book": self = .book(fast: false)
        case "l2Book:fast": self = .book(fast: true)
        case "bbo": self = .bestPrices
        case "activeAssetCtx": self = .assetContext
        case "allMids": self = .allMids
        default:
            guard text.hasPrefix("candle:"), let interval = CandleInterval(rawValue: String(text.dropFirst(7))) else {
                let intervals = CandleInterval.allCases.map(\.rawValue).joined(separator: " ")
                throw .badPlan(
                    "no channel '\(text.prefix(32))': expected trades, l2Book, l2Book:fast, bbo, "
                        + "activeAssetCtx, allMids, or "
                        + "candle: with one of \(intervals)")
            }
            self = .candle(interval)
        }
    }
}

/// The intervals that the venue makes candles of.
package enum CandleInterval: String, Hashable, Sendable, CaseIterable {
    case minutes1 = "1m"
    case minutes3 = "3m"
    case minutes5 = "5m"
    case minutes15 = "15m"
    case minutes30 = "30m"
    case hours1 = "1h"
    case hours2 = "2h"
    case hours4 = "4h"
    case hours8 = "8h"
    case hours12 = "12h"
    case days1 = "1d"
    case days3 = "3d"
    case weeks1 = "1w"
    case months1 = "1M"
}

/// One subscription: a channel and, but for `allMids`, a coin.
package struct Subscription: Hashable, Sendable, CustomStringConvertible {
    /// Which stream.
    package var channel: FeedChannel
    /// The venue's name of the coin; nil for `allMids`.
    package var coin: String?

    /// Makes one.
    package init(channel: FeedChannel, coin: String?) {
        self.channel = channel
        self.coin = coin
    }

    /// What tells streams apart in the venue's frames: an acknowledgement comes back with defaults filled in, so
    /// objects
    /// are never compared.
    package var key: StreamKey {
        if case .candle(let interval) = channel {
            return StreamKey(channel: channel.wireName, coin: coin ?? "", interval: interval.rawValue)
        }
        return StreamKey(channel: channel.wireName, coin: coin ?? "", interval: "")
    }

    /// The frame that asks for it.
    package var subscribeFrame: String { frame(method: "subscribe") }

    /// The frame that ends it.
    package var unsubscribeFrame: String { frame(method: "unsubscribe") }

    // Coins hold nothing that would have to be escaped: FeedPlan has seen to that.
    private func frame(method: String) -> String {
        var object = #""type":"\#(channel.wireName)""#
        if let coin { object += #","coin":"\#(coin)""# }
        switch channel {
        case .book(fast: true): object += #","fast":true"#
        case .candle(let interval): object += #","interval":"\#(interval.rawValue)""#
        default: break
        }
        return #"{"method":"\#(method)","subscription":{\#(object)}}"#
    }

    package var description: String {
        let name =
            switch channel {
            case .book(fast: true): "l2Book (fast)"
            case .candle(let interval): "candle \(interval.rawValue)"
            default: channel.wireName
            }
        return coin.map { "\(name) \($0)" } ?? name
    }
}

/// Channel, coin and interval as they stand in a frame.
package struct StreamKey: Hashable, Sendable {
    /// The venue's name of the channel.
    package var channel: String
    /// Empty where the frame has none.
    package var coin: String
    /// Of a candle; empty elsewhere.
    package var interval: String

    /// Makes a key.
    package init(channel: String, coin: String, interval: String) {
        self.channel = channel
        self.coin = coin
        self.interval = interval
    }
}
