import Glibc
import LogEngine
import LogFormat
import LogTesting

/// The quotes as canonical bytes, for tests that read the same ones a million times.
///
/// Comparing bytes costs a fraction of comparing values.
///
/// They are those of quotes that were appended with the time and the numbers that `quoteHead` gives.
final class QuoteBytes {
    struct Altered: Error { let seq: UInt64 }

    private var all: [[UInt8]] = []
    private let schema: Schema

    init() throws { schema = try quoteSchema() }

    /// Reads all events of a log; each must be the quote of its place.
    ///
    /// - Returns: how many there are.
    func read(_ path: String, _ environment: LogEnvironment) throws -> Int {
        let reader = try LogReader(try LogLocation(path, environment: environment))
        let state = BatchState()
        var batch = BatchReader(state: state)
        var encoder = CanonicalEncoder()
        let codec = FrameCodec()
        var count = 0
        while let block = try reader.next() {
            state.register(reader.registry)
            try reader.decode(block, into: &batch, codec: codec)
            while try batch.next() {
                if count == all.count { try extend() }
                let expected = all[count]
                let isSame = try encoder.encode(&batch) { stable, volatile throws(Never) in
                    expected.withUnsafeBytes {
                        areSame(UnsafeRawBufferPointer(rebasing: $0.prefix(stable.count)), stable)
                            && areSame(UnsafeRawBufferPointer(rebasing: $0.dropFirst(stable.count)), volatile)
                    }
                }.get()
                count += 1
                guard isSame else { throw Altered(seq: UInt64(count)) }
            }
        }
        return count
    }

    /// Makes the next thousand.
    private func extend() throws {
        let typeID: UInt16 = 1
        let state = BatchState()
        state.register(schema, typeID: typeID)
        var builder = BatchBuilder(state: state)
        let first = all.count
        for index in first..<first + 1000 { try builder.append(quote(index), head: quoteHead(index, typeID)) }
        var batch = BatchReader(state: state)
        batch.open(raw: builder.raw, count: builder.count)
        var encoder = CanonicalEncoder()
        while try batch.next() {
            let bytes = try encoder.encode(&batch) { stable, volatile throws(Never) in [UInt8](stable) + volatile }
            all.append(bytes.get())
        }
    }
}

/// Whether two stretches of memory hold the same bytes; much faster than element by element.
func areSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard let start = a.baseAddress, let other = b.baseAddress else { return true }
    return memcmp(start, other, a.count) == 0
}
