/// Open, high, low, close and volume of a stretch of time.
///
/// Bounds are exact: a bar holds what traded in `openNanos ..< endNanos`, both multiples of its length since 1970.
package struct Bar: Equatable, Sendable {
    /// First moment, nanoseconds since 1970.
    package var openNanos: Int64 = 0
    /// Length in seconds.
    package var seconds: Int32 = 60
    /// First price in 1e-8 of the quote currency; of an empty bar the last price before it.
    package var open: Int64 = 0
    /// Highest price.
    package var high: Int64 = 0
    /// Lowest price.
    package var low: Int64 = 0
    /// Last price.
    package var close: Int64 = 0
    /// Size traded, 1e-8 of the base currency; stays at the largest number if it does not fit.
    package var volume: Int64 = 0
    /// Trades; of bars made of candles the trades that the venue counted, 0 if it does not say.
    package var tradeCount: Int64 = 0
    /// Whether all of it was seen: no gap, not cut by the start of the data.
    package var isComplete = false
    /// Whether nothing traded.
    package var isEmpty = true
    /// Whether the bar before it ended where this one begins.
    package var followsDirectly = false

    /// An empty bar.
    package init() {}

    /// First moment behind it, nanoseconds since 1970.
    package var endNanos: Int64 { openNanos + Int64(seconds) * nanosPerSecond }
}

/// Nanoseconds of a second.
let nanosPerSecond: Int64 = 1_000_000_000

/// The last multiple of `step` at or before `nanos`; `step` > 0.
@inline(__always)
func floorMultiple(_ nanos: Int64, of step: Int64) -> Int64 {
    let rest = nanos % step
    return nanos - (rest < 0 ? rest + step : rest)
}

/// The first multiple of `step` behind `nanos`; `step` > 0.
@inline(__always)
func nextMultiple(_ nanos: Int64, of step: Int64) -> Int64 { floorMultiple(nanos, of: step) + step }

/// The sum, or the largest number where it does not fit; both at least 0.
@inline(__always)
func saturatingSum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
}
