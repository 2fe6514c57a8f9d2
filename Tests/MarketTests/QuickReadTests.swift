import Testing

@testable import Market

/// Shortcuts of the readers take what the general readers take, or nothing.
@Suite struct QuickReadTests {
    static let seed: UInt64 = 91

    /// A number as venues write them, or nearly so.
    private func number(_ random: inout FeaturesGenerator) -> String {
        func digits(_ most: Int64) -> String {
            String((0..<random.below(most + 1)).map { _ in Character("\(random.below(10))") })
        }
        var text = ["", "", "", "", "-", "+", " "][Int(random.below(7))] + digits(10)
        if random.below(4) > 0 { text += "." + digits(10) }
        if random.below(12) == 0 { text += ["e", "E"][Int(random.below(2))] + digits(2) }
        return text
    }

    @Test func `a number is read as the general reader reads it, or not at all`() {
        var random = FeaturesGenerator(seed: Self.seed)
        var taken = 0
        for round in 0..<50_000 {
            let text = number(&random) + ["\"", ",", "}", "", "x", "\",\"sz\":\"1.5"][Int(random.below(6))]
            let bytes = Array(text.utf8)
            var quickAt = 0
            guard let quick = QuickRead.price(bytes.span, &quickAt) else {
                #expect(quickAt == 0)
                continue
            }
            taken += 1
            var at = 0
            let wanted = try? FixedPoint.read(bytes.span, &at, scale: FixedPoint.priceScale)
            guard wanted == FixedPoint(value: quick, isRounded: false), at == quickAt else {
                Issue.record("seed \(Self.seed), round \(round): \(text) gave \(quick) up to \(quickAt)")
                return
            }
        }
        #expect(taken > 1000, "seed \(Self.seed)")
    }

    @Test(arguments: 1...19) func `whole numbers of every length`(_ count: Int) throws {
        let text = String("1234567890987654321".prefix(count))
        for end in ["", ",", "\"", "}     ", "a1234567"] {
            var at = 0
            let bytes = Array((text + end).utf8)
            #expect(try readDigits(bytes.span, &at) == Int64(text) && at == count)
        }
    }

    @Test func `twenty digits are refused`() {
        let bytes = Array("12345678909876543210".utf8)
        #expect(throws: RejectReason.numberOverflow) {
            var at = 0
            _ = try readDigits(bytes.span, &at)
        }
    }

    /// Books as they come and with a byte changed, taken away or put in: the frame says the same with and without a
    /// blank that keeps the shortcut from taking any level.
    @Test func `a book is read the same with the shortcut and without`() {
        var random = FeaturesGenerator(seed: Self.seed)
        for round in 0..<4000 {
            var quick = frame(&random)
            if round % 2 == 1 {
                let place = Int(random.below(Int64(quick.count)))
                switch random.below(3) {
                case 0: quick[place] = UInt8(32 + random.below(95))
                case 1: quick.remove(at: place)
                default: quick.insert(UInt8(32 + random.below(95)), at: place)
                }
            }
            // Behind every opening brace: `{ "px"…` is the same JSON.
            let slow = quick.flatMap { $0 == UInt8(ascii: "{") ? [$0, 0x20] : [$0] }
            guard read(quick) == read(slow) else {
                Issue.record("seed \(Self.seed), round \(round): \(String(decoding: quick, as: UTF8.self))")
                return
            }
        }
    }

    private func frame(_ random: inout FeaturesGenerator) -> [UInt8] {
        let countsLast = random.below(2) == 0
        func level(_ price: Int64) -> String {
            let px = "\"px\":\"\(price).\(random.below(10))\""
            let sz = "\"sz\":\"\(random.below(30)).\(1 + random.below(99_999))\""
            let n = "\"n\":\(1 + random.below(40))"
            return "{" + (countsLast ? [px, sz, n] : [n, px, sz]).joined(separator: ",") + "}"
        }
        let bids = (0..<Int64(1 + random.below(5))).map { level(1000 - 2 * $0) }.joined(separator: ",")
        let asks = (0..<Int64(1 + random.below(5))).map { level(1002 + 2 * $0) }.joined(separator: ",")
        return Array(
            ("{\"channel\":\"l2Book\",\"data\":{\"coin\":\"BTC\",\"levels\":[[\(bids)],[\(asks)]],"
                + "\"time\":1757015216253}}").utf8)
    }

    private func read(_ frame: [UInt8]) -> String {
        var intake = Intake()
        var reader = HyperliquidReader()
        reader.frame(frame.span, receivedNanos: 1_757_015_217_000_000_000, into: &intake)
        return "\(intake.counts) \(intake.queue.books) \(intake.queue.slots.map(\.eventNanos))"
    }
}
