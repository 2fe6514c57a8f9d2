import LogFormat

/// Length of a bar (ENUM-12).
package enum Timeframe: UInt8, EventSymbol {
    case minute1, minute5, minute15, hour1, hour4, day1

    /// The timeframes as written.
    package static let symbols = ["1m", "5m", "15m", "1h", "4h", "1d"]

    /// Length in seconds.
    package var seconds: Int64 {
        switch self {
        case .minute1: 60
        case .minute5: 300
        case .minute15: 900
        case .hour1: 3600
        case .hour4: 14_400
        case .day1: 86_400
        }
    }
}

/// How long after a window its outcome is taken (ENUM-12).
package enum Horizon: UInt8, EventSymbol {
    case seconds30, minutes5, hour1

    /// The horizons as written.
    package static let symbols = ["30s", "5m", "1h"]

    /// Length in seconds.
    package var seconds: Int64 {
        switch self {
        case .seconds30: 30
        case .minutes5: 300
        case .hour1: 3600
        }
    }
}

/// Time of the trading day, in UTC (ENUM-13).
package enum Session: UInt8, EventSymbol {
    case asia, europe, unitedStates, weekend

    /// The sessions as written.
    package static let symbols = ["ASIA", "EU", "US", "WEEKEND"]
    /// The session of a moment: ASIA 22–07, EU 07–13, US 13–22; Saturday and Sunday are WEEKEND (ENUM-13).
    package init(nanos: Int64) {
        let hourNanos: Int64 = 3_600_000_000_000
        let hours = nanos >= 0 ? nanos / hourNanos : (nanos - hourNanos + 1) / hourNanos
        let hour = ((hours % 24) + 24) % 24
        // Day 0, the first of January 1970, was a Thursday.
        let day = (hours - hour) / 24
        let weekday = (((day + 3) % 7) + 7) % 7
        if weekday >= 5 {
            self = .weekend
        } else if (7..<13).contains(hour) {
            self = .europe
        } else if (13..<22).contains(hour) {
            self = .unitedStates
        } else {
            self = .asia
        }
    }
}

/// Tercile of the surprise level (ENUM-14).
package enum Regime: UInt8, EventSymbol {
    case low, middle, high

    /// The regimes as written.
    package static let symbols = ["L", "M", "H"]
}

/// Standing of a detector (ENUM-04).
package enum DetectorState: UInt8, EventSymbol {
    case candidate, experimental, active, deprecated, retired

    /// The states as written.
    package static let symbols = ["candidate", "experimental", "active", "deprecated", "retired"]
}

/// Why a signal was not published (ENUM-27).
package enum WithheldReason: UInt8, EventSymbol {
    case veto, belowTau, gateKairos, gateEntrain, gateUncert, gateUnknown, auditStale, cardMissing, abstained
    case stateNotActive

    /// The reasons as written.
    package static let symbols = [
        "VETO", "BELOW_TAU", "GATE_KAIROS", "GATE_ENTRAIN", "GATE_UNCERT", "GATE_UNKNOWN", "AUDIT_STALE",
        "CARD_MISSING", "ABSTAINED", "STATE_NOT_ACTIVE",
    ]
}
