import Events

/// Reads tables of funding rates: a time and a rate a line.
package struct FundingTable: Sendable {
    /// What a table is of.
    package struct Layout: Equatable, Sendable {
        package var venue: Venue
        package var symbol: String
        /// Whether times are calendar texts and not milliseconds.
        package var isCalendar: Bool

        /// The layout of a table with this header and name; nil if it is none.
        init?(header: String, _ name: SourceName) {
            if header == "time_ms,funding_rate" {
                // hl-BTC-funding-1h
                let parts = name.stem.split(separator: "-").map(String.init)
                guard parts.count == 4, parts[2] == "funding", let venue = CandleTable.Layout.venue(parts[0]) else {
                    return nil
                }
                (self.venue, symbol, isCalendar) = (venue, parts[1], false)
                return
            }
            // LEAN: cryptofuture/binance/margin_interest/btcusd.csv, no header.
            guard name.parent(1) == "margin_interest", name.parent(2) == "binance" else { return nil }
            symbol = name.stem.uppercased()
            // Contracts that settle in dollars are margined in the coin.
            venue = symbol.hasSuffix("USD") ? .binanceCoinM : .binanceUSDM
            isCalendar = true
        }
    }

    private let layout: Layout
    private let symbol: [UInt8]

    /// A reader of one table.
    package init(_ layout: Layout) {
        self.layout = layout
        symbol = Array(layout.symbol.utf8)
    }

    private func time(_ fields: inout LineFields, _ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        layout.isCalendar ? try fields.calendar(text) : try fields.milliseconds(text)
    }

    /// When a row became known; nil for a row without a time.
    package func knownNanos(_ text: Span<UInt8>) -> Int64? {
        var fields = LineFields(text)
        return try? time(&fields, text)
    }

    /// Reads one row.
    package func line(_ text: Span<UInt8>, into intake: inout Intake) {
        do throws(RejectReason) {
            var fields = LineFields(text)
            let nanos = try time(&fields, text)
            let rate = try fields.fixed(text, scale: FixedPoint.rateScale)
            guard fields.isAtEnd else { throw .badColumns }
            try intake.funding(
                layout.venue, symbol.span, Token(start: 0, count: symbol.count), rate: rate, premium: nil,
                eventNanos: nanos)
            intake.note(.rounded, fields.roundedCount)
        } catch { intake.reject(error) }
    }
}
