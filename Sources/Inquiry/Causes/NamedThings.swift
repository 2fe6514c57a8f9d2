import Events
import LogEngine
import LogFormat
import Runtime

/// The records that bring forth what other events name without an id of an event: versions of the priors, patches,
/// braids, detectors.
struct NamedThings {
    /// Where such a record stands.
    struct Place: Equatable {
        let log: String
        let seq: UInt64
        let globalSeq: UInt64
    }

    private var places: [String: Place] = [:]

    private static let typeNames: Set<String> = [
        VersionMinted.typeName, PatchApplied.typeName, BraidProposed.typeName, DetectorRegistered.typeName,
    ]

    /// Reads the records of these types, and nothing else.
    init(_ root: RootLogs) throws(LogError) {
        for name in root.names {
            let walk = try root.walk(name, types: Self.typeNames, byIndex: .all)
            guard walk.mayHoldWanted else { continue }
            while try walk.next() {
                guard !root.isOrphan(walk.head) else { continue }
                let event = try walk.event()
                guard let key = Self.key(of: event), places[key] == nil else { continue }
                places[key] = Place(log: name, seq: event.seq, globalSeq: event.head.globalSeq)
            }
        }
    }

    private static func key(of event: RecordedEvent) -> String? {
        switch event.schema.name {
        case VersionMinted.typeName: event.text("priors_ver").map { "version \($0)" }
        case PatchApplied.typeName: event.patchID.map { "patch \($0)" }
        case BraidProposed.typeName: event.text("braid_id").map { "braid \($0)" }
        case DetectorRegistered.typeName: event.text("detector_id").map { "detector \($0)" }
        default: nil
        }
    }

    /// The records of what an event names, with the field that names it; only those that came before it.
    func causes(of event: RecordedEvent) -> [(path: String, place: Place)] {
        var found: [(String, Place)] = []
        func add(_ path: String, _ key: String) {
            guard let place = places[key], place.globalSeq < event.head.globalSeq,
                !found.contains(where: { $0.1 == place })
            else { return }
            found.append((path, place))
        }
        for name in ["patch_id", "detector_id"] {
            if let text = event.text(name) { add(name, "\(name.dropLast(3)) \(text)") }
        }
        if let version = event.text("priors_ver") { add("priors_ver", "version \(version)") }
        for (path, id) in event.references { add(path, "braid \(id.text)") }
        return found
    }
}

extension RecordedEvent {
    /// Id of the patch that a record of its application is about.
    var patchID: String? {
        guard let index = schema.fields.firstIndex(where: { $0.name == "asked" }),
            case .record(let fields) = schema.fields[index].type, case .record(let values) = values[index],
            let at = fields.firstIndex(where: { $0.name == "patch_id" }), case .string(let id) = values[at]
        else { return nil }
        return id
    }
}
