package import Events
internal import LogFormat

/// A token as the ring holds it: without references, so that a hundred of them a second cost no memory.
package struct TapeEntry: Equatable, Sendable {
    /// What it tells.
    package internal(set) var kind = TapeTokenKind.tick
    /// End of its stretch of time, nanoseconds since 1970.
    package internal(set) var nanos: Int64 = 0
    /// Bit i says whether the i-th feature of the kind is known.
    package internal(set) var known: Int64 = 0
    var values = InlineArray<10, Double>(repeating: 0)

    /// A feature's value; nil where it is missing or not of this kind of token.
    package subscript(_ feature: Feature) -> Double? {
        guard let index = kind.features.firstIndex(of: feature), known >> Int64(index) & 1 == 1 else { return nil }
        return values[index]
    }

    /// Equal in every bit that counts.
    package static func == (a: TapeEntry, b: TapeEntry) -> Bool {
        guard a.kind == b.kind, a.nanos == b.nanos, a.known == b.known else { return false }
        for index in 0..<10 where a.values[index].bitPattern != b.values[index].bitPattern { return false }
        return true
    }

    /// The token as an event carries it.
    var token: TapeToken {
        var token = TapeToken()
        token.kind = kind
        token.nanos = nanos
        token.known = known
        for index in 0..<10 where known >> Int64(index) & 1 == 1 { token.values.append(values[index]) }
        return token
    }
}

/// The last tokens of an instrument, and those that wait to be sealed.
struct TapeRing: Sendable {
    private var entries: [TapeEntry] = []
    private var next = 0
    /// Tokens so far.
    private(set) var count = 0
    /// Tokens that were sealed, and batches of them.
    private(set) var sealedCount = 0
    private(set) var batch: Int64 = 0
    /// Closed bars when the last CANDLE token was made.
    var barsTold: Int64 = 0
    /// What batches name.
    var asset = AssetID()

    init() { entries.reserveCapacity(MicroTape.tokensMax) }

    /// Adds a token, which pushes out the oldest when there is no room.
    mutating func add(_ entry: TapeEntry) {
        if entries.count < MicroTape.tokensMax {
            entries.append(entry)
        } else {
            entries[next] = entry
        }
        next = next + 1 == MicroTape.tokensMax ? 0 : next + 1
        count += 1
    }

    /// The last `wanted` tokens or fewer, oldest first.
    func last(_ wanted: Int) -> [TapeEntry] {
        let size = min(wanted, entries.count)
        return (0..<size).map { entries[(next + MicroTape.tokensMax - size + $0) % MicroTape.tokensMax] }
    }

    /// Tokens that wait to be sealed.
    var waiting: Int { count - sealedCount }

    /// Seals what waits.
    mutating func seal() -> MicroTapeSealed {
        var event = MicroTapeSealed()
        let tokens = last(waiting)
        batch += 1
        sealedCount = count
        event.asset = asset
        event.batch = batch
        event.firstNanos = tokens.first?.nanos ?? 0
        event.lastNanos = tokens.last?.nanos ?? 0
        event.tokens = tokens.map(\.token)
        event.hash = event.computedHash()
        return event
    }
}

/// The tapes of all instruments.
struct TapeRings: Sendable {
    private var rings: [TapeRing] = []
    /// Tokens of a sealed batch.
    var batchTokens = MicroTape.batchTokensMax

    /// Place of an instrument's tape, made when it is first needed.
    mutating func place(of instrument: Int32) -> Int {
        let index = Int(instrument) - 1
        while rings.count <= index { rings.append(TapeRing()) }
        return index
    }

    /// Sets the asset of an instrument.
    mutating func name(_ instrument: Int32, _ asset: AssetID) { rings[place(of: instrument)].asset = asset }

    /// Whether a bar was closed since this was last asked.
    mutating func hasNewBar(_ bars: Int64, at index: Int) -> Bool {
        guard bars != rings[index].barsTold else { return false }
        rings[index].barsTold = bars
        return true
    }

    /// Adds a token and hands out the batch that it fills.
    mutating func add<E: Error>(
        _ entry: TapeEntry, to index: Int, _ sealed: (MicroTapeSealed) throws(E) -> Void
    ) throws(E) {
        rings[index].add(entry)
        if rings[index].waiting >= batchTokens { try sealed(rings[index].seal()) }
    }

    /// The last tokens of an instrument, oldest first.
    func tokens(of instrument: Int32) -> [TapeEntry] {
        let index = Int(instrument) - 1
        return rings.indices.contains(index) ? rings[index].last(MicroTape.tokensMax) : []
    }
}

extension MicroTapeSealed {
    /// SHA-256 over kind, time, known bits and value bits of the tokens, little-endian, in order.
    package func computedHash() -> PayloadHash {
        var hasher = SHA256Hasher()
        for token in tokens {
            hasher.update(token.kind.rawValue)
            hasher.update(token.nanos)
            hasher.update(token.known)
            for value in token.values { hasher.update(value.bitPattern) }  // ORDERED: a list
        }
        return PayloadHash(hasher.digest())
    }
}
