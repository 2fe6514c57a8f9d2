package import LogEngine
package import LogFormat

/// The events of one log, one after another, in constant memory.
package final class EventWalk {
    /// Place of the current event in the log; 0 before the first.
    package private(set) var seq: UInt64 = 0

    private let reader: LogReader
    private let typeName: String?
    private let state = BatchState()
    private var batch: BatchReader
    private let codec = FrameCodec()
    /// Seq of the event that `batch` comes to next.
    private var nextSeq: UInt64 = 1
    /// Whether the head of the current event was read and its body was not.
    private var isBodyAhead = false

    /// Stands before the first event of the log at `path`.
    ///
    /// - Parameter typeName: the only type that is wanted; all if nil. Batches without it are not even unpacked.
    /// - Throws: `notFound`, `damaged`, `fileSystem`.
    package init(_ path: String, typeName: String? = nil, environment: LogEnvironment) throws(LogError) {
        reader = try LogReader(try LogLocation(path, environment: environment))
        self.typeName = typeName
        batch = BatchReader(state: state)
    }

    /// The head of the current event.
    package var head: RecordHead { batch.head }

    /// Moves to the next event; false at the end.
    ///
    /// - Throws: `damaged` naming the place, `fileSystem`.
    package func next() throws(LogError) -> Bool {
        while true {
            if isBodyAhead { try body { batch throws(FormatError) in try batch.skip() } }
            if try inBatch({ batch throws(FormatError) in try batch.next() }) {
                seq = nextSeq
                nextSeq += 1
                isBodyAhead = true
                guard let typeName, state.state(of: head.typeID)?.schema.name != typeName else { return true }
            } else {
                guard try openBatch() else { return false }
            }
        }
    }

    /// Reads the body of the current event, once: `read` must move `batch` behind it.
    ///
    /// - Throws: `damaged` for what `read` throws.
    package func body<Result>(
        _ read: (inout BatchReader) throws(FormatError) -> Result
    ) throws(LogError) -> Result {
        isBodyAhead = false
        return try inBatch(read)
    }

    private func inBatch<Result>(
        _ read: (inout BatchReader) throws(FormatError) -> Result
    ) throws(LogError) -> Result {
        do throws(FormatError) {
            return try read(&batch)
        } catch {
            throw LogError(.damaged, "\(reader.location.directory): event \(nextSeq): \(error)")
        }
    }

    private func openBatch() throws(LogError) -> Bool {
        while let block = try reader.next() {
            guard mayHoldWanted(block) else { continue }
            state.register(reader.registry)
            try reader.decode(block, into: &batch, codec: codec)
            nextSeq = block.firstSeq
            return true
        }
        return false
    }

    private func mayHoldWanted(_ block: BlockHeader) -> Bool {
        guard let typeName else { return true }
        return reader.registry.all.contains { typeID, schema in
            schema.name == typeName && block.typeBitmap >> UInt64(typeID & 63) & 1 == 1
        }
    }
}
