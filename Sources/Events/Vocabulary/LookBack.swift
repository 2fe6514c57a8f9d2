/// How far back a feature reaches, in the units in which it remembers; the parts add up.
///
/// Larger than the truth is allowed, smaller is a mistake: a warm-up is made of it.
package struct LookBack: Equatable, Sendable {
    /// Lengths after which an exponential mean has forgotten: e^-32 is left, 1.3e-14 of what it began with.
    package static let fadingLengths: Int64 = 16
    /// Half-lives after which a sum that decays has forgotten: 2^-48 is left, 3.6e-15.
    package static let fadingHalfLives: Int64 = 48
    /// Seconds that a bar waits for late trades, rounded up.
    private static let graceSeconds: Int64 = 2

    /// Rows of its kind of window before its own.
    package let windows: Int64
    /// The last closed bars of the row's timeframe.
    package let bars: Int64
    /// Time besides, such as the age up to which a reading is believed.
    package let seconds: Int64
    /// Why no length bounds it; nil where the lengths above do.
    package let endless: String?
    /// Whether it is a function of the clock and of nothing that happened.
    package let isClock: Bool

    /// Makes a look-back; without any part it is the row's own window.
    package init(windows: Int64 = 0, bars: Int64 = 0, seconds: Int64 = 0, endless: String? = nil) {
        self.init(windows, bars, seconds, endless, isClock: false)
    }

    private init(_ windows: Int64, _ bars: Int64, _ seconds: Int64, _ endless: String?, isClock: Bool) {
        self.windows = windows
        self.bars = bars
        self.seconds = seconds
        self.endless = endless
        self.isClock = isClock
    }

    /// Of what is anchored to the calendar and remembers nothing.
    package static let clock = LookBack(0, 0, 0, nil, isClock: true)

    /// Seconds of market before the row's own window, for a kind of window; without what has no bound.
    ///
    /// The last n closed bars reach over n + 1: the bar in progress is as long as they are.
    package func seconds(_ kind: WindowKind) -> Int64 {
        let ofBars = bars > 0 ? (bars + 1) * kind.timeframe.seconds + Self.graceSeconds : 0
        return windows * Int64(kind.everySeconds) + ofBars + seconds
    }

    /// As a table says it.
    package var text: String {
        if isClock { return "nothing: the clock alone" }
        var parts: [String] = []
        if windows > 0 { parts.append(windows == 1 ? "1 row" : "\(windows) rows") }
        if bars > 0 { parts.append(bars == 1 ? "1 bar" : "\(bars) bars") }
        if seconds > 0 { parts.append("\(seconds) s") }
        if let endless { parts.append("without bound: \(endless)") }
        return parts.isEmpty ? "W" : parts.joined(separator: ", ")
    }
}
