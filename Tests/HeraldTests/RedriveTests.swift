import Events
import HeraldTesting
import LogFormat
import Testing

@testable import Herald

/// Dead letters that an operator sends again (HER-12).
@Suite struct RedriveTests {
    static let sent = SampleMessages.sent
    static let second = SampleMessages.second

    /// A router that lets one message a pair pass, and the letters of two more.
    static func overQuota() -> (herald: Herald, letters: [DeadLettered]) {
        var settings = HeraldSettings()
        settings.quotaBurst = 1
        settings.quotaPerSecond = 1
        var herald = HeraldTests.herald(settings)
        for number in 0..<3 {
            let message = SampleMessages.message(number)
            _ = herald.accept(message, now: sent, checker: HashChecker())
            _ = herald.answer(message.id, from: .dm, .taken, now: sent)
        }
        return (herald, herald.deadLetters)
    }

    static func redrive(
        _ herald: inout Herald, _ letters: [EventID], at now: Int64, taken: Bool = false
    ) -> [HeraldAction] {
        herald.redrive(
            letters, by: "ann", now: now, seenGlobalSeq: 9, checker: HashChecker(), isTaken: { _, _ in taken })
    }

    static func redriven(_ actions: [HeraldAction]) -> [EventID] {
        actions.compactMap { if case .redriven(let record) = $0 { record.deadLetterID } else { nil } }
    }

    @Test func `a letter goes out once more, with a record that names it and who asked`() throws {
        var (herald, letters) = Self.overQuota()
        #expect(letters.map(\.reason) == [.quotaExceeded, .quotaExceeded])
        let now = Self.sent + 10 * Self.second
        let actions = Self.redrive(&herald, [letters[0].lineage.id], at: now)
        guard case .redriven(let record) = actions.first else {
            Issue.record("no record: \(actions)")
            return
        }
        #expect(record.by == "ann" && record.deadLetterID == letters[0].lineage.id && record.target == .dm)
        #expect(record.messageID == letters[0].messageID && record.lineage.parentID == letters[0].lineage.id)
        #expect(SampleMessages.deliveries(actions) == [.dm])
        let end = herald.answer(record.messageID, from: .dm, .taken, now: now)
        #expect(end.count == 2)
        #expect(Self.redrive(&herald, [letters[0].lineage.id], at: now + 1).isEmpty, "a letter goes out once")
        #expect(herald.deadLetters.map(\.lineage.id) == [letters[1].lineage.id])
    }

    @Test func `what its target took meanwhile is not sent again`() {
        var (herald, letters) = Self.overQuota()
        #expect(Self.redrive(&herald, [letters[0].lineage.id], at: Self.sent + Self.second, taken: true).isEmpty)
        #expect(herald.pendingCount == 0)
    }

    @Test func `a message that still breaks its contract gets a new letter (NEV-22)`() throws {
        var herald = HeraldTests.herald()
        var message = SampleMessages.message()
        message.payload.append(32)
        _ = herald.accept(message, now: Self.sent, checker: HashChecker())
        let old = try #require(herald.deadLetters.first)
        let actions = Self.redrive(&herald, [old.lineage.id], at: Self.sent)
        #expect(Self.redriven(actions) == [old.lineage.id])
        #expect(SampleMessages.reasons(actions) == [.hashMismatch] && SampleMessages.deliveries(actions).isEmpty)
        let new = try #require(herald.deadLetters.first)
        #expect(new.lineage.id != old.lineage.id && herald.deadLetters.count == 1)
    }

    @Test func `EX-21 what expired is not sent again, other messages get their time to live anew`() throws {
        var herald = HeraldTests.herald()
        _ = herald.accept(SampleMessages.message(), now: Self.sent, checker: HashChecker())
        _ = herald.advance(to: Self.sent + 600 * Self.second)
        let expired = try #require(herald.deadLetters.first)
        #expect(expired.reason == .expired)
        #expect(Self.redrive(&herald, [expired.lineage.id], at: Self.sent + 601 * Self.second).isEmpty)

        var (other, letters) = Self.overQuota()
        let now = Self.sent + 700 * Self.second
        #expect(SampleMessages.deliveries(Self.redrive(&other, [letters[0].lineage.id], at: now)) == [.dm])
        #expect(other.nextDueNanos == now + 600 * Self.second)
        #expect(SampleMessages.reasons(other.advance(to: now + 600 * Self.second)) == [.expired])
    }

    @Test func `the quota holds for letters too`() {
        var (herald, letters) = Self.overQuota()
        let actions = Self.redrive(&herald, letters.map(\.lineage.id), at: Self.sent + Self.second)
        #expect(Self.redriven(actions).count == 2)
        #expect(SampleMessages.deliveries(actions) == [.dm] && SampleMessages.reasons(actions) == [.quotaExceeded])
    }

    @Test func `only so many letters are kept, the oldest go first`() {
        var settings = HeraldSettings()
        settings.deadLettersMax = 3
        var herald = HeraldTests.herald(settings)
        for number in 0..<50 {
            var message = SampleMessages.message(number)
            message.payload.append(32)
            _ = herald.accept(message, now: Self.sent, checker: HashChecker())
        }
        #expect(herald.deadLetters.map(\.seq) == [48, 49, 50])
    }

    @Test func `an action names its letters in one record`() {
        let ids = [
            EventID(module: .herald, key: "a", eventNanos: 1), EventID(module: .herald, key: "b", eventNanos: 2),
        ]
        var event = RedriveAction.record(ids, by: "ann", reason: "opening", eventNanos: 5, seenGlobalSeq: 3)
        #expect(RedriveAction.letters(event) == ids)
        #expect(event.by == "ann" && event.lineage.seenGlobalSeq == 3)
        event.action = "something else"
        #expect(RedriveAction.letters(event) == nil)
    }
}
