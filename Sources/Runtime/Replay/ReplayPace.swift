package import LogEngine

/// How fast virtual time goes beside the wall clock.
package enum ReplaySpeed: Equatable, Sendable {
    /// As fast as the machine can.
    case max
    /// So many virtual seconds a second; 1 is the original speed.
    case times(Double)

    /// Largest factor; above it, waiting is shorter than looking at the clock.
    package static let factorMax = 1e6
    /// Smallest factor.
    package static let factorMin = 1e-3

    /// Reads `max`, `original` or `x<factor>`, such as `x10` or `x0.5`.
    ///
    /// - Throws: `usage` for anything else.
    package init(_ text: String) throws(LogError) {
        switch text {
        case "max": self = .max
        case "original": self = .times(1)
        default:
            guard text.first == "x", let factor = Double(text.dropFirst()), factor >= Self.factorMin,
                factor <= Self.factorMax
            else {
                throw LogError(
                    .usage, "speed is \(text), expected max, original or a factor such as x10 (x0.001 to x1000000)")
            }
            self = .times(factor)
        }
    }
}

/// How far a replay has come, for people.
package struct ReplayProgress: Equatable, Sendable {
    /// Events done, of how many.
    package var done: UInt64
    package var total: UInt64
    /// Seconds since it began.
    package var elapsedSeconds: Double
    /// Virtual now.
    package var nowNanos: Int64

    /// Events a second so far; nil before any time has passed.
    package var eventsPerSecond: Double? { elapsedSeconds > 0 ? Double(done) / elapsedSeconds : nil }

    /// Seconds to go at the rate so far; nil while there is none.
    package var secondsLeft: Double? {
        guard let rate = eventsPerSecond, rate > 0 else { return nil }
        return Double(total > done ? total - done : 0) / rate
    }
}

/// Holds a replay to a speed and a last moment, and tells how far it has come at most ten times a second.
///
/// The only place of a replay that looks at a clock: nothing it reads reaches an event.
package struct ReplayPace: ReplayControl {
    /// Least time between two reports.
    package static let reportNanos: Int64 = 100_000_000

    private let speed: ReplaySpeed
    private let untilNanos: Int64
    private var stepsLeft: UInt64
    private let clock: any LogClock
    private let report: (ReplayProgress) -> Void
    private let sleep: (Int64) -> Void
    /// Ends the replay once it has moved.
    private let stop: EventCount
    private let startNanos: Int64
    private var reportedNanos: Int64
    /// First virtual moment, from which the pace counts.
    private var firstNanos: Int64?
    /// What was told last, for reports while it waits.
    private var told: (done: UInt64, total: UInt64) = (0, 0)

    /// Makes a control.
    ///
    /// - Parameters:
    ///   - untilNanos: events that became known later are not told.
    ///   - steps: most events to tell, listings included.
    ///   - stop: ends the replay once it has moved, between two events.
    ///   - sleep: waits for so many nanoseconds; on `stop` if it is not given.
    ///   - report: hears how far the replay has come.
    package init(
        speed: ReplaySpeed = .max, untilNanos: Int64 = .max, steps: UInt64 = .max, clock: any LogClock = RealClock(),
        stop: EventCount = EventCount(), sleep: ((Int64) -> Void)? = nil,
        report: @escaping (ReplayProgress) -> Void = { _ in }
    ) {
        self.speed = speed
        self.untilNanos = untilNanos
        stepsLeft = steps
        self.clock = clock
        self.stop = stop
        self.sleep = sleep ?? { stop.wait(seen: 0, timeoutNanos: $0) }
        self.report = report
        startNanos = clock.monotonicNanos()
        reportedNanos = startNanos
    }

    package mutating func admits(_ nowNanos: Int64) -> Bool {
        guard nowNanos <= untilNanos, stepsLeft > 0 else { return false }
        stepsLeft -= 1
        // Listings come before any time is known.
        guard case .times(let factor) = speed, nowNanos > .min else { return true }
        let first = firstNanos ?? nowNanos
        firstNanos = first
        let due = Double(nowNanos - first) / factor
        while true {
            guard !isStopped() else { return false }
            let ahead = due - Double(clock.monotonicNanos() - startNanos)
            // Less than a scheduler's tick is not worth a system call.
            guard ahead > 50_000 else { return true }
            sleep(Int64(min(ahead, Double(Self.reportNanos))))
            if told.total > 0 { progressed(told.done, of: told.total, nowNanos: nowNanos) }
        }
    }

    /// Whether the end was asked for; nothing more is told then.
    private mutating func isStopped() -> Bool {
        guard stop.current != 0 else { return false }
        stepsLeft = 0
        return true
    }

    package mutating func progressed(_ done: UInt64, of total: UInt64, nowNanos: Int64) {
        told = (done, total)
        // Looking at it for every event would cost more than it is worth.
        _ = isStopped()
        let now = clock.monotonicNanos()
        guard now - reportedNanos >= Self.reportNanos else { return }
        reportedNanos = now
        report(
            ReplayProgress(
                done: done, total: total, elapsedSeconds: Double(now - startNanos) / 1e9, nowNanos: nowNanos))
    }
}
