import LogEngine
import LogFormat
import Testing

@testable import Filters

/// What is no filter is refused with its place, and what is asked for in vain as well (AT14.3).
@Suite struct FilterLanguageTests {
    private func failure(_ text: String) -> FilterError? {
        do throws(FilterError) {
            _ = try Filter(text)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("", 1, "is empty"), ("  ", 3, "is empty"), ("data.price", 11, "has data.price asks"),
        ("data.price == 3", 12, "one '='"), ("data.price > ", 14, "expected a value"), ("price > 3", 1, "no field"),
        ("data. > 3", 1, "empty name"), ("tipe = a.B", 1, "did you mean 'type'"), ("(seq = 1", 9, "or ')'"),
        ("seq = 1)", 8, "expected and, or"), ("seq = 1 seq = 2", 9, "expected and, or"),
        ("seq in 1", 8, "'(' behind in"),
        ("seq in (1 2)", 11, "',' or ')'"), ("seq = null", 7, "not has FIELD"), ("type = \"a", 8, "no closing quote"),
        ("type = \"\\q\"", 9, "escape"), ("type = \"\\ud800\"", 9, "four hexadecimal"), ("type = ä", 8, "found 'ä'"),
        ("seq = abc", 7, "expected a number"), ("seq = \"1\"", 7, "without quotes"),
        ("event_ts > noon", 12, "is no time"), ("seq ~ 1*", 1, "takes no ~"), ("type = 7", 8, "write \"7\""),
        ("not", 4, "expected a field"), ("and seq = 1", 1, "expected a field"), ("3 < seq", 1, "no field"),
    ])
    func `what is no filter is refused with its column`(_ text: String, _ column: Int, _ words: String) throws {
        let found = try #require(failure(text))
        #expect(found.line == 1 && found.column == column && found.message.contains(words), "\(found)")
        #expect(found.picture.hasSuffix("\n  " + String(repeating: " ", count: column - 1) + "^"))
    }

    @Test func `the place is that of the line, in characters`() throws {
        let found = try #require(failure("type = \"ä漢\" and\n  seq = \"ä\" or seq = 1"))
        #expect(found.line == 2 && found.column == 9)
        #expect(found.picture == "    seq = \"ä\" or seq = 1\n          ^")
    }

