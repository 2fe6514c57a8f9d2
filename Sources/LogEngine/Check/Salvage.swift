public import LogFormat

/// Copies what can still be read of a damaged log into a new one, with a `lotus.Gap` event for every run that cannot.
public enum Salvage {
    /// What a salvage copied and missed.
    public struct Report: Sendable {
        /// Events copied.
        public var events: UInt64 = 0
        /// Runs of events that could not be read, as seq ranges of the old log.
        public var gaps: [(first: UInt64, last: UInt64, reason: String)] = []
        /// Last seq of the new log.
        public var lastSeq: UInt64 = 0
    }

    /// The event that stands for lost ones.
    public static func gapSchema() throws(LogError) -> Schema {
        try wrapping(at: "lotus.Gap") { () throws(FormatError) in
            try Schema(
                name: "lotus.Gap", version: 1,
                fields: [
                    Field("from_seq", .u64, documentation: "First lost event, in the old log's numbers"),
                    Field("to_seq", .u64, documentation: "Last lost event; from_seq - 1 if none is known to be lost"),
                    Field("source", .string, documentation: "The old log"),
                    Field("reason", .string, documentation: "Why it could not be read"),
                ],
                documentation: "Events that a salvage could not read")
        }
    }

    /// Copies the log at `source` into a new log at `target`; the old one is only read.
    ///
    /// Append times, global sequence numbers and flags are kept; sequence numbers start anew.
    public static func copy(
        _ source: String, to target: String, environment: LogEnvironment = .real(), options: LogOptions = LogOptions(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) -> Report {
        guard environment.fileSystem.kind(target) == .nothing else {
            throw LogError(.usage, "\(target) exists already; salvage writes a new log, give a path where nothing is")
        }
        let location = try LogLocation(source, environment: environment)
        let writer = try LogWriter(target, options: options, environment: environment)
        do throws(LogError) {
            var copying = Copying(location: location, writer: writer, gapType: try writer.register(try gapSchema()))
            try copying.run(progress)
            try writer.close()
            copying.report.lastSeq = writer.lastSeq
            return copying.report
        } catch {
            try? writer.close()
            throw error
        }
    }

    private struct Copying {
        let location: LogLocation
        let writer: LogWriter
        let gapType: UInt16
        var report = Report()
        private var typeIDs: [UInt16: UInt16] = [:]
        private var lastEventNanos: Int64 = 0
        private var lastGlobalSeq: UInt64 = 0

        init(location: LogLocation, writer: LogWriter, gapType: UInt16) {
            self.location = location
            self.writer = writer
            self.gapType = gapType
        }

        mutating func run(_ progress: (UInt64) -> Void) throws(LogError) {
            let reader = try LogReader(location)
            // The segments tell their types themselves.
            reader.manifestDamage = nil
            let state = BatchState()
            var batch = BatchReader(state: state)
            let codec = FrameCodec()
            while true {
                let expected = reader.nextSeq
                do throws(LogError) {
                    guard let block = try reader.next() else { return }
                    state.register(reader.registry)
                    try reader.decode(block, into: &batch, codec: codec)
                    try copy(&batch, from: block.firstSeq)
                    progress(report.events)
                } catch {
                    guard error.code == .damaged else { throw error }
                    let afterBatch = reader.nextSeq
                    guard let next = try reader.skipDamage() else {
                        // Nothing readable follows: how many events are lost is what the marks say.
                        let last = max(reader.acknowledgedSeq(), expected - 1)
                        try gap(expected, last, error.message)
                        return
                    }
                    try gap(expected, max(next, afterBatch) - 1, error.message)
                }
            }
        }

        private mutating func copy(_ batch: inout BatchReader, from firstSeq: UInt64) throws(LogError) {
            var seq = firstSeq
            do throws(FormatError) {
                while try batch.next() {
                    let head = batch.head
                    let (schema, values) = try batch.decodeValues()
                    try append(values, schema, head)
                    seq += 1
                }
            } catch {
                try gap(seq, seq + UInt64(batch.remaining), "\(error)")
            }
        }

        private mutating func append(_ values: [Value], _ schema: Schema, _ head: RecordHead) throws(FormatError) {
            do throws(LogError) {
                let typeID: UInt16
                if let known = typeIDs[head.typeID] {
                    typeID = known
                } else {
                    typeID = try writer.register(schema)
                    typeIDs[head.typeID] = typeID
                }
                try writer.append(
                    values, typeID: typeID, eventNanos: head.eventNanos, flags: head.flags, globalSeq: head.globalSeq,
                    appendNanos: head.appendNanos)
                lastEventNanos = head.eventNanos
                lastGlobalSeq = head.globalSeq
                report.events += 1
            } catch {
                throw .invalid(what: "salvage", detail: error.message)
            }
        }

        private mutating func gap(_ first: UInt64, _ last: UInt64, _ reason: String) throws(LogError) {
            report.gaps.append((first, last, reason))
            try writer.append(
                [.uint(first), .uint(last), .string(location.directory), .string(String(reason.prefix(500)))],
                typeID: gapType, eventNanos: lastEventNanos, flags: .gap, globalSeq: lastGlobalSeq + 1)
        }
    }
}
