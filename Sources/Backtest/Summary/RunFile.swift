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

/// JSON as far as RUN.json needs it; numbers stay text.
indirect enum PlainJSON: Equatable, Sendable {
    case null
    case truth(Bool)
    case number(String)
    case string(String)
    case array([PlainJSON])
    case object([(name: String, value: PlainJSON)])

    /// Why a text is no such value.
    struct Failure: Error {
        let offset: Int
        let what: String
    }

    /// Deepest nesting.
    static let depthMax = 16

    static func == (a: PlainJSON, b: PlainJSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.truth(let a), .truth(let b)): a == b
        case (.number(let a), .number(let b)), (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a.map(\.name) == b.map(\.name) && a.map(\.value) == b.map(\.value)
        default: false
        }
    }

    /// The member of an object; nil for anything else.
    subscript(_ name: String) -> PlainJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// A scalar as people read it.
    var text: String {
        switch self {
        case .null: "null"
        case .truth(let value): "\(value)"
        case .number(let text), .string(let text): text
        case .array(let values): "[\(values.map(\.text).joined(separator: ", "))]"
        case .object(let members): "{\(members.map { "\($0.name): \($0.value.text)" }.joined(separator: ", "))}"
        }
    }

    init(parsing bytes: [UInt8]) throws(Failure) {
        var cursor = Cursor(bytes: bytes)
        self = try cursor.value(depth: 0)
        cursor.skipSpace()
        guard cursor.offset == bytes.count else { throw cursor.failure("goes on behind its end") }
    }

    private struct Cursor {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

        func failure(_ what: String) -> Failure { Failure(offset: offset, what: what) }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
        }

        mutating func take(_ byte: UInt8) throws(Failure) {
            skipSpace()
            guard next == byte else { throw failure("lacks '\(Character(UnicodeScalar(byte)))'") }
            offset += 1
        }

        mutating func has(_ byte: UInt8) -> Bool {
            skipSpace()
            guard next == byte else { return false }
            offset += 1
            return true
        }

        mutating func value(depth: Int) throws(Failure) -> PlainJSON {
            guard depth < PlainJSON.depthMax else { throw failure("is nested deeper than \(PlainJSON.depthMax)") }
            skipSpace()
            switch next {
            case UInt8(ascii: "{"): return try object(depth)
            case UInt8(ascii: "["): return try array(depth)
            case UInt8(ascii: "\""): return .string(try string())
            default: return try word()
            }
        }

        private mutating func object(_ depth: Int) throws(Failure) -> PlainJSON {
            try take(UInt8(ascii: "{"))
            var members: [(name: String, value: PlainJSON)] = []
            if has(UInt8(ascii: "}")) { return .object(members) }
            repeat {
                skipSpace()
                let name = try string()
                try take(UInt8(ascii: ":"))
                members.append((name, try value(depth: depth + 1)))
            } while has(UInt8(ascii: ","))
            try take(UInt8(ascii: "}"))
            return .object(members)
        }

        private mutating func array(_ depth: Int) throws(Failure) -> PlainJSON {
            try take(UInt8(ascii: "["))
            var values: [PlainJSON] = []
            if has(UInt8(ascii: "]")) { return .array(values) }
            repeat { values.append(try value(depth: depth + 1)) } while has(UInt8(ascii: ","))
            try take(UInt8(ascii: "]"))
            return .array(values)
        }

        private mutating func string() throws(Failure) -> String {
            try take(UInt8(ascii: "\""))
            var text: [UInt8] = []
            while let byte = next {
                offset += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    text.append(byte)
                    continue
                }
                guard let escape = next else { break }
                offset += 1
                switch escape {
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "r"): text.append(0x0D)
                case UInt8(ascii: "t"): text.append(0x09)
                case UInt8(ascii: "b"): text.append(0x08)
                case UInt8(ascii: "f"): text.append(0x0C)
                case UInt8(ascii: "u"):
                    let digits = bytes[offset..<min(offset + 4, bytes.count)]
                    guard digits.count == 4, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                        let scalar = UnicodeScalar(code)
                    else { throw failure("has a broken escape") }
                    text += Array(String(Character(scalar)).utf8)
                    offset += 4
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
                default: throw failure("has an unknown escape")
                }
            }
            throw failure("ends inside a string")
        }

        private mutating func word() throws(Failure) -> PlainJSON {
            let start = offset
            while let byte = next, !",]}: \n\r\t".utf8.contains(byte) { offset += 1 }
            let text = String(decoding: bytes[start..<offset], as: UTF8.self)
            switch text {
            case "null": return .null
            case "true": return .truth(true)
            case "false": return .truth(false)
            default:
                guard let number = Double(text), number.isFinite else {
                    throw Failure(offset: start, what: "has '\(text)', expected a value")
                }
                return .number(text)
            }
        }
    }
}
