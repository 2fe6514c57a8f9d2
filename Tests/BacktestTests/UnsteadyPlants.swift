import CLotus
import Events
import Foundation
import LogEngine

/// Something that a program may do and that makes two runs differ, or that only looks as if it did.
struct UnsteadyPlant: Sendable {
    let name: String
    /// What it says about a window instead of its signal, from 0 to 1.
    let value: @Sendable (Workbench, Int64) -> Double

    init(_ name: String, _ value: @escaping @Sendable (Workbench, Int64) -> Double) {
        (self.name, self.value) = (name, value)
    }

    static func named(_ name: String) -> UnsteadyPlant? {
        (unsteady + blind + steady).first { $0.name == name }
    }
}

/// What a plant can lay its hands on while a run is written.
final class Workbench {
    /// The run's folder, and how its logs are written.
    let run: String
    let batchBytes: Int
    let pendingBatches: Int
    let startNanos = RealClock().monotonicNanos()
    /// A number of each window so far, of very different sizes; by its place and by its name.
    private(set) var numbers: [Double] = []
    private(set) var byName: [String: Double] = [:]
    /// Whatever a plant keeps from window to window.
    var kept = 0.0
    var waiting = 0

    init(run: String, batchBytes: Int, pendingBatches: Int) {
        (self.run, self.batchBytes, self.pendingBatches) = (run, batchBytes, pendingBatches)
    }

    func add(_ nanos: Int64) {
        let noise = Double((UInt64(nanos + Int64(numbers.count)) &* 0x9E37_79B9_7F4A_7C15) >> 11) * 0x1p-53
        numbers.append(noise * pow(10, Double(numbers.count % 17) - 8))
        byName["window \(numbers.count)"] = numbers.last
    }

    /// Runs four pieces of work of different lengths on threads.
    func onThreads(_ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<4).map { place in
            EngineThread {
                var spent = 1.0
                for step in 0..<(4_000 >> (2 * place)) { spent = (spent + Double(step)).squareRoot() }
                body(spent > 0 ? place : 0)
            }
        }
        for thread in threads { thread.join() }
    }
}

/// Every bit counts: 0 to 1.
private func fold(_ bits: UInt64) -> Double { Double((bits &* 0x9E37_79B9_7F4A_7C15) >> 11) * 0x1p-53 }
private func fold(_ number: Double) -> Double { fold(number.bitPattern) }
private func fold(_ text: String) -> Double { fold(text.utf8.reduce(7) { $0 &* 131 &+ UInt64($1) }) }

private func setting(_ name: String) -> String { ProcessInfo.processInfo.environment[name] ?? "" }

/// A sum of the numbers in so many parts, which are then added up.
private func sum(_ numbers: [Double], parts: Int) -> Double {
    (0..<parts).map { part in
        numbers.indices.filter { $0 % parts == part }.reduce(0) { $0 + numbers[$1] }
    }.reduce(0, +)
}

