package import Events

/// Family of a detector (SIG-25).
package enum DetectorFamily: UInt8, CaseIterable, Sendable {
    case orderBook, tape, candle, divergence, event

    /// As written in specifications, ids and events.
    package var text: String { Self.texts[Int(rawValue)] }

    /// The family with a name, nil if there is none.
    package init?(text: String) {
        guard let index = Self.texts.firstIndex(of: text) else { return nil }
        self.init(rawValue: UInt8(index))
    }

    /// The names, in order.
    package static let texts = ["order_book", "tape", "candle", "divergence", "event"]
}

/// A symmetry that a detector promises and its suite checks (AUD-10).
package enum Invariant: UInt8, CaseIterable, Sendable {
    /// A market turned upside down turns the signal's sign, within 1e-12.
    case mirror
    /// Another unit of the quote currency changes nothing.
    case quoteScale

    /// As written in specifications.
    package var text: String { Self.texts[Int(rawValue)] }

    /// The invariant with a name, nil if there is none.
    package init?(text: String) {
        guard let index = Self.texts.firstIndex(of: text) else { return nil }
        self.init(rawValue: UInt8(index))
    }

    /// The names, in order.
    package static let texts = ["mirror", "quote_scale"]
}

/// A named constant of a detector, and how far a mutation may move it (SIG-22).
package struct DetectorParameter: Equatable, Sendable {
    package var name: SourceText
    package var value: Double
    package var minimum: Double
    package var maximum: Double
    /// Whether only whole numbers make sense; windows need that.
    package var isWhole: Bool

    /// Makes a parameter.
    package init(_ name: SourceText, value: Double, minimum: Double, maximum: Double, isWhole: Bool) {
        self.name = name
        self.value = value
        self.minimum = minimum
        self.maximum = maximum
        self.isWhole = isWhole
    }
}

/// A text with a name.
package struct NamedSource: Equatable, Sendable {
    package var name: SourceText
    package var source: SourceText

    /// Makes a named text.
    package init(_ name: SourceText, _ source: SourceText) {
        self.name = name
        self.source = source
    }
}

/// A detector as it was written: what a front end hands to the compiler (COP-03).
package struct DetectorSource: Equatable, Sendable {
    /// `<family>_<detail>_v<n>` (GEN-12).
    package var id = SourceText("")
    package var family = DetectorFamily.orderBook
    /// What it looks for, in one sentence.
    package var summary = ""
    package var timeframe = Timeframe.minute1
    /// Seconds from one window to the next.
    package var everySeconds: Int32 = 10
    package var horizon = Horizon.minutes5
    /// Bars of its timeframe after which half of the signal has gone (SIG-27).
    package var halfLifeBars: Int64 = 1
    package var parameters: [DetectorParameter] = []
    /// Named parts; each may use those before it.
    package var definitions: [NamedSource] = []
    /// Direction and strength; clipped to -1...1.
    package var signal = SourceText("")
    /// Conditions without which the signal is 0.
    package var gates: [NamedSource] = []
    /// Whether the micro-experts must confirm (SIG-07).
    package var requiresConfirmation = false
    /// When it does not speak; nil: never.
    package var abstain: SourceText?
    /// Trigger expressions that go with its signals (SIG-26, ENUM-19).
    package var suggestedTriggers: [SourceText] = []
    package var invariants: [Invariant] = []
    /// Detectors it was bred from.
    package var parents: [SourceText] = []

    /// An empty specification.
    package init() {}

    /// The kind of window that it looks at.
    package var windowKind: WindowKind { WindowKind(timeframe, everySeconds: everySeconds) }
}
