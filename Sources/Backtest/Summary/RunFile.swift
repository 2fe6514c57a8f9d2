package import LogEngine
import LogFormat
import Runtime

/// RUN.json of a run, read back.
package struct RunFile: Equatable, Sendable {
    /// An input as the file names it.
    package struct Input: Equatable, Sendable {
        /// The log's module.
        package let stream: String
        /// Its events.
        package let events: Int
        /// Head of its chain, in hexadecimal.
        package let chainHead: String
    }

    /// The kind of run as written.
    package let kind: String
    /// The logs that it read.
    package let inputs: [Input]
    /// Its settings, as written.
    package let configuration: [(name: String, value: String)]
    /// The walk-forward plan; nil without one.
    package let plan: String?
    /// Events that became known later were not read; nil for all.
    package let untilNanos: Int64?
    /// Versions of the priors that it started from.
    package let priorsVersions: [String]
    /// Revision of the code, and the seed as written; empty where the file does not say.
    package let codeRevision: String
    package let seed: String
    /// Id of the run as written.
    package let runID: String

    /// Most bytes of the file.
    package static let bytesMax = 1 << 20

    /// Tells whether two files say the same.
    package static func == (a: RunFile, b: RunFile) -> Bool {
        a.kind == b.kind && a.inputs == b.inputs && a.plan == b.plan && a.untilNanos == b.untilNanos
            && a.priorsVersions == b.priorsVersions && a.codeRevision == b.codeRevision && a.seed == b.seed
            && a.configuration.map(\.name) == b.configuration.map(\.name)
            && a.configuration.map(\.value) == b.configuration.map(\.value)
    }

    /// Reads the file in a run's folder.
    ///
    /// - Throws: `usage` where there is none; `damaged` for anything but what a replay writes.
    package init(in directory: String, environment: LogEnvironment = .real()) throws(LogError) {
        let place = "\(directory)/\(RunManifest.fileName)"
        guard environment.fileSystem.kind(place) == .file else {
            throw LogError(
                .usage, "\(directory): holds no \(RunManifest.fileName); name the folder that lotus replay --out wrote")
        }
        let bytes: [UInt8]
        do throws(FSError) { bytes = try environment.fileSystem.readAll(place, limit: Self.bytesMax) } catch {
            throw LogError(error)
        }
        try self.init(bytes, place)
    }

    init(_ bytes: [UInt8], _ place: String) throws(LogError) {
        func damaged(_ what: String) -> LogError {
            LogError(
                .damaged, "\(place): \(what); it is not what lotus replay writes: replay the inputs into a new folder")
        }
        let root: PlainJSON
        do throws(PlainJSON.Failure) { root = try PlainJSON(parsing: bytes) } catch {
            throw damaged("at byte \(error.offset) \(error.what)")
        }
        guard root["format"] == .number("1") else { throw damaged("format is not 1") }
        guard case .string(let kind) = root["kind"] else { throw damaged("kind is missing") }
        self.kind = kind
        guard case .array(let inputs) = root["inputs"] else { throw damaged("inputs are missing") }
        var found: [Input] = []
        for input in inputs {
            guard case .string(let stream) = input["stream"], case .number(let events) = input["events"],
                let count = Int(events), case .string(let head) = input["chain_head"]
            else { throw damaged("an input lacks stream, events or chain_head") }
            found.append(Input(stream: stream, events: count, chainHead: head))
        }
        self.inputs = found
        guard case .object(let settings) = root["config"] else { throw damaged("config is missing") }
        configuration = settings.map { ($0.name, $0.value.text) }
        if case .string(let plan) = root["plan"] { self.plan = plan } else { plan = nil }
        switch root["until"] {
        case .string(let until):
            guard let nanos = Int64(until) else { throw damaged("until is \(until), expected nanoseconds") }
            untilNanos = nanos
        default: untilNanos = nil
        }
        guard case .array(let priors) = root["priors_ver"] else { throw damaged("priors_ver is missing") }
        priorsVersions = priors.map(\.text)
        codeRevision = root["code_sha"]?.text ?? ""
        seed = root["seed"]?.text ?? ""
        runID = root["run_id"]?.text ?? ""
    }
}

extension RunFile {
    /// How names of settings begin that stand for detectors, whose values are hashes.
    package static let detector = "detector/"

    /// Settings that another run has otherwise, in the order of their names.
    package func settingsChanged(in other: RunFile) -> [(name: String, a: String?, b: String?)] {
        let old = Dictionary(configuration.map { ($0.name, $0.value) }) { first, _ in first }
        let new = Dictionary(other.configuration.map { ($0.name, $0.value) }) { first, _ in first }
        return Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map { ($0, old[$0], new[$0]) }
    }
}
