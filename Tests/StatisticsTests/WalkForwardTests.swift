import Testing

@testable import Statistics

/// Walk-forward folds: purge by resolved outcome, embargo, refusals (REP-03, REP-04).
@Suite struct WalkForwardTests {
    private static let hour: Int64 = 3_600_000_000_000

    /// Decisions in order, with outcomes of varying length, a few never resolved.
    private func randomSpans(_ random: inout Xoshiro256, count: Int, span: Int) -> [OutcomeSpan] {
        let starts = (0..<count).map { _ in Int64(random.index(below: span)) }.sorted()
        return starts.map { start in
            let isResolved = random.index(below: 12) > 0
            return OutcomeSpan(
                startNanos: start, endNanos: isResolved ? start + Int64(random.index(below: span / 6 + 1)) : nil)
        }
    }

    private func rows(_ ranges: [Range<Int>]) -> [Int] { ranges.flatMap { Array($0) } }

    /// 10,000 random label sets: no training interval, widened by the embargo, meets a test interval, and the rows are
    /// those of a definition that knows nothing of windows that lie behind each other.
    @Test func `no training outcome, widened by the embargo, meets a test outcome`() throws {
        for round in 0..<10_000 {
            var random = Xoshiro256(seed: UInt64(round))
            let span = 60 + random.index(below: 200)
            let spans = randomSpans(&random, count: random.index(below: 60), span: span)
            let plan = try WalkForwardPlan(
                trainNanos: Int64(5 + random.index(below: 30)), validateNanos: Int64(random.index(below: 2) * 8),
                testNanos: Int64(1 + random.index(below: 12)), stepNanos: Int64(8 + random.index(below: 15)),
                isAnchored: random.index(below: 2) == 0)
            let embargo = Int64(random.index(below: 10))
            for fold in try plan.folds(over: 0..<Int64(span), spans: spans, embargoNanos: embargo) {
                let test = rows(fold.test)
                for held in [test, rows(fold.validate)] {
                    for row in rows(fold.train) {
                        guard let end = spans[row].endNanos else {
                            Issue.record("seed \(round): row \(row) was never resolved and trains")
                            return
                        }
                        let wide = (spans[row].startNanos - embargo)...(end + embargo)
                        for other in held {
                            let judged = spans[other].startNanos...(spans[other].endNanos ?? .max)
                            if wide.overlaps(judged) {
                                Issue.record("seed \(round), fold \(fold.number): \(row) meets \(other)")
                                return
                            }
                        }
                    }
                }
                #expect(fold == oracle(plan, fold, spans, embargo), "seed \(round), fold \(fold.number)")
            }
        }
    }

    /// The rows of a fold, row by row from the words of the rule.
    private func oracle(
        _ plan: WalkForwardPlan, _ fold: WalkForwardFold, _ spans: [OutcomeSpan], _ embargo: Int64
    ) -> WalkForwardFold {
        let shift = Int64(fold.number - 1) * plan.stepNanos
        let first = plan.isAnchored ? 0 : shift
        let trainEnd = shift + plan.trainNanos
        let testStart = trainEnd + plan.validateNanos
        let windows = [first..<trainEnd, trainEnd..<testStart, testStart..<testStart + plan.testNanos]
        let next = [plan.validateNanos > 0 ? trainEnd : testStart, testStart, Int64.max]
        var picked: [[Int]] = [[], [], []]
        var (purged, unresolved) = (0, 0)
        for row in spans.indices {
            guard let place = windows.firstIndex(where: { $0.contains(spans[row].startNanos) }) else { continue }
            guard let end = spans[row].endNanos else {
                unresolved += 1
                continue
            }
            // The closed interval, widened, against everything that comes next.
            if place < 2, ((spans[row].startNanos - embargo)...(end + embargo)).overlaps(next[place]...Int64.max) {
                purged += 1
            } else {
                picked[place].append(row)
            }
        }
        func ranges(_ rows: [Int]) -> [Range<Int>] {
            var found: [Range<Int>] = []
            for row in rows {
                if found.last?.upperBound == row {
                    found[found.count - 1] = found[found.count - 1].lowerBound..<row + 1
                } else {
                    found.append(row..<row + 1)
                }
            }
            return found
        }
        let counts = picked.map(\.count)
        let isGood = counts[0] >= 30 && (plan.validateNanos == 0 || counts[1] >= 30) && counts[2] >= 30
        #expect((fold.refusal == nil) == isGood)
        return WalkForwardFold(
            number: fold.number, trainNanos: windows[0], validateNanos: windows[1], testNanos: windows[2],
            train: ranges(picked[0]), validate: ranges(picked[1]), test: ranges(picked[2]), purgedCount: purged,
            unresolvedCount: unresolved, refusal: fold.refusal)
    }

