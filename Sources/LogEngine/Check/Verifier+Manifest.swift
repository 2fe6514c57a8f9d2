internal import LogFormat

// What MANIFEST says, by itself and against the segments.
extension Verifier {
    mutating func checkManifest() {
        if let damage = location.manifestDamage {
            return note(LogPaths.manifest, 1, 0, .manifest, damage)
        }
        guard let manifest = location.manifest, let failure = manifest.failure else { return }
        torn.append(
            Damage(
                segment: LogPaths.manifest, firstSeq: 1, lastSeq: 0, kind: .manifest,
                detail: "from offset \(manifest.validEnd) on: \(failure)"))
    }

    mutating func checkAgainstManifest() {
        guard let manifest = location.manifest else { return }
        if let identity = manifest.identity, let first = scans.first, identity.logID != first.header.logID {
            note(
                LogPaths.manifest, 1, 0, .manifest,
                "belongs to log \(hex(identity.logID)), the segments to \(hex(first.header.logID))")
        }
        var salts: [UInt64: UInt64] = [:]
        for case .segment(let ordinal, _, let salt) in manifest.records { salts[ordinal] = salt }
        for ordinal in salts.keys.sorted() where !scans.contains(where: { $0.header.ordinal == ordinal }) {
            note(LogPaths.manifest, 1, 0, .segment, "segment number \(ordinal) is missing")
        }
        let sealed = manifest.sealedSegments
        for scan in scans {
            if let salt = salts[scan.header.ordinal], salt != scan.header.salt {
                note(
                    scan.name, scan.header.baseSeq, scan.header.baseSeq - 1, .manifest,
                    "has another salt than MANIFEST says")
            }
            guard let record = sealed[scan.header.ordinal] else { continue }
            if scan.seal?.chainHead != record.chainHead || scan.fileSize != record.fileSize {
                note(
                    scan.name, min(scan.nextSeq, record.lastSeq + 1), record.lastSeq, .seal,
                    "MANIFEST says sealed with \(record.fileSize) bytes and chain head \(record.chainHead), found "
                        + "\(scan.fileSize) bytes and \(scan.seal.map { "\($0.chainHead)" } ?? "no seal")")
            }
        }
        for (typeID, schema) in manifest.schemas {
            for scan in scans {
                for found in scan.schemas
                where found.typeID == typeID && found.schema.identityDigest != schema.identityDigest {
                    note(
                        scan.name, scan.header.baseSeq, scan.header.baseSeq - 1, .schema,
                        "type id \(typeID) is described differently in MANIFEST")
                }
            }
        }
    }

    /// A clean close names the block it ended with: that block is still there, and the next one links to it.
    mutating func checkCloses(_ scan: SegmentScan, _ file: FileID) throws(LogError) {
        guard location.onlySegment == nil, scan.firstBad == nil else { return }
        for close in location.manifest?.closes(in: scan.header.ordinal) ?? [] {
            let found =
                close.dataEnd == scan.dataEnd
                ? scan.lastDataHash
                : try SegmentMap.blockHeader(fileSystem, file, salt: scan.header.salt, at: close.dataEnd)?.link
            guard found != close.lastHash else { continue }
            note(
                scan.name, min(scan.nextSeq, close.lastSeq + 1), close.lastSeq, .manifest,
                "MANIFEST says closed at offset \(close.dataEnd) behind block \(hex(close.lastHash)), found "
                    + (found.map { "block \(hex($0))" } ?? "no block that ends there"))
        }
    }
}
