import Events
import LogFormat
import Testing

@testable import LogEngine
@testable import Runtime

/// The identity of a run: everything that can change an output byte, and nothing else (REP-07).
@Suite struct RunManifestTests {
    private static func digest(_ number: UInt64) -> Digest { Digest(hashing: Array("\(number)".utf8)) }

    private static func base() throws -> RunManifest {
        RunManifest(
            inputs: [
                RunInput(stream: "mkt", chainHead: digest(1), eventCount: 10, eventNanos: 5...9),
                RunInput(stream: "mkt", chainHead: digest(2), eventCount: 20, eventNanos: 7...12),
            ],
            configuration: try RunConfiguration([
                ("a", .integer(1)), ("b", .text("x")), ("c", .number(0.5)), ("d", .truth(true)),
            ]),
            codeRevision: "0123456789abcdef", seed: 7, priorsVersions: ["sig:2026-01-01.v1"], plan: "train=7d")
    }

    /// 10,000 single changes: each gives another id, and no two the same one by accident.
    @Test func `any change of an ingredient gives another id`() throws {
        let base = try Self.base()
        var random = SeededGenerator(seed: 12)
        var hashes: Set<String> = ["\(base.contentHash)"]
        var ids: Set<String> = ["\(base.runID)"]
        for round in 0..<10_000 {
            var changed = base
            let number = random.next() >> 1 + 9
            switch round % 9 {
            case 0: changed.inputs[Int(number % 2)].chainHead = Self.digest(number &+ 100)
            case 1: changed.inputs[0].eventCount = 1_000 + UInt64(round)
            case 2: changed.codeRevision = "\(number)"
            case 3: changed.seed = number
            case 4: changed.priorsVersions = [PriorsVersion("sig:\(number)")]
            case 5: changed.plan = "train=\(number)"
            case 6: changed.untilNanos = Int64(round)
            case 7:
                changed.configuration = try RunConfiguration([("a", .integer(Int64(round) + 2)), ("b", .text("x"))])
            default: changed.configuration = try RunConfiguration([("b", .text("x\(number)")), ("a", .integer(1))])
            }
            hashes.insert("\(changed.contentHash)")
            ids.insert("\(changed.runID)")
            #expect(changed.runID != base.runID, "round \(round), seed 12")
        }
        #expect(hashes.count == 10_001 && ids.count == 10_001)
    }

    @Test func `order and form of settings do not count, their values do`() throws {
        let base = try Self.base()
        var other = base
        other.configuration = try RunConfiguration([
            ("d", .truth(true)), ("c", .number(0.5)), ("a", .number(1.0)), ("b", .text("x")),
        ])
        #expect(other.contentHash == base.contentHash && other.text == base.text)
        #expect(throws: LogError.self) { try RunConfiguration([("a", .integer(1)), ("a", .integer(1))]) }
        #expect(throws: LogError.self) { try RunConfiguration([("a", .number(.nan))]) }
        // A text that looks like a number is another value.
        other.configuration = try RunConfiguration([
            ("a", .text("1")), ("b", .text("x")), ("c", .number(0.5)), ("d", .truth(true)),
        ])
        #expect(other.contentHash != base.contentHash)
    }

    @Test func `the order of the inputs counts`() throws {
        let base = try Self.base()
        var other = base
        other.inputs.reverse()
        #expect(other.contentHash != base.contentHash)
    }

    @Test func `a manifest cannot be made to look like another by its texts`() throws {
        var base = try Self.base()
        base.plan = "a\",\"until\":\"5"
        var other = base
        other.plan = "a"
        other.untilNanos = 5
        #expect(base.text != other.text && base.contentHash != other.contentHash)
    }
}
