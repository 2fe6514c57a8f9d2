/// The instruments of a log by number, venue and symbol.
package struct InstrumentTable: Sendable {
    /// Most instruments of one log.
    package static let countMax = 4096
    /// Most bytes of a symbol.
    package static let symbolBytesMax = 64

    /// What is known of an instrument besides its name.
    struct Entry: Sendable {
        var venue: Venue
        var start: Int
        var count: Int
        var grid: Grid
    }

    private(set) var entries: [Entry] = []
    private var bytes: [UInt8] = []
    /// Open addressing: numbers from 1; 0 is free.
    private var slots = [Int32](repeating: 0, count: 2 * countMax)
    private var lastFound: Int32 = 0

    /// No instruments.
    package init() {}

    /// Number of instruments.
    package var count: Int { entries.count }

    /// The instrument that `token` of `text` names; 0 if it is not listed.
    mutating func find(_ venue: Venue, _ text: Span<UInt8>, _ token: Token) -> Int32 {
        if lastFound != 0, matches(lastFound, venue, text, token) { return lastFound }
        var slot = Self.hash(venue, text, token) & (slots.count - 1)
        while slots[slot] != 0 {
            if matches(slots[slot], venue, text, token) {
                lastFound = slots[slot]
                return lastFound
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return 0
    }

    /// Lists a new instrument.
    mutating func add(
        _ venue: Venue, _ text: Span<UInt8>, _ token: Token, _ grid: Grid
    ) throws(RejectReason) -> Int32 {
        guard token.count > 0, token.count <= Self.symbolBytesMax else { throw .badSymbol }
        for index in token.start..<token.end where text[index] <= 0x20 || text[index] >= 0x7f || text[index] == 0x5c {
            throw .badSymbol
        }
        guard entries.count < Self.countMax else { throw .instrumentsFull }
        let start = bytes.count
        for index in token.start..<token.end { bytes.append(text[index]) }
        entries.append(Entry(venue: venue, start: start, count: token.count, grid: grid))
        var slot = Self.hash(venue, text, token) & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(entries.count)
        return Int32(entries.count)
    }

    /// The symbol of an instrument.
    package func symbol(_ number: Int32) -> String {
        let entry = entries[Int(number) - 1]
        return String(decoding: bytes[entry.start..<entry.start + entry.count], as: UTF8.self)
    }

    func grid(_ number: Int32) -> Grid { entries[Int(number) - 1].grid }
    mutating func setGrid(_ number: Int32, _ grid: Grid) { entries[Int(number) - 1].grid = grid }

    private func matches(_ number: Int32, _ venue: Venue, _ text: Span<UInt8>, _ token: Token) -> Bool {
        let entry = entries[Int(number) - 1]
        guard entry.venue == venue, entry.count == token.count else { return false }
        for index in 0..<token.count where bytes[entry.start &+ index] != text[token.start &+ index] { return false }
        return true
    }

    /// FNV-1a over venue and symbol.
    private static func hash(_ venue: Venue, _ text: Span<UInt8>, _ token: Token) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(venue.rawValue)
        for index in token.start..<token.end { hash = (hash ^ UInt64(text[index])) &* 0x0100_0000_01b3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7fff_ffff)
    }
}
