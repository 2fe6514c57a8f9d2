package import Events
package import LogEngine
import LogFormat
import Runtime
package import Weave

/// The priors of one module as its log tells them: every record about them, and the versions in their order (PRI-27).
package struct PriorsHistory: Equatable, Sendable {
    /// A version that was minted.
    package struct Version: Equatable, Sendable {
        package let name: PriorsVersion
        /// Event time of its record.
        package let mintedNanos: Int64
    }

    package let owner: Module
    package private(set) var records: [PriorsRecord] = []
    package private(set) var versions: [Version] = []

    private static let typeNames: Set<String> = [
        PatchRejected.typeName, PatchClipped.typeName, PatchApplied.typeName, PatchWatched.typeName,
        PatchChanged.typeName, BraidStateChanged.typeName, AlertRaised.typeName, SetCompiled.typeName,
        VersionMinted.typeName, SnapshotTaken.typeName,
    ]

    /// Modules of a root that have minted a version, in order.
    package static func owners(_ root: RootLogs) throws(LogError) -> [Module] {
        var owners: [Module] = []
        for name in root.names {
            guard let module = Module.allCases.first(where: { $0.text == name }) else { continue }
            if try root.walk(name, types: [VersionMinted.typeName]).next() { owners.append(module) }
        }
        return owners.sorted()
    }

    /// Reads a module's log.
    ///
    /// - Throws: `damaged` where a snapshot or a version does not have the hash that it names (PRI-28).
    package init(_ owner: Module, of root: RootLogs) throws(LogError) {
        self.owner = owner
        let walk = try root.walk(owner.text, types: Self.typeNames)
        var decoders: PriorsDecoders
        do throws(FormatError) { decoders = try PriorsDecoders() } catch { throw LogError(error, at: walk.name) }
        while try walk.next() {
            guard !root.isOrphan(walk.head), let schema = walk.schema else { continue }
            let nanos = walk.head.eventNanos
            let event = try walk.read { batch throws(FormatError) in try decoders.decode(schema.name, &batch) }
            records.append(PriorsRecord(eventNanos: nanos, event: event))
            try check(event, walk)
            if case .minted(let minted) = event, minted.owner == owner {
                versions.append(Version(name: minted.priorsVersion, mintedNanos: nanos))
            }
        }
    }

    private func check(_ event: PriorsEvent, _ walk: EventWalk) throws(LogError) {
        guard case .snapshot(let snapshot) = event else { return }
        let hash = PriorsSet(snapshot.after).hash
        let minted = records.reversed().lazy.compactMap { record -> PayloadHash? in
            if case .minted(let event) = record.event, event.priorsVersion == snapshot.priorsVersion {
                event.setHash
            } else {
                nil
            }
        }.first
        guard hash == snapshot.afterHash, minted ?? hash == hash else {
            throw LogError(
                .damaged,
                "\(walk.name):\(walk.seq): the snapshot of \(snapshot.priorsVersion) holds a set of hash \(hash), "
                    + "expected \(snapshot.afterHash)\(minted.map { " and \($0) as minted" } ?? ""): "
                    + "rebuild the priors from the log, its writer was wrong")
        }
    }

    /// The difference between two versions.
    package func difference(from: PriorsVersion, to: PriorsVersion) throws(WeaveError) -> PriorsDiff {
        try PriorsDiff(records, from: from, to: to)
    }

    /// The records that lead to a version, its snapshot the last.
    ///
    /// - Throws: `usage` for a version without a snapshot.
    package func records(to version: PriorsVersion) throws(LogError) -> [PriorsRecord] {
        let last = records.lastIndex { record in
            if case .snapshot(let snapshot) = record.event { snapshot.priorsVersion == version } else { false }
        }
        guard let last else {
            throw LogError(.usage, "\(owner.text) has no snapshot of \(version); expected one of \(names)")
        }
        return Array(records[...last])
    }

    /// The whole set of a version, as its snapshot holds it.
    ///
    /// - Throws: `usage` for a version without a snapshot.
    package func set(of version: PriorsVersion) throws(LogError) -> PriorsSet {
        for record in records.reversed() {
            if case .snapshot(let snapshot) = record.event, snapshot.priorsVersion == version {
                return PriorsSet(snapshot.after)
            }
        }
        throw LogError(.usage, "\(owner.text) has no snapshot of \(version); expected one of \(names)")
    }

    /// The version that `text` names: `sig:2026-01-02.v7`, `2026-01-02.v7`, `v7`, `7`, or a moment, for the one
    /// that was in force then.
    ///
    /// - Throws: `usage` when there is none, or several, with those that there are.
    package func version(_ text: String) throws(LogError) -> PriorsVersion {
        let number = text.hasPrefix("v") ? text.dropFirst() : text[...]
        if !number.isEmpty, number.allSatisfy({ $0.isASCII && $0.isNumber }) {
            return try only(versions.filter { $0.name.text.hasSuffix(".v\(number)") }, text)
        }
        let full = text.contains(":") && text.hasPrefix(owner.text) ? text : "\(owner.text):\(text)"
        if let known = versions.first(where: { $0.name.text == full }) { return known.name }
        let nanos: Int64
        do throws(TimeText.Failure) {
            nanos = try TimeText.parse(Array(text.utf8).span, allowsDate: true)
        } catch {
            throw LogError(
                .usage,
                "'\(text)' is no version of \(owner.text)'s priors and no time; expected one of \(names), vN, or a "
                    + "time such as 2026-01-02T03:04:05Z")
        }
        guard let known = versions.last(where: { $0.mintedNanos <= nanos }) else {
            let first = versions.first.map { "the first, \($0.name), is of \(TimeText.text($0.mintedNanos))" }
            throw LogError(
                .usage, "no version of \(owner.text)'s priors was in force at \(text): \(first ?? "there is none")")
        }
        return known.name
    }

    private func only(_ found: [Version], _ text: String) throws(LogError) -> PriorsVersion {
        guard let first = found.first else {
            throw LogError(.usage, "\(owner.text) has no version \(text) of its priors; expected one of \(names)")
        }
        guard found.count == 1 else {
            throw LogError(
                .usage,
                "'\(text)' names \(found.count) versions, numbers start anew each day; expected one of "
                    + found.map(\.name.text).joined(separator: ", "))
        }
        return first.name
    }

    private var names: String {
        let shown = versions.suffix(8).map(\.name.text)
        let list = shown.joined(separator: ", ")
        return versions.count > shown.count ? "the last ones \(list) (\(versions.count) in all)" : list
    }
}

