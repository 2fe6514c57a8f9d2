public import LogFormat

/// The outcome of verifying one log.
public struct VerifyReport: Sendable {
    /// Overall result.
    public enum Status: String, Sendable {
        /// Everything verifies.
        case clean
        /// The last bytes do not, and they cannot have been acknowledged as durable.
        case tornTail = "torn_tail"
        /// Something that was acknowledged is damaged, missing or altered.
        case damaged
    }

    /// What was verified.
    public var path: String
    /// Overall result.
    public var status = Status.clean
    /// Events that can be read.
    public var events: UInt64 = 0
    /// First seq present, 0 if there is none.
    public var firstSeq: UInt64 = 0
    /// Last seq present, 0 if there is none.
    public var lastSeq: UInt64 = 0
    /// Chain head of the last sealed segment.
    public var chainHead = Digest.zero
    /// Content roots over all events; only of a deep run without lost events.
    public var roots: MerkleLeaf?
    /// Highest durable mark found.
    public var durableSeq: UInt64 = 0
    /// Bytes read.
    public var byteCount: UInt64 = 0
    /// Number of segments.
    public var segmentCount = 0
    /// Whether a writer was at work; then only what it had published was verified.
    public var isLive = false
    /// Everything that is wrong.
    public var damage: [Damage] = []
}

/// Checks everything that a log's bytes must satisfy, without changing any.
public struct Verifier {
    let location: LogLocation
    /// Also decode every event and recompute leaves, roots and index.
    let isDeep: Bool
    /// Told after each segment: bytes done, bytes in all.
    let progress: (UInt64, UInt64) -> Void

    var report: VerifyReport
    var scans: [SegmentScan] = []
    private var accumulator = LeafAccumulator()
    private var leaves: [MerkleLeaf] = []
    private var leavesAreWhole = true
    var torn: [Damage] = []

    var fileSystem: any LogFS { location.fileSystem }

