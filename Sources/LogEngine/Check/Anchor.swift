public import LogFormat

/// A statement about a log at one moment, to be kept outside of it: whoever holds one can tell later whether history
/// was cut or rewritten (SPEC.md section 15).
public struct Anchor: Equatable, Sendable, CustomStringConvertible {
    /// The log.
    public var logID: [UInt8]
    /// Last segment at that moment.
    public var ordinal: UInt64
    /// End of its last block.
    public var offset: UInt64
    /// Last seq.
    public var lastSeq: UInt64
    /// Length of MANIFEST.
    public var manifestLength: UInt64
    /// Digest over all of it.
    public var hash: Digest

    /// The text form.
    public var description: String {
        "lotus1.\(hex(logID)).\(ordinal).\(offset).\(lastSeq).\(manifestLength).\(hash)"
    }

    /// Reads the text form.
    ///
    /// - Throws: `usage` when it is no anchor.
    public init(_ text: String) throws(LogError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[0] == "lotus1", let logID = unhex(parts[1]), logID.count == 16,
            let ordinal = UInt64(parts[2]), let offset = UInt64(parts[3]), let lastSeq = UInt64(parts[4]),
            let manifestLength = UInt64(parts[5]), let digest = unhex(parts[6]), digest.count == 32
        else {
            throw LogError(
                .usage,
                "'\(text)' is no anchor; expected "
                    + "lotus1.<log id>.<ordinal>.<offset>.<last seq>.<manifest length>.<hash>, "
                    + "as lotus attest prints it")
        }
        self.logID = logID
        self.ordinal = ordinal
        self.offset = offset
        self.lastSeq = lastSeq
        self.manifestLength = manifestLength
        self.hash = Digest(digest)
    }

    init(logID: [UInt8], ordinal: UInt64, offset: UInt64, lastSeq: UInt64, manifestLength: UInt64) {
        self.logID = logID
        self.ordinal = ordinal
        self.offset = offset
        self.lastSeq = lastSeq
        self.manifestLength = manifestLength
        self.hash = .zero
    }

    /// Makes the anchor of a log as it stands, up to its last good block.
    ///
    /// - Throws: `damaged` when the log does not verify.
    public static func attest(
        _ path: String, environment: LogEnvironment = .real()
    ) throws(LogError) -> (anchor: Anchor, chainHead: Digest) {
        let report = try Verifier.verify(path, environment: environment)
        guard report.status == .clean else {
            throw LogError(
                .damaged,
                "\(path) is \(report.status.rawValue), only a clean log can be attested: "
                    + (report.damage.first?.description ?? ""))
        }
        let location = try LogLocation(path, environment: environment)
        let names = try location.segmentNames()
        guard let manifest = location.manifest, let identity = manifest.identity, let name = names.last,
            location.onlySegment == nil
        else {
            throw LogError(.usage, "\(path): only a whole log with MANIFEST and segments can be attested")
        }
        let fileSystem = environment.fileSystem
        let file = try wrapping { () throws(FSError) in try fileSystem.open("\(location.directory)/\(name)", .read) }
        defer { fileSystem.close(file) }
        let live = location.liveMarks(location.commitPage())
        let scan = unsafe try SegmentScan(fileSystem, file, name: name, limit: live?.written.offset ?? .max)
        let end = scan.seal == nil ? scan.dataEnd : scan.fileSize
        var anchor = Anchor(
            logID: identity.logID, ordinal: scan.header.ordinal, offset: end, lastSeq: scan.lastSeq,
            manifestLength: manifest.validEnd)
        anchor.hash = try anchor.computedHash(location)
        return (anchor, report.chainHead)
    }

    /// What is wrong with the log, held against the anchor; empty if the log still contains the anchored history.
    func check(_ location: LogLocation) throws(LogError) -> [Damage] {
        func failure(_ detail: String) -> [Damage] {
            [Damage(segment: LogPaths.manifest, firstSeq: lastSeq + 1, lastSeq: lastSeq, kind: .anchor, detail: detail)]
        }
        guard let found = location.manifest?.identity?.logID else {
            return failure("the log has no readable MANIFEST")
        }
        guard found == logID else { return failure("the anchor is of log \(hex(logID)), this is \(hex(found))") }
        do throws(LogError) {
            let computed = try computedHash(location)
            return computed == hash ? [] : failure("history up to seq \(lastSeq) is not the one that was attested")
        } catch {
            return failure("history up to seq \(lastSeq) is not there any more: \(error.message)")
        }
    }

    private func computedHash(_ location: LogLocation) throws(LogError) -> Digest {
        let fileSystem = location.fileSystem
        let names = try location.segmentNames()
        guard Int(clamping: ordinal) < names.count else {
            throw LogError(.damaged, "segment number \(ordinal) is missing")
        }
        var previous = Digest.zero
        if ordinal > 0 {
            let name = names[Int(ordinal) - 1]
            let before = try wrapping { () throws(FSError) in
                try fileSystem.open("\(location.directory)/\(name)", .read)
            }
            defer { fileSystem.close(before) }
            guard let seal = try SegmentMap(fileSystem, before, name: name, useIndex: true).seal else {
                throw LogError(.damaged, "\(name) has no seal yet, or a damaged one")
            }
            previous = seal.chainHead
        }
        let file = try wrapping { () throws(FSError) in
            try fileSystem.open("\(location.directory)/\(names[Int(ordinal)])", .read)
        }
        defer { fileSystem.close(file) }
        let size = try wrapping { () throws(FSError) in try fileSystem.size(file) }
        guard size >= offset else {
            throw LogError(.damaged, "\(names[Int(ordinal)]) has \(size) bytes, the anchor covers \(offset)")
        }
        let prefix = try wrapping { () throws(FSError) in try storageDigest(file, fileSystem, upTo: offset) }.digest()
        let bytes = try wrapping { () throws(FSError) in
            try fileSystem.readAll("\(location.directory)/\(LogPaths.manifest)", limit: Int.max)
        }
        guard UInt64(bytes.count) >= manifestLength else {
            throw LogError(.damaged, "MANIFEST has \(bytes.count) bytes, the anchor covers \(manifestLength)")
        }
        var hasher = SHA256Hasher()
        hasher.update(Array("LOTUSANC".utf8))
        hasher.update(logID)
        hasher.update(ordinal)
        hasher.update(offset)
        hasher.update(lastSeq)
        hasher.update(manifestLength)
        hasher.update(previous)
        hasher.update(prefix)
        hasher.update(Digest(hashing: Array(bytes[0..<Int(manifestLength)])))
        return hasher.digest()
    }
}

/// Bytes of hexadecimal digits, or nil.
func unhex(_ text: some StringProtocol) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
