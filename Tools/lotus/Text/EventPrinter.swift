import Filters
import LogEngine
import LogFormat

/// Prints the wanted events of batches in one of the forms of `cat`.
struct EventPrinter: ~Copyable {
    /// How events are printed.
    enum Form {
        /// One JSON object a line.
        case ndjson
        /// Comma-separated values; one event type.
        case csv
        /// Canonical bytes.
        case canonical
        /// Raw bytes of the batches.
        case raw
        /// Rows of a Parquet file; one event type.
        case parquet
    }

    private let form: Form
    private let output: Output
    /// Which events are wanted.
    var filter: EventFilter
    /// `"log":"name",` for events of one log among several.
    private let origin: [UInt8]
    /// Name of the log, which a filter may ask for.
    private let log: String

    private let state = BatchState()
    private var batch: BatchReader
    private let codec = FrameCodec()
    private var encoder = CanonicalEncoder()
    /// How to print a type, by id; nil if it is unknown or not wanted.
    private var types: [TypePrinter?] = []
    private var typeMask: UInt64 = 0
    /// The one type of a table.
    private var tableType: TypePrinter?
    /// Where the rows of `.parquet` go.
    private let table: ParquetFile?

    /// Events printed.
    private(set) var printed: UInt64 = 0
    /// Seq of the last event looked at.
    private(set) var lastSeq: UInt64 = 0
    /// Most events that are printed.
    var limit = UInt64.max

    /// Makes a printer of one log; `tellsLog` puts its name into each line.
    init(
        _ form: Form, _ output: Output, filter: EventFilter, log: String, tellsLog: Bool = false,
        table: ParquetFile? = nil
    ) {
        self.form = form
        self.table = table
        self.output = output
        self.filter = filter
        self.log = log
        origin = tellsLog ? Array("\"log\":\(jsonString(log)),".utf8) : []
        batch = BatchReader(state: state)
    }

    /// Whether no later event of the log can be wanted.
    var isDone: Bool { lastSeq >= filter.lastSeq || printed >= limit || output.isClosed || isPast }
    /// Whether the last batch was appended behind the wanted times; append times never decrease.
    private var isPast = false

    /// Takes in the types that a log knows; a table begins as soon as there is one.
    ///
    /// - Throws: `usage` for a table of several types.
    mutating func learn(_ registry: SchemaRegistry) throws(LogError) {
        for (index, schema) in registry.schemas.enumerated() {
            if index == types.count { types.append(nil) }
            guard let schema, state.state(of: UInt16(index))?.schema != schema else { continue }
            state.register(schema, typeID: UInt16(index))
            guard filter.wants(schema) else { continue }
            let predicate = filter.condition?.predicate(for: schema, log: log)
            if filter.condition != nil, predicate == nil { continue }
            let type = TypePrinter(schema, predicate)
            types[index] = type
            typeMask |= 1 << UInt64(index & 63)
            guard form == .csv || form == .parquet else { continue }
            if let other = tableType {
                throw LogError(
                    .usage,
                    "a table holds one event type, here are \(other.schema.name)@\(other.schema.version) and "
                        + "\(schema.name)@\(schema.version): choose one with --type NAME or --type NAME@VERSION")
            }
            tableType = type
            if form == .csv { type.appendHeader(to: &output.bytes) } else { table?.start(schema) }
        }
    }

    /// Prints the wanted events of a batch that `reader` stands at.
    ///
    /// - Throws: `damaged` for a batch that does not decode; `usage` for a table of several types.
    mutating func print(_ block: BlockHeader, of reader: LogReader) throws(LogError) {
        try learn(reader.registry)
        isPast = block.firstAppendNanos > filter.lastAppendNanos
        guard filter.mayWant(block, typeMask: typeMask) else {
            lastSeq = block.lastSeq
            return
        }
        try reader.decode(block, into: &batch, codec: codec)
        if form == .raw {
            unsafe batch.withRawBytes { unsafe output.bytes.append(contentsOf: $0) }
            printed += UInt64(block.count)
            lastSeq = block.lastSeq
            return try output.flushIfFull()
        }
        lastSeq = block.firstSeq - 1
        var isMore = true
        while isMore {
            do throws(FormatError) {
                isMore = try printSome()
            } catch {
                throw LogError(
                    .damaged,
                    "\(reader.location.directory): events \(lastSeq + 1)…\(block.lastSeq) cannot be read: \(error)")
            }
            try output.flushIfFull()
            if let table, table.isFull { try table.flush() }
        }
    }

    /// Prints until the buffer is full; false at the end of the batch, or of what is wanted.
    private mutating func printSome() throws(FormatError) -> Bool {
        while try batch.next() {
            let head = batch.head
            let seq = lastSeq + 1
            if filter.wants(head, seq: seq), Int(head.typeID) < types.count, let type = types[Int(head.typeID)],
                type.predicate?.verdict(head, seq: seq) ?? true
            {
                let (form, output, origin, table) = (form, output, origin, table)
                let isTaken = unsafe try encoder.encode(&batch) { stable, volatile in
                    let isTaken = unsafe type.predicate?.takes(head, seq: seq, stable: stable, volatile: volatile)
                    guard isTaken ?? true else { return false }
                    if form == .parquet {
                        unsafe table?.append(head, seq: seq, stable: stable, volatile: volatile)
                        return true
                    }
                    unsafe type.append(
                        form, seq: seq, head: head, stable: stable, volatile: volatile, origin: origin,
                        to: &output.bytes)
                    return true
                }
                if isTaken == .success(true) { printed += 1 }
            } else {
                try batch.skip()
            }
            lastSeq = seq
            if isDone { return false }
            if output.isFull || table?.isFull ?? false { return true }
        }
        return false
    }
}
