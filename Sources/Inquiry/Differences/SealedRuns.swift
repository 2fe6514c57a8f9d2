package import LogEngine
package import LogFormat

/// The digests of the runs of 1,024 events that the seals of a log vouch for, without reading any event.
///
/// A seal whose root is not that of its leaves is not believed: the runs end before it.
package struct SealedRuns: Equatable, Sendable {
    /// One leaf a run, from the log's first event on.
    package private(set) var leaves: [MerkleLeaf] = []

    /// Reads the indexes of the sealed segments.
    package init(_ path: String, environment: LogEnvironment) throws(LogError) {
        let location = try LogLocation(path, environment: environment)
        for name in try location.segmentNames() {
            guard let map = try Self.map(location, name), let seal = map.seal,
                map.leaves.isEmpty || map.firstLeaf == UInt64(leaves.count),
                merkleRoot(map.leaves.map(\.identity)) == seal.identityRoot,
                merkleRoot(map.leaves.map(\.logical)) == seal.logicalRoot
            else { return }
            leaves += map.leaves
        }
    }

    private static func map(_ location: LogLocation, _ name: String) throws(LogError) -> SegmentMap? {
        let file: FileID
        do throws(FSError) {
            file = try location.fileSystem.open("\(location.directory)/\(name)", .read)
        } catch { throw LogError(error) }
        defer { location.fileSystem.close(file) }
        return try SegmentMap(location.fileSystem, file, name: name, useIndex: true, hops: false)
    }

    /// The first run from `start` on whose digests differ, or the number of runs that both logs have sealed.
    static func firstDifference(_ a: SealedRuns, _ b: SealedRuns, from start: Int, isExact: Bool) -> Int {
        let count = min(a.leaves.count, b.leaves.count)
        var run = start
        while run < count {
            let (first, second) = (a.leaves[run], b.leaves[run])
            guard isExact ? first.identity == second.identity : first.logical == second.logical else { return run }
            run += 1
        }
        return max(count, start)
    }

    /// First event of a run.
    static func firstSeq(ofRun run: Int) -> UInt64 { UInt64(run) * UInt64(FormatLimits.leafEvents) + 1 }
}
