package import Events
package import LogEngine
import LogFormat
package import Weave

/// The difference between two versions of the priors, with the records that bear it out (PRI-27).
package struct PriorsReport: Equatable, Sendable {
    package let difference: PriorsDiff
    /// What operators and the review board did, and what was said of the patches in between: the evidence, in the order
    /// over all logs.
    package let records: [RecordedEvent]

    /// Compares two versions of a module's priors.
    ///
    /// - Throws: `usage` for a version without a snapshot; `damaged`.
    package init(
        _ history: PriorsHistory, from: PriorsVersion, to: PriorsVersion, of root: RootLogs
    ) throws(LogError) {
        do throws(WeaveError) {
            difference = try history.difference(from: from, to: to)
        } catch { throw LogError(.usage, "\(root.directory): \(error)") }
        let patches = Set(difference.entries.flatMap(\.patches))
        let ids = difference.entries.flatMap(\.operators) + history.ids(about: patches, between: from, and: to)
        var found: [RecordedEvent] = []
        for id in Set(ids).sorted() {
            if let event = try root.event(id.ulid, isThorough: true) { found.append(event) }
        }
        records = found.sorted { ($0.head.globalSeq, $0.log, $0.seq) < ($1.head.globalSeq, $1.log, $1.seq) }
    }

    /// Lines for people.
    package var text: String {
        var text = String(difference.text.dropLast())
        if !records.isEmpty { text += "\nrecords:" }
        for event in records {
            text += "\n  \(event.title)\n    id \(event.id?.text ?? ""), \(event.summary(limit: 8))"
        }
        return text
    }

    /// One JSON object.
    package var json: String {
        "\(difference.json.dropLast()),\"records\":[\(records.map(\.json).joined(separator: ","))]}"
    }
}

extension PriorsHistory {
    /// Ids of the records about some patches between two versions, in either direction.
    fileprivate func ids(about patches: Set<PatchID>, between a: PriorsVersion, and b: PriorsVersion) -> [EventID] {
        let places = [a, b].compactMap { version in records.firstIndex { $0.event.snapshotVersion == version } }
        guard let start = places.min(), let end = places.max() else { return [] }
        return records[start..<end].dropFirst().compactMap { record in
            record.event.patchID.map { patches.contains($0) } == true ? record.event.id : nil
        }
    }
}

extension PriorsEvent {
    /// The version that a snapshot is of.
    fileprivate var snapshotVersion: PriorsVersion? {
        if case .snapshot(let event) = self { event.priorsVersion } else { nil }
    }

    /// The patch that it is about.
    fileprivate var patchID: PatchID? {
        switch self {
        case .rejected(let event): event.patchID
        case .clipped(let event): event.patchID
        case .applied(let event): event.asked.patchID
        case .watched(let event): event.patchID
        case .changed(let event): event.patchID
        case .braid, .alert, .compiled, .minted, .snapshot: nil
        }
    }
}
