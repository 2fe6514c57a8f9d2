package import Events
package import LogEngine
package import LogFormat

/// Reads the logs of a root as one history, in order of the global sequence numbers (LOG-13).
///
/// Events behind the consistent cut, and those inside of stretches that earlier crashes left incomplete, are passed
/// over, and so are batches that hold nothing wanted. Only durable events are read: what was read once is never taken
/// back by a power cut.
package final class RootReader {
    /// Where the logs agree.
    package let cut: ConsistentCut
    /// The logs that are read, in order of their ranks.
    package let modules: [Module]
    private let knownCuts: [KnownCut]
    private let walks: ModuleWalks

    /// Opens the logs of a root.
    ///
    /// - Parameters:
    ///   - modules: the logs to read; all that are there if nil.
    ///   - seqs: for each log, by rank, the last event that is not wanted any more; from the first one on if empty.
    ///   - wants: whether a type is wanted, by its name.
    /// - Throws: `notALog`, `usage`, `damaged`, `fileSystem`.
    package init(
        _ directory: String, modules: [Module]? = nil, after seqs: [UInt64] = [],
        environment: LogEnvironment = .real(), wants: @escaping (String) -> Bool = { _ in true }
    ) throws(LogError) {
        let found = EventScan.modules(in: directory, environment: environment)
        guard !found.isEmpty else {
            throw LogError(
                .notALog,
                "\(directory): holds no log of a module (\(Module.symbols.joined(separator: ", "))); give the root of "
                    + "a run")
        }
        let wanted = (modules ?? found).sorted()
        if let missing = wanted.first(where: { !found.contains($0) }) {
            throw LogError(
                .notALog,
                "\(directory): has no log of \(missing.text); there are \(found.map(\.text).joined(separator: ", "))")
        }
        let known =
            found.contains(.ops)
            ? try CutRecords.read("\(directory)/\(Module.ops.text)", environment: environment) : []
        cut = try ConsistentCut.find(
            found.map { "\(directory)/\($0.text)" }, known: known, environment: environment)
        knownCuts = known
        self.modules = wanted
        walks = try ModuleWalks(wanted) { module throws(LogError) in
            let rank = Int(module.rawValue)
            return try ModuleWalk.start(
                module, "\(directory)/\(module.text)", after: rank < seqs.count ? seqs[rank] : 0,
                environment: environment, wants: wants)
        }
    }

    /// Reads on; `body` must decode or skip the event that the batch stands before.
    ///
    /// - Parameters:
    ///   - globalSeq: the last place that is wanted.
    ///   - appendNanos: the history ends before the first event that was appended later.
    ///   - most: how many events to read at most.
    /// - Returns: how many events were read; fewer than `most` at the end.
    /// - Throws: `damaged` naming the event; what the logs throw.
    package func read(
        upTo globalSeq: UInt64 = .max, appendNanos: Int64 = .max, most: UInt64 = .max,
        _ body: (inout BatchReader, Place) throws(FormatError) -> Void
    ) throws(LogError) -> UInt64 {
        var count: UInt64 = 0
        let last = min(globalSeq, cut.globalSeq)
        while count < most {
            var first: UInt64 = .max
            var second: UInt64 = .max
            var chosen = -1
            for index in 0..<walks.count {
                let place = walks[index].globalSeq
                if place < first {
                    second = first
                    first = place
                    chosen = index
                } else if place < second {
                    second = place
                }
            }
            guard chosen >= 0 else { return count }
            guard first < second else { throw twice(first, walks[chosen].directory) }
            // Until another log has the next event; the end of a log is the highest number of all.
            while walks[chosen].globalSeq < second, count < most {
                guard walks[chosen].globalSeq <= last, walks[chosen].appendNanos <= appendNanos else { return count }
                if isOrphan(walks[chosen].globalSeq) {
                    try walks[chosen].skip()
                } else {
                    try walks[chosen].deliver(body)
                    count += 1
                }
            }
        }
        return count
    }

    private func twice(_ globalSeq: UInt64, _ directory: String) -> LogError {
        LogError(
            .damaged,
            "\(directory): another log of the root has an event with the global sequence number \(globalSeq) "
                + "too; expected each number once: these logs were not written by one owner of the root")
    }

    private func isOrphan(_ globalSeq: UInt64) -> Bool {
        for cut in knownCuts where cut.isOrphan(globalSeq) { return true }
        return false
    }
}
