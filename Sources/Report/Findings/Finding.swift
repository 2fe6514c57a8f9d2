/// What can honestly be said of one detector.
package enum Finding: String, Sendable, CaseIterable {
    /// Clear of luck by every test of the report.
    case beatsChance = "beats chance"
    /// Good by itself, but not for the best of so many.
    case maybeLuck = "may be luck"
    /// Not told from chance.
    case unclear = "not told from chance"
    /// The interval of the mean result is below zero.
    case loses = "loses"
    /// Too few windows to say anything.
    case tooFew = "too few windows"

    /// A sign that goes with the word, so that colour is never alone.
    package var sign: String {
        switch self {
        case .beatsChance: "\u{25B2}"
        case .maybeLuck: "\u{25B3}"
        case .unclear: "\u{25CB}"
        case .loses: "\u{25BC}"
        case .tooFew: "\u{00B7}"
        }
    }
}

/// The tests that a detector has to pass, all of them, to be said to beat chance.
package enum FindingRules {
    /// Below so many judged windows nothing is said.
    package static let windowsMin = 30
    /// The deflated Sharpe ratio has to reach this probability.
    package static let deflatedMin = 0.95
    /// The probability of backtest overfitting may be no higher; low by itself proves nothing: pure noise is below this
    /// in about one run of ten.
    package static let overfittingMax = 0.2
    /// At most this share of random runs may do as well.
    package static let exceedanceMax = 0.05
}

extension DetectorReport {
    /// What can be said of this detector, given how it was selected.
    package func finding(_ selection: Selection) -> Finding {
        guard overall.judged >= FindingRules.windowsMin else { return .tooFew }
        if let high = overall.meanInterval.high, high < 0 { return .loses }
        if missing(selection).isEmpty { return .beatsChance }
        let isPositive = overall.meanInterval.low.map { $0 > 0 } ?? false
        let isLikely = overall.sharpe.probabilistic.value.map { $0 >= FindingRules.deflatedMin } ?? false
        return isPositive || isLikely ? .maybeLuck : .unclear
    }

    /// The tests that this detector does not pass, in words; empty if it passes all.
    ///
    /// What was not measured is not passed.
    package func missing(_ selection: Selection) -> [String] {
        var missing: [String] = []
        if let low = overall.meanInterval.low {
            if !(low > 0) { missing.append("the interval of the mean result holds zero or less") }
        } else {
            missing.append("no interval of the mean result (\(overall.meanInterval.reason))")
        }
        if let deflated = overall.sharpe.deflated.value {
            if deflated < FindingRules.deflatedMin {
                missing.append("DSR \(NumberText.probability(deflated)) is below 0.95")
            }
        } else {
            missing.append("no DSR (\(overall.sharpe.deflated.reason))")
        }
        if overall.sharpe.trials < 1 { missing.append("the trials were not counted") }
        if let pbo = selection.overfitting.value {
            if pbo > FindingRules.overfittingMax { missing.append("PBO \(NumberText.probability(pbo)) is above 0.2") }
        } else if max(selection.trials, overall.sharpe.trials) > 1 {
            missing.append("no PBO (\(selection.overfitting.reason))")
        }
        let random = baselines.first { $0.kind == .randomSameRate }
        if let exceedance = random?.exceedance.value {
            if exceedance > FindingRules.exceedanceMax {
                missing.append("\(NumberText.percent(exceedance)) of random runs did as well")
            }
        } else {
            missing.append("no random runs to compare with")
        }
        return missing
    }
}
