package import LogEngine
package import LogFormat

/// A small event type with every packing that matters, used all over the engine's tests.
package func quoteSchema() throws -> Schema {
    try Schema(
        name: "test.Quote", version: 1,
        fields: [
            Field("instrument", .i32, isKey: true),
            Field("price", .decimal(scale: 2), unit: "USD", encoding: .keyDelta, step: 5),
            Field("size", .i64),
            Field("sizes", .list(.i32, count: 5), encoding: .keyMask),
            Field("received", .time, encoding: .eventDelta),
            Field("note", .string, null: .optional),
            Field("host", .string, isVolatile: true),
        ])
}

/// The `index`-th quote: everything about it follows from the index.
package func quote(_ index: Int) -> [Value] {
    let sizes = (0..<5).map { Value.int(Int64((index / (3 + $0)) % 7)) }
    return [
        .int(Int64(index % 5)), .int(Int64(10_000 + (index * 5) % 700)), .int(Int64(index) * 3 - 50), .list(sizes),
        .int(quoteTime(index) + 80_000), index % 3 == 0 ? .null : .string("n\(index)"), .string("h\(index % 2)"),
    ]
}

/// The event time of the `index`-th quote.
package func quoteTime(_ index: Int) -> Int64 { 1_700_000_000_000_000_000 + Int64(index) * 1_000_003 }

/// Reads all events of a log as values, checking that seq is dense.
package func readAll(_ path: String, _ environment: LogEnvironment, level: AppendLevel = .written) throws -> [[Value]] {
    let reader = try LogReader(try LogLocation(path, environment: environment), level: level)
    let state = BatchState()
    var batch = BatchReader(state: state)
    let codec = FrameCodec()
    var all: [[Value]] = []
    while let block = try reader.next() {
        state.register(reader.registry)
        try reader.decode(block, into: &batch, codec: codec)
        while try batch.next() { all.append(try batch.decodeValues().values) }
    }
    return all
}

/// The head of the `index`-th quote.
package func quoteHead(_ index: Int, _ typeID: UInt16) -> RecordHead {
    RecordHead(
        typeID: typeID, appendNanos: 1_000 + Int64(index), globalSeq: UInt64(index + 1), eventNanos: quoteTime(index))
}

/// The code of the error that `body` throws, nil if it throws none.
package func logFailure(_ body: () throws -> Void) throws -> LogError.Code? {
    do {
        try body()
        return nil
    } catch let error as LogError {
        return error.code
    }
}
