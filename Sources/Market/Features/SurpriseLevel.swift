internal import Statistics

/// How surprising the last realised variance was, as a rank among the smoothed surprises before it (DEF-07, kr_hbar).
struct SurpriseLevel: Sendable {
    private var past: ExponentialMoments?
    private var count = 0
    private var smoothed = Double.nan
    private(set) var ranks = TrailingWindow(FeatureConstants.ranksMax)

    /// The rank in 0...1 after the last variance; not a number before 200 surprises and where variance is missing.
    private(set) var value = Double.nan

    init() { past = try? ExponentialMoments(halfLife: FeatureConstants.surpriseHalfLife) }

    /// Adds a bar's realised variance; one that is not a number leaves everything but the answer as it was.
    mutating func add(variance: Double) {
        value = .nan
        guard variance.isFinite else { return }
        let x = Elementary.log(max(variance, FeatureConstants.varianceFloor))
        let sd = past?.deviation ?? 0
        let mean = past?.mean ?? 0
        if count >= FeatureConstants.surpriseSkip, sd > 1e-12 * abs(mean) {
            let surprise = Elementary.log(sd) - Distributions.studentLogDensity((x - mean) / sd, degrees: 5)
            let gain = 2 / (FeatureConstants.surpriseSpan + 1)
            smoothed = smoothed.isFinite ? smoothed + gain * (surprise - smoothed) : surprise
            ranks.add(smoothed)
            value = ranks.share(of: smoothed, minimum: FeatureConstants.samplesMin) ?? .nan
        }
        // The variance itself counts from the next bar on: mean and deviation are of values up to t - 1.
        try? past?.add(x)
        count = min(count + 1, FeatureConstants.surpriseSkip)
    }
}
