import Backtest
import Events
import Glibc
import LogEngine
import LogFormat
import Runtime

/// The cells of a sweep, run in processes until all have ended.
struct SweepJob {
    /// A cell with what its run is made of.
    struct Run {
        let cell: SweepGrid.Cell
        let manifest: RunManifest
        /// Folder of the run.
        let path: String
        /// File with its overlay.
        let overlay: String
    }

    let out: String
    let runs: [Run]
    private let words: [String]

    /// Name of the file that says what a folder is a sweep of.
    static let fileName = "SWEEP.json"

    /// Prepares the folder, or goes on with the same sweep in it; every cell is checked before any is run.
    init(_ path: String, inputs: [String], cohort: CohortOptions, grid: SweepGrid) throws {
        var out = path
        while out.count > 1, out.hasSuffix("/") { out.removeLast() }
        self.out = out
        let logs = inputs.map { MarketFeed.marketLog(in: $0) }
        words = ["replay"] + (try logs.map(Proof.whole)) + (try cohort.words()) + ["--no-report", "--with-parent"]
        var made: [RunInput] = []
        for log in logs { made.append(try RunInput(log)) }
        var runs: [Run] = []
        for cell in grid.cells {
            let seed = cell.seed ?? 1
            let engine = try cohort.engine(seed: seed, cell: ("--vary", cell.overlay))
            let manifest = RunManifest(
                inputs: made, configuration: try RunConfiguration(CohortOptions.settings(engine)),
                codeRevision: RunManifest.codeRevision(.real()), seed: seed)
            runs.append(
                Run(cell: cell, manifest: manifest, path: "\(out)/\(cell.name)", overlay: "\(out)/\(cell.name).yaml"))
        }
        self.runs = runs
        try claim(grid, made)
    }

    /// Makes the folder the sweep's own.
    private func claim(_ grid: SweepGrid, _ inputs: [RunInput]) throws {
        let axes = grid.axes.map { axis in
            JSON.object([("name", jsonString(axis.name)), ("values", JSON.array(axis.values.map(jsonString)))])
        }
        let cells = runs.map { run in
            JSON.object([("cell", jsonString(run.cell.name)), ("run_id", jsonString("\(run.manifest.runID)"))])
        }
        let text = JSON.object([
            ("format", "1"), ("axes", JSON.array(axes)),
            ("chain_heads", JSON.array(inputs.map { jsonString("\($0.chainHead)") })), ("cells", JSON.array(cells)),
        ])
        let fileSystem = RealFS()
        let place = "\(out)/\(Self.fileName)"
        switch fileSystem.kind(out) {
        case .file: throw ToolError(.usage, "\(out) is a file; a sweep is written into a folder of its own")
        case .directory:
            if fileSystem.kind(place) == .file {
                let found = try fileSystem.readAll(place, limit: 64 << 20)
                guard found == Array((text + "\n").utf8) else {
                    throw ToolError(
                        .usage,
                        "\(out) holds another sweep: other settings, another market or another program; choose "
                            + "another folder")
                }
                return
            }
            // A crash before SWEEP.json got its name leaves nothing else.
            guard try fileSystem.list(out).allSatisfy({ $0 == "\(Self.fileName).new" }) else {
                throw ToolError(.usage, "\(out) holds other things; a sweep is written into a folder of its own")
            }
        case .nothing: try fileSystem.createDirectory(out)
        }
        try ReportWriter.put(text + "\n", to: place)
    }

    /// The last event of a run that has ended as the cell's; nil for one that has not.
    static func ended(_ run: Run) throws -> RunCompleted? {
        let place = "\(run.path)/\(RunManifest.fileName)"
        guard RealFS().kind(place) == .file else { return nil }
        guard try RealFS().readAll(place, limit: 64 << 20) == Array(run.manifest.text.utf8) else {
            throw ToolError("\(run.path): is not the run of this cell; move it out of the sweep's folder")
        }
        return try RunTrials.last(of: run.path)
    }

    /// Runs what has not ended, some at a time.
    func run(workers: Int, progress: (UInt64, UInt64) -> Void) throws {
        var waiting: [Run] = []
        // A death between the last event of a run and its entry leaves the entry to make: replay does.
        let entered = Set(try RunLedger(in: out).trials().filter(\.entry.hasEnded).map(\.id))
        for run in runs where try Self.ended(run) == nil || !entered.contains(run.manifest.runID) {
            waiting.append(run)
        }
        var done = UInt64(runs.count - waiting.count)
        let life = try ParentPipe()
        var children: [pid_t: Run] = [:]
        var failed: (run: Run, status: Int32)?
        while !waiting.isEmpty || !children.isEmpty {
            while children.count < workers, !waiting.isEmpty, failed == nil, !Interrupt.isRequested {
                let run = waiting.removeFirst()
                if RealFS().kind(run.overlay) != .file { try ReportWriter.put(run.cell.overlay, to: run.overlay) }
                let all =
                    words + ["--out", run.path, "--overlay", run.overlay, "--seed", "\(run.manifest.seed)"]
                    + ["--progress", "none"]
                children[try startSelf(all, quietly: true, input: life.readDescriptor)] = run
            }
            guard !children.isEmpty else { break }
            var status: Int32 = 0
            let child = unsafe waitpid(-1, &status, 0)
            guard let run = children.removeValue(forKey: child) else { continue }
            if status == 0 { done += 1 } else if failed == nil { failed = (run, status) }
            // Others end by the signal that came to all of them, or with this process.
            progress(done, UInt64(runs.count))
            if Interrupt.isRequested { break }
        }
        try Interrupt.check(out)
        guard let failed else { return }
        throw ToolError(
            "\(failed.run.path): its process ended with status \(failed.status >> 8); start it alone to see why: "
                + "lotus replay … --out \(failed.run.path) --overlay \(failed.run.overlay); then the sweep goes on")
    }
}

/// A pipe whose other end closes when this process ends, however it ends: children watch it.
final class ParentPipe {
    /// The end that children get as standard input.
    let readDescriptor: Int32
    private let writeDescriptor: Int32

    init() throws(ToolError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw ToolError("no pipe for the processes of the cells: error \(errno)") }
        (readDescriptor, writeDescriptor) = (ends[0], ends[1])
        // No child holds the end that shall close.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(readDescriptor)
        close(writeDescriptor)
    }

    /// Ends this process at once when the one that started it has ended; its runs go on when they are started again.
    static func follow() {
        _ = EngineThread {
            var byte: UInt8 = 0
            while unsafe read(STDIN_FILENO, &byte, 1) != 0 {}
            _exit(1)
        }
    }
}
