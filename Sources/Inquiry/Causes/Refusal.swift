import Events
import LogFormat

/// Something that was held back, refused, cut or taken back, and by what (design §5, `why-not`).
package struct Refusal: Equatable, Sendable {
    /// One thing that stood in the way.
    package struct Gate: Equatable, Sendable {
        package let name: String
        /// By how much it was missed; nil where it is no question of more or less.
        package let miss: Double?
        /// What was found and what was expected.
        package let detail: String
    }

    /// The record of it.
    package let event: RecordedEvent
    /// What was stopped: the window, the message, the patch.
    package let subject: String
    /// The record that it is about, if the root holds it.
    package internal(set) var about: RecordedEvent?
    package internal(set) var gates: [Gate]

    /// Types of which every event is a refusal, or may be one.
    package static let typeNames: Set<String> = [
        SignalScored.typeName, SignalWithheld.typeName, PatchRejected.typeName, PatchClipped.typeName,
        DeadLettered.typeName,
        MessageReceived.typeName, PatchChanged.typeName, SetCompiled.typeName, BraidStateChanged.typeName,
    ]

    /// The refusal that an event tells of; nil if it tells of none.
    package init?(_ event: RecordedEvent) {
        self.event = event
        switch event.schema.name {
        case SignalScored.typeName:
            subject = "window \(event.text("id") ?? "")"
            gates = Self.failedGates(event)
            if gates.isEmpty { return nil }
        case SignalWithheld.typeName:
            subject = "window \(event.text("scored_id") ?? "")"
            gates = Self.withheld(event)
        case PatchRejected.typeName:
            subject = "patch \(event.text("patch_id") ?? "")"
            gates = [Gate(name: event.text("reason") ?? "", miss: nil, detail: event.text("detail") ?? "")]
        case PatchClipped.typeName:
            subject = "patch \(event.text("patch_id") ?? "")"
            gates = [Self.clipped(event)]
        case DeadLettered.typeName:
            subject = "message \(event.text("message_id") ?? "")"
            let target = event.text("target").map { "to \($0): " } ?? ""
            gates = [Gate(name: event.text("reason") ?? "", miss: nil, detail: target + (event.text("detail") ?? ""))]
        case MessageReceived.typeName where event.text("result") == ReceiptResult.refused.text:
            subject = "message \(event.text("message_id") ?? "")"
            gates = [Gate(name: "REFUSED by \(event.log)", miss: nil, detail: event.text("detail") ?? "")]
        case PatchChanged.typeName where event.text("change") != PatchEnd.extended.text:
            subject = "patch \(event.text("patch_id") ?? "")"
            gates = [Self.changed(event)]
        case SetCompiled.typeName where !event["refused"].elements.isEmpty && event.text("method") != "recompiled":
            let patches = event["refused"].elements.map { FieldText.plain($0, .string, unit: "") }
            subject = "patches \(patches.joined(separator: ", "))"
            let room = ["theta_slack", "phi_slack"].map { "\($0) \(event.text($0) ?? "")" }.joined(separator: ", ")
            gates = [Gate(name: "NOT_CHOSEN", miss: nil, detail: "\(event.text("method") ?? ""): room left: \(room)")]
        case BraidStateChanged.typeName where Self.endedStates.contains(event.text("to") ?? ""):
            subject = "braid \(event.text("braid_id") ?? "")"
            gates = [Gate(name: event.text("to") ?? "", miss: nil, detail: event.text("cause") ?? "")]
        default: return nil
        }
    }

    private static let endedStates = [BraidState.sunset.text, BraidState.archived.text]

    /// How a patch left force or was weakened, with the evidence.
    private static func changed(_ event: RecordedEvent) -> Gate {
        let evidence = event["evidence"].elements.compactMap { metric -> String? in
            guard case .record(let parts) = metric, parts.count == 2, case .string(let name) = parts[0] else {
                return nil
            }
            return "\(name) \(FieldText.plain(parts[1], .f64, unit: ""))"
        }
        return Gate(
            name: event.text("change") ?? "", miss: nil,
            detail: ([event.text("cause") ?? ""] + evidence).joined(separator: ", "))
    }

    /// The reasons of a window that was held back, each with the margin of the same place in the list.
    private static func withheld(_ event: RecordedEvent) -> [Gate] {
        guard let reasons = event.schema.fields.firstIndex(where: { $0.name == "reasons" }),
            case .list(let type, _) = event.schema.fields[reasons].type
        else { return [] }
        let margins = event["margins"].elements
        return event.values[reasons].elements.enumerated().map { index, reason in
            let name = FieldText.plain(reason, type, unit: "")
            guard index < margins.count, case .record(let parts) = margins[index], parts.count == 2,
                case .string(let what) = parts[0]
            else { return Gate(name: name, miss: nil, detail: "") }
            guard case .double(let value) = parts[1] else { return Gate(name: name, miss: nil, detail: what) }
            return Gate(name: name, miss: value.magnitude, detail: "\(what) \(value)")
        }
    }

    /// The gates of a scored window that did not let it pass, and that its detector abstained.
    static func failedGates(_ event: RecordedEvent) -> [Gate] {
        var failed: [Gate] = []
        if event["abstained"] == .bool(true) {
            failed.append(Gate(name: "ABSTAINED", miss: nil, detail: "too uncertain, or the data were bad"))
        }
        guard let index = event.schema.fields.firstIndex(where: { $0.name == "gates" }),
            case .list(.record(let fields), _) = event.schema.fields[index].type,
            let name = fields.firstIndex(where: { $0.name == "name" }),
            let passed = fields.firstIndex(where: { $0.name == "passed" })
        else { return failed }
        for case .record(let parts) in event.values[index].elements where parts[passed] == .bool(false) {
            let text = FieldText.plain(parts[name], fields[name])
            failed.append(Gate(name: text, miss: nil, detail: "did not let the window pass"))
        }
        return failed
    }

    /// Takes in the gates that the record of the window tells of, besides the reasons that are there: a reason names
    /// its gate with or without `GATE_` before it.
    mutating func add(_ failed: [Gate]) {
        let known = Set(gates.flatMap { [$0.name.uppercased(), "GATE_\($0.name.uppercased())"] })
        gates += failed.filter { gate in
            let name = gate.name.uppercased()
            return !known.contains(name) && !known.contains("GATE_\(name)")
        }
    }

    private static func clipped(_ event: RecordedEvent) -> Gate {
        let knob = event.text("knob") ?? ""
        guard case .double(let asked) = event["asked"], case .double(let applied) = event["applied"] else {
            return Gate(name: "CAP", miss: nil, detail: knob)
        }
        return Gate(
            name: "CAP", miss: (asked - applied).magnitude, detail: "\(knob) asked \(asked), applied \(applied)")
    }

    /// Whether it, or what it is about, is named so: an id, a patch, an asset, a detector, a knob.
    package func concerns(_ name: String) -> Bool {
        let names = ["scored_id", "message_id", "patch_id", "braid_id", "knob", "id", "lifecycle_id", "parent_id"]
        if names.contains(where: { event.text($0) == name || "B-\(event.text($0) ?? "")" == name }) { return true }
        if event["refused"].elements.contains(.string(name)) { return true }
        let spoken = event.schema.name == SignalScored.typeName ? event : about
        return ["symbol", "asset", "detector_id"].contains { spoken?.text($0) == name }
    }

    /// How far it was from passing: fewer gates first, then the smaller largest miss; a gate that is no question of
    /// more or less is farther than any number.
    package var distance: (gates: Int, miss: Double) {
        (gates.count, gates.map { $0.miss ?? .infinity }.max() ?? .infinity)
    }

    /// Lines for people.
    package var text: String {
        var lines = ["\(subject)  stopped by \(event.title)"]
        if let about { lines.append("    about \(about.title): \(about.summary())") }
        for gate in gates {
            let miss = gate.miss.map { ", missed by \($0)" } ?? ""
            lines.append("    \(gate.name)\(miss)\(gate.detail.isEmpty ? "" : ": \(gate.detail)")")
        }
        return lines.joined(separator: "\n")
    }

    /// One JSON object.
    package var json: String {
        let list = gates.map { gate in
            "{\"gate\":\(jsonString(gate.name)),\"miss\":\(gate.miss.map { "\($0)" } ?? "null"),"
                + "\"detail\":\(jsonString(gate.detail))}"
        }
        return "{\"subject\":\(jsonString(subject)),\"gates\":[\(list.joined(separator: ","))],"
            + "\"event\":\(event.json),\"about\":\(about?.json ?? "null")}"
    }
}
