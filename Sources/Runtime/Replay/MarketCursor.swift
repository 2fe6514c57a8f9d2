package import Events
package import LogEngine
package import LogFormat

/// Reads the typed events of one market log, one ahead of what was told, without an allocation for any of them.
package struct MarketCursor: ~Copyable {
    /// What the current event is.
    package enum Kind: UInt8 {
        case none, listed, traded, book, quote, candle, context, funding, gap
    }

    /// The current event, one place a type.
    package struct Events {
        package var listed = MarketInstrument()
        package var traded = MarketTrade()
        package var book = MarketBook()
        package var quote = MarketQuote()
        package var candle = MarketCandle()
        package var context = MarketContext()
        package var funding = MarketFunding()
        package var gap = MarketGap()
        package init() {}
    }

    private let reader: LogReader
    private let state = BatchState()
    private let codec = FrameCodec()
    private let table: InstrumentTable
    private let wanted: Set<MarketFeed.Kind>
    /// Bits of the types that are delivered; batches without them are not decoded.
    private var typeMask = UInt64.max
    private var typeCount = -1
    package var batch: BatchReader
    package var events = Events()
    package var kind = Kind.none
    package var isOpen = false
    /// Last event of the open batch.
    package var openLastSeq: UInt64 = 0
    /// When the current event became known.
    package var nowNanos = Int64.min
    /// Run-wide numbers of the log's instruments, 0 for those that were not listed.
    package var numbers: [Int32] = [0]
    package let source: Int
    /// Ids of the types in the log; 0, which no type has, for those that are not wanted or not there.
    package var listedType: UInt16 = 0
    package var tradedType: UInt16 = 0
    package var bookType: UInt16 = 0
    package var quoteType: UInt16 = 0
    package var candleType: UInt16 = 0
    package var contextType: UInt16 = 0
    package var fundingType: UInt16 = 0
    package var gapType: UInt16 = 0
    /// Events of batches that were finished or passed over.
    package var doneCount: UInt64 = 0

    init(_ reader: LogReader, source: Int, table: InstrumentTable, wanted: Set<MarketFeed.Kind>) {
        self.reader = reader
        batch = BatchReader(state: state)
        self.source = source
        self.table = table
        self.wanted = wanted
    }

    /// Reads the next event; false at the end of the log.
    ///
    /// - Throws: `damaged` for what cannot be read.
    @inlinable
    package mutating func load() throws(LogError) -> Bool {
        while true {
            while isOpen {
                do throws(FormatError) {
                    guard try batch.next() else {
                        isOpen = false
                        doneCount = openLastSeq
                        break
                    }
                    try decode()
                } catch { throw damage(error) }
                if kind != .none {
                    if kind == .listed { try list() }
                    try number()
                    return true
                }
            }
            kind = .none
            guard try openBatch() else { return false }
        }
    }

    @inlinable @inline(__always)
    package mutating func decode() throws(FormatError) {
        let typeID = batch.head.typeID
        let eventNanos = batch.head.eventNanos
        if typeID == tradedType {
            try batch.decode(&events.traded)
            known(events.traded.receivedNanos, eventNanos, .traded)
        } else if typeID == bookType {
            try batch.decode(&events.book)
            known(events.book.receivedNanos, eventNanos, .book)
        } else if typeID == quoteType {
            try batch.decode(&events.quote)
            known(events.quote.receivedNanos, eventNanos, .quote)
        } else {
            try decodeRare(typeID, eventNanos)
        }
    }

    @inlinable @inline(never)
    package mutating func decodeRare(_ typeID: UInt16, _ eventNanos: Int64) throws(FormatError) {
        if typeID == contextType {
            try batch.decode(&events.context)
            known(events.context.receivedNanos, eventNanos, .context)
        } else if typeID == candleType {
            try batch.decode(&events.candle)
            known(eventNanos, eventNanos, .candle)
        } else if typeID == fundingType {
            try batch.decode(&events.funding)
            known(eventNanos, eventNanos, .funding)
        } else if typeID == gapType {
            try batch.decode(&events.gap)
            known(eventNanos, eventNanos, .gap)
        } else if typeID == listedType {
            try batch.decode(&events.listed)
            // A listing is no market data: it does not move time.
            kind = .listed
        } else {
            kind = .none
            try batch.skip()
        }
    }

    /// Sets when the event became known: on receipt, or at its own time where that is not recorded, and never before
    /// what was known already.
    @inlinable @inline(__always)
    package mutating func known(_ receivedNanos: Int64, _ eventNanos: Int64, _ kind: Kind) {
        let arrival = receivedNanos == 0 ? eventNanos : receivedNanos
        if arrival > nowNanos { nowNanos = arrival }
        self.kind = kind
    }

    /// Gives the current event its run-wide instrument number.
    @inlinable @inline(__always)
    package mutating func number() throws(LogError) {
        switch kind {
        case .traded: events.traded.instrument = try number(events.traded.instrument)
        case .book: events.book.instrument = try number(events.book.instrument)
        case .quote: events.quote.instrument = try number(events.quote.instrument)
        case .candle: events.candle.instrument = try number(events.candle.instrument)
        case .context: events.context.instrument = try number(events.context.instrument)
        case .funding: events.funding.instrument = try number(events.funding.instrument)
        case .gap: if events.gap.instrument != 0 { events.gap.instrument = try number(events.gap.instrument) }
        case .listed, .none: break
        }
    }

    @inlinable @inline(__always)
    package func number(_ instrument: Int32) throws(LogError) -> Int32 {
        let place = Int(instrument)
        guard place >= 0, place < numbers.count, numbers[place] != 0 else { throw unlisted(instrument) }
        return numbers[place]
    }

    /// Tells a handler the current event.
    @inlinable @inline(__always)
    package mutating func deliver<Handler: MarketHandler>(
        _ handler: inout Handler, isOnlySource: Bool, nowNanos: Int64
    ) throws(LogError) {
        var head = MarketHead()
        head.nowNanos = nowNanos
        head.eventNanos = batch.head.eventNanos
        head.globalSeq = batch.head.globalSeq
        head.source = source
        switch kind {
        case .traded: try handler.traded(events.traded, head)
        case .book: try handler.book(events.book, head)
        case .quote: try handler.quote(events.quote, head)
        case .candle: try handler.candle(events.candle, head)
        case .context: try handler.context(events.context, head)
        case .funding: try handler.funding(events.funding, head)
        case .listed: try handler.listed(events.listed, head)
        case .gap:
            // All instruments of one log are not all instruments of the run.
            if events.gap.instrument == 0, !isOnlySource {
                for number in numbers where number != 0 {
                    events.gap.instrument = number
                    try handler.gap(events.gap, head)
                }
            } else {
                try handler.gap(events.gap, head)
            }
        case .none: break
        }
    }

    package mutating func list() throws(LogError) {
        let place = Int(events.listed.instrument)
        guard place >= 1, place <= Int(InstrumentTable.instrumentsMax) else {
            throw LogError(
                .damaged,
                "\(reader.location.directory): lists \(events.listed.symbol) as instrument \(place), expected 1 to "
                    + "\(InstrumentTable.instrumentsMax)")
        }
        while numbers.count <= place { numbers.append(0) }
        let number = try table.number(venue: events.listed.venue, symbol: events.listed.symbol)
        numbers[place] = number
        events.listed.instrument = number
    }

    /// Opens the next batch that may hold a wanted event; false at the end of the log.
    package mutating func openBatch() throws(LogError) -> Bool {
        while let block = try reader.next() {
            doneCount = block.lastSeq
            try learn()
            guard block.typeBitmap & typeMask != 0 else { continue }
            doneCount = block.firstSeq - 1
            try reader.decode(block, into: &batch, codec: codec)
            isOpen = true
            openLastSeq = block.lastSeq
            return true
        }
        return false
    }

    /// Takes in the types that the log has described since.
    private mutating func learn() throws(LogError) {
        let all = reader.registry.all
        guard all.count != typeCount else { return }
        typeCount = all.count
        typeMask = 0
        // Between batches, where the packing remembers nothing.
        for (typeID, schema) in all {
            state.register(schema, typeID: typeID)
            let isTaken = try take(typeID, schema)
            if isTaken { typeMask |= 1 << UInt64(typeID & 63) }
        }
    }

    private mutating func take(_ typeID: UInt16, _ schema: Schema) throws(LogError) -> Bool {
        switch schema.name {
        case MarketInstrument.typeName:
            try check(MarketInstrument.self, schema)
            listedType = typeID
        case MarketTrade.typeName where wanted.contains(.trades):
            try check(MarketTrade.self, schema)
            tradedType = typeID
        case MarketBook.typeName where wanted.contains(.books):
            try check(MarketBook.self, schema)
            bookType = typeID
        case MarketQuote.typeName where wanted.contains(.quotes):
            try check(MarketQuote.self, schema)
            quoteType = typeID
        case MarketCandle.typeName where wanted.contains(.candles):
            try check(MarketCandle.self, schema)
            candleType = typeID
        case MarketContext.typeName where wanted.contains(.contexts):
            try check(MarketContext.self, schema)
            contextType = typeID
        case MarketFunding.typeName where wanted.contains(.fundings):
            try check(MarketFunding.self, schema)
            fundingType = typeID
        case MarketGap.typeName where wanted.contains(.gaps):
            try check(MarketGap.self, schema)
            gapType = typeID
        default: return false
        }
        return true
    }

    private func check<Event: LogEvent>(_ type: Event.Type, _ schema: Schema) throws(LogError) {
        let expected: Schema
        do throws(FormatError) { expected = try Event.makeSchema() } catch {
            throw LogError(.badEvent, "\(Event.typeName): \(error)")
        }
        guard schema.identityDigest == expected.identityDigest else {
            throw LogError(
                .unsupported,
                "\(reader.location.directory): holds \(schema.name) version \(schema.version) with another description "
                    + "than version \(expected.version) of this program: replay it with the program that wrote it")
        }
    }

    @inline(never)
    package func damage(_ error: FormatError) -> LogError {
        LogError(
            .damaged,
            "\(reader.location.directory): an event at gsn \(batch.head.globalSeq) cannot be read: \(error); "
                + "lotus verify says what is damaged, lotus salvage copies the rest")
    }

    @inline(never)
    package func unlisted(_ instrument: Int32) -> LogError {
        LogError(
            .damaged,
            "\(reader.location.directory): the event at gsn \(batch.head.globalSeq) names instrument \(instrument), "
                + "which no \(MarketInstrument.typeName) before it lists: ingest the source again")
    }
}
