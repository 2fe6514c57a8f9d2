package import LogFormat

// Version 1 knew neither calibration maps nor patches of learning jobs; everything else is as it was.

extension PatchProposed: UpcastableEvent {
    package static func upcast(_ old: OldEvent) throws(FormatError) -> PatchProposed {
        try old.extended(to: PatchProposed.self)
    }
}

extension PatchApplied: UpcastableEvent {
    package static func upcast(_ old: OldEvent) throws(FormatError) -> PatchApplied {
        try old.extended(to: PatchApplied.self)
    }
}

extension SnapshotTaken: UpcastableEvent {
    package static func upcast(_ old: OldEvent) throws(FormatError) -> SnapshotTaken {
        try old.extended(to: SnapshotTaken.self)
    }
}
