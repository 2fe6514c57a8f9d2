package import Events

/// What the owner of a set of priors allows (PRI-20, PRI-21); a part of the manifest.
package struct PriorsRules: Equatable, Sendable {
    /// The module that owns the set.
    package var owner: Module
    /// Its knobs, in the order of their keys.
    package private(set) var knobs: [Knob]
    /// Whether it has gates, so that penalties and factors mean something to it.
    package var hasGates: Bool
    /// Caps of gates after all patches.
    package var caps = Caps.standard
    /// Farthest that one patch moves a penalty.
    package var thetaStep = 0.20
    /// Largest factor of one patch; its inverse is the smallest.
    package var phiStep = 1.15
    /// Longest life of a patch.
    package var ttlDaysMax: Int64 = 30
    /// Evaluations in a row at or below the threshold that revert a patch (WDG-03).
    package var failuresMax: Int64 = 2
    /// Stability below which a patch is reverted (LRN-45).
    package var stabilityFloor = 1.0
    /// Hours without a watchdog after which a patch is suspended (WDG-11).
    package var watchHoursMax: Int64 = 48

    /// Makes the rules of a module; only the Signal Engine has gates (CON-07).
    package init(owner: Module, knobs: [Knob] = []) {
        self.owner = owner
        self.knobs = knobs.sorted { $0.key < $1.key }
        hasGates = owner == .sig
    }

    /// The knob of a key.
    package func knob(_ key: PriorKey) -> Knob? { knobs.first { $0.key == key } }

    /// Whether a key names something that the owner has (PRI-02).
    package func owns(_ key: PriorKey) -> Bool {
        if knob(key) != nil { return true }
        let kind = key.text.split(separator: ":", maxSplits: 1).first ?? ""
        switch kind {
        case "gate", "calib": return hasGates && key.text.contains(":")
        case "policy": return key.text.contains(":")
        default: return false
        }
    }

    /// Farthest that one patch of a learning job moves a knob; nil for one that jobs leave alone (LRN-62).
    ///
    /// The blend alone, and slowly: a patch a week of at most this (SIG-11).
    package func jobStep(_ key: PriorKey) -> Double? { hasGates && key == Self.blendKey ? Self.blendStep : nil }

    /// Key of the blend exponent.
    package static let blendKey: PriorKey = "sig.blend_u"
    /// Farthest that a week moves it (SIG-11).
    package static let blendStep = 0.01

    /// Whether a key is that of a detector's calibration (SIG-09).
    package static func isCalibration(_ key: PriorKey) -> Bool { key.text.hasPrefix("calib:") }

    /// Amounts by which a field braid may make the caps of gates stricter; nil for anything else (BRD-07).
    package func policyAmounts(_ change: KnobChange) -> ClosedRange<Double>? {
        guard hasGates else { return nil }
        switch (change.knob, change.kind) {
        case (Caps.thetaMinKey, .additive): return 0...0.05
        case (Caps.phiMultMaxKey, .multiplicative): return 0.9...1
        default: return nil
        }
    }
}
