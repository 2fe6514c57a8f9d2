package import Events
import LogFormat

/// Whether what was measured of a patch out of sample can be told from nothing (PRI-24; AT7.2).
package struct PatchNoise: Equatable, Sendable {
    /// What the last evaluation says.
    package enum Verdict: String, Sendable {
        /// The fifth percentile of the uplift is above zero.
        case beyond = "BEYOND"
        /// It is not.
        case within = "WITHIN"
        /// Fewer windows than the patch's own rule asks for.
        case tooFew = "TOO_FEW"
        /// Nobody has evaluated it.
        case unknown = "NOT_EVALUATED"
    }

    package let patchID: PatchID
    package let verdict: Verdict
    /// Fifth percentile of the uplift out of sample; nil before the first evaluation.
    package let upliftP05: Double?
    /// Windows behind it, and how many the patch asks for.
    package let support: Int64
    package let supportMin: Int64

    /// Judges a patch by its last evaluation.
    fileprivate init(_ patchID: PatchID, last: PatchWatched?, rule: RevertRule) {
        self.patchID = patchID
        upliftP05 = last?.upliftP05
        support = last?.support ?? 0
        supportMin = rule.supportMin
        guard let last else {
            verdict = .unknown
            return
        }
        verdict = last.support < rule.supportMin ? .tooFew : last.upliftP05 > 0 ? .beyond : .within
    }

    /// The verdict for people.
    package var text: String {
        let measured = upliftP05.map { "p05 of the uplift \($0) over \(support) windows" } ?? ""
        return switch verdict {
        case .beyond: "beyond noise: \(patchID), \(measured)"
        case .within: "within noise: \(patchID), \(measured)"
        case .tooFew: "noise not told yet: \(patchID), \(measured), \(supportMin) are asked for"
        case .unknown: "noise not told yet: \(patchID) was not evaluated"
        }
    }

    /// One JSON object.
    var json: String {
        "{\"patch\":\(jsonString(patchID.text)),\"verdict\":\"\(verdict.rawValue)\","
            + "\"p05\":\(upliftP05.map { "\($0)" } ?? "null"),\"support\":\(support),\"support_min\":\(supportMin)}"
    }
}

/// The last evaluation of each patch among some records, which end with the moment that is asked about.
struct PatchEvaluations {
    /// Looked up only, never gone through.
    private var last: [PatchID: PatchWatched] = [:]
    private var rules: [PatchID: RevertRule] = [:]

    /// Goes through the records once.
    init(_ records: some Collection<PriorsRecord>) {
        for record in records {
            switch record.event {
            case .applied(let event): rules[event.asked.patchID] = event.asked.revertRule
            case .watched(let event): last[event.patchID] = event
            default: continue
            }
        }
    }

    /// What the last evaluation of a patch says.
    func noise(of patchID: PatchID) -> PatchNoise {
        PatchNoise(patchID, last: last[patchID], rule: rules[patchID] ?? RevertRule())
    }
}
