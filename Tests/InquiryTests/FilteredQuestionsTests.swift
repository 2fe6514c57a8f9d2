import Events
import Filters
import LogFormat
import Runtime
import Testing

@testable import Inquiry
@testable import LogEngine

/// `--where` in the questions about what was recorded (AT14.3).
@Suite struct FilteredQuestionsTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    /// A log of alarms and, where it is said, notes between them that shift every later place.
    private func log(_ path: String, _ values: [Double], notesAfter: Set<Int> = [], seal: Bool = true) throws {
        var options = LogOptions()
        options.reserveBytes = 0
        let writer = try LogWriter(path, options: options, environment: bench.environment)
        let alarm = try writer.register(AlarmRaised.self)
        let start = try writer.register(RunStarted.self)
        var place: UInt64 = 0
        func append<Event: LogEvent>(_ event: Event, _ typeID: UInt16, nanos: Int) throws {
            var event = event
            place += 1
            try writer.append(
                &event, typeID: typeID, eventNanos: Int64(nanos), globalSeq: place, appendNanos: Int64(place))
        }
        for (index, value) in values.enumerated() {
            var event = AlarmRaised()
            event.subject = index % 2 == 0 ? "even" : "odd"
            event.value = value
            try append(event, alarm, nanos: index)
            if notesAfter.contains(index) { try append(RunStarted(), start, nanos: index) }
        }
        try writer.close(seal: seal)
    }

    private func compare(_ a: String, _ b: String, _ filter: String) throws -> LogDifference {
        try LogDifference(a, b, where: try Filter(filter), environment: bench.environment)
    }

    @Test(arguments: [true, false]) func `logs are compared in what the filter takes, wherever it stands`(
        _ seal: Bool
    ) throws {
        var values = (0..<3000).map(Double.init)
        try log("a", values, seal: seal)
        values[2001] = 0.5
        try log("b", values, notesAfter: [3, 1500], seal: seal)
        #expect(try compare("a", "b", "type = mon.AlarmRaised and data.subject = even").verdict == .equal)
        let found = try compare("a", "b", "type = mon.AlarmRaised")
        #expect(found.verdict == .differs && found.a?.seq == 2002 && found.b?.seq == 2004 && found.seq == 2002)
        #expect(found.fields == [FieldDifference(path: "value", a: "2001.0", b: "0.5")])
        #expect(found.text("a", "b").contains("differs in what --where takes from seq 2002 on"))
        #expect(found.json.hasSuffix(",\"where\":\"type = mon.AlarmRaised\"}"))
        let other = try compare("a", "b", "type != mon.AlarmRaised")
        #expect(other.verdict == .aIsPrefix && other.a == nil && other.b?.seq == 5)
    }

    @Test func `what is sealed and the same is not read, also with a filter`() throws {
        let values = (0..<3000).map(Double.init)
        try log("a", values)
        try log("b", values)
        let found = try compare("a", "b", "data.value > 10")
        #expect(found.verdict == .equal && found.skippedRuns == 2)
    }

    @Test func `runs differ in what the filter takes on either side`() throws {
        try bench.story("a")
        try bench.story("b", signal: 0.7)
        func compare(_ filter: String) throws -> RunDifference {
            try RunDifference(try bench.logs("a"), try bench.logs("b"), where: try Filter(filter))
        }
        // The window says 0.8 in a and 0.7 in b: it counts whichever of the two is asked for.
        for signal in ["0.8", "0.7"] {
            let found = try compare("type = sig.SignalScored and data.signal = \(signal)")
            #expect(found.first?.fields.map(\.text) == ["signal: 0.8 -> 0.7"])
            #expect(found.members.compactMap(\.alignment).map(\.changed).reduce(0, +) == 1)
        }
        #expect(try compare("type = sig.SignalScored and data.signal > 0.9").isEqual)
        let equal = try compare("log != sig")
        #expect(equal.isEqual && equal.text.hasPrefix("equal in what --where takes, of "))
        #expect(equal.json.hasPrefix("{\"equal\":true,\"where\":\"log != sig\","))
    }

    @Test(arguments: [true, false]) func `what the filter can take nothing of does not come between the others`(
        _ seal: Bool
    ) throws {
        for name in ["a", "b"] { try bench.disk.createDirectory(name) }
        var values = (0..<9000).map(Double.init)
        // Notes stand all over both logs; one more in b than in a, so that later places are others.
        let notes = Set((0..<9000).filter { $0 % 3 == 0 })
        try log("a/x", values, notesAfter: notes, seal: seal)
        for place in [5, 4500, 8999] { values[place] += 0.5 }
        try log("b/x", values, notesAfter: notes.union([7000]), seal: seal)
        let filter = try Filter("type = mon.AlarmRaised and data.subject = odd")
        #expect(try filter.typeNames(of: "a/x", bench.environment) == ["mon.AlarmRaised"])
        let found = try RunDifference(try bench.logs("a"), try bench.logs("b"), where: filter)
        let alignment = try #require(found.members.first?.alignment)
        #expect(alignment.changed + alignment.onlyA == 2 && alignment.changed + alignment.onlyB == 2)
        #expect(found.first?.fields.map(\.path) == ["value"] && found.first?.a?.seq == 8)
        // Their ids were never set: by those, all of them would be one event.
        let all = try RunDifference(try bench.logs("a"), try bench.logs("b"))
        let whole = try #require(all.members.first?.alignment)
        #expect(whole.changed + whole.onlyA == 3 && whole.onlyB - whole.onlyA == 1, "\(whole)")
        #expect(
            try RunDifference(try bench.logs("a"), try bench.logs("b"), where: try Filter("type = no.Such")).isEqual)
    }

    @Test func `a log that only one run has counts with what the filter takes of it`() throws {
        for name in ["a", "b"] { try bench.disk.createDirectory(name) }
        try log("a/x", [1, 2, 3])
        try log("b/x", [1, 2, 3])
        try log("b/y", [4, 5, 6, 7])
        func compare(_ filter: String) throws -> RunDifference {
            try RunDifference(try bench.logs("a"), try bench.logs("b"), where: try Filter(filter))
        }
        let found = try compare("data.value > 4 and data.subject = odd")
        #expect(found.first?.log == "y" && found.first?.b?.seq == 2 && found.json.contains("\"only_b\":2,"))
        #expect(try compare("data.value > 7").isEqual)
    }

    @Test func `of causes the wanted ones stay, and the way to them`() throws {
        let story = try bench.story("root")
        let logs = try bench.logs("root")
        let id = try #require(story.ids["received"])
        let whole = try CauseTree(try #require(try logs.event(id.ulid, isThorough: true)), of: logs)
        let trades = whole.pruned(where: try Filter("type = mkt.Traded"))
        // Receipt, message, window, trade; the version of the priors is left out.
        #expect(trades.count == 4 && trades.leftOut == 1)
        #expect(trades.root.causes.first?.causes.first?.causes.map { $0.event?.schema.name } == ["mkt.Traded"])
        #expect(trades.text.hasSuffix("\n1 more that --where does not take"))
        #expect(trades.json.hasPrefix("{\"events\":4,\"cut\":false,\"left_out\":1,"))
        let none = whole.pruned(where: try Filter("seq > 1000000"))
        #expect(none.count == 1 && none.root.causes.isEmpty && none.leftOut == 4)
        let all = whole.pruned(where: try Filter("seq > 0"))
        #expect(all.root == whole.root && all.leftOut == 0 && all.text == whole.text)
    }

    @Test func `of refusals the wanted records stay`() throws {
        try bench.story("root")
        func search(_ filter: String) throws -> [Refusal] {
            try RefusalSearch("BTC-USD", near: nil, of: try bench.logs("root"), where: try Filter(filter)).refusals
        }
        let both = try search("type = sig.SignalWithheld")
        #expect(both.count == 2)
        #expect(try search("data.reasons = GATE_KAIROS").map(\.event.seq) == [both[1].event.seq])
        #expect(try search("type = sig.SignalScored").isEmpty)
    }
}
