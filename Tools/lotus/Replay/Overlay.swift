import Events
import LogFormat
import PlacedYAML
import SignalEngine
import Yams

/// Changes of a cohort in a file: `params: {DETECTOR: {NAME: VALUE}}`, `siblings: N`, `initial_state: NAME`.
struct Overlay {
    private let path: String
    private let root: Node

    /// Largest file that is read, in bytes.
    private static let bytesMax = 1 << 20
    /// Most mutation siblings of a detector.
    private static let siblingsMax = 16

    /// Reads an overlay.
    ///
    /// - Throws: with file, line and column, what was found and what was expected.
    init(_ path: String, _ text: String) throws {
        self.path = path
        do throws(YAMLFailure) { root = try YAMLDocuments.only(of: text, bytesMax: Self.bytesMax) } catch {
            throw ToolError("\(path):\(error.line):\(error.column): \(error.message)")
        }
    }

    /// Applies the changes, in the order of the file.
    func apply(_ sources: inout [DetectorSource], _ setup: inout EngineSetup) throws {
        for (key, value) in try mapping(root, "an overlay") {
            switch key.string {
            case "params": try applyParameters(value, &sources)
            case "siblings":
                guard let count = value.scalar.flatMap({ Int($0.string) }), (0...Self.siblingsMax).contains(count)
                else { throw error(value, "siblings is \(value.found), expected 0 to \(Self.siblingsMax)") }
                setup.siblings = count
            case "initial_state":
                guard let state = value.scalar.flatMap({ DetectorState(text: $0.string) }) else {
                    throw error(
                        value,
                        "initial_state is \(value.found), expected one of "
                            + DetectorState.symbols.joined(separator: ", "))
                }
                setup.initialState = state
            default:
                throw error(.scalar(key), "'\(key.string)' is no setting; expected params, siblings, initial_state")
            }
        }
    }

    private func applyParameters(_ node: Node, _ sources: inout [DetectorSource]) throws {
        for (id, values) in try mapping(node, "params") {
            guard let place = sources.firstIndex(where: { $0.id.text == id.string }) else {
                throw error(
                    .scalar(id),
                    "params names \(id.string), which is not in the cohort: "
                        + sources.map(\.id.text).joined(separator: ", "))
            }
            for (name, value) in try mapping(values, "params of \(id.string)") {
                try set(name, value, of: &sources[place])
            }
        }
    }

    private func set(_ name: Node.Scalar, _ value: Node, of source: inout DetectorSource) throws {
        guard let at = source.parameters.firstIndex(where: { $0.name.text == name.string }) else {
            throw error(
                .scalar(name),
                "\(source.id.text) has no parameter \(name.string); it has "
                    + source.parameters.map(\.name.text).joined(separator: ", "))
        }
        let (minimum, maximum) = (source.parameters[at].minimum, source.parameters[at].maximum)
        guard let number = value.scalar.flatMap({ Double($0.string) }), number >= minimum, number <= maximum else {
            throw error(
                value, "\(source.id.text) \(name.string) is \(value.found), expected \(minimum) to \(maximum)")
        }
        source.parameters[at].value = number
    }

    /// Keys and values of a mapping, in the order of the file.
    private func mapping(_ node: Node, _ what: String) throws -> [(key: Node.Scalar, value: Node)] {
        guard case .mapping(let mapping) = node else {
            throw error(node, "\(what) is \(node.found), expected a mapping (key: value)")
        }
        return try mapping.map { key, value in
            guard case .scalar(let scalar) = key else {
                throw error(key, "a key of \(what) is \(key.found), expected a word")
            }
            return (scalar, value)
        }
    }

    private func error(_ node: Node, _ message: String) -> ToolError {
        ToolError("\(path):\(node.mark?.line ?? 1):\(node.mark?.column ?? 1): \(message)")
    }
}
