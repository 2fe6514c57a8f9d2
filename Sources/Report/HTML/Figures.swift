/// How each kind of figure is written, so that the same one reads the same everywhere.
enum Figures {
    static func bps(_ value: Double) -> String { NumberText.fixed(value, 2, plus: true) }
    static func total(_ value: Double) -> String { NumberText.fixed(value, 0, plus: true) }
    static func size(_ value: Double) -> String { NumberText.fixed(value, 1) }
    static func ratio(_ value: Double) -> String { NumberText.fixed(value, 2) }
    static func share(_ value: Double) -> String { NumberText.percent(value) }
    static func change(_ value: Double) -> String { NumberText.percent(value, 1, plus: true) }
    static func sigma(_ value: Double) -> String { NumberText.fixed(value, 3) }

    /// `[lo, hi]`, or nil.
    static func interval(_ bounds: Bounds, _ shown: (Double) -> String) -> String? {
        guard let low = bounds.low, let high = bounds.high else { return nil }
        return "[\(shown(low)), \(shown(high))]"
    }

    /// The number of trials and the independent ones among them, which stand beside every Sharpe ratio.
    static func trials(_ sharpe: SharpeRatio) -> String {
        let count = sharpe.trials > 0 ? "N \(NumberText.whole(sharpe.trials))" : "N not counted"
        return count + (sharpe.effectiveTrials.value.map { ", eff. \(NumberText.fixed($0, 1))" } ?? ", eff. n/d")
    }

    /// A figure in running text: "not defined: 3 windows" where there is none.
    static func words(_ measure: Measure, _ shown: (Double) -> String) -> String {
        measure.value.map(shown) ?? "not defined: \(measure.reason)"
    }

    /// The finding with its sign, coloured.
    static func tag(_ finding: Finding) -> String {
        let style =
            switch finding {
            case .beatsChance: " up"
            case .loses: " down"
            case .maybeLuck, .unclear, .tooFew: " dim"
            }
        return "<span class=\"tag\(style)\">\(finding.sign) \(finding.rawValue)</span>"
    }
}
