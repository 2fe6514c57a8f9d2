import Report
import Statistics

/// Probability of a hit as a monotone function of |signal|: fitted on a fold's training part, judged on its test part
/// (LRN-05).
///
/// Nothing in the record is a probability by itself: a selection score ranks windows and promises no frequency. So the
/// only honest forecast is one that is fitted on outcomes known before the test.
struct FoldCalibration {
    /// Fewest training windows of a fit.
    static let labelsMin = 30
    private var forecasts: [Double] = []
    private var outcomes: [Double] = []
    /// Folds with a fit.
    private(set) var fitCount = 0

    /// Fits on windows of the training times and forecasts those of the test; nothing where there are too few.
    mutating func add(train: [PaperWindow], test: [PaperWindow]) throws(StatisticsError) {
        let known = train.filter(Self.isJudged)
        guard known.count >= Self.labelsMin else { return }
        let fit = try Isotonic(
            scores: known.map { abs($0.signal) }, targets: known.map { $0.signal * $0.forwardReturn > 0 ? 1 : 0 },
            bounds: 0...1)
        fitCount += 1
        for window in test where Self.isJudged(window) {
            forecasts.append(fit.probability(abs(window.signal)))
            outcomes.append(window.signal * window.forwardReturn > 0 ? 1 : 0)
        }
    }

    /// The curve by tenths, with the proper scores; why there is none otherwise.
    func calibration() throws(StatisticsError) -> (calibration: Calibration, note: String?) {
        var calibration = Calibration()
        guard !forecasts.isEmpty else {
            let reason =
                fitCount == 0 ? "no fold has \(Self.labelsMin) training windows to fit on" : "no test windows to judge"
            calibration.brier = .undefined(reason)
            calibration.logLoss = .undefined(reason)
            calibration.error = .undefined(reason)
            return (calibration, "No forecast of probability: \(reason).")
        }
        let bins = try ProperScores.reliability(forecasts: forecasts, outcomes: outcomes, bins: 10)
        calibration.bins = bins.filter { $0.count > 0 }.map { bin in
            let hits = Int((bin.frequency * Double(bin.count)).rounded())
            return ReliabilityBin(forecast: Measure(bin.meanForecast), count: bin.count, hits: hits)
        }
        calibration.brier = Measure(try ProperScores.brier(forecasts: forecasts, outcomes: outcomes))
        calibration.logLoss = Measure(try ProperScores.logLoss(forecasts: forecasts, outcomes: outcomes))
        calibration.error = Measure(try ProperScores.decomposition(bins).expectedError)
        return (calibration, nil)
    }

    private static func isJudged(_ window: PaperWindow) -> Bool { window.signal != 0 && window.forwardReturn != 0 }
}
