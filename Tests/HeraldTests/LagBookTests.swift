import Events
import LogFormat
import Testing

@testable import Herald

/// Lag by pair and period (HER-11, ARC-20).
@Suite struct LagBookTests {
    static let hour = LagBook.periodNanos
    static let second: Int64 = 1_000_000_000

    static func id(_ name: String) -> EventID { EventID(module: .sig, key: name, eventNanos: 1) }

    static func picked(_ name: String, to targets: [Module] = [.dm]) -> HeraldAction {
        var event = MessagePicked()
        event.messageID = id(name)
        event.to = targets
        return .picked(event)
    }

    static func delivered(_ name: String, to target: Module = .dm) -> HeraldAction {
        var event = DeliveryRecorded()
        event.messageID = id(name)
        event.target = target
        return .record(event)
    }

    static func dead(_ name: String, _ target: Module?) -> HeraldAction {
        var event = DeadLettered()
        event.lineage.id = id("letter of \(name)")
        event.messageID = id(name)
        event.target = target
        event.intent = .alphaProposed
        return .dead(event)
    }

    @Test func `nothing is due before anything happened`() {
        var book = LagBook()
        #expect(book.dueNanos == nil && book.take(seenGlobalSeq: 1).isEmpty)
    }

    @Test func `the 95th percentile is the nearest rank of the lags of the hour`() throws {
        var book = LagBook()
        let start = 3 * Self.hour + 5
        for index in 1...40 {
            book.note(Self.picked("\(index)"), now: start)
            book.note(Self.delivered("\(index)"), now: start + Int64(index) * Self.second)
        }
        #expect(book.dueNanos == 4 * Self.hour)
        let reports = book.take(seenGlobalSeq: 9)
        let report = try #require(reports.first)
        // 38 of 40.
        #expect(reports.count == 1 && report.lagMillisP95 == 38_000 && report.delivered == 40 && report.depth == 0)
        #expect(report.lineage.seenGlobalSeq == 9 && report.lineage.id.ulid.millis == UInt64(4 * Self.hour / 1_000_000))
        // A quiet hour has no report.
        #expect(book.dueNanos == nil && book.take(seenGlobalSeq: 9).isEmpty)
    }

    @Test func `what waits is reported hour after hour, until it ends`() {
        var book = LagBook()
        book.note(Self.picked("a", to: [.dm, .tr]), now: 7)
        book.note(Self.delivered("a"), now: 7)
        #expect(book.take(seenGlobalSeq: 0).map { [$0.delivered, $0.depth] } == [[1, 0], [0, 1]])
        #expect(book.dueNanos == 2 * Self.hour)
        #expect(book.take(seenGlobalSeq: 0).map { [$0.delivered, $0.depth] } == [[0, 1]])
        book.note(Self.dead("a", .tr), now: 2 * Self.hour + 1)
        #expect(book.take(seenGlobalSeq: 0).map { [$0.dead, $0.depth] } == [[1, 0]])
        #expect(book.dueNanos == nil)
    }

    @Test func `the lag of a letter that is sent again begins anew`() {
        var book = LagBook()
        book.note(Self.picked("a"), now: 0)
        book.note(Self.dead("a", .dm), now: Self.second)
        var again = Redriven()
        again.messageID = Self.id("a")
        again.deadLetterID = Self.id("letter of a")
        book.note(.redriven(again), now: 100 * Self.second)
        book.note(Self.delivered("a"), now: 102 * Self.second)
        #expect(
            book.take(seenGlobalSeq: 0).map { [$0.lagMillisP95, Double($0.delivered), Double($0.dead)] } == [
                [2000, 1, 1]
            ])
    }

    @Test func `of very many letters the oldest are forgotten, the newest are not`() {
        for (index, lag) in [(0, 0.0), (40, 1000)] {
            var book = LagBook(lettersMax: 8)
            for letter in 0...40 { book.note(Self.dead("\(letter)", .dm), now: 0) }
            var again = Redriven()
            again.deadLetterID = Self.id("letter of \(index)")
            book.note(.redriven(again), now: 0)
            book.note(Self.delivered("\(index)"), now: Self.second)
            #expect(book.take(seenGlobalSeq: 0).map(\.lagMillisP95) == [lag])
        }
    }

    @Test func `a message refused as a whole has no pair`() {
        var book = LagBook()
        book.note(Self.dead("a", nil), now: 5)
        #expect(book.dueNanos == nil)
    }

    @Test func `hours begin at multiples since 1970, before it too, and the last one ends with the numbers`() {
        for (now, due) in [(Int64(-1), Int64(0)), (0, Self.hour), (Self.hour, 2 * Self.hour), (.max, .max)] {
            var book = LagBook()
            book.note(Self.picked("a"), now: now)
            #expect(book.dueNanos == due)
        }
    }
}
