import ArgumentParser
import LogEngine
import LogFormat

/// `lotus doctor`: what of this machine or of a root would get in the way of work.
struct Doctor: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Look for what would get in the way of work.",
        discussion: """
            Looks at the machine (libraries, limits, clock) and, if a root or a log is named, at its files: free \
            space, permissions, keys that others may read, writers at work or dead, what crashes left, marks, \
            manifests, segments that are missing, cursors, types of other programs, times ahead of the clock, and the \
            order over all logs. Each finding says what was found, what was expected, and what to do. Nothing is \
            changed, and no event is decoded: lotus verify checks every byte.

            Exit status 0: nothing was found; 1: something was; 2: recorded bytes are concerned.

            EXAMPLES
              lotus doctor
              lotus doctor runs/live --free 10G
              lotus doctor runs/live --manifests Sources/Contracts/manifests --json
            """)

    @Argument(help: "A root of logs, or a log.")
    var root: String?
    @Option(
        help: ArgumentHelp("Free space that is expected, such as 10G.", valueName: "bytes"),
        transform: { try Sizes.parse($0) })
    var free = 1 << 30
    @Option(help: ArgumentHelp("Manifests to hold against the program.", valueName: "folder"))
    var manifests: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        var machine = MachineCheck()
        if let manifests { try machine.manifests(manifests) }
        let check = try root.map { try RootCheck($0, bytesMin: UInt64(free)) }
        let findings = machine.findings + (check?.findings ?? [])
        let place = root ?? "this machine"
        if json {
            try Output.print(
                JSON.object([
                    ("place", jsonString(place)), ("logs", "\(check?.logs.count ?? 0)"),
                    ("findings", JSON.array(findings.map(\.json))),
                ]))
        } else {
            let count = check.map { ", \($0.logs.count) logs" } ?? ""
            let summary =
                findings.isEmpty
                ? "\(place)\(count): \(Terminal.styled("healthy", .good))"
                : "\(place)\(count): \(findings.count) findings"
            try Output.print((findings.map(\.text) + [summary]).joined(separator: "\n"))
        }
        return findings.contains(where: \.isDamage) ? .damaged : findings.isEmpty ? .clean : .failure
    }
}
