import ArgumentParser
import Glibc
import LogEngine
import LogFormat

/// One run on the payload file of the peer comparison: append all records as opaque bytes, then read all back.
///
/// The file holds `u32 length, bytes` records. Prints one tab-separated RESULT line: system, mode, n, append/s,
/// read/s, bytes an event, resident MB over the
/// loaded payload, commit p50 and p99 in microseconds, note.
struct BenchPeer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer", abstract: "Run once on a payload of the peer comparison; prints a RESULT line.",
        usage: "lotus bench log peer <mode> <file> <directory> <batch> <seconds>",
        discussion: """
            EXAMPLES
              lotus bench log peer sync p100.bin /tmp 1000 5
            """)

    @Argument(help: "nosync or sync: a durable commit after each batch, or none.") var mode: String
    @Argument(help: "Payload file.") var file: String
    @Argument(help: "Scratch directory.") var directory: String
    @Argument(help: "Events a commit.") var batch: Int
    @Argument(help: "Most seconds to append for.") var limitSeconds: Double

    func run() throws {
        let payload = try RealFS().readAll(file, limit: 4 << 30)
        var offsets: [Int] = []
        var offset = 0
        while offset + 4 <= payload.count {
            let length = (0..<4).reduce(0) { $0 | Int(payload[offset + $1]) << (8 * $1) }
            offsets.append(offset + 4)
            offset += 4 + length
        }
        let baseline = residentMegabytes()
        let scratch = ScratchLog(directory, name: "log")
        let (count, wall, commits) = try append(payload, offsets, scratch.path)
        let size = try scratch.storedBytes()
        let start = wallSeconds()
        let sum = try readBack(scratch.path, count)
        let reading = wallSeconds() - start
        var expected: UInt64 = 0
        for index in 0..<count { expected &+= touch(payload, offsets[index], length(payload, offsets[index])) }
        guard sum == expected else { throw ValidationError("what was read back differs") }
        let spread = Spread(commits)
        print(
            [
                "RESULT", "lotus", mode, "\(count)", decimals(Double(count) / wall, 0),
                decimals(Double(count) / reading, 0), decimals(Double(size) / Double(count), 1),
                decimals(residentMegabytes() - baseline, 0), decimals(spread.median * 1e6, 0),
                decimals(spread.percentile(0.99) * 1e6, 0), "opaque bytes in LZ4 batches",
            ].joined(separator: "\t"))
    }

    private func length(_ payload: [UInt8], _ offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(payload[offset - 4 + $1]) << (8 * $1) }
    }

    private func touch(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        unsafe bytes.withUnsafeBytes {
            unsafe $0.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self) &* UInt64(count | 1)
        }
    }

    private func append(
        _ payload: [UInt8], _ offsets: [Int], _ path: String
    ) throws -> (count: Int, wall: Double, commits: [Double]) {
        let writer = try LogWriter(path)
        let type = try writer.register(OpaqueEvent.self)
        var commits: [Double] = []
        var event = OpaqueEvent()
        let start = wallSeconds()
        var index = 0
        while index < offsets.count, wallSeconds() - start < limitSeconds {
            let end = min(index + batch, offsets.count)
            var last: UInt64 = 0
            while index < end {
                event.place = offsets[index]
                event.count = length(payload, offsets[index])
                last = try unsafe payload.withRawBytes { raw throws(LogError) in
                    unsafe event.source = raw
                    return try writer.append(&event, typeID: type, eventNanos: Int64(index))
                }
                index += 1
            }
            if mode == "sync" {
                let before = wallSeconds()
                try writer.wait(for: last, .durable)
                commits.append(wallSeconds() - before)
            }
        }
        try writer.wait(for: UInt64(index), .written)
        let wall = wallSeconds() - start
        try writer.close()
        return (index, wall, commits)
    }

    private func readBack(_ path: String, _ count: Int) throws -> UInt64 {
        let reader = try LogReader(try LogLocation(path))
        let state = BatchState()
        state.register(reader.registry)
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        var event = OpaqueEvent()
        var sum: UInt64 = 0
        var seen = 0
        while let block = try reader.next() {
            try reader.decode(block, into: &batch, codec: codec)
            guard let type = state.state(of: 1) else { break }
            while try batch.next() {
                try batch.decode(&event, type)
                sum &+= event.touched
                seen += 1
            }
        }
        guard seen == count else { throw ValidationError("read \(seen) of \(count) events") }
        return sum
    }
}

/// Bytes that mean nothing to us.
@safe
private struct OpaqueEvent: LogEvent {
    static let typeName = "bench.Opaque"
    static let version: UInt16 = 1
    var source = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    var place = 0
    var count = 0
    /// What reading touches: bytes 8 to 15, weighted by the length.
    var touched: UInt64 = 0

    mutating func fields(_ v: inout some FieldVisitor) {
        let window = unsafe source.baseAddress.map { unsafe UnsafeRawBufferPointer(start: $0 + place, count: count) }
        unsafe v.opaque("payload", unsafe window ?? UnsafeRawBufferPointer(start: nil, count: 0)) { bytes in
            touched = unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self) &* UInt64(bytes.count | 1)
        }
    }
}

/// Resident megabytes at their highest.
func residentMegabytes() -> Double {
    guard let file = try? RealFS().open("/proc/self/status", .read) else { return 0 }
    defer { RealFS().close(file) }
    let text = String(decoding: (try? RealFS().read(file, count: 8192, at: 0)) ?? [], as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
        return Double(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]).map { $0 / 1024 } ?? 0
    }
    return 0
}
