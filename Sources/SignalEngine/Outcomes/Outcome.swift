package import Events
import LogFormat

/// A scored window whose outcomes are to be taken (LRN-03).
package struct ScoredWindow: Equatable, Sendable {
    /// The `sig.SignalScored` event.
    package var scoredID: EventID
    /// The story that it belongs to.
    package var lifecycleID: LifecycleID?
    /// The detector and asset that it is about; nil for a window from which no engine has anything to learn.
    package var strand: StrandKey?
    /// Number of the instrument, 1 to `OutcomeTracker.instrumentsMax`.
    package var instrument: Int32
    /// Direction and strength, -1 to 1.
    package var signal: Double
    /// Price at the window in 1e-8; 0 if none is known.
    package var price: Int64
    /// End of the window: nothing known later is in its score.
    package var asofNanos: Int64

    /// Makes a window.
    package init(
        scoredID: EventID, lifecycleID: LifecycleID? = nil, strand: StrandKey? = nil, instrument: Int32,
        signal: Double, price: Int64, asofNanos: Int64
    ) {
        self.scoredID = scoredID
        self.lifecycleID = lifecycleID
        self.strand = strand
        self.instrument = instrument
        self.signal = signal
        self.price = price
        self.asofNanos = asofNanos
    }
}

/// What became of a scored window at one horizon.
package struct Outcome: Equatable, Sendable {
    /// The window.
    package let window: ScoredWindow
    /// The horizon.
    package let horizon: Horizon
    /// The figures, or why there are none.
    package let result: Result

    /// Figures, or the reason why there are none.
    package enum Result: Equatable, Sendable {
        case evaluated(Figures)
        case missed(MissedReason)
    }

    /// The figures of an outcome.
    package struct Figures: Equatable, Sendable {
        /// Forward return as a fraction, whatever the direction.
        package var forwardReturn: Double
        /// Largest move in the signal's direction, 0 or more; a signal of 0 counts as up.
        package var favourableBps: Double
        /// Largest move against it, 0 or more.
        package var adverseBps: Double
        /// Whether the direction was right; nil for a signal of 0.
        package var hit: Bool?
        /// Price at the horizon in 1e-8.
        package var endPrice: Int64
    }

    /// Makes an outcome.
    package init(window: ScoredWindow, horizon: Horizon, result: Result) {
        self.window = window
        self.horizon = horizon
        self.result = result
    }

    /// When the horizon has passed: the event time of what is recorded.
    package var dueNanos: Int64 { window.asofNanos + horizon.nanos }

    /// The lineage of the event that records it: derived, so that a replay gives the same one (GEN-03).
    package func lineage(seenGlobalSeq: UInt64) -> Lineage {
        Lineage(
            id: EventID(ULIDSeed(evaluated: window.scoredID, horizon), eventNanos: dueNanos),
            lifecycleID: window.lifecycleID, parentID: window.scoredID, seenGlobalSeq: seenGlobalSeq)
    }

    /// The event `sig.SignalEvaluated` (SCH-SIG-2), on paper (SIG-29); nil for a missed one.
    package func evaluated(_ lineage: Lineage) -> SignalEvaluated? {
        guard case .evaluated(let figures) = result else { return nil }
        var event = SignalEvaluated()
        event.lineage = lineage
        event.scoredID = window.scoredID
        event.horizonSeconds = horizon.seconds
        event.forwardReturn = figures.forwardReturn
        event.favourableBps = figures.favourableBps
        event.adverseBps = figures.adverseBps
        event.hit = figures.hit
        event.benchPrice = window.price
        event.endPrice = figures.endPrice
        return event
    }

    /// The event `sig.EvaluationMissed`; nil for one that was evaluated.
    package func missed(_ lineage: Lineage) -> EvaluationMissed? {
        guard case .missed(let reason) = result else { return nil }
        var event = EvaluationMissed()
        event.lineage = lineage
        event.scoredID = window.scoredID
        event.horizonSeconds = horizon.seconds
        event.reason = reason
        return event
    }
}

extension ULIDSeed {
    /// The seed of `evaluated|<scored>|<seconds>`, put together without a text: there is one for each window and
    /// horizon.
    fileprivate init(evaluated scored: EventID, _ horizon: Horizon) {
        // Laid out in one piece, which fits into one block of the hash.
        var key = InlineArray<48, UInt8>(repeating: 0)
        var count = 0
        func put(_ text: StaticString, _ key: inout MutableSpan<UInt8>) {
            for index in 0..<text.utf8CodeUnitCount {
                // SAFETY: the place is within the text.
                key[count] = unsafe text.utf8Start[index]
                count += 1
            }
        }
        var span = key.mutableSpan
        put("sig|evaluated|", &span)
        scored.ulid.write(to: &span, at: count)
        count += 26
        switch horizon {
        case .seconds30: put("|30", &span)
        case .minutes5: put("|300", &span)
        case .hour1: put("|3600", &span)
        }
        var hasher = SHA256Hasher()
        hasher.update(key.span.extracting(0..<count))
        self.init(hasher)
    }
}

extension Horizon {
    /// Length in nanoseconds.
    package var nanos: Int64 { seconds * 1_000_000_000 }
}
