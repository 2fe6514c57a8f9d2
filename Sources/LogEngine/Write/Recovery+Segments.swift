internal import LogFormat

extension Recovery {
    /// Opens all segments in order, checks how they follow each other, and cuts the torn end of the last one.
    mutating func openSegments(
        _ manifest: Manifest, logID: [UInt8], _ manifestFile: inout ManifestFile
    ) throws(LogError) -> [Recovered] {
        let names = try wrapping { () throws(FSError) in try fileSystem.list(directory) }
        var segments = names.filter { LogPaths.baseSeq($0) != nil }
        try setAsideUnfinishedLast(&segments)
        // Nothing is believed that a crashed process may have left in the page cache only.
        try wrapping { () throws(FSError) in try fileSystem.syncDirectory(directory) }

        var headers: [SegmentHeader] = []
        var files: [FileID] = []
        for name in segments {
            let file = try wrapping { () throws(FSError) in try fileSystem.open("\(directory)/\(name)", .readWrite) }
            openedFiles.append(file)
            let found = try damagedUnlessReadable { () throws(LogError) in
                try SegmentScan.readHeader(fileSystem, file, name: name)
            }
            for error in found.damage { report.notes.append("\(name): \(error); the other copy is used") }
            headers.append(found.header)
            files.append(file)
        }
        try checkOrder(headers, logID: logID, manifest)

        let sealed = manifest.sealedSegments
        var chain: [Recovered] = []
        for index in segments.indices {
            let isLast = index == segments.count - 1
            if !isLast, let record = sealed[headers[index].ordinal] {
                chain.append(
                    try trustSealed(
                        segments[index], files[index], headers[index], next: headers[index + 1],
                        lastSeq: record.lastSeq, fileSize: record.fileSize))
            } else {
                let next = isLast ? nil : headers[index + 1]
                let closedEnd = isLast ? manifest.closedEnd(of: headers[index].ordinal) : 0
                chain.append(
                    try recover(segments[index], files[index], next: next, closedEnd: closedEnd, &manifestFile))
            }
        }
        let lastSeq = chain.last?.lastSeq ?? 0
        guard lastSeq >= report.durableSeq else {
            throw LogError(
                .damaged,
                "\(directory): ends at seq \(lastSeq), but events up to \(report.durableSeq) were "
                    + "acknowledged as durable: "
                    + "events \(lastSeq + 1)…\(report.durableSeq) are missing; restore the log from a copy")
        }
        return chain
    }

    /// A read of the log that fails by format means damage, except when the format is newer.
    func damagedUnlessReadable<T>(_ body: () throws(LogError) -> T) throws(LogError) -> T {
        do throws(LogError) { return try body() } catch {
            if error.code == .format { throw LogError(.damaged, "\(directory)/\(error.message)") }
            throw error
        }
    }

    private func checkOrder(_ headers: [SegmentHeader], logID: [UInt8], _ manifest: Manifest) throws(LogError) {
        for (index, header) in headers.enumerated() {
            let name = LogPaths.segment(header.baseSeq)
            guard header.logID == logID else {
                throw LogError(
                    .damaged, "\(directory)/\(name): belongs to log \(hex(header.logID)), the MANIFEST to \(hex(logID))"
                )
            }
            guard header.ordinal == UInt64(index) else {
                throw LogError(
                    .damaged,
                    "\(directory)/\(name): is segment number \(header.ordinal) of its log, expected \(index): "
                        + "segments \(index)…\(header.ordinal == 0 ? 0 : header.ordinal - 1) are "
                        + "missing; restore them from a copy"
                )
            }
            if index > 0, header.predecessor.salt != headers[index - 1].salt {
                throw LogError(.damaged, "\(directory)/\(name): does not follow the segment before it (other salt)")
            }
        }
        let known = manifest.records.compactMap { record in
            if case .segment(let ordinal, _, _) = record { return ordinal }
            return nil
        }
        if let highest = known.max(), highest >= UInt64(headers.count) {
            throw LogError(
                .damaged,
                "\(directory): MANIFEST knows segment number \(highest), only \(headers.count) are here: "
                    + "restore the missing files from a copy")
        }
    }

