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

/// A walk-forward by time: rolling or anchored, with purge by resolved outcome and embargo (REP-03, REP-04).
public struct WalkForwardPlan: Sendable, Equatable {
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
        self.trainNanos = trainNanos
        self.validateNanos = validateNanos
        self.testNanos = testNanos
        self.stepNanos = step
        self.isAnchored = isAnchored
    }

    /// Reads `train=7d,validate=1d,test=1d,step=1d,anchored`; validate, step (else test) and anchored may be missing.
    ///
    /// Throws `invalidArgument` that says which part is wrong.
    public init(parsing text: String) throws(StatisticsError) {
        var found: [String: Int64] = [:]
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
            try Require.argument(found[key] == nil, "\(key) is given twice in \"\(text)\": keep one")
            // Without validation may be said, too.
            found[key] = key == "validate" && pair[1] == "0" ? 0 : try DurationText.nanos(String(pair[1]))
        }
        guard let train = found["train"], let test = found["test"] else {
            throw StatisticsError(
                .invalidArgument, "\"\(text)\" lacks \(found["train"] == nil ? "train" : "test"): both are needed")
        }
        try self.init(
            trainNanos: train, validateNanos: found["validate"] ?? 0, testNanos: test, stepNanos: found["step"],
            isAnchored: isAnchored)
    }

    private static let keys = ["train", "validate", "test", "step"]

    /// The plan as `parsing` reads it, always the same for the same plan.
    public var text: String {
        let validate = validateNanos > 0 ? ",validate=\(DurationText.text(validateNanos))" : ""
        return "train=\(DurationText.text(trainNanos))\(validate),test=\(DurationText.text(testNanos)),"
            + "step=\(DurationText.text(stepNanos))\(isAnchored ? ",anchored" : "")"
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
            return fold(
                index + 1, first..<trainEnd, trainEnd..<testStart, testStart..<(testStart + testNanos), spans,
                embargoNanos, labelsMin)
        }
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
