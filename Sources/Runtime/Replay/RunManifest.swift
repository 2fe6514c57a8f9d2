package import Events
package import LogEngine
package import LogFormat

/// A log that a run reads, by what it holds and not by where it lies (REP-07).
package struct RunInput: Equatable, Sendable {
    /// The log's module, such as `mkt`.
    package var stream: String
    /// Head of the chain over all sealed segments: one changed bit in any of them changes it.
    package var chainHead: Digest
    /// Events of the log.
    package var eventCount: UInt64
    /// Smallest and largest event time; nil for an empty log.
    package var eventNanos: ClosedRange<Int64>?

    /// Makes an input.
    package init(stream: String, chainHead: Digest, eventCount: UInt64, eventNanos: ClosedRange<Int64>?) {
        self.stream = stream
        self.chainHead = chainHead
        self.eventCount = eventCount
        self.eventNanos = eventNanos
    }

    /// Reads the seals of the log at `path`, in a time that follows the number of its segments.
    ///
    /// - Throws: `usage` for a log with events behind its last seal: only what never changes again can be named.
    package init(_ path: String, environment: LogEnvironment = .real()) throws(LogError) {
        let location = try LogLocation(path, environment: environment)
        stream = String(location.directory.split(separator: "/").last ?? "")
        chainHead = .zero
        eventCount = 0
        let names = try location.segmentNames()
        for (place, name) in names.enumerated() {
            let map = try Self.map(location, name)
            let count = map.entries.reduce(0) { $0 + UInt64($1.count) }
            guard map.seal != nil || count == 0 && place + 1 == names.count else {
                throw LogError(
                    .usage,
                    "\(path): \(count) events stand behind its last seal, and a run reads sealed ones only: "
                        + "lotus seal \(path) while no writer is at work, or replay a bundle that lotus freeze made")
            }
            if let seal = map.seal { (chainHead, eventCount) = (seal.chainHead, seal.lastSeq) }
            for entry in map.entries {
                let (low, high) = (eventNanos?.lowerBound ?? .max, eventNanos?.upperBound ?? .min)
                eventNanos = min(low, entry.minEventNanos)...max(high, entry.maxEventNanos)
            }
        }
    }

    private static func map(_ location: LogLocation, _ name: String) throws(LogError) -> SegmentMap {
        let file: FileID
        do throws(FSError) {
            file = try location.fileSystem.open("\(location.directory)/\(name)", .read)
        } catch { throw LogError(error) }
        defer { location.fileSystem.close(file) }
        return try SegmentMap(location.fileSystem, file, name: name, useIndex: true)
    }

    var json: String {
        "{\"stream\":\(jsonString(stream)),\"events\":\(eventCount),\"chain_head\":\"\(chainHead)\"}"
    }
}

/// The settings of a run, as values: the order and the layout of the file that they come from do not count.
package struct RunConfiguration: Equatable, Sendable {
    /// A setting's value.
    package enum Value: Equatable, Sendable {
        case text(String)
        case integer(Int64)
        case number(Double)
        case truth(Bool)
    }

    /// The settings, sorted by name.
    package let entries: [(name: String, value: Value)]

    /// Takes settings in any order.
    ///
    /// - Throws: `usage` for a name given twice or a number that is not finite.
    package init(_ given: [(name: String, value: Value)] = []) throws(LogError) {
        entries = given.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for index in entries.indices {
            if index > 0, entries[index].name == entries[index - 1].name {
                throw LogError(.usage, "setting \(entries[index].name) is given twice: keep one of them")
            }
            if case .number(let value) = entries[index].value, !value.isFinite {
                throw LogError(.usage, "setting \(entries[index].name) is \(value), expected a finite number")
            }
        }
    }

    package static func == (a: RunConfiguration, b: RunConfiguration) -> Bool { a.text == b.text }

    /// One JSON object, the same bytes for the same settings; a whole number is written as an integer however it came.
    package var text: String {
        let members = entries.map { entry in
            let value =
                switch entry.value {
                case .text(let text): jsonString(text)
                case .integer(let value): "\(value)"
                case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
                case .truth(let value): "\(value)"
                }
            return "\(jsonString(entry.name)):\(value)"
        }
        return "{\(members.joined(separator: ","))}"
    }

    /// SHA-256 of the text.
    package var hash: PayloadHash { PayloadHash(Digest(hashing: Array(text.utf8))) }
}

/// What a run is made of, and nothing else: the same manifest means the same output bytes (REP-07, REP-10).
package struct RunManifest: Equatable, Sendable {
    /// Name of the file in the run's folder.
    package static let fileName = "RUN.json"

    /// The kind of run.
    package var type = RunType.replay
    /// The logs that it reads, in the order in which they are merged.
    package var inputs: [RunInput]
    /// Its settings.
    package var configuration: RunConfiguration
    /// Revision of the code.
    package var codeRevision: String
    /// Seed of everything that is drawn (GEN-13).
    package var seed: UInt64
    /// Versions of the priors that it starts from.
    package var priorsVersions: [PriorsVersion]
    /// The walk-forward plan as written canonically; nil without one.
    package var plan: String?
    /// Events that became known later are not read; nil for all.
    package var untilNanos: Int64?

    /// Makes a manifest.
    package init(
        type: RunType = .replay, inputs: [RunInput], configuration: RunConfiguration, codeRevision: String,
        seed: UInt64, priorsVersions: [PriorsVersion] = [], plan: String? = nil, untilNanos: Int64? = nil
    ) {
        self.type = type
        self.inputs = inputs
        self.configuration = configuration
        self.codeRevision = codeRevision
        self.seed = seed
        self.priorsVersions = priorsVersions
        self.plan = plan
        self.untilNanos = untilNanos
    }

    /// The revision of the program that runs, marked if its tree was modified.
    package static func codeRevision(_ environment: LogEnvironment) -> String {
        hex(environment.build) + (environment.buildIsModified ? "-modified" : "")
    }

    /// SHA-256 over everything that can change an output byte.
    package var contentHash: PayloadHash { PayloadHash(Digest(hashing: Array(body.utf8))) }

    /// SHA-256 over the inputs alone.
    package var inputsHash: PayloadHash { PayloadHash(Digest(hashing: Array(inputsText.utf8))) }

    /// First moment of the inputs; 0 for empty ones.
    package var firstNanos: Int64 { inputs.compactMap(\.eventNanos?.lowerBound).min() ?? 0 }

    /// The id of the run: it follows from its content (AT: the same run has the same id on every machine).
    package var runID: RunID {
        RunID(ULID(module: Module.ops.text, key: "run|\(contentHash)", eventNanos: firstNanos))
    }

    /// The manifest as written: one JSON object, the same bytes for the same run.
    package var text: String { "\(body)\"content\":\"\(contentHash)\",\"run_id\":\"\(runID)\"}\n" }

    private var inputsText: String { "[" + inputs.map(\.json).joined(separator: ",\n") + "]" }

    private var body: String {
        let priors = priorsVersions.map { jsonString($0.text) }.joined(separator: ",")
        return """
            {"format":1,"kind":"\(RunType.symbols[Int(type.rawValue)])",
            "inputs":\(inputsText),
            "config":\(configuration.text),
            "code_sha":\(jsonString(codeRevision)),"seed":"\(seed)","priors_ver":[\(priors)],
            "plan":\(plan.map(jsonString) ?? "null"),"until":\(untilNanos.map { "\"\($0)\"" } ?? "null"),

            """
    }
}
