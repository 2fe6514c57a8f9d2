package import Events
package import LogEngine
package import LogFormat

/// What the logs of a run say, in one number: the same for the same events, however they were packed into batches and
/// segments, and whenever they were appended.
///
/// Of each log: SHA-256 over its events in order; an event is its global sequence number and the length of its stable
/// canonical bytes (both as 8 bytes, the lowest first), then those bytes. Of the run: SHA-256 over one line a log,
/// `name events sha256` with a newline behind each, in order of the modules' ranks.
package struct RunDigest: Equatable, Sendable {
    /// One log.
    package struct Log: Equatable, Sendable {
        package let module: Module
        package let eventCount: UInt64
        package let digest: Digest
    }

    /// The logs, by rank.
    package let logs: [Log]

    /// The digest of the run.
    package var total: Digest {
        var hasher = SHA256Hasher()
        for log in logs { hasher.update(Array("\(log.module.text) \(log.eventCount) \(log.digest)\n".utf8)) }
        return hasher.digest()
    }

    /// Reads the logs of a run.
    ///
    /// - Parameter globalSeq: events with higher numbers are left out.
    /// - Throws: `notALog` where there is none; `damaged`, `fileSystem`.
    package init(
        _ directory: String, upTo globalSeq: UInt64 = .max, environment: LogEnvironment = .real()
    ) throws(LogError) {
        let modules = EventScan.modules(in: directory, environment: environment)
        guard !modules.isEmpty else {
            throw LogError(.notALog, "\(directory): holds no logs of a run; give the folder that a replay wrote")
        }
        var logs: [Log] = []
        for module in modules { logs.append(try Self.read(directory, module, upTo: globalSeq, environment)) }
        self.logs = logs
    }

    /// Reads one log of a run, of which nothing else has changed since an earlier digest.
    ///
    /// - Throws: `damaged`, `fileSystem`.
    init(
        _ directory: String, since earlier: RunDigest, changed module: Module, environment: LogEnvironment
    ) throws(LogError) {
        var logs: [Log] = []
        for log in earlier.logs {
            logs.append(log.module == module ? try Self.read(directory, module, upTo: .max, environment) : log)
        }
        self.logs = logs
    }

    private static func read(
        _ directory: String, _ module: Module, upTo globalSeq: UInt64, _ environment: LogEnvironment
    ) throws(LogError) -> Log {
        let walk = try EventWalk("\(directory)/\(module.text)", environment: environment)
        var hasher = SHA256Hasher()
        var count: UInt64 = 0
        while try walk.next() {
            let place = walk.head.globalSeq
            guard place <= globalSeq else { break }
            unsafe try walk.withCanonical { stable, _ in
                hasher.update(place)
                hasher.update(UInt64(stable.count))
                unsafe hasher.update(stable)
            }
            count += 1
        }
        return Log(module: module, eventCount: count, digest: hasher.digest())
    }

    /// The first event by which two runs differ, or nil if they say the same.
    ///
    /// - Throws: as `init`.
    package static func difference(
        _ a: String, _ b: String, environment: LogEnvironment = .real()
    ) throws(LogError) -> String? {
        let modules = EventScan.modules(in: a, environment: environment)
        let others = EventScan.modules(in: b, environment: environment)
        guard modules == others else {
            return "\(a) has the logs \(modules.map(\.text)), \(b) has \(others.map(\.text))"
        }
        for module in modules {
            let (first, second) = (
                try EventWalk("\(a)/\(module.text)", environment: environment),
                try EventWalk("\(b)/\(module.text)", environment: environment)
            )
            while true {
                let (isFirst, isSecond) = (try first.next(), try second.next())
                guard isFirst || isSecond else { break }
                guard isFirst, isSecond else {
                    let (longer, shorter, seq) = isFirst ? (a, b, first.seq) : (b, a, second.seq)
                    return "\(module.text): \(longer) goes on with event \(seq), where \(shorter) ends"
                }
                let (made, other) = (try bytes(first), try bytes(second))
                guard first.head.globalSeq == second.head.globalSeq, made == other else {
                    return "\(module.text): event \(first.seq) differs (gsn \(first.head.globalSeq) and "
                        + "\(second.head.globalSeq)); lotus diff \(a) \(b) shows the fields"
                }
            }
        }
        return nil
    }

    private static func bytes(_ walk: EventWalk) throws(LogError) -> [UInt8] {
        unsafe try walk.withCanonical { stable, _ in unsafe [UInt8](stable) }
    }
}
