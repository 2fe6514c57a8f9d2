import Glibc
import LogEngine
import LogFormat

/// The file of events that `cfloor gen` writes: the same bytes feed the C floor and our engine.
struct MixFile {
    let bytes: [UInt8]
    /// Offset of each record's payload.
    let offsets: [Int]

    init(_ path: String) throws {
        bytes = try RealFS().readAll(path, limit: 4 << 30)
        var offsets: [Int] = []
        var offset = 0
        while offset + 8 <= bytes.count {
            let length = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
            guard offset + 8 + length <= bytes.count else { break }
            offsets.append(offset + 8)
            offset += 8 + length
        }
        self.offsets = offsets
    }

    var count: Int { offsets.count }

    /// Appends record `index` to `writer` as its Swift type; returns its seq.
    @inline(__always)
    func append(
        _ index: Int, to writer: LogWriter, _ types: MixTypes, _ events: inout MixEvents, _ raw: UnsafeRawPointer
    ) throws(LogError) -> UInt64 {
        let record = unsafe raw + offsets[index]
        let eventNanos = unsafe record.loadUnaligned(fromByteOffset: 8, as: Int64.self)
        switch unsafe (record - 6).load(as: UInt8.self) {
        case 1:
            unsafe events.loadTrade(record)
            return try writer.append(&events.trade, typeID: types.trade, eventNanos: eventNanos)
        case 2:
            unsafe events.loadBook(record)
            return try writer.append(&events.book, typeID: types.book, eventNanos: eventNanos)
        default:
            unsafe events.loadScore(record)
            return try writer.append(&events.score, typeID: types.score, eventNanos: eventNanos)
        }
    }
}

/// One event of each type, reused.
struct MixEvents {
    var trade = MixTrade()
    var book = MixBook()
    var score = MixScore()

    @inline(__always)
    mutating func loadTrade(_ p: UnsafeRawPointer) {
        trade.receiveNanos = unsafe p.loadUnaligned(fromByteOffset: 16, as: Int64.self)
        trade.price = unsafe p.loadUnaligned(fromByteOffset: 24, as: Int64.self)
        trade.quantity = unsafe p.loadUnaligned(fromByteOffset: 32, as: Int64.self)
        trade.tradeID = unsafe p.loadUnaligned(fromByteOffset: 40, as: UInt64.self)
        trade.instrument = unsafe p.loadUnaligned(fromByteOffset: 48, as: Int32.self)
        trade.venue = unsafe Int32(p.loadUnaligned(fromByteOffset: 52, as: UInt16.self))
        trade.condition = unsafe Int32(p.loadUnaligned(fromByteOffset: 54, as: UInt16.self))
        trade.side = unsafe Int32(p.load(fromByteOffset: 56, as: UInt8.self))
        trade.flags = unsafe Int32(p.load(fromByteOffset: 57, as: UInt8.self))
        trade.channel = unsafe Int32(p.loadUnaligned(fromByteOffset: 58, as: UInt16.self))
    }

    @inline(__always)
    mutating func loadBook(_ p: UnsafeRawPointer) {
        book.receiveNanos = unsafe p.loadUnaligned(fromByteOffset: 16, as: Int64.self)
        book.base = unsafe p.loadUnaligned(fromByteOffset: 24, as: Int64.self)
        book.instrument = unsafe p.loadUnaligned(fromByteOffset: 32, as: Int32.self)
        book.venue = unsafe Int32(p.loadUnaligned(fromByteOffset: 36, as: UInt16.self))
        book.depth = unsafe Int32(p.loadUnaligned(fromByteOffset: 38, as: UInt16.self))
        book.offsets = unsafe p.loadUnaligned(fromByteOffset: 40, as: InlineArray<20, Int32>.self)
        book.quantities = unsafe p.loadUnaligned(fromByteOffset: 120, as: InlineArray<20, Int32>.self)
    }

    @inline(__always)
    mutating func loadScore(_ p: UnsafeRawPointer) {
        score.receiveNanos = unsafe p.loadUnaligned(fromByteOffset: 16, as: Int64.self)
        score.instrument = unsafe p.loadUnaligned(fromByteOffset: 24, as: Int32.self)
        score.detector = unsafe Int32(p.loadUnaligned(fromByteOffset: 28, as: UInt16.self))
        score.scoreVersion = unsafe Int32(p.loadUnaligned(fromByteOffset: 30, as: UInt16.self))
        score.score = unsafe p.loadUnaligned(fromByteOffset: 32, as: Double.self)
        score.deviation = unsafe p.loadUnaligned(fromByteOffset: 40, as: Double.self)
        score.features = unsafe p.loadUnaligned(fromByteOffset: 48, as: InlineArray<5, Float>.self)
        score.flags = unsafe p.loadUnaligned(fromByteOffset: 68, as: Int32.self)
    }
}
