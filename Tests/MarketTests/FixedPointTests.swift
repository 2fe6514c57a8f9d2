import Market
import Testing

private func read(_ text: String, scale: Int = 8) throws -> FixedPoint {
    let bytes = Array(text.utf8)
    var at = 0
    let number = try FixedPoint.read(bytes.span, &at, scale: scale)
    #expect(at == bytes.count, "all of \(text)")
    return number
}

@Test(arguments: [
    ("0", 0), ("1", 100_000_000), ("84143.0", 8_414_300_000_000), ("-0.5", -50_000_000), ("0.00000001", 1),
    ("1e-8", 1), ("1.25e-05", 1250), ("5E3", 500_000_000_000), ("00012", 1_200_000_000), ("12.", 1_200_000_000),
    (".5", 50_000_000), ("92233720368.54775807", 9_223_372_036_854_775_807), ("0.000000000000000000000000", 0),
    ("1000000000000000000000e-21", 100_000_000),
]) func `decimals are exact`(_ text: String, _ value: Int64) throws {
    #expect(try read(text) == FixedPoint(value: value, isRounded: false))
}

@Test(arguments: [
    // Dust behind the scale is rounded half to even.
    ("605822.2557999999", 60_582_225_580_000), ("0.000000005", 0), ("0.000000015", 2), ("0.0000000050000001", 1),
    ("1516669192.1953897476", 151_666_919_219_538_975), ("-0.000000015", -2), ("1e-30", 0),
    ("0.49999999500000000000000000001", 50_000_000), ("1234567890.12345678501234567890", 123_456_789_012_345_679),
]) func `dust is rounded and said`(_ text: String, _ value: Int64) throws {
    #expect(try read(text) == FixedPoint(value: value, isRounded: true))
}

@Test(arguments: ["", "-", ".", "NaN", "nan", "Infinity", "-inf", "e5", "1e", "1e+", "+1", "x", "\"1\""])
func `no numbers`(_ text: String) throws { #expect(throws: RejectReason.badNumber) { try read(text) } }

@Test(arguments: [
    "1e308", "92233720368.54775808", "99999999999999999999", "1e99999999999999999999", "-92233720368.54775808",
]) func `numbers beyond 64 bits`(_ text: String) throws {
    #expect(throws: RejectReason.numberOverflow) { try read(text) }
}

@Test func `a number of a thousand digits is refused`() {
    #expect(throws: RejectReason.badNumber) { try read("0." + String(repeating: "1", count: 1000)) }
}

@Test func `times of all kinds`() throws {
    func stamp(_ text: String) throws -> Int64 {
        let bytes = Array(text.utf8)
        var at = 0
        return try Moment.stamp(bytes.span, &at)
    }
    // Micro- and nanoseconds are told apart by their digits.
    #expect(try stamp("1737918843893903000") == 1_737_918_843_893_903_000)
    #expect(try stamp("1737918843893903") == 1_737_918_843_893_903_000)
    #expect(try stamp("1737918843893") == 1_737_918_843_893_000_000)
    #expect(throws: RejectReason.badStamp) { try stamp("17379188438939") }
    #expect(throws: RejectReason.badStamp) { try stamp("") }
    func calendar(_ text: String) throws -> Int64 {
        let bytes = Array(text.utf8)
        var at = 0
        return try Moment.calendar(bytes.span, &at)
    }
    #expect(try calendar("2025-03-27 16:59:59") == 1_743_094_799_000_000_000)
    #expect(try calendar("2021-12-31 23:01:00.000000") == 1_640_991_660_000_000_000)
    #expect(try calendar("20201229 08:00:00") == 1_609_228_800_000_000_000)
    #expect(try calendar("2024-02-29 00:00:00") == 1_709_164_800_000_000_000)
    let wrong = [
        "2023-02-29 00:00:00", "2025-13-01 00:00:00", "2025-01-01 24:00:00", "2025-01-01", "1969-01-01 00:00:00",
    ]
    for bad in wrong {
        #expect(throws: RejectReason.badTime) { try calendar(bad) }
    }
}