    /// Verifies the log or segment at `path`.
    ///
    /// - Throws: `notALog`, `fileSystem`, `unsupported`; damage is in the report.
    public static func verify(
        _ path: String, deep: Bool = false, anchor: Anchor? = nil, environment: LogEnvironment = .real(),
        progress: @escaping (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(LogError) -> VerifyReport {
        var verifier = Verifier(
            location: try LogLocation(path, environment: environment), isDeep: deep, progress: progress,
            report: VerifyReport(path: path))
        try verifier.run()
        if let anchor { verifier.report.damage += try anchor.check(verifier.location) }
        return verifier.finished()
    }

    private func finished() -> VerifyReport {
        var report = report
        report.status = !report.damage.isEmpty ? .damaged : torn.isEmpty ? .clean : .tornTail
        report.damage += torn
        return report
    }

    private mutating func run() throws(LogError) {
        let page = location.commitPage()
        let live = location.liveMarks(page)
        report.isLive = live != nil
        report.durableSeq = max(
            location.manifest?.durableSeq ?? 0, live?.durable.seq ?? page?.readAfterCrash()?.durable.seq ?? 0)
        checkManifest()
        var names = try location.segmentNames()
        report.segmentCount = names.count
        let unfinished = try takeUnfinished(&names)
        try scanSegments(names, live)
        if let unfinished { judgeUnfinished(unfinished, isLive: live != nil) }
        checkNeighbours(names)
        if location.onlySegment == nil { checkAgainstManifest() }
        if let last = scans.last { checkTail(last, isLastFile: last.name == names.last) }
        if scans.isEmpty, report.segmentCount == 0, report.durableSeq > 0 {
            note("MANIFEST", 1, report.durableSeq, .missing, "no segment is left")
        }
        finishRoots()
    }

    mutating func note(
        _ segment: String, _ first: UInt64, _ last: UInt64, _ kind: Damage.Kind, _ detail: String
    ) {
        report.damage.append(Damage(segment: segment, firstSeq: first, lastSeq: last, kind: kind, detail: detail))
    }

    /// Takes a last segment off the list whose creation seems to have been cut off.
    private func takeUnfinished(_ names: inout [String]) throws(LogError) -> String? {
        guard location.onlySegment == nil, let last = names.last,
            try SegmentScan.isUnfinished(fileSystem, "\(location.directory)/\(last)")
        else { return nil }
        names.removeLast()
        return last
    }

    /// Only now all marks are known: what they vouch for was not in a file that was never finished.
    private mutating func judgeUnfinished(_ name: String, isLive: Bool) {
        let base = LogPaths.baseSeq(name) ?? 1
        let isTorn = base > report.durableSeq
        // A writer at work may be creating it.
        if isTorn, isLive { return }
        let damage = Damage(
            segment: name, firstSeq: base, lastSeq: isTorn ? base - 1 : max(report.durableSeq, base - 1), kind: .header,
            detail: isTorn
                ? "has no whole header: its creation was cut off"
                : "has no whole header, but its events up to "
                    + "\(report.durableSeq) were acknowledged as durable")
        if isTorn { torn.append(damage) } else { report.damage.append(damage) }
    }

    private mutating func scanSegments(_ names: [String], _ live: CommitState?) throws(LogError) {
        var total: UInt64 = 0
        for name in names {
            let file = try wrapping { () throws(FSError) in
                try fileSystem.open("\(location.directory)/\(name)", .read)
            }
            total += (try? fileSystem.size(file)) ?? 0
            fileSystem.close(file)
        }
        for (index, name) in names.enumerated() {
            let file = try wrapping { () throws(FSError) in
                try fileSystem.open("\(location.directory)/\(name)", .read)
            }
            defer { fileSystem.close(file) }
            do throws(LogError) {
                try scan(name, file, live)
            } catch {
                guard error.code == .format else { throw error }
                leavesAreWhole = false
                let base = LogPaths.baseSeq(name) ?? 1
                let next = index + 1 < names.count ? LogPaths.baseSeq(names[index + 1]) ?? base : base
                let last = index + 1 < names.count ? next - 1 : report.durableSeq
                note(name, base, max(last, base - 1), .header, error.message)
            }
            progress(report.byteCount, total)
        }
    }

    private mutating func scan(_ name: String, _ file: FileID, _ live: CommitState?) throws(LogError) {
        var limit = UInt64.max
        if let live {
            let header = try SegmentScan.readHeader(fileSystem, file, name: name).header
            if header.ordinal == live.written.ordinal { limit = live.written.offset }
            if header.ordinal > live.written.ordinal { limit = UInt64(SegmentHeader.byteCount) }
        }
        let scan: SegmentScan
        if isDeep {
            let header = try SegmentScan.readHeader(fileSystem, file, name: name).header
            // A lone segment cannot finish a leaf that began in its predecessor.
            if scans.isEmpty, header.baseSeq % FormatLimits.leafEvents != 1 { leavesAreWhole = false }
            var reading = LeafReading(
                accumulator: accumulator, salt: header.salt, types: location.manifest?.schemas ?? [])
            scan = unsafe try SegmentScan(fileSystem, file, name: name, limit: limit) { block, offset, payload in
                unsafe reading.take(block, offset, payload)
            }
            accumulator = reading.accumulator
            let fresh = accumulator.takeLeaves()
            checkIndex(scan, fresh, reading.typeCounts)
            leaves += fresh
        } else {
            scan = unsafe try SegmentScan(fileSystem, file, name: name, limit: limit)
        }
        if scan.damage.contains(where: \.losesEvents) { leavesAreWhole = false }
        report.byteCount += scan.fileSize
        report.events += scan.entries.reduce(0) { $0 + UInt64($1.count) }
        report.durableSeq = max(report.durableSeq, scan.durableSeq)
        try checkSeal(scan, file)
        try checkCloses(scan, file)
        scans.append(scan)
    }

    /// Index and roots against what the events themselves give.
    private mutating func checkIndex(_ scan: SegmentScan, _ fresh: [MerkleLeaf], _ types: [IndexPayload.TypeCount]) {
        guard let seal = scan.seal, let index = scan.index, !scan.damage.contains(where: \.losesEvents) else { return }
        if index.types != types { note(scan.name, scan.nextSeq, scan.lastSeq, .seal, "event counts by type differ") }
        guard leavesAreWhole else { return }
        if index.leaves != fresh || index.firstLeaf != (scan.header.baseSeq - 1) / FormatLimits.leafEvents {
            note(scan.name, scan.header.baseSeq, scan.header.baseSeq - 1, .seal, "leaves differ from the events")
        }
        if seal.identityRoot != merkleRoot(fresh.map(\.identity))
            || seal.logicalRoot != merkleRoot(fresh.map(\.logical))
            || seal.partial != accumulator.partialLeaf() || UInt64(seal.partialCount) != accumulator.pending
        {
            note(scan.name, scan.header.baseSeq, scan.header.baseSeq - 1, .seal, "roots differ from the events")
        }
    }

    private mutating func checkSeal(_ scan: SegmentScan, _ file: FileID) throws(LogError) {
        guard let seal = scan.seal else {
            if scan.index != nil { note(scan.name, scan.nextSeq, scan.lastSeq, .seal, "index without a seal") }
            return
        }
        let none = scan.header.baseSeq - 1
        guard let index = scan.index else {
            return note(scan.name, scan.header.baseSeq, none, .seal, "seal without an index")
        }
        if index.batches != scan.entries, !scan.damage.contains(where: \.losesEvents) {
            note(scan.name, scan.header.baseSeq, none, .seal, "index does not list the batches that are there")
        }
        let claimed = scan.header.baseSeq + seal.eventCount - 1
        if claimed != seal.lastSeq || seal.lastSeq != scan.lastSeq || seal.batchCount != UInt64(index.batches.count) {
            note(
                scan.name, min(scan.nextSeq, seal.lastSeq + 1), max(scan.lastSeq, seal.lastSeq), .seal,
                "sealed with \(seal.eventCount) events up to seq \(seal.lastSeq), found up to \(scan.lastSeq)")
        }
        if seal.dataEnd != scan.dataEnd {
            note(
                scan.name, scan.nextSeq, scan.lastSeq, .seal,
                "sealed at offset \(seal.dataEnd), data ends at \(scan.dataEnd)")
        }
        let digest = try wrapping { () throws(FSError) in
            try storageDigest(file, fileSystem, upTo: scan.sealOffset)
        }.digest()
        if digest != seal.storageDigest, scan.damage.isEmpty {
            note(
                scan.name, scan.header.baseSeq, none, .seal,
                "SHA-256 of the stored bytes is \(digest), sealed \(seal.storageDigest)")
        }
        if seal.computedChainHead(scan.header) != seal.chainHead {
            note(scan.name, scan.header.baseSeq, none, .seal, "chain head does not follow from the seal's own fields")
        }
        if let previous = scans.last?.seal?.chainHead ?? (scan.header.ordinal == 0 ? .zero : nil),
            previous != seal.previousChainHead
        {
            note(
                scan.name, scan.header.baseSeq, none, .seal,
                "chain head before it is \(seal.previousChainHead), expected \(previous)")
        }
        report.chainHead = seal.chainHead
    }

    private mutating func checkNeighbours(_ names: [String]) {
        for (index, scan) in scans.enumerated() where scan.name != names.last {
            // Behind the data end that the successor names stand only index and seal; without a seal in MANIFEST they
            // are unfinished.
            let dataEnd = index + 1 < scans.count ? scans[index + 1].header.predecessor.dataEnd : 0
            if let bad = scan.firstBad, bad.offset >= dataEnd, dataEnd == scan.dataEnd,
                location.manifest?.sealedSegments[scan.header.ordinal] == nil
            {
                torn += scan.damage.filter { $0.kind != .header }
                report.damage += scan.damage.filter { $0.kind == .header }
            } else {
                report.damage += scan.damage
            }
        }
        if location.onlySegment == nil, let first = scans.first, first.header.ordinal > 0, first.name == names.first {
            note(
                first.name, 1, first.header.baseSeq - 1, .segment,
                "is number \(first.header.ordinal): the segments before it are missing")
        }
        for (before, after) in zip(scans, scans.dropFirst()) {
            let link = after.header.predecessor
            if let first = after.entries.first, first.firstAppendNanos < before.lastAppendNanos {
                note(
                    after.name, first.firstSeq, first.firstSeq - 1, .sequence,
                    "append time goes back from the segment before")
            }
            if after.header.logID != before.header.logID {
                note(after.name, after.header.baseSeq, after.header.baseSeq - 1, .segment, "belongs to another log")
            }
            if after.header.ordinal != before.header.ordinal + 1 {
                note(
                    after.name, before.nextSeq, after.header.baseSeq - 1, .segment,
                    "is number \(after.header.ordinal), expected \(before.header.ordinal + 1)")
            } else if link.salt != before.header.salt || link.lastHash != before.lastDataHash
                || link.dataEnd != before.dataEnd || link.lastSeq != before.lastSeq
            {
                note(
                    after.name, min(before.nextSeq, after.header.baseSeq), after.header.baseSeq - 1, .segment,
                    "names a predecessor that ends at seq \(link.lastSeq), offset \(link.dataEnd); \(before.name) "
                        + "ends at seq \(before.lastSeq), offset \(before.dataEnd)")
            }
        }
        report.firstSeq = scans.first { !$0.entries.isEmpty }?.entries.first?.firstSeq ?? 0
        report.lastSeq = scans.last { !$0.entries.isEmpty }?.lastSeq ?? 0
    }

    /// The end of the last segment: torn if nothing there can have been acknowledged as durable, damaged otherwise.
    private mutating func checkTail(_ last: SegmentScan, isLastFile: Bool) {
        guard isLastFile else { return }
        let closedEnd = location.manifest?.closedEnd(of: last.header.ordinal) ?? 0
        if let bad = last.firstBad, bad.seq > report.durableSeq, bad.offset >= closedEnd, last.seal == nil,
            location.onlySegment == nil
        {
            for damage in last.damage {
                if damage.kind == .header || damage.firstSeq < bad.seq {
                    report.damage.append(damage)
                } else {
                    torn.append(damage)
                }
            }
            let lost = last.entries.filter { $0.firstSeq >= bad.seq }.reduce(0) { $0 + UInt64($1.count) }
            // Events behind the torn place have entered the leaves; roots without them would need a second run.
            if lost > 0 { leavesAreWhole = false }
            report.events -= lost
            report.lastSeq = bad.seq - 1
            if report.events == 0 { (report.firstSeq, report.lastSeq) = (0, 0) }
            return
        }
        report.damage += last.damage
        if location.onlySegment == nil, last.lastSeq < report.durableSeq {
            note(
                last.name, last.nextSeq, report.durableSeq, .missing,
                "the log ends at seq \(last.lastSeq), but events up to \(report.durableSeq) were "
                    + "acknowledged as durable"
            )
        }
    }

    private mutating func finishRoots() {
        guard isDeep, leavesAreWhole, report.damage.isEmpty else { return }
        var all = leaves
        if accumulator.pending > 0 { all.append(accumulator.partialLeaf()) }
        report.roots = MerkleLeaf(
            identity: merkleRoot(all.map(\.identity)), logical: merkleRoot(all.map(\.logical)))
    }
}
