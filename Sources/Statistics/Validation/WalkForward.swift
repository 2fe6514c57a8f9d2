/// When the outcome of a decision was known.
public struct OutcomeSpan: Sendable, Equatable {
    /// Time of the decision.
    public let startNanos: Int64
    /// When its outcome was resolved, by the record and not by a guessed horizon; nil if it never was.
    public let endNanos: Int64?

    /// Makes a span.
    public init(startNanos: Int64, endNanos: Int64?) {
        self.startNanos = startNanos
        self.endNanos = endNanos
    }
}

/// One step of a walk-forward: fit on `train`, choose on `validate`, judge on `test` (REP-03).
public struct WalkForwardFold: Sendable, Equatable {
    /// Number from 1.
    public let number: Int
    /// Times of the decisions to fit on.
    public let trainNanos: Range<Int64>
    /// Times of the decisions to choose on; empty without validation.
    public let validateNanos: Range<Int64>
    /// Times of the decisions to judge on.
    public let testNanos: Range<Int64>
    /// Rows to fit on.
    public let train: [Range<Int>]
    /// Rows to choose on.
    public let validate: [Range<Int>]
    /// Rows to judge on.
    public let test: [Range<Int>]
    /// Rows in the times of train and validation that were left out, because their outcome reaches, widened by the
    /// embargo, into what is judged later.
    public let purgedCount: Int
    /// Rows in the times of the fold whose outcome never was resolved; they are left out.
    public let unresolvedCount: Int
    /// Why nothing may be fitted or judged here; nil for a good fold.
    public let refusal: String?

    /// Training and test rows as a split.
    public var split: Split { Split(train: train, test: test) }
}

/// A walk-forward by time: rolling or anchored, by lengths or by calendar months, with purge by resolved outcome and
/// embargo (REP-03, REP-04).
///
/// Lengths count from the first moment, months from the first one that begins there or later, in UTC.
public struct WalkForwardPlan: Sendable, Equatable {
    /// Windows that are counted in months of the calendar.
    public struct Months: Sendable, Equatable {
        /// Months of the training window; of the first one where it is anchored.
        public let train: Int
        /// Months of the validation window; 0 for none.
        public let validate: Int
        /// Months of the test window.
        public let test: Int
        /// Months from one fold to the next.
        public let step: Int
    }

    /// Windows by the calendar; nil where they are lengths of time.
    ///
    /// The lengths below are then those of months of 30 days, and only say how long a window is about.
    public let months: Months?
    /// Length of the training window; of the first one where it is anchored.
    public let trainNanos: Int64
    /// Length of the validation window; 0 for none.
    public let validateNanos: Int64
    /// Length of the test window.
    public let testNanos: Int64
    /// From one fold to the next.
    public let stepNanos: Int64
    /// Whether every training window starts at the first moment.
    public let isAnchored: Bool

    /// Most folds of a plan.
    public static let foldsMax = 10_000

    /// Makes a plan.
    ///
    /// Throws `invalidArgument` unless train, test and step are more than 0 and validate is 0 or more, each at most ten
    /// years.
    public init(
        trainNanos: Int64, validateNanos: Int64 = 0, testNanos: Int64, stepNanos: Int64? = nil,
        isAnchored: Bool = false
    ) throws(StatisticsError) {
        let step = stepNanos ?? testNanos
        try Require.argument(
            trainNanos > 0 && validateNanos >= 0 && testNanos > 0 && step > 0,
            "train \(trainNanos) ns, validate \(validateNanos) ns, test \(testNanos) ns, step \(step) ns: "
                + "expected more "
                + "than 0, for validate 0 or more")
        try Require.argument(
            max(trainNanos, validateNanos, testNanos, step) <= DurationText.nanosMax,
            "a window is longer than ten years")
        months = nil
        self.trainNanos = trainNanos
        self.validateNanos = validateNanos
        self.testNanos = testNanos
        self.stepNanos = step
        self.isAnchored = isAnchored
    }

