import ArgumentParser
import DetectorYAML
import Events
import LogEngine
import LogFormat
import Market
import Runtime
import SignalEngine

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
    @Option(
        help: ArgumentHelp(
            "Also record the tape of tokens, one for so many milliseconds: \(MicroTape.cadenceMillis.lowerBound) to "
                + "\(MicroTape.cadenceMillis.upperBound).", valueName: "ms"))
    var tape: Int64?

    /// Longest YAML file that is read.
    private static let fileBytesMax = 1 << 20

    /// The detectors, compiled, with the settings of the engine.
    ///
    /// - Parameter cell: an overlay that comes from no file, with what it is called in messages.
    func engine(seed: UInt64, cell: (name: String, text: String)? = nil) throws -> SignalEngine {
        var sources = try files.isEmpty ? Self.shipped() : files.map(read)
        for word in without { try leaveOut(word, of: &sources) }
        var setup = EngineSetup()
        setup.seed = seed
        if let tape {
            guard MicroTape.cadenceMillis.contains(tape) else {
                throw ToolError(
                    .usage,
                    "--tape \(tape): expected \(MicroTape.cadenceMillis.lowerBound) to "
                        + "\(MicroTape.cadenceMillis.upperBound) milliseconds")
            }
            setup.tapeMillis = tape
        }
        if let overlay { try Overlay(overlay, try text(overlay)).apply(&sources, &setup) }
        if let cell { try Overlay(cell.name, cell.text).apply(&sources, &setup) }
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
            + (try overlay.map { ["--overlay", try Proof.whole($0)] } ?? []) + (tape.map { ["--tape", "\($0)"] } ?? [])
    }

    /// What of a cohort can change an output byte, for the run's manifest.
    static func settings(_ engine: SignalEngine) -> [(name: String, value: RunConfiguration.Value)] {
        engine.cohort.map { ("detector/\($0.id.text)", .text("\($0.hash)")) } + [
            ("engine/siblings", .integer(Int64(engine.setup.siblings))),
            ("engine/initial_state", .text(engine.setup.initialState.text)),
        ] + (engine.setup.tapeMillis.map { [("engine/tape_millis", .integer($0))] } ?? [])
    }

    /// The detectors that come with the program.
    static func shipped() throws -> [DetectorSource] {
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
