import Events
import LogEngine
import LogFormat
import Runtime

/// A thing that two runs were made of and that is not the same in both.
package struct OriginDifference: Equatable, Sendable {
    /// What it is, such as `code_sha`, or `DETECTOR.PARAMETER`.
    package let name: String
    /// Its value in either run; nil where it is not there.
    package let a: String?
    package let b: String?

    /// Makes a difference.
    package init(name: String, a: String?, b: String?) {
        self.name = name
        self.a = a
        self.b = b
    }

    /// The difference for people.
    package var text: String { "\(name): \(a ?? "none") -> \(b ?? "none")" }

    /// One JSON object.
    var json: String {
        "{\"name\":\(jsonString(name)),\"a\":\(a.map(jsonString) ?? "null"),\"b\":\(b.map(jsonString) ?? "null")}"
    }
}

/// What a run was made of, by its own records: how it was started (REP-07), and the detectors that it registered.
struct RunOrigins {
    /// Types of the records that say it, and of the end: runs that are made of other things cannot but differ in them.
    static let types: Set<String> = [RunStarted.typeName, DetectorRegistered.typeName, RunCompleted.typeName]

    private static let started = ["kind", "code_sha", "seed", "fixtures_hash", "priors_vers", "cut_off"]
    /// What is known of a detector besides its parameters: compared only where all parameters are the same.
    private static let rest = "recipe"

    private var values: [String: String] = [:]

    /// Reads the records of a root.
    init(_ root: RootLogs) throws(LogError) {
        for name in root.names {
            let walk = try root.walk(name, types: [RunStarted.typeName, DetectorRegistered.typeName], byIndex: .all)
            while try walk.next() {
                let event = try walk.event()
                if event.schema.name == RunStarted.typeName { start(event) } else { register(event) }
            }
        }
    }

    private mutating func start(_ event: RecordedEvent) {
        for name in Self.started { if let value = event.text(name) { values[name] = value } }
    }

    private mutating func register(_ event: RecordedEvent) {
        guard let detector = event.text("detector_id"), case .string(let recipe) = event["recipe"] else { return }
        var others: [Substring] = []
        for line in recipe.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if words.count >= 3, words[0] == "parameter" {
                values["\(detector).\(words[1])"] = String(words[2])
            } else {
                others.append(line)
            }
        }
        values["\(detector).\(Self.rest)"] = others.joined(separator: "\n")
    }

    /// What two runs do not share, in the order of the names.
    static func differences(_ a: RunOrigins, _ b: RunOrigins) -> [OriginDifference] {
        let names = Set(a.values.keys).union(b.values.keys).sorted()
        let found = names.filter { a.values[$0] != b.values[$0] }.map {
            OriginDifference(name: $0, a: a.values[$0], b: b.values[$0])
        }
        return found.compactMap { told($0, among: found) }
    }

    /// The steps of a recipe say its parameters once more: told are those, or the first step that is another one.
    private static func told(_ difference: OriginDifference, among all: [OriginDifference]) -> OriginDifference? {
        guard difference.name.hasSuffix(".\(rest)") else { return difference }
        let detector = difference.name.dropLast(rest.count)
        guard !all.contains(where: { $0.name.hasPrefix(detector) && $0.name != difference.name }) else { return nil }
        guard let a = difference.a?.split(separator: "\n"), let b = difference.b?.split(separator: "\n") else {
            return OriginDifference(
                name: difference.name, a: difference.a.map { _ in "there" }, b: difference.b.map { _ in "there" })
        }
        let first = zip(a, b).enumerated().first { $1.0 != $1.1 }?.offset ?? min(a.count, b.count)
        return OriginDifference(
            name: difference.name, a: a.indices.contains(first) ? String(a[first]) : nil,
            b: b.indices.contains(first) ? String(b[first]) : nil)
    }
}
