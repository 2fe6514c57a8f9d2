/// Why a record of a source was refused; the names stand in `mkt.SourceRead`.
package enum RejectReason: UInt8, Error, CaseIterable, Sendable {
    case notJSON, truncated, tooDeep, wrongType, missingField, badNumber, numberOverflow, badTime, badStamp, undated
    case badSide, priceNotPositive, sizeNotPositive, crossedBook, unsortedBook, gridOverflow, badSymbol
    case instrumentsFull, metaMissing, universeMismatch, badCandle, candleOutOfOrder, badInterval, lineTooLong
    case badColumns, notText, frameTooLarge, bookTooDeep

    /// Its name.
    package var name: String { text.name }
    /// What was found and what was expected, for a person.
    package var explanation: String { text.explanation }

    private var text: (name: String, explanation: String) {
        switch self {
        case .notJSON: ("not_json", "no JSON text, or more than one")
        case .truncated: ("truncated", "the text ends early")
        case .tooDeep: ("too_deep", "nested deeper than \(JSONCursor.depthMax) levels")
        case .wrongType: ("wrong_type", "a value of another kind than expected")
        case .missingField: ("missing_field", "a field that the record needs is not there")
        case .badNumber: ("bad_number", "no decimal number (NaN and infinities are none)")
        case .numberOverflow: ("number_overflow", "a number beyond 9.2e10 (prices and sizes) or 9.2e6 (rates)")
        case .badTime: ("bad_time", "no time between 1970 and 2200")
        case .badStamp: ("bad_stamp", "no receive stamp of 10, 13, 16 or 19 digits before the frame")
        case .undated: ("undated", "the frame carries no time and the source does not say when it came")
        case .badSide: ("bad_side", "a side that is neither buyer nor seller")
        case .priceNotPositive: ("price_not_positive", "a price of 0 or below")
        case .sizeNotPositive: ("size_not_positive", "a size of 0 or below")
        case .crossedBook: ("crossed_book", "the best bid is not below the best ask")
        case .unsortedBook: ("unsorted_book", "levels that are not sorted best first, or a price twice")
        case .gridOverflow: ("grid_overflow", "no decimal grid of 32-bit steps holds both ends of the book")
        case .badSymbol: ("bad_symbol", "an empty symbol, one beyond 64 bytes, or with control characters")
        case .instrumentsFull: ("instruments_full", "more than \(InstrumentTable.countMax) instruments in one log")
        case .metaMissing: ("meta_missing", "contexts by position, and no meta universe was seen before")
        case .universeMismatch: ("universe_mismatch", "contexts by position, but not one for each coin of the universe")
        case .badCandle: ("bad_candle", "high and low do not span open and close, or a volume below 0")
        case .candleOutOfOrder: ("candle_out_of_order", "a bar before the one that came last")
        case .badInterval: ("bad_interval", "a length of bars that is not known")
        case .lineTooLong: ("line_too_long", "a line beyond the limit; it was skipped")
        case .badColumns: ("bad_columns", "not the columns that the header names")
        case .notText: ("not_text", "a zero byte, or a text of 16-bit characters")
        case .frameTooLarge: ("frame_too_large", "more than \(Intake.frameTradesMax) trades in one frame")
        case .bookTooDeep: ("book_too_deep", "more than \(DepthSide.levelsMax) levels on one side")
        }
    }
}

/// What was recognised and rightly gave no event.
package enum IntakeNote: UInt8, CaseIterable, Sendable {
    case acknowledged, pong, venueError, plainText, unknownChannel, privateData, meta, openCandle, depthOutdated
    case depthWaiting, snapshot, rounded, emptyLine, header, relisted, bridgedReconnect, notATrade, unreadFile

    /// Its name.
    package var name: String { text.name }
    /// What it means, for a person.
    package var explanation: String { text.explanation }

    private var text: (name: String, explanation: String) {
        switch self {
        case .acknowledged: ("acknowledged", "acknowledgements of subscriptions")
        case .pong: ("pong", "answers to pings")
        case .venueError: ("venue_error", "errors that the venue sent")
        case .plainText: ("plain_text", "frames that are plain text")
        case .unknownChannel: ("unknown_channel", "frames of channels that are not read")
        case .privateData: ("private", "data of accounts: private, not stored")
        case .meta: ("meta", "lists of the venue's instruments")
        case .openCandle: ("open_candle", "last bars that nothing shows to be finished")
        case .depthOutdated: ("depth_outdated", "depth changes that the snapshot holds already")
        case .depthWaiting: ("depth_waiting", "depth changes without a snapshot to apply them to")
        case .snapshot: ("snapshot", "depth snapshots")
        case .rounded: ("rounded", "numbers with digits behind the scale, rounded half to even")
        case .emptyLine: ("empty_line", "empty lines")
        case .header: ("header", "headers of tables")
        case .relisted: ("relisted", "instruments listed again on a finer or wider grid")
        case .bridgedReconnect: ("bridged_reconnect", "reconnects whose replayed trades reach back far enough")
        case .notATrade: ("not_a_trade", "trade frames of another kind than market trades")
        case .unreadFile: ("unread", "files that are not read")
        }
    }
}
