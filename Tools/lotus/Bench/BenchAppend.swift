import ArgumentParser
import Glibc
import LogEngine
import LogFormat
import Synchronization

/// Appending the mix at one level.
struct BenchAppend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append", abstract: "Measure appending the mix, until all of it has reached the level.",
        usage: "lotus bench log append <file> <directory> [<options>]",
        discussion: """
            EXAMPLES
              lotus bench log append /tmp/mix.bin /tmp --level written
              lotus bench log append /tmp/mix.bin /tmp --producers 64 --rounds 3
            """)

    @Argument(help: "Events, as cfloor gen writes them.") var file: String
    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "buffered, written or durable.") var level = "durable"
    @Option(help: "Threads that append.") var producers = 1
    @Option(help: "Rounds.") var rounds = 5

    func run() throws {
        guard let level = AppendLevel(rawValue: level) else { throw ValidationError("no such level: \(level)") }
        let mix = try MixFile(file)
        var rates: [Double] = []
        var cpu: [Double] = []
        var bytes: UInt64 = 0
        for round in -1..<rounds {
            let scratch = ScratchLog(directory)
            defer { scratch.remove() }
            let writer = try LogWriter(scratch.path)
            let types = try MixTypes(writer)
            let (wall, used) = try measure(writer, types, mix, level)
            try writer.close()
            bytes = try scratch.storedBytes()
            if round >= 0 {
                rates.append(Double(mix.count) / wall)
                cpu.append(used / Double(mix.count) * 1e9)
            }
        }
        print(
            "{\"bench\":\"append\",\"level\":\"\(level)\",\"producers\":\(producers),\"events\":\(mix.count),"
                + "\(Spread(rates).json("events_per_s")),\"cpu_ns_per_event\":\(decimals(Spread(cpu).median, 1)),"
                + "\"bytes_per_event\":\(decimals(Double(bytes) / Double(mix.count), 3))}")
    }

    private func measure(
        _ writer: LogWriter, _ types: MixTypes, _ mix: MixFile, _ level: AppendLevel
    ) throws -> (wall: Double, cpu: Double) {
        let start = wallSeconds()
        let cpuStart = cpuSeconds()
        if producers == 1 {
            try appendMix(mix, to: writer, types, 0..<mix.count, level)
        } else {
            let share = mix.count / producers
            let failures = Atomic<Int>(0)
            let threads = (0..<producers).map { producer in
                BenchThread {
                    let end = producer == producers - 1 ? mix.count : (producer + 1) * share
                    do { try appendMix(mix, to: writer, types, producer * share..<end, level) } catch {
                        failures.add(1, ordering: .relaxed)
                    }
                }
            }
            for thread in threads { thread.join() }
            guard failures.load(ordering: .relaxed) == 0 else { throw ValidationError("a producer failed") }
        }
        return (wallSeconds() - start, cpuSeconds() - cpuStart)
    }
}

/// A thread of the benchmark.
final class BenchThread: @unchecked Sendable {
    // SAFETY: the handle is written before the object is shared and read once by `join`.
    private var handle = pthread_t()

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    init(_ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box)
    }

    func join() { pthread_join(handle, nil) }
}