extension UnsteadyPlant {
    /// Each of another kind; all of them have been met in published programs.
    static let unsteady: [UnsteadyPlant] = [
        UnsteadyPlant("first_of_a_set") { bench, _ in fold(Set(bench.byName.keys).first ?? "") },
        UnsteadyPlant("sum_over_a_dictionary") { bench, _ in fold(bench.byName.values.reduce(0, +)) },
        UnsteadyPlant("hash_as_a_seed") { _, nanos in fold(UInt64(bitPattern: Int64("window \(nanos)".hashValue))) },
        UnsteadyPlant("wall_clock") { _, _ in fold(Date().timeIntervalSince1970) },
        UnsteadyPlant("time_that_it_took") { bench, _ in
            fold(UInt64(RealClock().monotonicNanos() - bench.startNanos))
        },
        UnsteadyPlant("unseeded_numbers") { _, _ in Double.random(in: 0...1) },
        UnsteadyPlant("results_as_they_come") { bench, _ in
            let order = Guarded<[Int]>([])
            bench.onThreads { place in order.withLock { $0.append(place) } }
            return fold("\(order.withLock { $0 })")
        },
        UnsteadyPlant("sum_as_threads_end") { bench, _ in
            let total = Guarded(0.0)
            let parts = (0..<4).map { place in (bench.numbers.suffix(4 - place).first ?? 0) + Double(place) / 3 }
            bench.onThreads { place in total.withLock { $0 = $0 * 0.3 + parts[place] } }
            return fold(total.withLock { $0 })
        },
        UnsteadyPlant("a_part_for_every_core") { bench, _ in
            fold(sum(bench.numbers, parts: Int(clotus_allowed_cores())))
        },
        UnsteadyPlant("memory_that_was_not_cleared") { _, _ in
            // Blocks that others gave back; what they left in them is read as if it were zero.
            let blocks = (0..<8).map { _ in malloc(48) }
            for block in blocks { free(block) }
            guard let block = malloc(48) else { return 0 }
            defer { free(block) }
            return fold(block.loadUnaligned(as: UInt64.self))
        },
        UnsteadyPlant("address_as_a_name") { bench, _ in
            fold(UInt64(UInt(bitPattern: Unmanaged.passUnretained(bench).toOpaque())))
        },
        UnsteadyPlant("number_of_the_process") { _, _ in fold(UInt64(getpid())) },
        UnsteadyPlant("hour_of_the_place") { _, nanos in
            var (seconds, parts) = (time_t(nanos / 1_000_000_000), tm())
            tzset()
            localtime_r(&seconds, &parts)
            return Double(parts.tm_hour) / 24
        },
        UnsteadyPlant("letters_of_the_language") { _, _ in
            // What toupper of a C library does: in Turkish i becomes another letter.
            fold(setting("LC_ALL").hasPrefix("tr") ? "SİDE" : "SIDE")
        },
        UnsteadyPlant("name_of_the_folder") { bench, _ in fold(bench.run) },
        UnsteadyPlant("folder_that_it_runs_in") { _, _ in fold(FileManager.default.currentDirectoryPath) },
        UnsteadyPlant("begins_anew_with_every_batch") { bench, _ in
            bench.waiting += 100
            if bench.waiting > bench.batchBytes { (bench.waiting, bench.kept) = (0, 0) }
            bench.kept += bench.numbers.last ?? 0
            return fold(bench.kept)
        },
        UnsteadyPlant("drops_what_finds_no_room") { bench, _ in
            bench.waiting += 1
            if bench.waiting <= bench.pendingBatches { bench.kept += bench.numbers.last ?? 0 }
            if bench.waiting >= 3 { bench.waiting = 0 }
            return fold(bench.kept)
        },
        UnsteadyPlant("what_an_earlier_run_left") { bench, _ in
            let cache = URL(fileURLWithPath: bench.run).deletingLastPathComponent().appendingPathComponent("cache")
            if bench.kept == 0 {
                let before = (try? String(contentsOf: cache, encoding: .utf8)).flatMap(Double.init) ?? 0
                bench.kept = before + 1
                try? "\(bench.kept)".write(to: cache, atomically: true, encoding: .utf8)
            }
            return fold(bench.kept)
        },
        UnsteadyPlant("memory_in_use") { _, _ in
            let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
            return fold(text)
        },
    ]

    /// What a second run on the same machine at the same time cannot find, whoever makes it.
    static let blind: [UnsteadyPlant] = [
        UnsteadyPlant("name_of_the_machine") { _, _ in fold(ProcessInfo.processInfo.hostName) },
        UnsteadyPlant("instructions_of_the_processor") { _, _ in Double(clotus_sha256_accelerated()) },
        UnsteadyPlant("year_of_today") { _, _ in
            var (seconds, parts) = (time(nil), tm())
            gmtime_r(&seconds, &parts)
            return Double(parts.tm_year % 100) / 100
        },
    ]

    /// As it is done right, and nothing at all.
    static let steady: [UnsteadyPlant] = [
        UnsteadyPlant("number_of_the_window") { bench, _ in fold(bench.numbers.last ?? 0) },
        UnsteadyPlant("first_of_a_sorted_set") { bench, _ in fold(Set(bench.byName.keys).min() ?? "") },
        UnsteadyPlant("sum_over_sorted_keys") { bench, _ in
            fold(bench.byName.keys.sorted().reduce(0) { $0 + (bench.byName[$1] ?? 0) })
        },
        UnsteadyPlant("time_of_the_event") { _, nanos in fold(UInt64(nanos)) },
        UnsteadyPlant("seeded_numbers") { _, nanos in
            var random = SeededGenerator(seed: UInt64(nanos))
            return fold(random.next())
        },
        UnsteadyPlant("results_in_their_places") { bench, _ in
            let places = Guarded([Int](repeating: 0, count: 4))
            bench.onThreads { place in places.withLock { $0[place] = place * place } }
            return fold("\(places.withLock { $0 })")
        },
        UnsteadyPlant("four_parts_on_any_core") { bench, _ in fold(sum(bench.numbers, parts: 4)) },
        UnsteadyPlant("memory_that_was_cleared") { _, _ in
            guard let block = calloc(48, 1) else { return 0 }
            defer { free(block) }
            return fold(block.loadUnaligned(as: UInt64.self))
        },
    ]
}
