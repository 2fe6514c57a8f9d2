/// What of the second run of `lotus replay --prove` is unlike the first: nothing of it may change an output byte.
package enum SecondRun {
    /// Raw bytes of a batch.
    package static let batchBytes = 3_000
    /// Batches in reserve.
    package static let pendingBatches = 1
    /// Cores that it runs on.
    package static let cores = 1
    /// The folder that it runs in.
    package static let folder = "/"
    /// What is set in its environment.
    package static let settings = [
        "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8",
    ]
    /// All of it in words; the process has a seed for hashes and places in memory of its own.
    package static let circumstances =
        "a second process, on one core, with batches of 3,000 bytes, in another time zone, language and folder"

    /// Where the second run goes, beside the first.
    package static func place(beside run: String) -> String { "\(run).proof" }
}
