import Events

/// The last outcomes of every detector at every horizon: what a night scores (LRN-03, LRN-05).
///
/// Windows in which a detector spoke, over all assets. O(1) an outcome, without an allocation; memory does not grow.
struct HorizonBook: Sendable {
    /// Most outcomes that are kept of a detector at a horizon.
    static let windowsMax = 2048

    /// An outcome beside what had been said, as small as it can be: there are 100,000 of them.
    private struct Window {
        var asofNanos: Int64 = 0
        var signal = 0.0
        var forwardReturn = 0.0
        /// Seven digits of these are enough: only their means are told.
        var favourableBps: Float = 0
        var adverseBps: Float = 0
        var asset: Int32 = 0
    }

    /// What is kept of a detector at a horizon.
    private struct Kept {
        var windows: [Window] = []
        var places = RingPlaces(capacity: windowsMax)
    }

    /// By detector, then by horizon.
    private var kept: [Kept]
    /// Whether a detector has outcomes that no night has scored.
    private var fresh: [Bool]

    init(detectors: Int) {
        kept = [Kept](repeating: Kept(), count: detectors * Horizon.allCases.count)
        fresh = [Bool](repeating: false, count: detectors)
    }

    mutating func add(_ outcome: OutcomeKnown) {
        let detector = Int(outcome.strand.detector)
        let ring = detector * Horizon.allCases.count + Int(outcome.horizon.rawValue)
        if kept[ring].windows.isEmpty { takeMemory() }
        fresh[detector] = true
        let place = kept[ring].places.take()
        kept[ring].windows[place] = Window(
            asofNanos: outcome.asofNanos, signal: outcome.signal, forwardReturn: outcome.forwardReturn,
            favourableBps: Float(outcome.favourableBps), adverseBps: Float(outcome.adverseBps),
            asset: outcome.strand.asset)
    }

    /// The memory of all rings is taken whole at the very first outcome, so that a long run takes no more than a short
    /// one, and not before: what an engine holds that is copied is held twice.
    private mutating func takeMemory() {
        for ring in kept.indices { kept[ring].windows = [Window](repeating: Window(), count: Self.windowsMax) }
    }

    /// Whether there are outcomes that no night has scored.
    var isFresh: Bool { fresh.contains(true) }

    /// Whether a detector has outcomes that no night has scored; they count as scored from now on.
    mutating func takeFresh(_ detector: Int) -> Bool {
        defer { fresh[detector] = false }
        return fresh[detector]
    }

    /// The windows of a detector at a horizon, in the order in which their outcomes came.
    func windows(_ detector: Int, _ horizon: Horizon) -> [JudgedWindow] {
        let kept = kept[detector * Horizon.allCases.count + Int(horizon.rawValue)]
        return (0..<kept.places.count).map { step in
            let window = kept.windows[kept.places.place(step)]
            return JudgedWindow(
                asofNanos: window.asofNanos, instrument: window.asset, horizon: horizon, signal: window.signal,
                forwardReturn: window.forwardReturn, favourableBps: Double(window.favourableBps),
                adverseBps: Double(window.adverseBps))
        }
    }
}
