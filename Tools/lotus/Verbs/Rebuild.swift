import ArgumentParser
import Events
import Glibc
import LogEngine
import LogFormat
import Projections
import Runtime

/// `lotus rebuild`: the views of a root in a SQLite file, from the logs alone.
struct Rebuild: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Fold the logs of a root into tables for sqlite3.",
        usage: "lotus rebuild <module> --root <directory> [<options>]",
        discussion: """
            The file is the checkpoint: the next call folds only what is new, and the result is the same as that of a \
            rebuild from the first event. Events that a crash left without their causes are passed over. The tables \
            and their columns are explained in docs/projections.md, and in lotus_tables and lotus_columns of the file.

            --check folds everything again and compares every row with what stands: exit status 4 if one differs.

            EXAMPLES
              lotus rebuild all --root run
              lotus rebuild sig --root run --as-of time:2026-01-02T03:04:05Z --out yesterday.sqlite
              lotus rebuild all --root run --check --json
              sqlite3 run/projections/all.sqlite 'SELECT * FROM strand_contexts'
            """)

    @Argument(help: "A module, whose own log is folded, or all.")
    var module: String = "all"
    @Option(help: "The root: the directory of the logs of a run.")
    var root: String?
    @Option(help: "End at seq:N (global sequence number) or time:T (append time); built anew.")
    var asOf: String?
    @Option(help: "The file; projections/MODULE.sqlite in the root if it is not given.")
    var out: String?
    @Option(help: "Events between two transactions; the result is the same.")
    var portion: UInt64 = RebuildJob.eventsPerTransaction
    @Flag(help: "Compare what stands with a rebuild from the first event.")
    var check = false
    @Flag(help: "Print the key to all tables and columns, as Markdown, and do nothing else.")
    var columns = false
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        do {
            if columns {
                let output = Output()
                output.bytes.append(contentsOf: Array(try ColumnKey.markdown().utf8))
                try output.flush()
                return .clean
            }
            guard let root else {
                throw ToolError(.usage, "--root is missing; give the directory of the logs: --root run")
            }
            let end = try RebuildEnd(asOf)
            guard portion > 0 else { throw ToolError(.usage, "--portion is 0; expected at least one event") }
            let job = RebuildJob(root: root, subject: module, modules: try modules(), end: end, portion: portion)
            let file = try file(in: root, end)
            return check ? try compare(job, file) : try build(job, file)
        } catch let error as ProjectionError {
            throw ToolError(error.kind == .foreign ? .damaged : .failure, error.description)
        }
    }

    private func modules() throws(ToolError) -> [Module]? {
        if module == "all" { return nil }
        guard let found = Module(text: module) else {
            throw ToolError(
                .usage, "'\(module)' is no module; expected all or one of \(Module.symbols.joined(separator: ", "))")
        }
        return [found]
    }

    /// The file to make or to check; what is made as of a moment never takes the place of what goes on.
    private func file(in root: String, _ end: RebuildEnd) throws(ToolError) -> String {
        if let out {
            if !check, end.isGiven, RealFS().kind(out) != .nothing {
                throw ToolError(
                    "\(out): is there already; --as-of builds anew: delete it, or give another file with --out")
            }
            return out
        }
        let folder = "\(root)/projections"
        // Another rebuild of the root may make it at the same time.
        if RealFS().kind(root) == .directory, unsafe mkdir(folder, 0o777) != 0, errno != EEXIST {
            throw ToolError("\(folder): cannot be made (errno \(errno)); give a file elsewhere with --out")
        }
        guard end.isGiven else { return "\(folder)/\(module).sqlite" }
        let path = "\(folder)/\(module)-as-of.sqlite"
        if !check { Self.remove(path) }
        return path
    }

    private static func remove(_ database: String) {
        unsafe _ = unlink(database)
        unsafe _ = unlink("\(database)-journal")
    }

    private func build(_ job: RebuildJob, _ file: String) throws -> Outcome {
        Interrupt.arm()
        let bar = Progress("rebuild \(module)", .events)
        let result = try job.run(into: file) { bar.update($0, of: $1) }
        Progress.clear()
        try Output.print(json ? result.json(status: "clean") : result.text)
        return .clean
    }

    private func compare(_ job: RebuildJob, _ file: String) throws -> Outcome {
        guard RealFS().kind(file) == .file else {
            throw ToolError(
                "\(file): nothing is there to check; make it first: lotus rebuild \(module) --root \(job.root)")
        }
        let store = try ProjectionStore(file, subject: module)
        let (position, hash) = (try store.savedPosition(), try store.value("state_hash") ?? "none")
        let fresh = "\(file).check-\(getpid())"
        defer { Self.remove(fresh) }
        var again = job
        again.end.globalSeq = position.globalSeq
        let bar = Progress("check \(module)", .events)
        var result = try again.run(into: fresh) { bar.update($0, of: $1) }
        result.file = file
        Progress.clear()
        let difference = try store.firstDifference(from: fresh)
        try store.close()
        let isSame = difference == nil && hash == result.stateHash
        if json {
            try Output.print(
                result.json(
                    status: isSame ? "clean" : "differs",
                    more: [("found_hash", jsonString(hash))] + (difference.map { [("first", $0.json)] } ?? [])))
        } else if isSame {
            try Output.print("\(result.text)\n  agrees with the logs, row by row")
        } else {
            let what =
                difference.map(\.text)
                ?? "  every row agrees, but the file notes the state hash \(hash)\n  the logs say \(result.stateHash)"
            try Output.print(
                "\(file): differs from the logs\n\(what)\n  nothing in the file is the truth: delete it and rebuild")
        }
        return isSame ? .clean : .differs
    }
}

extension StoreDifference {
    var text: String {
        let place = "\(table) \(key.joined(separator: " "))" + (column.map { ", column \($0)" } ?? "")
        return """
              \(Figures.grouped(rowCount)) rows differ, the first one at global sequence number \(globalSeq)
              \(place)
              found    \(found)
              expected \(expected)
            """
    }

    var json: String {
        JSON.object([
            ("gsn", "\(globalSeq)"), ("table", jsonString(table)), ("key", JSON.array(key.map(jsonString))),
            ("column", column.map(jsonString) ?? "null"), ("found", jsonString(found)),
            ("expected", jsonString(expected)), ("rows", "\(rowCount)"),
        ])
    }
}
