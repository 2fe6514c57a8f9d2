import LogEngine
import LogFormat

/// A small log, made once: three batches in a sealed segment, two in an open one.
struct FuzzLog {
    static let shared = FuzzLog()
    let files: [String: [UInt8]]
    let segments: [String]
    let salts: [UInt64]

    init() {
        let disk = SimulatedDisk(seed: 1)
        do {
            let environment = LogEnvironment.simulated(disk: disk, seed: 1)
            var options = LogOptions()
            options.segmentBytes = 64 << 10
            options.zeroAheadBytes = 256
            options.batchBytes = 64
            options.reserveBytes = 0
            for part in 0..<2 {
                let writer = try LogWriter("log", options: options, environment: environment)
                let type = try writer.register(try makeRichSchema())
                for index in 0..<6 {
                    try writer.append(
                        [
                            .string("k\(index % 2)"), .int(Int64(index)), .null, .list([]), .null, .int(7), .int(9),
                            .bytes([1]),
                            .float(1), .uint(3),
                        ], typeID: type, eventNanos: Int64(index))
                }
                try writer.close(seal: part == 0)
            }
        } catch { fatalError("the log of the harness is valid: \(error)") }
        var files: [String: [UInt8]] = [:]
        for path in disk.paths() { files[path] = disk.contents(path) }
        self.files = files
        segments = disk.paths().filter { $0.hasSuffix(".seg") }
        salts = segments.map { path in
            let page = files[path] ?? []
            return (0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(page[8 + 64 + $1]) }
        }
    }
}

/// The log with bytes changed: the input is a list of changes (place, value), after a byte that says whether block
/// headers get their hashes made right.
func fuzzSegment(_ input: [UInt8]) {
    guard input.count >= 2 else { return }
    let log = FuzzLog.shared
    let mode = input[0]
    let chosen = Int(input[1]) % log.segments.count
    let path = log.segments[chosen]
    guard var bytes = log.files[path] else { return }
    let original = bytes
    var at = 2
    while at + 4 <= input.count {
        // Headers of segments have a target of their own: most changes go behind it.
        let place = (mode & 2 == 2 ? 0 : 4096) + (Int(input[at]) | Int(input[at + 1]) << 8)
        let value = input[at + 3]
        switch input[at + 2] % 8 {
        case 0: bytes = Array(bytes.prefix(place))
        case 1: bytes += [UInt8](repeating: value, count: min(place, 2000))
        default: if place < bytes.count { bytes[place] = value }
        }
        at += 4
    }
    if mode & 1 == 1 { rehashBlocks(&bytes, original, salt: log.salts[chosen]) }
    let disk = SimulatedDisk(seed: 2)
    for (name, content) in log.files { disk.setContents(name, name == path ? bytes : content) }
    var environment = LogEnvironment.simulated(disk: disk, seed: 2)
    environment.isProcessAlive = { _ in false }
    let report = try? Verifier.verify("log", deep: true, environment: environment)
    if let report, report.status == .clean { precondition(report.events <= 12) }
    readAll(environment)
    if let location = try? LogLocation("log", environment: environment), let reader = try? LogReader(location) {
        try? reader.seek(toSeq: UInt64(mode))
        _ = try? reader.next()
        try? reader.seek(toAppendNanos: Int64(mode) << 55)
        _ = try? reader.next()
    }
}

/// Makes the hashes of all blocks right whose places the original tells.
func rehashBlocks(_ bytes: inout [UInt8], _ original: [UInt8], salt: UInt64) {
    var offset = 4096
    while offset + 128 <= original.count, offset + 128 <= bytes.count {
        let length = (0..<4).reversed().reduce(0) { $0 << 8 | Int(original[offset + 60 + $1]) }
        let seed = blockSeed(salt: salt, offset: UInt64(offset))
        let end = min(offset + 128 + length, bytes.count)
        let stored = xxh3(Array(bytes[offset + 128..<end]), seed: seed)
        for index in 0..<8 { bytes[offset + 24 + index] = UInt8(truncatingIfNeeded: stored >> UInt64(8 * index)) }
        rehash(&bytes, at: offset, hashAt: 16, count: 128, seed: seed)
        offset += 128 + length
    }
}

/// Reads what can be read, as salvage does.
func readAll(_ environment: LogEnvironment) {
    guard let location = try? LogLocation("log", environment: environment), let reader = try? LogReader(location) else {
        return
    }
    let state = BatchState()
    var batch = BatchReader(state: state)
    let codec = FrameCodec()
    // More rounds than there are bytes would be a loop.
    for _ in 0..<20_000 {
        do throws(LogError) {
            guard let block = try reader.next() else { return }
            state.register(reader.registry)
            try reader.decode(block, into: &batch, codec: codec)
            while (try? batch.next()) == true { guard (try? batch.decodeValues()) != nil else { break } }
        } catch {
            guard let next = try? reader.skipDamage() else { return }
            precondition(next <= reader.nextSeq)
        }
    }
    preconditionFailure("reading a damaged log comes to an end")
}