    /// A segment that the manifest says is sealed is not read again; `verify` does that.
    private func trustSealed(
        _ name: String, _ file: FileID, _ header: SegmentHeader, next: SegmentHeader, lastSeq: UInt64,
        fileSize: UInt64
    ) throws(LogError) -> Recovered {
        let size = try wrapping { () throws(FSError) in try fileSystem.size(file) }
        guard size == fileSize, next.predecessor.lastSeq == lastSeq else {
            throw LogError(
                .damaged,
                "\(directory)/\(name): sealed with \(fileSize) bytes up to seq \(lastSeq), found \(size) bytes and a "
                    + "successor that expects seq \(next.predecessor.lastSeq)")
        }
        return Recovered(
            header: header,
            segment: ActiveSegment(
                file: file, header: header, fileSize: size, end: next.predecessor.dataEnd,
                lastHash: next.predecessor.lastHash, describedTypes: [], hasEvents: true),
            lastSeq: lastSeq, isSealed: true, durableSeq: lastSeq, lastAppendNanos: Int64.min,
            lastEpoch: next.writerEpoch)
    }

    /// Scans a segment; cuts its torn end if it is the last, holds it to its successor's words otherwise.
    ///
    /// A clean close vouches for its bytes up to `closedEnd`.
    private mutating func recover(
        _ name: String, _ file: FileID, next: SegmentHeader?, closedEnd: UInt64, _ manifestFile: inout ManifestFile
    ) throws(LogError) -> Recovered {
        var scan = try damagedUnlessReadable { () throws(LogError) in
            unsafe try SegmentScan(fileSystem, file, name: name)
        }
        report.durableSeq = max(report.durableSeq, scan.durableSeq)
        if let next {
            try checkEnd(scan, next)
        } else if let bad = scan.firstBad {
            try cut(name, file, scan, bad, closedEnd: closedEnd)
            scan = try damagedUnlessReadable { () throws(LogError) in
                unsafe try SegmentScan(fileSystem, file, name: name)
            }
        }
        if scan.dataEnd < closedEnd {
            throw refusal([
                Damage(
                    segment: name, firstSeq: scan.nextSeq, lastSeq: max(scan.lastSeq, report.durableSeq),
                    kind: .missing,
                    detail: "ends at offset \(scan.dataEnd), but MANIFEST says that it was closed at \(closedEnd)")
            ])
        }
        let serious = scan.damage.filter { next == nil ? $0.kind != .header : $0.losesEvents || $0.kind == .link }
        guard serious.isEmpty else { throw refusal(serious) }
        if !report.wasClosedCleanly {
            try makeDurable(file, from: firstUnprovenOffset(scan, next), to: scan.fileSize)
        }
        for (typeID, schema) in scan.schemas where registry.schema(typeID) == nil {
            try registry.insert(schema, typeID: typeID)
            try manifestFile.append(.schema(typeID: typeID, schema: schema), fileSystem)
            try manifestFile.sync(fileSystem)
            report.notes.append("MANIFEST: type \(schema.name) v\(schema.version) adopted from \(name)")
        }
        if let seal = scan.seal, next != nil || scan.damage.isEmpty {
            try manifestFile.append(
                .sealed(
                    ordinal: scan.header.ordinal, baseSeq: scan.header.baseSeq, lastSeq: scan.lastSeq,
                    fileSize: scan.fileSize, chainHead: seal.chainHead), fileSystem)
            try manifestFile.sync(fileSystem)
            report.notes.append("MANIFEST: seal of \(name) adopted")
        }
        return Recovered(
            header: scan.header,
            segment: ActiveSegment(
                file: file, header: scan.header, fileSize: scan.fileSize,
                end: next?.predecessor.dataEnd ?? scan.dataEnd,
                lastHash: next?.predecessor.lastHash ?? scan.lastDataHash,
                describedTypes: Set(scan.schemas.map(\.typeID)), hasEvents: !scan.entries.isEmpty),
            lastSeq: scan.lastSeq, isSealed: scan.isSealed, durableSeq: scan.durableSeq,
            lastAppendNanos: scan.lastAppendNanos,
            lastEpoch: max(scan.header.writerEpoch, scan.header.writerEpoch & ~0xFFFF_FFFF | UInt64(scan.lastEpoch)))
    }

