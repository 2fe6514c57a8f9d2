/// Reads captures: `<receive stamp> <frame>` a line.
package struct FrameLines: Sendable {
    /// Whose frames.
    package enum Kind: Equatable, Sendable {
        case hyperliquid
        case binance(Venue)

        /// Finds out by the first line and the path: spot and futures of Binance look alike in part.
        init?(_ head: [UInt8], _ name: SourceName) {
            var at = 0
            let span = head.span
            guard (try? Moment.stamp(span, &at)) != nil, at + 1 < head.count, head[at] == 0x20 else { return nil }
            let lines = head[(at + 1)...]
            let text = String(decoding: lines.prefix(4096), as: UTF8.self)
            if text.contains("\"stream\":") || text.hasPrefix("{\"lastUpdateId\":") {
                // Futures tell the id before each change and the time of each quote.
                let isFutures = text.contains("\"pu\":") || text.contains("\"e\":\"bookTicker\"")
                let folders = name.parts.dropLast()
                let isNamed = folders.contains("usdm") || folders.contains("futures")
                self = .binance(isFutures || isNamed ? .binanceUSDM : .binance)
            } else {
                self = .hyperliquid
            }
        }
    }

    private var hyperliquid = HyperliquidReader()
    private var binance: BinanceReader?

    /// A reader of one session's captures.
    package init(_ kind: Kind) {
        if case .binance(let venue) = kind { binance = BinanceReader(venue) }
    }

    /// Reads one line whose stamp is `receivedNanos`.
    package mutating func line(_ text: Span<UInt8>, receivedNanos: Int64, into intake: inout Intake) {
        var start = 0
        while start < text.count, text[start] != 0x20 { start &+= 1 }
        guard start < text.count else { return intake.reject(.truncated) }
        let frame = text.extracting((start &+ 1)..<text.count)
        if binance != nil {
            binance?.frame(frame, receivedNanos: receivedNanos, into: &intake)
        } else {
            hyperliquid.frame(frame, receivedNanos: receivedNanos, into: &intake)
        }
    }
}
