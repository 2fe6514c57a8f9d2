import Testing

@testable import LogFormat

/// Texts that come again and again, which whoever decodes shares.
@Suite struct TextTests {
    /// Texts of one batch, as they are decoded.
    private func decoded(_ texts: [String], reuses: Bool) throws -> [String] {
        let events = texts.enumerated().map { index, text in
            (
                Named(name: text, value: 1),
                RecordHead(typeID: 1, appendNanos: 1, globalSeq: UInt64(index) + 1, eventNanos: 1)
            )
        }
        return try unpackTyped(try packTyped(events), as: Named.self, reuses: reuses).map(\.0.name)
    }

    @Test(arguments: [false, true])
    func `texts of every length come back, whatever stood there before`(reuses: Bool) throws {
        var texts: [String] = []
        for length in 0...300 {
            let text = String(repeating: "a", count: length)
            texts += [text, text]
            // The same length, another byte at one end or the other; and bytes that are no ASCII.
            if length > 0 {
                texts += [String(text.dropLast()) + "b", "b" + String(text.dropFirst()), text]
                texts.append(String(repeating: "\u{e4}", count: length / 2))
            }
        }
        #expect(try decoded(texts, reuses: reuses) == texts)
    }

    @Test func `a text that is none is refused, as often as it comes`() throws {
        let text = String(repeating: "a", count: 40)
        let good = try packTyped([
            (Named(name: text, value: 1), RecordHead(typeID: 1, appendNanos: 1, globalSeq: 1, eventNanos: 1)),
            (Named(name: text, value: 1), RecordHead(typeID: 1, appendNanos: 1, globalSeq: 2, eventNanos: 1)),
        ])
        let places = good.bytes.indices.filter { good.bytes[$0] == UInt8(ascii: "a") }
        #expect(places.count == 80)
        for place in places {
            var bytes = good.bytes
            bytes[place] = 0xFF
            #expect(throws: FormatError.self, "byte \(place)") {
                _ = try unpackTyped(RawBatch(bytes: bytes, count: 2), as: Named.self)
            }
        }
    }

    @Test func `two buffers are the same only if every byte is`() {
        for length in 0...40 {
            let bytes = (0..<length).map { UInt8($0 + 1) }
            var text = String(decoding: bytes, as: UTF8.self)
            #expect(unsafe bytes.withUnsafeBytes { unsafe holds(&text, $0) })
            #expect(unsafe !(bytes + [1]).withUnsafeBytes { unsafe holds(&text, $0) })
            for place in 0..<length {
                var other = bytes
                other[place] ^= 0x40
                #expect(unsafe !other.withUnsafeBytes { unsafe holds(&text, $0) }, "byte \(place) of \(length)")
            }
        }
    }
}
