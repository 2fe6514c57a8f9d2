import ArgumentParser
import Glibc
import Inquiry
import LogEngine
import LogFormat

/// How long it takes to find what two long runs do not share.
struct BenchDiff: Verb {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Measure diff runs on long runs that differ in one event.",
        usage: "lotus bench diff <directory> [<options>]",
        discussion: """
            Makes four sealed roots of the same signals: the second is equal to the first, in the third one decision \
            says something else, in the fourth there is one event more near the start. Each is compared with the first \
            in a process of its own, and then once more to see that just that event is found.

            EXAMPLE
              lotus bench diff /tmp --events 10000000
            """)

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Events of each root.") var events = 10_000_000
    @Flag(help: "Print an error as JSON; the result is always one JSON object.") var json = false

    mutating func perform() throws -> Outcome {
        guard events >= 1000 else { throw ToolError(.usage, "--events is \(events); expected 1000 or more") }
        let scratch = "\(directory)/bench-diff-\(getpid())"
        defer { ScratchRoot.remove(scratch) }
        try RealFS().createDirectory(scratch)
        let first = try make("\(scratch)/first", nil)
        let equal = try compare(first, try make("\(scratch)/equal", nil), exitCode: 0)
        // Where the acceptance test has it: event 7,654,321 of ten million.
        let place = Int(Int64(events) * 7_654_321 / 10_000_000)
        let changedRoot = try make("\(scratch)/changed", .changed(at: place))
        let changed = try compare(first, changedRoot, exitCode: 4)
        let insertedRoot = try make("\(scratch)/inserted", .inserted(at: events / 1000))
        let inserted = try compare(first, insertedRoot, exitCode: 4)
        let found = try difference(first, changedRoot)
        guard found.changed == 1, found.onlyB == 0, found.onlyA == 0, found.fields == ["ms_kairos"] else {
            throw ToolError("the changed event was not found alone: \(found)")
        }
        let more = try difference(first, insertedRoot)
        guard more.onlyB == 1, more.onlyA == 0, more.changed == 0 else {
            throw ToolError("the event more was not found alone: \(more)")
        }
        try Output.print(
            JSON.object([
                ("bench", jsonString("diff")), ("events", "\(events)"), ("differs_at", "\(found.globalSeq)"),
                ("equal_s", decimals(equal.seconds, 3)), ("equal_peak_mb", "\(equal.peakMegabytes)"),
                ("changed_s", decimals(changed.seconds, 3)), ("changed_peak_mb", "\(changed.peakMegabytes)"),
                ("inserted_s", decimals(inserted.seconds, 3)), ("inserted_peak_mb", "\(inserted.peakMegabytes)"),
            ]))
        return .clean
    }

    private func make(_ root: String, _ deviation: ScratchRoot.Deviation?) throws -> String {
        try RealFS().createDirectory(root)
        var history = ScratchRoot(deviation: deviation)
        try history.append(events, to: root, seal: true)
        return root
    }

    private func compare(_ a: String, _ b: String, exitCode: Int32) throws -> MeasuredProcess {
        let process = try MeasuredProcess.run(["diff", "runs", a, b])
        guard process.exitCode == exitCode else {
            throw ToolError("diff runs \(a) \(b) ended with \(process.exitCode), expected \(exitCode)")
        }
        return process
    }

    private struct Found {
        var globalSeq: UInt64 = 0
        var fields: [String] = []
        var changed: UInt64 = 0
        var onlyA: UInt64 = 0
        var onlyB: UInt64 = 0
    }

    /// What the comparison says, over all logs.
    private func difference(_ a: String, _ b: String) throws -> Found {
        let difference = try RunDifference(try RootLogs(a), try RootLogs(b))
        var found = Found()
        found.globalSeq = difference.first?.a?.head.globalSeq ?? 0
        found.fields = difference.first?.fields.map(\.path) ?? []
        for alignment in difference.members.compactMap(\.alignment) {
            found.changed += alignment.changed
            found.onlyA += alignment.onlyA
            found.onlyB += alignment.onlyB
        }
        return found
    }
}
