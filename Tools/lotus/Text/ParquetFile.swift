import LogEngine
import LogFormat
import Parquet

/// A Parquet file of one event type that is being written.
final class ParquetFile {
    private let file: NewFile
    private var writer: ParquetWriter?
    private var bytes = 0

    init(_ path: String) throws(LogError) { file = try NewFile(path) }

    /// Takes events of this type from now on.
    func start(_ schema: Schema) { writer = ParquetWriter(schema) }

    /// Appends an event, given by its canonical parts.
    func append(
        _ head: RecordHead, seq: UInt64, stable: UnsafeRawBufferPointer, volatile: UnsafeRawBufferPointer
    ) { unsafe writer?.append(head, seq: seq, stable: stable, volatile: volatile) }

    /// Whether `flush` has something to do.
    var isFull: Bool { writer?.isFull ?? false }

    /// Writes the events so far.
    func flush() throws(LogError) {
        try unsafe writer?.endGroup { bytes throws(LogError) in unsafe try write(bytes) }
    }

    /// Ends the file and gives it its name; says what is in it.
    func finish() throws(LogError) -> String {
        guard let writer else {
            throw LogError(.usage, "no event type is left to be written: choose one with --type NAME or NAME@VERSION")
        }
        try unsafe writer.finish { bytes throws(LogError) in unsafe try write(bytes) }
        try file.finish()
        return "\(file.path): \(writer.count) events, \(Figures.bytes(UInt64(bytes)))"
    }

    private func write(_ part: UnsafeRawBufferPointer) throws(LogError) {
        unsafe try file.write(part)
        bytes += part.count
    }
}
