import ArgumentParser
import Backtest
import Events
import Glibc
import LogEngine
import LogFormat
import Runtime
import SignalEngine

/// `lotus reproduce`: a recorded run once more, from its RUN.json and the market that it read (REP-07, REP-10).
struct Reproduce: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Run a recorded run again from RUN.json, and compare.",
        usage: "lotus reproduce <run> <input> ... --out <folder> [<options>]",
        discussion: """
            RUN.json alone is enough, with the market logs that it names by their chain heads: seed, end, plan and \
            cohort are taken from it. Detectors that are not shipped, and overlays, are given as they were to replay; \
            if anything differs from what RUN.json names, nothing is run. Every event is compared with the run's logs \
            if these are there, else the digest with that of PROOF.json.

            Exit status 4: the run cannot be reproduced here, or came out otherwise.

            EXAMPLES
              lotus reproduce runs/monday monday.bundle --out again
              lotus reproduce runs/mine bundles/* --detector mine.yaml --out again
            """)

    @Argument(help: "Folder with the RUN.json of a run.")
    var run: String
    @Argument(help: "Bundles, roots or market logs; those that the run did not read are left out.")
    var inputs: [String] = []
    @Option(help: "A new folder for the second run.")
    var out: String
    @OptionGroup var cohort: CohortOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let file = try RunFile(in: run)
        guard RealFS().kind(out) == .nothing else {
            throw ToolError(.usage, "\(out): is there already; give a new folder")
        }
        try NewLog.checkParent(of: out)
        let words = try self.words(file)
        // A folder that holds RUN.json takes that run and no other: a replay that is not the same ends at once.
        let manifest = try RealFS().readAll("\(run)/\(RunManifest.fileName)", limit: RunFile.bytesMax)
        try RealFS().createDirectory(out)
        try RealFS().createDurably(RunManifest.fileName, in: out, manifest)
        let status = waitFor(try startSelf(words, settings: [:]))
        guard status == 0 else {
            // Nothing is left of an attempt that was refused; a run that began and failed stays, to be looked at.
            if LogLocation.logs(in: out).isEmpty {
                unsafe unlink("\(out)/\(RunManifest.fileName)")
                unsafe rmdir(out)
            }
            throw ToolError(.differs, "\(run): cannot be reproduced here, for the reason above")
        }
        let digest = try RunDigest(out).total
        let (reference, difference) = try compare(digest)
        if json {
            try Output.print(
                JSON.object([
                    ("run", jsonString(run)), ("out", jsonString(out)), ("digest", jsonString("sha256:\(digest)")),
                    ("compared_with", JSON.text(reference)), ("difference", JSON.text(difference)),
                ]))
        } else {
            let verdict =
                difference.map { "DIFFERS: \($0)" } ?? reference.map { "reproduced: the same as \($0)" }
                ?? "nothing to compare with: \(run) has neither logs nor PROOF.json"
            try Output.print("\(out): digest sha256:\(digest)\n\(verdict)")
        }
        return difference == nil ? .clean : .differs
    }

    /// What the second run was compared with, and the first difference.
    private func compare(_ digest: Digest) throws -> (reference: String?, difference: String?) {
        if !LogLocation.logs(in: run).isEmpty { return ("the logs of \(run)", try RunDigest.difference(run, out)) }
        guard let told = try ProofFile.digest(in: run) else { return (nil, nil) }
        let isSame = told == "sha256:\(digest)"
        return ("PROOF.json", isSame ? nil : "PROOF.json of \(run) has the digest \(told)")
    }

    /// The words of the replay.
    private func words(_ file: RunFile) throws -> [String] {
        var known: [(path: String, head: String)] = []
        for input in inputs {
            let log = MarketFeed.marketLog(in: input)
            known.append((log, "\(try RunInput(log).chainHead)"))
        }
        var words = ["replay", "--out", out, "--seed", file.seed, "--no-report", "--quiet"]
        for input in file.inputs {
            guard let found = known.first(where: { $0.head == input.chainHead }) else {
                throw ToolError(
                    .usage,
                    "\(run) read a market of \(input.events) events with the chain head \(input.chainHead); none of "
                        + "the \(inputs.count) given is that: lotus attest shows the chain head of a log")
            }
            words.append(found.path)
        }
        if let plan = file.plan { words += ["--walk-forward", plan] }
        if let until = file.untilNanos { words += ["--until", TimeText.text(until)] }
        let wanted = Set(file.configuration.map(\.name))
        let shipped = try cohort.files.isEmpty ? CohortOptions.shipped().map(\.id.text) : []
        for id in shipped where !wanted.contains("detector/\(id)") && !cohort.without.contains("detector:\(id)") {
            words += ["--without", "detector:\(id)"]
        }
        return words + (try cohort.words())
    }
}