/// Decodes the records about priors, of any version that was ever written.
private struct PriorsDecoders {
    private var rejected: EventDecoder<PatchRejected>
    private var clipped: EventDecoder<PatchClipped>
    private var applied: EventDecoder<PatchApplied>
    private var watched: EventDecoder<PatchWatched>
    private var changed: EventDecoder<PatchChanged>
    private var braid: EventDecoder<BraidStateChanged>
    private var alert: EventDecoder<AlertRaised>
    private var compiled: EventDecoder<SetCompiled>
    private var minted: EventDecoder<VersionMinted>
    private var snapshot: EventDecoder<SnapshotTaken>

    init() throws(FormatError) {
        rejected = try EventDecoder()
        clipped = try EventDecoder()
        applied = try EventDecoder()
        watched = try EventDecoder()
        changed = try EventDecoder()
        braid = try EventDecoder()
        alert = try EventDecoder()
        compiled = try EventDecoder()
        minted = try EventDecoder()
        snapshot = try EventDecoder()
    }

    mutating func decode(_ name: String, _ batch: inout BatchReader) throws(FormatError) -> PriorsEvent {
        func event<Event: LogEvent>(_ decoder: inout EventDecoder<Event>, _ event: Event) throws(FormatError) -> Event {
            var event = event
            try decoder.decode(&batch, into: &event)
            return event
        }
        switch name {
        case PatchRejected.typeName: return .rejected(try event(&rejected, PatchRejected()))
        case PatchClipped.typeName: return .clipped(try event(&clipped, PatchClipped()))
        case PatchApplied.typeName: return .applied(try event(&applied, PatchApplied()))
        case PatchWatched.typeName: return .watched(try event(&watched, PatchWatched()))
        case PatchChanged.typeName: return .changed(try event(&changed, PatchChanged()))
        case BraidStateChanged.typeName: return .braid(try event(&braid, BraidStateChanged()))
        case AlertRaised.typeName: return .alert(try event(&alert, AlertRaised()))
        case SetCompiled.typeName: return .compiled(try event(&compiled, SetCompiled()))
        case VersionMinted.typeName: return .minted(try event(&minted, VersionMinted()))
        default: return .snapshot(try event(&snapshot, SnapshotTaken()))
        }
    }
}