    /// Where the bytes begin that nobody saw reach the disk: behind the last mark that a sync earned.
    private func firstUnprovenOffset(_ scan: SegmentScan, _ next: SegmentHeader?) -> UInt64 {
        // A successor is only begun when everything before it is on the disk.
        if let next { return next.predecessor.dataEnd }
        guard let mark = lastMarks?.durable, mark.ordinal == scan.header.ordinal, mark.offset <= scan.dataEnd else {
            return UInt64(SegmentHeader.byteCount)
        }
        return max(mark.offset, UInt64(SegmentHeader.byteCount))
    }

    private func refusal(_ damage: [Damage]) -> LogError {
        let lines = damage.prefix(5).map { "  \($0)" }.joined(separator: "\n")
        let more = damage.count > 5 ? "\n  … and \(damage.count - 5) more" : ""
        return LogError(
            .damaged,
            "\(directory): acknowledged events are damaged, the log is not opened for writing:\n\(lines)\(more)\n"
                + "lotus verify tells all, lotus salvage copies what is left into a new log")
    }

    private func checkEnd(_ scan: SegmentScan, _ next: SegmentHeader) throws(LogError) {
        guard scan.dataEnd == next.predecessor.dataEnd, scan.lastDataHash == next.predecessor.lastHash,
            scan.lastSeq == next.predecessor.lastSeq
        else {
            throw refusal(
                scan.damage + [
                    Damage(
                        segment: scan.name, firstSeq: min(scan.nextSeq, next.baseSeq), lastSeq: next.baseSeq - 1,
                        kind: .segment,
                        detail: "ends at seq \(scan.lastSeq), offset \(scan.dataEnd); its successor says seq "
                            + "\(next.predecessor.lastSeq), offset \(next.predecessor.dataEnd)")
                ])
        }
    }

    /// Sets the bytes from the first bad place on aside and cuts them, if they cannot have been acknowledged as
    /// durable.
    private mutating func cut(
        _ name: String, _ file: FileID, _ scan: SegmentScan, _ bad: SegmentScan.FirstBad, closedEnd: UInt64
    ) throws(LogError) {
        let before = scan.damage.filter { $0.kind != .header && $0.firstSeq < bad.seq }
        guard bad.seq > report.durableSeq, bad.offset >= closedEnd, before.isEmpty else {
            throw refusal(
                scan.damage.filter { $0.kind != .header }.isEmpty
                    ? [
                        Damage(
                            segment: name, firstSeq: bad.seq, lastSeq: report.durableSeq, kind: .missing,
                            detail: "\(bad.error); events up to \(report.durableSeq) were acknowledged as durable")
                    ] : scan.damage)
        }
        var tail = try wrapping { () throws(FSError) in
            try fileSystem.read(file, count: Int(scan.fileSize - bad.offset), at: bad.offset)
        }
        while tail.last == 0 { tail.removeLast() }
        let aside = try quarantine(tail, named: "\(name).\(bad.offset)")
        try wrapping { () throws(FSError) in
            try fileSystem.truncate(file, to: bad.offset)
            try fileSystem.syncData(file)
        }
        report.cut = .init(
            segment: name, offset: bad.offset, byteCount: UInt64(tail.count), firstSeq: bad.seq, quarantine: aside,
            reason: "\(bad.error)")
    }

    /// Sets a last segment aside whose header does not verify and that holds no block: a crash while it was created.
    private mutating func setAsideUnfinishedLast(_ segments: inout [String]) throws(LogError) {
        guard let name = segments.last, let base = LogPaths.baseSeq(name), base > report.durableSeq else { return }
        let path = "\(directory)/\(name)"
        guard try SegmentScan.isUnfinished(fileSystem, path) else { return }
        let aside = "\(name).unfinished\(LogPaths.quarantineSuffix)"
        try wrapping { () throws(FSError) in
            try fileSystem.rename(path, to: "\(directory)/\(aside)")
            try fileSystem.syncDirectory(directory)
        }
        report.notes.append("\(name): unfinished segment without events set aside as \(aside)")
        segments.removeLast()
    }
}
