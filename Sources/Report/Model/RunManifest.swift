/// What was run: enough to run it again and get the same bytes (REP-07, REP-02).
package struct RunManifest: Equatable, Sendable {
    /// Identity of the run.
    package var runID: String
    /// Kind of the experiment, such as "walk-forward".
    package var kind = "replay"
    /// How it ended, such as "completed".
    package var status = "completed"
    /// The command line as typed.
    package var commandLine = ""
    /// Commit of the program.
    package var codeRevision = ""
    /// Whether the program was built from changed sources.
    package var isModified = false
    /// Seed of every random stream of the run.
    package var seed: UInt64 = 0
    /// Span of the market data that was replayed.
    package var span: TimeSpan?
    /// When the run began and ended, if the caller wants it told; leave nil for reproducible bytes.
    package var started: TimeSpan?
    /// Names and digests of the frozen data.
    package var inputs: [DataDigest] = []
    /// Digest of the configuration.
    package var configurationDigest = ""
    /// The configuration, key by key.
    package var configuration: [NamedText] = []
    /// Version of the priors by module.
    package var priorsVersions: [NamedText] = []
    /// How folds were cut; nil for a run without walk-forward.
    package var walkForward: WalkForwardPlan?
    /// Digest over the output logs.
    package var outputDigest = ""
    /// Whether a second run gave the same output digest; nil if nobody asked.
    package var isProven: Bool?

    /// Makes a manifest.
    package init(runID: String) { self.runID = runID }
}

/// One frozen input.
package struct DataDigest: Equatable, Sendable {
    /// Name of the segment or bundle.
    package let name: String
    /// Size in bytes.
    package let bytes: Int
    /// SHA-256 in hexadecimal.
    package let sha256: String

    /// Makes a digest.
    package init(name: String, bytes: Int, sha256: String) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// A name with a text.
package struct NamedText: Equatable, Sendable {
    /// The name.
    package let name: String
    /// The text.
    package let text: String

    /// Makes a pair.
    package init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }
}

/// How walk-forward folds were cut (REP-03, REP-04); lengths as typed, such as "14d".
package struct WalkForwardPlan: Equatable, Sendable {
    /// Length of the training span.
    package var train: String
    /// Length of the validation span.
    package var validate: String
    /// Length of the test span.
    package var test: String
    /// Step from one fold to the next.
    package var step: String
    /// What was purged.
    package var purge: String
    /// Embargo between training and test.
    package var embargo: String

    /// Makes a plan.
    package init(train: String, validate: String, test: String, step: String, purge: String, embargo: String) {
        self.train = train
        self.validate = validate
        self.test = test
        self.step = step
        self.purge = purge
        self.embargo = embargo
    }
}
