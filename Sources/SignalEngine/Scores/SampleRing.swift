/// The last outcomes of a strand, in order; its memory is taken whole and does not grow.
struct SampleRing: Sendable {
    /// Most outcomes that are kept.
    static let countMax = 2048

    private var signals: [Double] = []
    private var returns: [Double] = []
    private var surprises: [UInt8] = []
    private var times: [Int64] = []
    private var places = RingPlaces(capacity: countMax)

    /// How many there are.
    var count: Int { places.count }

    /// Takes the memory, if it was not yet.
    ///
    /// For all detectors of an asset at once, so that a long run, in which every one comes to speak, takes no more than
    /// a short one.
    mutating func takeMemory() {
        guard signals.isEmpty else { return }
        signals = [Double](repeating: 0, count: Self.countMax)
        returns = [Double](repeating: 0, count: Self.countMax)
        surprises = [UInt8](repeating: 0, count: Self.countMax)
        times = [Int64](repeating: 0, count: Self.countMax)
    }

    mutating func add(signal: Double, forwardReturn: Double, surprise: UInt8, asofNanos: Int64) {
        takeMemory()
        let place = places.take()
        signals[place] = signal
        returns[place] = forwardReturn
        surprises[place] = surprise
        times[place] = asofNanos
    }

    /// Signals, forward returns and surprise terciles of windows since a time, oldest first.
    func since(_ nanos: Int64) -> (signals: [Double], returns: [Double], surprises: [Int]) {
        var (s, r, z): ([Double], [Double], [Int]) = ([], [], [])
        s.reserveCapacity(count)
        r.reserveCapacity(count)
        z.reserveCapacity(count)
        for step in 0..<count {
            let index = places.place(step)
            guard times[index] >= nanos else { continue }
            s.append(signals[index])
            r.append(returns[index])
            z.append(Int(surprises[index]))
        }
        return (s, r, z)
    }
}

/// A window whose outcome is not known yet.
struct PendingWindow: Sendable {
    var asofNanos: Int64 = 0
    var signal = 0.0
    /// Cost of the change of position, as a fraction.
    var cost = 0.0
    /// Tercile of the surprise, 0 to 2; 0 where it is unknown.
    var surprise: UInt8 = 0
    /// Unit phase of each price band, real and imaginary; zeros where there is none.
    var phases = InlineArray<8, Double>(repeating: 0)
    /// Selection score, and ln of quality over resonance; NaN without a score.
    var sigma = Double.nan
    var lean = Double.nan
    /// Evidence of the micro-experts; NaN where they were stale.
    var evidence = Double.nan
}

/// Windows that wait for their outcomes, oldest first; the oldest goes when there is no room.
struct PendingRing: Sendable {
    private var windows: [PendingWindow]
    private var head = 0
    private(set) var count = 0

    init(capacity: Int) { windows = [PendingWindow](repeating: PendingWindow(), count: max(1, capacity)) }

    mutating func add(_ window: PendingWindow) {
        windows[(head + count) % windows.count] = window
        if count < windows.count { count += 1 } else { head = (head + 1) % windows.count }
    }

    /// Writes down what the window that was added last came to.
    mutating func score(_ asofNanos: Int64, sigma: Double, lean: Double, evidence: Double?) {
        guard count > 0 else { return }
        let last = (head + count - 1) % windows.count
        guard windows[last].asofNanos == asofNanos else { return }
        windows[last].sigma = sigma
        windows[last].lean = lean
        windows[last].evidence = evidence ?? .nan
    }

    /// Takes out the window of a time, and those before it, whose outcomes never came.
    mutating func take(_ asofNanos: Int64) -> PendingWindow? {
        while count > 0, windows[head].asofNanos <= asofNanos {
            let window = windows[head]
            head = (head + 1) % windows.count
            count -= 1
            if window.asofNanos == asofNanos { return window }
        }
        return nil
    }
}
