import ArgumentParser
import DetectorYAML
import Events
import LogEngine
import LogFormat
import Runtime
import SignalEngine
import Yams

/// Which detectors a run has, and how they are set (LRN-61, REP-11).
struct CohortOptions: ParsableArguments {
    @Option(
        name: .customLong("detector"),
        help: ArgumentHelp("A detector's YAML file; with any, the shipped ones stay out.", valueName: "file"))
    var files: [String] = []
    @Option(help: ArgumentHelp("Leave out detector:ID or family:NAME.", valueName: "what"))
    var without: [String] = []
    @Option(help: ArgumentHelp("A YAML file that changes parameters and settings.", valueName: "file"))
    var overlay: String?

    /// Longest YAML file that is read.
    private static let fileBytesMax = 1 << 20

    /// The detectors, compiled, with the settings of the engine.
    func engine(seed: UInt64) throws -> SignalEngine {
        var sources = try files.isEmpty ? shipped() : files.map(read)
        for word in without { try leaveOut(word, of: &sources) }
        var setup = EngineSetup()
        setup.seed = seed
        if let overlay { try Overlay(overlay, try text(overlay)).apply(&sources, &setup) }
        guard !sources.isEmpty else { throw ToolError(.usage, "--without leaves no detector: keep at least one") }
        var recipes: [Recipe] = []
        for source in sources {
            do throws(LanguageError) { recipes.append(try RecipeCompiler.compile(source)) } catch {
                throw ToolError("\(source.id.text): \(error)")
            }
        }
        return SignalEngine(recipes, setup: setup)
    }

    /// The same options for another process in another folder.
    func words() throws -> [String] {
        try files.flatMap { ["--detector", try Proof.whole($0)] } + without.flatMap { ["--without", $0] }
            + (try overlay.map { ["--overlay", try Proof.whole($0)] } ?? [])
    }

    /// What of a cohort can change an output byte, for the run's manifest.
    static func settings(_ engine: SignalEngine) -> [(name: String, value: RunConfiguration.Value)] {
        engine.cohort.map { ("detector/\($0.id.text)", .text("\($0.hash)")) } + [
            ("engine/siblings", .integer(Int64(engine.setup.siblings))),
            ("engine/initial_state", .text(engine.setup.initialState.text)),
        ]
    }

    private func shipped() throws -> [DetectorSource] {
        try ShippedDetectors.files.map { file in
            do throws(LanguageError) { return try DetectorReader.source(file.text) } catch {
                throw ToolError("\(file.name): \(error)")
            }
        }
    }

    private func text(_ path: String) throws -> String {
        let bytes = try WholeFile.read(path, limit: Self.fileBytesMax, what: "a YAML file")
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ToolError("\(path): is not UTF-8; a YAML file is")
        }
        return text
    }

    private func read(_ path: String) throws -> DetectorSource {
        let text = try text(path)
        do throws(LanguageError) { return try DetectorReader.source(text) } catch {
            throw ToolError("\(path): \(error)")
        }
    }

    private func leaveOut(_ word: String, of sources: inout [DetectorSource]) throws {
        let before = sources.count
        if word.hasPrefix("detector:") {
            sources.removeAll { $0.id.text == word.dropFirst(9) }
        } else if word.hasPrefix("family:") {
            sources.removeAll { $0.family.text == word.dropFirst(7) }
        } else {
            throw ToolError(.usage, "--without \(word): expected detector:ID or family:NAME")
        }
        guard sources.count < before else {
            throw ToolError(
                .usage,
                "--without \(word): no detector is one; there are \(sources.map(\.id.text).joined(separator: ", "))")
        }
    }
}

/// Changes of a cohort in a file: `params: {DETECTOR: {NAME: VALUE}}`, `siblings: N`, `initial_state: NAME`.
private struct Overlay {
    private let path: String
    private let root: [String: Any]

    init(_ path: String, _ text: String) throws {
        self.path = path
        do {
            guard let root = try Yams.load(yaml: text) as? [String: Any] else {
                throw ToolError("\(path): expected a mapping with params, siblings or initial_state")
            }
            self.root = root
        } catch let error as YamlError {
            throw ToolError("\(path): \(error)")
        }
    }

    func apply(_ sources: inout [DetectorSource], _ setup: inout EngineSetup) throws {
        for key in root.keys.sorted() {
            switch key {
            case "params": try applyParameters(&sources)
            case "siblings":
                guard let count = root[key] as? Int, (0...16).contains(count) else {
                    throw ToolError("\(path): siblings is \(root[key] ?? ""), expected 0 to 16")
                }
                setup.siblings = count
            case "initial_state":
                guard let state = (root[key] as? String).flatMap(DetectorState.init(text:)) else {
                    throw ToolError(
                        "\(path): initial_state is \(root[key] ?? ""), expected one of "
                            + DetectorState.symbols.joined(separator: ", "))
                }
                setup.initialState = state
            default: throw ToolError("\(path): '\(key)' is no setting; expected params, siblings, initial_state")
            }
        }
    }

    private func applyParameters(_ sources: inout [DetectorSource]) throws {
        guard let detectors = root["params"] as? [String: [String: Any]] else {
            throw ToolError("\(path): params must be a mapping of detectors to parameters")
        }
        for id in detectors.keys.sorted() {
            guard let place = sources.firstIndex(where: { $0.id.text == id }) else {
                throw ToolError(
                    "\(path): params names \(id), which is not in the cohort: "
                        + sources.map(\.id.text).joined(separator: ", "))
            }
            let values = detectors[id] ?? [:]
            for name in values.keys.sorted() {
                guard let at = sources[place].parameters.firstIndex(where: { $0.name.text == name }) else {
                    throw ToolError(
                        "\(path): \(id) has no parameter \(name); it has "
                            + sources[place].parameters.map(\.name.text).joined(separator: ", "))
                }
                let parameter = sources[place].parameters[at]
                guard let value = values[name] as? Double ?? (values[name] as? Int).map(Double.init),
                    value >= parameter.minimum, value <= parameter.maximum
                else {
                    throw ToolError(
                        "\(path): \(id) \(name) is \(values[name] ?? ""), expected \(parameter.minimum) to "
                            + "\(parameter.maximum)")
                }
                sources[place].parameters[at].value = value
            }
        }
    }
}