    /// Non-adjacent test blocks, which only combinations have.
    @Test func `combinations keep every training outcome clear of every test block`() throws {
        for round in 0..<300 {
            var random = Xoshiro256(seed: UInt64(round) + 77)
            let spans = randomSpans(&random, count: 30, span: 120)
            let ends = spans.map { $0.endNanos ?? $0.startNanos }
            let embargo = Int64(random.index(below: 9))
            let splits = try Splits.purgedCombinations(
                starts: spans.map(\.startNanos), ends: ends, folds: 6, testFolds: 2, embargo: embargo)
            for split in splits {
                for row in split.trainRows {
                    for block in split.test {
                        let first = block.map { spans[$0].startNanos }.min() ?? 0
                        let last = block.map { ends[$0] }.max() ?? 0
                        // The embargo stands behind a test block; ahead of it the purge is enough.
                        let reach = (spans[row].startNanos - embargo)...max(ends[row], spans[row].startNanos)
                        let isAfter = spans[row].startNanos > last
                        let meets =
                            isAfter
                            ? reach.contains(last) : (spans[row].startNanos...ends[row]).overlaps(first...last)
                        #expect(!meets, "seed \(round + 77)")
                    }
                }
            }
        }
    }

    /// 10,000 random label sets with outcomes of any length: the training rows are those that the words of the rule
    /// leave, block by block, wherever the blocks lie.
    @Test func `combinations train on exactly the rows that the rule leaves`() throws {
        for round in 0..<10_000 {
            var random = Xoshiro256(seed: UInt64(round) + 31)
            let count = 8 + random.index(below: 8)
            let starts = (0..<count).map { _ in Int64(random.index(below: 50)) }.sorted()
            let ends = starts.map { $0 + Int64(random.index(below: 12)) }
            let embargo = Int64(random.index(below: 6))
            let folds = 4 + random.index(below: 2)
            let splits = try Splits.purgedCombinations(
                starts: starts, ends: ends, folds: folds, testFolds: 2, embargo: embargo)
            // One split a round, another one each time: neighbours as well as blocks that are far apart.
            let split = splits[round % splits.count]
            var expected = Set(0..<count)
            for block in split.test {
                let (from, to) = (starts[block].min() ?? 0, ends[block].max() ?? 0)
                expected.subtract(block)
                for row in 0..<count where starts[row] <= to + embargo && ends[row] >= from { expected.remove(row) }
            }
            guard split.trainRows == expected.sorted() else {
                Issue.record("seed \(round + 31): trains on \(split.trainRows), expected \(expected.sorted())")
                return
            }
        }
    }