    /// Makes a plan of calendar months.
    ///
    /// Throws `invalidArgument` unless train, test and step are 1 or more and validate is 0 or more, each at most 120.
    public init(
        trainMonths: Int, validateMonths: Int = 0, testMonths: Int, stepMonths: Int? = nil, isAnchored: Bool = false
    ) throws(StatisticsError) {
        let step = stepMonths ?? testMonths
        try Require.argument(
            min(trainMonths, testMonths, step) >= 1 && validateMonths >= 0
                && max(trainMonths, validateMonths, testMonths, step) <= CalendarMonth.countMax,
            "train \(trainMonths), validate \(validateMonths), test \(testMonths), step \(step) months: expected 1 to "
                + "\(CalendarMonth.countMax), for validate 0 or more")
        months = Months(train: trainMonths, validate: validateMonths, test: testMonths, step: step)
        let month = 30 * DurationText.dayNanos
        trainNanos = Int64(trainMonths) * month
        validateNanos = Int64(validateMonths) * month
        testNanos = Int64(testMonths) * month
        stepNanos = Int64(step) * month
        self.isAnchored = isAnchored
    }

    /// Reads `train=7d,validate=1d,test=1d,step=1d,anchored`, or `train=6mo,test=1mo` for months of the calendar;
    /// validate, step (else test) and anchored may be missing.
    ///
    /// Throws `invalidArgument` that says which part is wrong.
    public init(parsing text: String) throws(StatisticsError) {
        var found: [String: Int64] = [:]
        var months: [String: Int] = [:]
        var isAnchored = false
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(pair[0])
            if key == "anchored", pair.count == 1, !isAnchored {
                isAnchored = true
                continue
            }
            guard Self.keys.contains(key), pair.count == 2 else {
                throw StatisticsError(
                    .invalidArgument,
                    "\"\(part)\" in a walk-forward plan: expected "
                        + "\(Self.keys.map { $0 + "=…" }.joined(separator: ", ")) "
                        + "or anchored, separated by commas without spaces, such as train=7d,test=1d,step=1d")
            }
            try Require.argument(
                found[key] == nil && months[key] == nil, "\(key) is given twice in \"\(text)\": keep one")
            if pair[1].hasSuffix("mo"), let count = Int(pair[1].dropLast(2)), count >= 0 {
                months[key] = count
                continue
            }
            // Without validation may be said, too.
            found[key] = key == "validate" && pair[1] == "0" ? 0 : try DurationText.nanos(String(pair[1]))
        }
        for key in ["train", "test"] where found[key] == nil && months[key] == nil {
            throw StatisticsError(.invalidArgument, "\"\(text)\" lacks \(key): both train and test are needed")
        }
        if let train = months["train"], let test = months["test"], found.allSatisfy({ $0 == ("validate", 0) }) {
            try self.init(
                trainMonths: train, validateMonths: months["validate"] ?? 0, testMonths: test,
                stepMonths: months["step"], isAnchored: isAnchored)
            return
        }
        guard let train = found["train"], let test = found["test"], months.isEmpty else {
            throw StatisticsError(
                .invalidArgument,
                "\"\(text)\" mixes months with other lengths: give all windows in mo, or none")
        }
        try self.init(
            trainNanos: train, validateNanos: found["validate"] ?? 0, testNanos: test, stepNanos: found["step"],
            isAnchored: isAnchored)
    }

    private static let keys = ["train", "validate", "test", "step"]

    /// The plan as `parsing` reads it, always the same for the same plan.
    public var text: String {
        let lengths = texts
        let validate = lengths.validate.map { ",validate=\($0)" } ?? ""
        return "train=\(lengths.train)\(validate),test=\(lengths.test),step=\(lengths.step)"
            + (isAnchored ? ",anchored" : "")
    }

    /// The windows as they are written, validate nil for none.
    public var texts: (train: String, validate: String?, test: String, step: String) {
        guard let months else {
            return (
                DurationText.text(trainNanos), validateNanos > 0 ? DurationText.text(validateNanos) : nil,
                DurationText.text(testNanos), DurationText.text(stepNanos)
            )
        }
        return (
            "\(months.train)mo", months.validate > 0 ? "\(months.validate)mo" : nil, "\(months.test)mo",
            "\(months.step)mo"
        )
    }

    /// Whether test windows of neighbouring folds share time: what they say must not be added up.
    public var testsOverlap: Bool { stepNanos < testNanos }

    /// The least embargo: longest horizon plus one bar (REP-04).
    public static func embargoNanos(longestHorizonNanos: Int64, barNanos: Int64) throws(StatisticsError) -> Int64 {
        try Require.argument(
            (0...DurationText.nanosMax).contains(longestHorizonNanos) && (0...DurationText.nanosMax).contains(barNanos),
            "horizon \(longestHorizonNanos) ns, bar \(barNanos) ns: expected 0 to ten years")
        return longestHorizonNanos + barNanos
    }

    /// Returns the folds over the decisions `spans`, which are in order of their start; O(rows) a fold.
    ///
    /// A row trains if its decision lies in the training window and its outcome, widened by the embargo, was resolved
    /// before the first moment of what comes next (validation, else test); it validates likewise before the test.
    /// Test rows need a resolved outcome. A last test that the times cut short is left out.
    /// - Parameters:
    ///   - timesNanos: the stretch of data, from the first moment on.
    ///   - embargoNanos: at least the longest horizon plus one bar; see `embargoNanos(longestHorizonNanos:barNanos:)`.
    ///   - labelsMin: rows below which a fold refuses, in training and in test each.
    ///
    /// Throws `invalidArgument` for spans that end before they start or are out of order, a negative embargo, or more
    /// than `foldsMax` folds; `insufficientData` where not a single fold fits.
    public func folds(
        over timesNanos: Range<Int64>, spans: [OutcomeSpan], embargoNanos: Int64, labelsMin: Int = 30
    ) throws(StatisticsError) -> [WalkForwardFold] {
        try Self.check(spans)
        try Require.argument(
            (0...DurationText.nanosMax).contains(embargoNanos), "embargo is \(embargoNanos) ns, expected 0 or more")
        return try windows(over: timesNanos).enumerated().map { index, window in
            fold(index + 1, window.train, window.validate, window.test, spans, embargoNanos, labelsMin)
        }
    }

    /// The times of one fold.
    private struct Window {
        let train: Range<Int64>
        let validate: Range<Int64>
        let test: Range<Int64>
    }

    private func windows(over timesNanos: Range<Int64>) throws(StatisticsError) -> [Window] {
        if let months { return try windows(of: months, over: timesNanos) }
        let (length, overflow) = timesNanos.upperBound.subtractingReportingOverflow(timesNanos.lowerBound)
        try Require.argument(!overflow, "times \(timesNanos) span more than 292 years")
        let needed = trainNanos + validateNanos + testNanos
        try Require.argument(
            length >= needed,
            "the data span \(DurationText.text(length)), one fold of \(text) needs \(DurationText.text(needed)): "
                + "shorten the windows or record more", code: .insufficientData)
        let count = (length - needed) / stepNanos + 1
        try Require.argument(
            count <= Int64(Self.foldsMax),
            "\(text) makes \(count) folds of \(DurationText.text(length)), at most \(Self.foldsMax): lengthen the step")
        return (0..<Int(count)).map { index in
            let shift = Int64(index) * stepNanos
            let first = timesNanos.lowerBound + (isAnchored ? 0 : shift)
            let trainEnd = timesNanos.lowerBound + shift + trainNanos
            let testStart = trainEnd + validateNanos
            return Window(
                train: first..<trainEnd, validate: trainEnd..<testStart, test: testStart..<(testStart + testNanos))
        }
    }

    /// Whole months only: what lies before the first one and behind the last is left out.
    private func windows(of months: Months, over timesNanos: Range<Int64>) throws(StatisticsError) -> [Window] {
        let origin = CalendarMonth(atOrAfter: timesNanos.lowerBound).number
        func edge(_ month: Int) -> Int64 { CalendarMonth(number: origin + month).startNanos }
        var found: [Window] = []
        while true {
            let shift = found.count * months.step
            let trainEnd = shift + months.train
            let testStart = trainEnd + months.validate
            let testEnd = edge(testStart + months.test)
            guard testEnd <= timesNanos.upperBound, testEnd < .max else { break }
            found.append(
                Window(
                    train: edge(isAnchored ? 0 : shift)..<edge(trainEnd), validate: edge(trainEnd)..<edge(testStart),
                    test: edge(testStart)..<testEnd))
        }
        try Require.argument(
            !found.isEmpty,
            "the data hold no \(months.train + months.validate + months.test) whole months, which one fold of \(text) "
                + "needs: shorten the windows or record more", code: .insufficientData)
        return found
    }

    private func fold(
        _ number: Int, _ trainTimes: Range<Int64>, _ validateTimes: Range<Int64>, _ testTimes: Range<Int64>,
        _ spans: [OutcomeSpan], _ embargo: Int64, _ labelsMin: Int
    ) -> WalkForwardFold {
        var (purged, unresolved) = (0, 0)
        /// Rows of a window whose outcomes were known, widened by the embargo, before `limit`.
        func rows(_ times: Range<Int64>, before limit: Int64?) -> [Int] {
            Self.rows(of: spans, in: times).filter { row in
                guard let end = spans[row].endNanos else {
                    unresolved += 1
                    return false
                }
                guard let limit else { return true }
                let (reach, overflow) = end.addingReportingOverflow(embargo)
                guard !overflow, reach < limit else {
                    purged += 1
                    return false
                }
                return true
            }
        }
        // An empty validation window starts where the test does.
        let train = rows(trainTimes, before: validateTimes.lowerBound)
        let validate = rows(validateTimes, before: testTimes.lowerBound)
        let test = rows(testTimes, before: nil)
        var refusal: String?
        if train.count < labelsMin {
            refusal =
                "\(train.count) training labels, expected at least \(labelsMin): lengthen train, or record more"
        } else if validateNanos > 0, validate.count < labelsMin {
            refusal = "\(validate.count) validation labels, expected at least \(labelsMin): lengthen validate"
        } else if test.count < labelsMin {
            refusal = "\(test.count) test labels, expected at least \(labelsMin): lengthen test"
        }
        return WalkForwardFold(
            number: number, trainNanos: trainTimes, validateNanos: validateTimes, testNanos: testTimes,
            train: Split.ranges(train), validate: Split.ranges(validate), test: Split.ranges(test),
            purgedCount: purged, unresolvedCount: unresolved, refusal: refusal)
    }

    /// Rows whose decision lies in a window, by bisection.
    private static func rows(of spans: [OutcomeSpan], in times: Range<Int64>) -> Range<Int> {
        func first(atOrAfter nanos: Int64) -> Int {
            var (low, high) = (0, spans.count)
            while low < high {
                let middle = (low + high) / 2
                if spans[middle].startNanos < nanos { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return first(atOrAfter: times.lowerBound)..<first(atOrAfter: times.upperBound)
    }

    private static func check(_ spans: [OutcomeSpan]) throws(StatisticsError) {
        for index in spans.indices {
            try Require.argument(
                index == 0 || spans[index].startNanos >= spans[index - 1].startNanos,
                "row \(index) was decided at \(spans[index].startNanos), before the row ahead of it: sort by time")
            if let end = spans[index].endNanos {
                try Require.argument(
                    end >= spans[index].startNanos,
                    "row \(index) ends at \(end) before its start \(spans[index].startNanos): an outcome follows its "
                        + "decision")
            }
        }
    }
}
