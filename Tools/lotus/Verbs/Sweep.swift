import ArgumentParser
import CLotus

/// `lotus sweep`: one market under every combination of some settings, each a run of its own (REP-11, REP-12).
struct Sweep: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Replay a market under every combination of settings.",
        usage: "lotus sweep <input> ... --out <folder> --vary <name=values> [<options>]",
        discussion: """
            Each combination is a cell: a run of its own in a folder of its own below --out, made by a process of its \
            own, as many at a time as there are cores to use. A sweep that was killed or stopped goes on when it is \
            started again: cells that have ended stay, others go on from where they were, and every cell is a trial of \
            the ledger exactly once. SWEEP.json says what the folder is a sweep of.

            --vary takes DETECTOR.PARAMETER, siblings, initial_state or seed, with values between commas. The table \
            shows the highest ratio of each cell beside what as many worthless trials would come to by luck; lotus \
            report judges a cell.

            EXAMPLES
              lotus sweep week.bundle --out sweep --vary tape_run_burst_v1.gain=0.5,1,2 --vary siblings=0,2
              lotus sweep week.bundle --out seeds --vary seed=1,2,3,4 --without family:event --json
            """)

    @Argument(help: "Bundles, roots or market logs, sealed.")
    var inputs: [String]
    @Option(help: "Folder of the sweep; a new one, or the same sweep's.")
    var out: String
    @Option(help: ArgumentHelp("A setting and its values: NAME=V1,V2,...", valueName: "name=values"))
    var vary: [String] = []
    @Option(help: "Most processes at a time; no more than cores, or than the quota of the group.")
    var workers: Int?
    @OptionGroup var cohort: CohortOptions
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false
    @Option(help: .hidden) var quota = CoreQuota.folder

    mutating func perform() throws -> Outcome {
        guard !inputs.isEmpty else { throw ToolError(.usage, "nothing to replay: name a bundle, a root or a log") }
        guard cohort.overlay == nil else {
            throw ToolError(.usage, "--overlay: a sweep has overlays of its own; give one value: --vary NAME=VALUE")
        }
        if let workers, workers < 1 { throw ToolError(.usage, "--workers \(workers): expected at least 1") }
        try NewLog.checkParent(of: out)
        Interrupt.arm()
        let grid = try SweepGrid(vary)
        let job = try SweepJob(out, inputs: inputs, cohort: cohort, grid: grid)
        let most = min(workers ?? .max, CoreQuota.cores(quota))
        let bar = Progress("sweep", .cells)
        try job.run(workers: most) { bar.update($0, of: $1) }
        Progress.clear()
        let result = try SweepResult(job, workers: most)
        try Output.print(json ? result.json : result.text)
        return .clean
    }
}

/// Cores that this process may use.
enum CoreQuota {
    /// Where the kernel tells of control groups.
    static let folder = "/sys/fs/cgroup"

    /// The allowed cores, or fewer if the group's quota of time is less; at least one.
    static func cores(_ folder: String) -> Int {
        let allowed = Int(clotus_allowed_cores())
        return max(1, min(allowed, quota(folder) ?? allowed))
    }

    /// Whole cores of the quota, in either version of control groups; nil without one.
    private static func quota(_ folder: String) -> Int? {
        let words: [String]
        if let both = text("\(folder)/cpu.max") {
            words = both
        } else if let quota = text("\(folder)/cpu/cpu.cfs_quota_us"),
            let period = text("\(folder)/cpu/cpu.cfs_period_us")
        {
            words = quota + period
        } else {
            return nil
        }
        guard words.count == 2, let quota = Int(words[0]), let period = Int(words[1]), quota > 0, period > 0 else {
            return nil
        }
        return quota / period
    }

    private static func text(_ path: String) -> [String]? {
        KernelFile.text(path).map { $0.split { $0 == " " || $0 == "\n" }.map(String.init) }
    }
}
