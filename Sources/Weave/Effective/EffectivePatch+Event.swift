package import Events

extension EffectivePatch {
    /// The patch as a record (EVT-08): whoever uses it writes it when its hash changes, so that the hash on a strand
    /// leads to the braids behind it.
    package func computed(under priorsVersion: PriorsVersion, lineage: Lineage) -> EffectivePatchComputed {
        var event = EffectivePatchComputed()
        event.lineage = lineage
        event.detectorID = target.detector
        event.asset = target.asset
        event.horizon = target.horizon
        event.hash = hash
        for scope in scopes {
            for member in scope.members {
                var braid = ActingBraid()
                braid.braidID = member.id
                braid.type = scope.type
                braid.composition = member.composition
                braid.thetaDelta = member.shift.thetaDelta
                braid.phiMult = member.shift.phiMult
                braid.weight = member.weight
                event.braids.append(braid)
            }
        }
        (event.thetaBefore, event.thetaAfter) = (thetaBefore, thetaAfter)
        (event.phiBefore, event.phiAfter) = (phiBefore, phiAfter)
        event.cuts = cuts.map { cut in
            var record = CapCut()
            (record.type, record.what, record.asked, record.applied) = (cut.type, cut.what, cut.asked, cut.applied)
            return record
        }
        event.trace = text
        event.priorsVersion = priorsVersion
        return event
    }
}
