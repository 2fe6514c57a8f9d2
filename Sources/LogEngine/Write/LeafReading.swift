internal import LogFormat

/// Turns the batches of a segment into leaves and counts.
///
/// Not copyable, and so is all that it works with: what is touched for every event stands in no object, where each
/// look at it would be checked for overlaps.
struct LeafReading: ~Copyable {
    var accumulator: LeafAccumulator
    private let salt: UInt64
    /// Events by type id.
    private var counts: [UInt64] = []
    private let state = BatchState()
    private var reader: BatchReader
    private var canonical = CanonicalEncoder()
    private let codec = FrameCodec()

    init(accumulator: LeafAccumulator, salt: UInt64, types: [(typeID: UInt16, schema: Schema)]) {
        self.accumulator = accumulator
        self.salt = salt
        for (typeID, schema) in types { state.register(schema, typeID: typeID) }
        reader = BatchReader(state: state)
    }

    /// How many events of each type were taken.
    var typeCounts: [IndexPayload.TypeCount] {
        counts.indices.filter { counts[$0] > 0 }.map {
            IndexPayload.TypeCount(typeID: UInt16($0), events: counts[$0])
        }
    }

    /// Takes a block that verifies; events before `firstSeq` are decoded but do not enter a leaf.
    mutating func take(
        _ block: BlockHeader, _ offset: UInt64, _ payload: UnsafeRawBufferPointer, from firstSeq: UInt64 = 0
    ) -> FormatError? {
        do throws(FormatError) {
            switch block.kind {
            case .schema:
                let (typeID, schema) = unsafe try SchemaBlock.decode(payload)
                if state.state(of: typeID)?.schema != schema { state.register(schema, typeID: typeID) }
            case .batch: unsafe try takeBatch(block, offset, payload, from: firstSeq)
            default: break
            }
            return nil
        } catch {
            return error
        }
    }

    /// Decodes a batch to canonical bytes and holds its header to what is inside.
    private mutating func takeBatch(
        _ block: BlockHeader, _ offset: UInt64, _ payload: UnsafeRawBufferPointer, from firstSeq: UInt64
    ) throws(FormatError) {
        unsafe try reader.open(block, stored: payload, codec: codec, seed: blockSeed(salt: salt, offset: offset))
        var claims = BatchClaims()
        var seq = block.firstSeq
        while try reader.next() {
            let head = reader.head
            claims.add(head)
            _ = unsafe try canonical.encode(&reader) { stable, volatile in
                if seq >= firstSeq { unsafe accumulator.add(stable: stable, volatile: volatile) }
            }
            count(head.typeID)
            seq += 1
        }
        try claims.compare(block)
    }

    private mutating func count(_ typeID: UInt16) {
        let place = Int(typeID)
        if place >= counts.count { counts += [UInt64](repeating: 0, count: place + 1 - counts.count) }
        counts[place] += 1
    }
}

/// What a batch header must say, computed from its events.
private struct BatchClaims {
    private var isEmpty = true
    private var firstAppendNanos: Int64 = 0
    private var last = RecordHead()
    private var minEvent = Int64.max
    private var maxEvent = Int64.min
    private var bitmap: UInt64 = 0
    private var goesBack = false

    mutating func add(_ head: RecordHead) {
        if isEmpty {
            isEmpty = false
            firstAppendNanos = head.appendNanos
        } else if head.appendNanos < last.appendNanos {
            goesBack = true
        }
        last = head
        minEvent = min(minEvent, head.eventNanos)
        maxEvent = max(maxEvent, head.eventNanos)
        bitmap |= 1 << UInt64(head.typeID & 63)
    }

    func compare(_ block: BlockHeader) throws(FormatError) {
        guard !isEmpty, !goesBack, firstAppendNanos == block.firstAppendNanos,
            last.appendNanos == block.lastAppendNanos, minEvent == block.minEventNanos,
            maxEvent == block.maxEventNanos, bitmap == block.typeBitmap, last.globalSeq == block.lastGlobalSeq
        else { throw .invalid(what: "batch header", detail: "times, types or gsn differ from the events inside") }
    }
}
