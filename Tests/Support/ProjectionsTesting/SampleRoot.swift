package import Events
internal import Foundation
package import LogEngine
package import LogFormat
package import Projections
internal import Runtime
internal import Specimens

/// A root on a simulated disk, filled with random events of every type that views fold.
package struct SampleRoot {
    package var environment: LogEnvironment
    package static let directory = "root"
    package static let modules: [Module] = [.sig, .dm, .herald, .weave, .ops]

    package init() throws {
        let disk = SimulatedDisk(seed: 3)
        environment = .simulated(disk: disk, clock: SimulatedClock(), seed: 5)
        environment.isProcessAlive = { _ in false }
        try disk.createDirectory(Self.directory)
        try disk.syncDirectory(".")
    }

    /// Appends `count` random events; the same seed gives the same ones.
    package func fill(_ count: Int, seed: UInt64, batchBytes: Int = 2048) throws {
        var options = LogOptions()
        options.reserveBytes = 0
        options.batchBytes = batchBytes
        let root = try Root(Self.directory, modules: Self.modules, options: options, environment: environment)
        var generator = HistoryGenerator(seed: seed)
        for _ in 0..<count { try generator.append(to: root) }
        try root.close()
    }

    /// Folds the whole history, or up to a place, in memory.
    package func fold(upTo globalSeq: UInt64 = .max, appendNanos: Int64 = .max, threads: Int = 2) throws -> Folder {
        let folder = Folder(threads: threads)
        _ = try fold(into: folder, upTo: globalSeq, appendNanos: appendNanos)
        return folder
    }

    /// Folds on from where the folder stands.
    package func fold(
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
package struct StrangeEvent: LogEvent {
    package static let typeName = "test.Strange"
    package static let version: UInt16 = 3
    package var number: Int64 = 0
    package init() {}
    package mutating func fields(_ v: inout some FieldVisitor) { v.i64("number", &number) }
}

extension SampleRoot {
    /// How many events the pinned history has, and the seed that it is made from.
    package static let eventCount = 3000
    package static let seed: UInt64 = 20_251_129

    /// A root of random events of every type.
    package static func random(
        _ count: Int = eventCount, seed: UInt64 = seed, batchBytes: Int = 4096
    ) throws -> SampleRoot {
        let sample = try SampleRoot()
        var options = LogOptions()
        options.reserveBytes = 0
        options.batchBytes = batchBytes
        let root = try Root(
            directory, modules: RandomHistory.modules, options: options, environment: sample.environment)
        var history = RandomHistory(seed: seed)
        try history.append(count, to: root)
        try root.close()
        return sample
    }
}

/// A folder that is removed with its content.
package final class Scratch {
    package let path: String

    package init() throws {
        path = NSTemporaryDirectory() + "projections-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
