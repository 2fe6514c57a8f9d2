/// A figure that may be undefined, and then says why; never a NaN or an infinity.
package struct Measure: Equatable, Sendable {
    /// The figure; nil where it is not defined.
    package let value: Double?
    /// Why there is no figure, such as "3 windows"; empty where there is one.
    package let reason: String

    /// Makes a figure; one that is not finite becomes undefined with that as its reason.
    package init(_ value: Double) {
        // Adding zero turns -0 into 0, so that no "-0" is ever shown.
        self.init(finite: value.isFinite ? value + 0 : nil, "the calculation gave no finite number")
    }

    /// Makes a figure, or an undefined one for nil.
    package init(_ value: Double?, else reason: String) {
        if let value { self.init(value) } else { self.init(finite: nil, reason) }
    }

    private init(finite value: Double?, _ reason: String) {
        self.value = value
        self.reason = value == nil ? reason : ""
    }

    /// Makes an undefined figure.
    package static func undefined(_ reason: String) -> Measure { Measure(nil, else: reason) }

    /// What nobody has set.
    package static let absent = Measure.undefined("not measured")

    /// Applies a function to the figure where there is one.
    package func map(_ transform: (Double) -> Double) -> Measure {
        value.map { Measure(transform($0)) } ?? self
    }
}

/// An interval of confidence, or why there is none.
package struct Bounds: Equatable, Sendable {
    /// Lower end; nil where the interval is not defined.
    package let low: Double?
    /// Upper end; nil where the interval is not defined.
    package let high: Double?
    /// Two-sided confidence in 0..<1.
    package let level: Double
    /// How it was made, such as "block bootstrap, 1,000 draws".
    package let method: String
    /// Why there is no interval; empty where there is one.
    package let reason: String

    /// Makes an interval; ends that are not finite or stand in the wrong order make it undefined.
    package init(low: Double, high: Double, level: Double, method: String) {
        let isSound = low.isFinite && high.isFinite && low <= high && level >= 0 && level < 1
        self.low = isSound ? low + 0 : nil
        self.high = isSound ? high + 0 : nil
        self.level = level >= 0 && level < 1 ? level : 0
        self.method = method
        reason = isSound ? "" : "the calculation gave no interval"
    }

    private init(reason: String) {
        low = nil
        high = nil
        level = 0
        method = ""
        self.reason = reason
    }

    /// Makes an undefined interval.
    package static func undefined(_ reason: String) -> Bounds { Bounds(reason: reason) }

    /// What nobody has set.
    package static let absent = Bounds.undefined("not measured")
}

/// How often something happened, and what it was.
package struct ReasonCount: Equatable, Sendable {
    /// What happened, in words.
    package let reason: String
    /// How often.
    package let count: Int

    /// Makes a count.
    package init(_ reason: String, _ count: Int) {
        self.reason = reason
        self.count = count
    }
}

/// A stretch of time, half open, in nanoseconds since 1970 UTC.
package struct TimeSpan: Equatable, Sendable {
    /// First moment.
    package let fromNanos: Int64
    /// First moment after it; not before `fromNanos`.
    package let toNanos: Int64

    /// Makes a stretch; ends in the wrong order are swapped.
    package init(_ fromNanos: Int64, _ toNanos: Int64) {
        self.fromNanos = min(fromNanos, toNanos)
        self.toNanos = max(fromNanos, toNanos)
    }

    /// Length in seconds, exact to a double.
    package var seconds: Double { (Double(toNanos) - Double(fromNanos)) / 1e9 }
}
