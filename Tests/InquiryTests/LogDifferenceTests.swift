import Events
import LogFormat
import Runtime
import Testing

@testable import Inquiry
@testable import LogEngine

/// `lotus diff logs`: the first event that two logs do not share, field by field.
@Suite struct LogDifferenceTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    /// A log of alarms whose value is the number of the event, but for those that are given.
    private func log(
        _ path: String, from: Int = 1, count: Int, values: [Int: Double] = [:], appendNanos: Int64 = 0,
        seal: Bool = true
    ) throws {
        var options = LogOptions()
        options.reserveBytes = 0
        let writer = try LogWriter(path, options: options, environment: bench.environment)
        let type = try writer.register(AlarmRaised.self)
        for index in from..<(from + count) {
            var event = AlarmRaised()
            event.subject = "s"
            event.value = values[index] ?? Double(index)
            try writer.append(
                &event, typeID: type, eventNanos: Int64(index), globalSeq: UInt64(index),
                appendNanos: appendNanos + Int64(index))
        }
        try writer.close(seal: seal)
    }

    private func compare(_ a: String, _ b: String, isExact: Bool = false) throws -> LogDifference {
        try LogDifference(a, b, isExact: isExact, environment: bench.environment)
    }

    @Test(arguments: [true, false]) func `equal logs are equal, sealed or not`(_ seal: Bool) throws {
        try log("a", count: 3000)
        try log("b", count: 3000, seal: seal)
        let found = try compare("a", "b")
        #expect(found.verdict == .equal && found.seq == nil && found.countA == 3000 && found.countB == 3000)
        #expect(found.skippedRuns == (seal ? 2 : 0))
        #expect(found.text("a", "b").hasPrefix("equal: 3000 events"))
    }

    @Test(arguments: [1, 1024, 1025, 2500, 3000], [true, false])
    func `the first event that differs is named with its field and both values`(_ at: Int, _ seal: Bool) throws {
        try log("a", count: 3000)
        try log("b", count: 3000, values: [at: 0.5, at + 1: 0.25], seal: seal)
        let found = try compare("a", "b")
        #expect(found.verdict == .differs && found.seq == UInt64(at))
        #expect(found.fields == [FieldDifference(path: "value", a: "\(at).0", b: "0.5")])
        #expect(found.skippedRuns == (seal ? min((at - 1) / 1024, 2) : 0))
        #expect(found.a?.schema.name == "mon.AlarmRaised" && found.text("a", "b").contains("value: \(at).0 -> 0.5"))
    }

    @Test func `segments are compared alone when they start at the same event`() throws {
        for (name, values) in [("a", [:]), ("b", [15: 0.5])] {
            try log(name, count: 10)
            try log(name, from: 11, count: 10, values: values)
        }
        let (first, second) = (LogPaths.segment(1), LogPaths.segment(11))
        let found = try compare("a/\(second)", "b/\(second)")
        #expect(found.verdict == .differs && found.seq == 15 && found.fields.map(\.b) == ["0.5"])
        #expect(try compare("a/\(first)", "b/\(first)").verdict == .equal)
        let error = #expect(throws: LogError.self) { try compare("a/\(first)", "b/\(second)") }
        #expect(error?.code == .usage && error?.message.contains("starts at seq 1, ") == true)
    }

    @Test func `a log that ends earlier is a prefix, and the next event is shown`() throws {
        try log("a", count: 1100)
        try log("b", count: 1500)
        let found = try compare("a", "b")
        #expect(found.verdict == .aIsPrefix && found.seq == 1101 && found.b?.seq == 1101 && found.a == nil)
        #expect(try compare("b", "a").verdict == .bIsPrefix)
        #expect(found.text("a", "b").contains("a is a prefix of b: 1100 of 1500"))
    }

    @Test func `append times count only when they are asked for`() throws {
        try log("a", count: 2000)
        try log("b", count: 2000, appendNanos: 5)
        #expect(try compare("a", "b").verdict == .equal)
        let found = try compare("a", "b", isExact: true)
        #expect(found.verdict == .differs && found.seq == 1 && found.fields.map(\.path) == ["append_ts"])
    }

    @Test func `values inside of records and lists are named by their paths`() throws {
        try bench.story("x")
        try bench.story("y", signal: 0.7)
        let found = try compare("x/sig", "y/sig")
        #expect(found.fields.map(\.path) == ["signal"])
        let (a, b) = (try #require(found.a), try #require(found.b))
        #expect(FieldDifference.between(a, b, isExact: false).map(\.text) == ["signal: 0.8 -> 0.7"])
        let snapshots = try [2, 4].map { number -> RecordedEvent in
            let walk = try EventWalk("x/sig", types: ["priors.SnapshotTaken"], environment: bench.environment)
            for _ in 0..<number { #expect(try walk.next()) }
            return try walk.event()
        }
        let paths = FieldDifference.between(snapshots[0], snapshots[1], isExact: false).map(\.path)
        #expect(paths.contains("after[0].effect.theta_delta") && paths.contains("priors_ver"))
        // The patch on the knob is there in the later one only; no patch left the set.
        #expect(paths.contains("after[2]") && !paths.contains("removed[0]"))
    }
}
