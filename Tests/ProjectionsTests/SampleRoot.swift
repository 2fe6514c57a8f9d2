import Events
import LogEngine
import LogFormat
import Runtime

@testable import Projections

/// A root on a simulated disk, filled with random events of every type that views fold.
struct SampleRoot {
    var environment: LogEnvironment
    static let directory = "root"
    static let modules: [Module] = [.sig, .dm, .herald, .weave, .ops]

    init() throws {
        let disk = SimulatedDisk(seed: 3)
        environment = .simulated(disk: disk, clock: SimulatedClock(), seed: 5)
        environment.isProcessAlive = { _ in false }
        try disk.createDirectory(Self.directory)
        try disk.syncDirectory(".")
    }

    /// Appends `count` random events; the same seed gives the same ones.
    func fill(_ count: Int, seed: UInt64, batchBytes: Int = 2048) throws {
        var options = LogOptions()
        options.reserveBytes = 0
        options.batchBytes = batchBytes
        let root = try Root(Self.directory, modules: Self.modules, options: options, environment: environment)
        var generator = HistoryGenerator(seed: seed)
        for _ in 0..<count { try generator.append(to: root) }
        try root.close()
    }

    /// Folds the whole history, or up to a place, in memory.
    func fold(upTo globalSeq: UInt64 = .max, appendNanos: Int64 = .max, threads: Int = 2) throws -> Folder {
        let folder = Folder(threads: threads)
        _ = try fold(into: folder, upTo: globalSeq, appendNanos: appendNanos)
        return folder
    }

    /// Folds on from where the folder stands.
    func fold(
        into folder: Folder, modules: [Module]? = nil, upTo globalSeq: UInt64 = .max, appendNanos: Int64 = .max,
        most: UInt64 = .max
    ) throws -> UInt64 {
        let reader = try RootReader(
            Self.directory, modules: modules, after: folder.state.position.seqs, environment: environment,
            wants: Folder.wants)
        return try reader.read(upTo: globalSeq, appendNanos: appendNanos, most: most) {
            (batch, place) throws(FormatError) in
            try folder.fold(
                &batch,
                EventPlace(
                    module: place.module, seq: place.seq, globalSeq: place.globalSeq,
                    eventNanos: batch.head.eventNanos))
        }
    }
}

/// A type that the program does not know.
struct StrangeEvent: LogEvent {
    static let typeName = "test.Strange"
    static let version: UInt16 = 3
    var number: Int64 = 0
    mutating func fields(_ v: inout some FieldVisitor) { v.i64("number", &number) }
}