    @Test func `length, depth, comparisons and digits have limits, which are named`() throws {
        let long = "type = \"" + String(repeating: "x", count: FilterLimits.bytesMax) + "\""
        #expect(failure(long)?.message.contains("the limit is 4096") == true)
        #expect(failure(String(long.dropLast(10)) + "\"") == nil)
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "seq = 1" + String(repeating: ")", count: depth)
        }
        #expect(failure(nested(FilterLimits.depthMax)) == nil)
        #expect(failure(nested(FilterLimits.depthMax + 1))?.message.contains("the limit is 24") == true)
        #expect(failure(String(repeating: "not ", count: 25) + "seq = 1")?.column == 97)
        func joined(_ count: Int) -> String {
            Array(repeating: "seq != 1", count: count).joined(separator: " and ")
        }
        #expect(failure(joined(FilterLimits.comparisonsMax)) == nil)
        #expect(failure(joined(FilterLimits.comparisonsMax + 1))?.message.contains("more than 64") == true)
        #expect(failure("seq = " + String(repeating: "9", count: 38)) == nil)
        #expect(failure("seq = " + String(repeating: "9", count: 39))?.message.contains("at most 38 digits") == true)
        #expect(failure("seq = 0." + String(repeating: "0", count: 100) + "1e-999999999999999999999") == nil)
    }

    @Test func `the deepest filter that is allowed is joined rightly`() throws {
        let sample = try Sample()
        var random = SeededGenerator(seed: 5)
        let (values, head) = (Sample.values(&random), Sample.head(&random))
        // Each level leaves two values on the stack before the next begins.
        var text = "seq = 1"
        for _ in 0..<FilterLimits.depthMax { text = "seq = 2 or seq = 1 and (\(text))" }
        #expect(try sample.takes(try Filter(text), values, head, seq: 1))
        #expect(try !sample.takes(try Filter(text), values, head, seq: 3))
    }

    @Test(arguments: 1...3) func `any text is a filter or is refused`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let words = [
            "data.price", "seq", "type", "=", "!=", "<", ">=", "~", "in", "has", "and", "or", "not", "(", ")", ",", "1",
            "-1.5e3", "\"x\"", "'", "\\", "\u{0}", "ä", "\n", "\r\n", "2026-01-02", "data..", "null", "*",
        ]
        for _ in 0..<20_000 {
            let text = (0..<random.below(12)).map { _ in random.pick(words) }.joined(separator: random.pick(["", " "]))
            if let found = failure(text) {
                #expect(found.line >= 1 && found.column >= 1 && !found.message.isEmpty)
            }
        }
    }

    /// Bytes that are no text, and filters with a byte changed, left out or put in.
    @Test(arguments: 1...3) func `rubbish is a filter or is refused at a place within it`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let sane = Array(
            "not (data.price >= -1.5e3 or log in (sig, \"m\\u00e4\")) and type ~ a.* and has data.x[0].y".utf8)
        for round in 0..<20_000 {
            var bytes = sane
            if round % 4 == 0 { bytes = (0..<random.below(40)).map { _ in UInt8(random.below(256)) } }
            for _ in 0..<(1 + random.below(4)) {
                let place = random.below(bytes.count + 1)
                switch random.below(3) {
                case 0: bytes.insert(random.pick([10, 13, 34, 39, 40, 92, 0, 0xC3, 0xFF, 0xE2] as [UInt8]), at: place)
                case 1 where place < bytes.count: bytes.remove(at: place)
                default: if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let found = failure(text) else { continue }
            let lines = text.utf8.count { $0 == 10 } + 1
            #expect(
                (1...lines).contains(found.line) && found.column >= 1 && !found.message.isEmpty,
                "seed \(seed), round \(round): \(found)")
        }
    }

    @Test func `a line may end with carriage return and line feed`() throws {
        let found = try #require(failure("seq = 1 and\r\n  foo = 2"))
        #expect(found.line == 2 && found.column == 3 && found.picture == "    foo = 2\n    ^")
        #expect(failure("seq = 1 and\r\nseq = 2") == nil)
    }

    // MARK: Checks against the types of a log

    private func refused(_ text: String, isOpen: Bool = false) throws -> FilterError? {
        let other = try Schema(
            name: "demo.Other", version: 1, fields: [Field("kind", .string), Field("price", .string)])
        let subjects = [
            FilterSubject(log: "sig", schema: try Sample().schema), FilterSubject(log: "sig", schema: other),
        ]
        let filter = try Filter(text)
        do throws(FilterError) {
            try filter.check(subjects, isOpen: isOpen)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("data.prise > 3", 1, "no field 'data.prise' (did you mean 'data.price'"),
        ("data.gates.pased = true", 1, "did you mean 'data.gates.passed'"),
        ("has data.kindd", 5, "data.kind"), ("type = demo.Everythin", 8, "did you mean 'demo.Everything'"),
        ("type = demo.Other and data.small = 1", 23, "demo.Other has no field"),
        ("data.small = 1 and type in (demo.Other)", 1, "demo.Other has no field"),
        ("data.side = BOUGHT", 13, "expected one of BUY, SELL, NONE"), ("data.flag > true", 1, "takes = != and in"),
        ("data.best = 1", 1, "is a record: compare one of its fields (name, passed, margin, legs)"),
        ("data.id = abc", 11, "26 characters"), ("data.hash = AA==", 15, "'='"), ("data.small ~ 1*", 1, "takes no ~"),
        ("data.ratio = \"1\"", 14, "without quotes"), ("data.hash = \"AA==\"", 13, "base64 string of 3 bytes"),
        ("data.flag = 1", 13, "expected true or false"), ("data.at = yesterday", 11, "is no time"),
    ])
    func `what is asked for in vain is refused with its place`(_ text: String, _ column: Int, _ words: String) throws {
        let found: FilterError?
        do { found = try refused(text) } catch let error as FilterError { found = error }
        #expect(found?.column == column && found?.message.contains(words) == true, "\(String(describing: found))")
    }

    @Test(arguments: [
        "data.price > 3", "data.kind = x", "data.price = abc or data.price = 1", "type = demo.Other and data.kind = x",
        "(type = demo.Other and data.kind = x) or (type = demo.Everything and data.small = 1)", "log = sig", "log = dm",
        "has data.gates.legs.venue", "type ~ demo.*", "version = 9",
    ])
    func `it is enough if one of the types fits`(_ text: String) throws { #expect(try refused(text) == nil) }

    @Test func `types that may still come are no error`() throws {
        #expect(try refused("type = demo.Later", isOpen: true) == nil)
        #expect(try refused("data.prise = 1", isOpen: true) != nil)
    }
}
