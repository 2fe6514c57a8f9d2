package import LogFormat

/// Version 1 had the kernel's base values in a record of their own and no cursor of inputs, gates or propensity;
/// version 2 had no steps.
extension SignalScored: UpcastableEvent {
    package static func upcast(_ old: OldEvent) throws(FormatError) -> SignalScored {
        try old.version >= 2 ? old.extended(to: SignalScored.self) : first(old)
    }

    private static func first(_ old: OldEvent) throws(FormatError) -> SignalScored {
        guard let id = old.bytes("id").flatMap(EventID.init(bytes:)), let signal = old.double("signal"),
            let horizon = old.symbol("horizon", Horizon.self), let timeframe = old.symbol("timeframe", Timeframe.self)
        else {
            throw .invalid(what: "sig.SignalScored version \(old.version)", detail: "a required field is absent")
        }
        var event = SignalScored()
        event.lineage.id = id
        event.lineage.lifecycleID = old.bytes("lifecycle_id").flatMap(LifecycleID.init(bytes:))
        event.symbol = AssetID(old.text("symbol") ?? "")
        event.timeframe = timeframe
        event.horizon = horizon
        event.session = old.symbol("session_bucket", Session.self) ?? .asia
        event.regime = old.symbol("regime", Regime.self)
        event.detectorID = DetectorID(old.text("detector_id") ?? "")
        event.signal = signal
        event.abstained = old.bool("abstained") ?? false
        event.sigma = old.double("sig_sigma")
        event.baseTheta = old.double("kr_base.theta")
        event.baseDeltaPhi = old.double("kr_base.delta_phi")
        event.evidence = old.double("mx_evidence")
        event.conditionKey = old.text("cond_key") ?? ""
        event.priorsVersion = PriorsVersion(old.text("priors_ver") ?? "")
        return event
    }
}