    @Test(arguments: Oracle.cases("validation", "rolling")) func `rolling origins of the oracle`(
        _ test: OracleCase
    ) throws {
        let input = test.inputs
        // A limit on rows that are left after the purge has no counterpart in times.
        guard input["max_train"].optionalInt == nil else { return }
        let count = Int64(input["n"].int)
        let horizon = Int64(input["label_horizon"].int)
        let spans = (0..<count).map { OutcomeSpan(startNanos: $0, endNanos: $0 + horizon) }
        let plan = try WalkForwardPlan(
            trainNanos: Int64(input["first_origin"].int), testNanos: Int64(input["test_size"].int),
            stepNanos: Int64(input["step"].int), isAnchored: true)
        let folds = try plan.folds(
            over: 0..<count, spans: spans, embargoNanos: Int64(input["embargo"].int), labelsMin: 0)
        let expected = try Splits.rolling(
            count: Int(count), firstOrigin: input["first_origin"].int, testSize: input["test_size"].int,
            step: input["step"].int, labelHorizon: Int(horizon), embargo: input["embargo"].int)
        #expect(folds.map(\.split) == expected, "\(test.name)")
        #expect(
            folds.map(\.train) == test.expected["train"].list.map { $0.list.map { $0.ints[0]..<$0.ints[1] } },
            "\(test.name)")
    }

    @Test func `a fold with too few labels says what is missing`() throws {
        let spans = (0..<100).map { OutcomeSpan(startNanos: Int64($0), endNanos: Int64($0) + 2) }
        let plan = try WalkForwardPlan(trainNanos: 20, testNanos: 40)
        let fold = try #require(try plan.folds(over: 0..<100, spans: spans, embargoNanos: 3).first)
        // 20 rows of which the last 5 reach into the test.
        #expect(fold.refusal?.hasPrefix("15 training labels, expected at least 30") == true)
        #expect(fold.purgedCount == 5)
        #expect(try plan.folds(over: 0..<100, spans: spans, embargoNanos: 3, labelsMin: 15).first?.refusal == nil)
    }

    @Test func `plans are read and written, and what is wrong is said`() throws {
        let plan = try WalkForwardPlan(parsing: "train=7d,validate=1d,test=12h,step=36h,anchored")
        #expect(plan.trainNanos == 168 * Self.hour && plan.validateNanos == 24 * Self.hour && plan.isAnchored)
        #expect(plan.text == "train=7d,validate=1d,test=12h,step=1d12h,anchored")
        #expect(try WalkForwardPlan(parsing: plan.text) == plan)
        let short = try WalkForwardPlan(parsing: "test=30m,train=1w")
        #expect(short.text == "train=7d,test=30m,step=30m" && !short.testsOverlap)
        #expect(try WalkForwardPlan(parsing: "train=1d,test=2h,step=1h").testsOverlap)
        let wrong: [(String, String)] = [
            ("train=7d", "lacks test"), ("test=7d", "lacks train"), ("train=7d,test=1x", "\"1x\""),
            ("train=7d,test=0d", "\"0d\""), ("train=7d,test=1d,tset=1d", "\"tset=1d\""),
            ("train=7d, test=1d", "\" test=1d\""), ("train=7d,test=1d,train=1d", "given twice"),
            ("train=7d,test=1d,anchored=yes", "anchored=yes"), ("", "\"\""), ("train=9999999d,test=1d", "ten years"),
            ("train=1h1d,test=1d", "longest first"), ("train=-1d,test=1d", "-1d"), ("train=٣d,test=1d", "٣d"),
            ("train=99999999999999999999d,test=1d", "ten years"), ("train,test=1d", "\"train\""),
        ]
        for (text, word) in wrong {
            do {
                _ = try WalkForwardPlan(parsing: text)
                Issue.record("\(text) was taken")
            } catch {
                #expect(error.message.contains(word), "\(text): \(error.message)")
            }
        }
    }

    @Test func `impossible folds are refused`() throws {
        let plan = try WalkForwardPlan(trainNanos: 10, testNanos: 5)
        #expect(throws: StatisticsError.self) { try plan.folds(over: 0..<14, spans: [], embargoNanos: 0) }
        #expect(throws: StatisticsError.self) { try plan.folds(over: 0..<100, spans: [], embargoNanos: -1) }
        #expect(throws: StatisticsError.self) {
            try plan.folds(over: 0..<1_000_000, spans: [], embargoNanos: 0)
        }
        let backwards = [OutcomeSpan(startNanos: 5, endNanos: 4)]
        #expect(throws: StatisticsError.self) { try plan.folds(over: 0..<100, spans: backwards, embargoNanos: 0) }
        let unsorted = [OutcomeSpan(startNanos: 5, endNanos: 6), OutcomeSpan(startNanos: 4, endNanos: 6)]
        #expect(throws: StatisticsError.self) { try plan.folds(over: 0..<100, spans: unsorted, embargoNanos: 0) }
        #expect(throws: StatisticsError.self) { try plan.folds(over: .min..<(.max), spans: [], embargoNanos: 0) }
        let late = [OutcomeSpan(startNanos: 5, endNanos: .max)]
        #expect(try plan.folds(over: 0..<20, spans: late, embargoNanos: 9)[0].train.isEmpty)
        #expect(try WalkForwardPlan.embargoNanos(longestHorizonNanos: Self.hour, barNanos: 60) == Self.hour + 60)
    }

    /// Midnight of a day in UTC.
    private func day(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        CalendarMonth(number: (year - 1970) * 12 + month - 1).startNanos + Int64(day - 1) * 24 * Self.hour
    }

    @Test func `months begin when they do`() {
        // 2024 is a leap year, 1900 and 2100 are none, 2000 is one.
        #expect(day(1970, 1, 1) == 0 && day(1970, 2, 1) == 31 * 24 * Self.hour)
        #expect(day(2024, 3, 1) == 1_709_251_200_000_000_000 && day(2026, 12, 1) == 1_796_083_200_000_000_000)
        #expect(day(2000, 3, 1) - day(2000, 2, 1) == 29 * 24 * Self.hour)
        #expect(day(2100, 3, 1) - day(2100, 2, 1) == 28 * 24 * Self.hour)
        #expect(day(1900, 3, 1) - day(1900, 2, 1) == 28 * 24 * Self.hour)
        for month in -900...3000 {
            let start = CalendarMonth(number: month).startNanos
            #expect(CalendarMonth(atOrAfter: start).number == month)
            #expect(CalendarMonth(atOrAfter: start + 1).number == month + 1)
            #expect(CalendarMonth(atOrAfter: start - 1).number == month)
        }
        #expect(CalendarMonth(atOrAfter: .max).startNanos == .max)
        #expect(CalendarMonth(number: -1_000_000).startNanos == .min)
    }

    /// Tune on half a year, trade a month.
    @Test func `months of the calendar are windows, whatever their length`() throws {
        let plan = try WalkForwardPlan(parsing: "train=6mo,validate=0,test=1mo")
        #expect(plan.text == "train=6mo,test=1mo,step=1mo")
        #expect(try WalkForwardPlan(parsing: plan.text) == plan)
        let times = day(2023, 7, 31)..<day(2024, 5, 2)
        let spans = stride(from: times.lowerBound, to: times.upperBound, by: Int(24 * Self.hour)).map {
            OutcomeSpan(startNanos: $0, endNanos: $0 + Self.hour)
        }
        let folds = try plan.folds(over: times, spans: spans, embargoNanos: 2 * Self.hour, labelsMin: 28)
        #expect(folds.map(\.testNanos) == [2, 3, 4].map { day(2024, $0, 1)..<day(2024, $0 + 1, 1) })
        #expect(folds.map(\.trainNanos.lowerBound) == [8, 9, 10].map { day(2023, $0, 1) })
        #expect(folds.map(\.trainNanos.upperBound) == folds.map(\.testNanos.lowerBound))
        #expect(folds.map { rows($0.test).count } == [29, 31, 30] && folds.allSatisfy { $0.refusal == nil })
        // The last decision of a training ends three hours, with the embargo, before midnight of the day behind it.
        #expect(folds.allSatisfy { $0.purgedCount == 0 })
        let tight = try plan.folds(over: times, spans: spans, embargoNanos: 23 * Self.hour, labelsMin: 28)
        #expect(tight.allSatisfy { $0.purgedCount == 1 })
        let anchored = try WalkForwardPlan(parsing: "train=2mo,validate=1mo,test=1mo,step=3mo,anchored")
        let wide = try anchored.folds(over: times, spans: spans, embargoNanos: 0)
        #expect(wide.map(\.trainNanos.lowerBound) == [day(2023, 8, 1), day(2023, 8, 1)])
        #expect(wide.map(\.validateNanos.lowerBound) == [day(2023, 10, 1), day(2024, 1, 1)])
        #expect(wide.map(\.testNanos.upperBound) == [day(2023, 12, 1), day(2024, 3, 1)])
    }

    @Test func `months are not mixed with other lengths, and need whole months`() throws {
        for (text, word) in [
            ("train=6mo,test=7d", "mixes months"), ("train=30d,test=1mo", "mixes months"),
            ("train=1mo,test=1mo,step=3d", "mixes months"), ("train=0mo,test=1mo", "expected 1 to 120"),
            ("train=121mo,test=1mo", "expected 1 to 120"), ("train=1mo,train=2mo,test=1mo", "given twice"),
            ("train=-1mo,test=1mo", "-1mo"), ("train=mo,test=1mo", "\"mo\""), ("test=1mo", "lacks train"),
        ] {
            do {
                _ = try WalkForwardPlan(parsing: text)
                Issue.record("\(text) was taken")
            } catch { #expect(error.message.contains(word), "\(text): \(error.message)") }
        }
        let plan = try WalkForwardPlan(trainMonths: 1, testMonths: 1)
        // Two months long, and no two whole months in it.
        let times = day(2024, 1, 2)..<day(2024, 3, 31)
        #expect(throws: StatisticsError.self) { try plan.folds(over: times, spans: [], embargoNanos: 0) }
        #expect(throws: StatisticsError.self) {
            try plan.folds(over: (.max - 5)..<(.max), spans: [], embargoNanos: 0)
        }
    }
}
