import Backtest
import Events
import Glibc
import LogEngine
import LogFormat
import Runtime

/// PROOF.json in the folder of a proved run: what two runs agreed on, to be checked without this program.
///
/// `Tools/reader/check_proof.py` computes every digest of it again, from the bytes of the logs and SPEC.md alone.
enum ProofFile {
    /// Name of the file in the run's folder.
    static let name = "PROOF.json"

    /// Writes the file of a run that a second one agreed with; the same run on the same kind of machine gives the same
    /// bytes.
    static func write(_ run: String, _ manifest: RunManifest, _ digest: RunDigest) throws {
        let inputs = manifest.inputs.map { input in
            JSON.object([
                ("stream", jsonString(input.stream)), ("events", "\(input.eventCount)"),
                ("chain_head", jsonString("\(input.chainHead)")),
            ])
        }
        let logs = digest.logs.map { log in
            JSON.object([
                ("log", jsonString(log.module.text)), ("events", "\(log.eventCount)"),
                ("digest", jsonString("\(log.digest)")),
            ])
        }
        let text = JSON.object([
            ("format", "1"), ("run_id", jsonString("\(manifest.runID)")),
            ("content", jsonString("\(manifest.contentHash)")),
            ("config", jsonString("\(manifest.configuration.hash)")), ("code_sha", jsonString(manifest.codeRevision)),
            ("priors_ver", JSON.array(manifest.priorsVersions.map { jsonString($0.text) })),
            ("inputs", JSON.array(inputs)), ("logs", JSON.array(logs)),
            ("digest", jsonString("sha256:\(digest.total)")), ("second_run", jsonString(SecondRun.circumstances)),
            ("platform", jsonString(platform)),
        ])
        try ReportWriter.put(text + "\n", to: "\(run)/\(name)")
    }

    /// The digest that the proof of a run names; nil where there is none.
    static func digest(in run: String) throws -> String? {
        let path = "\(run)/\(name)"
        guard RealFS().kind(path) == .file else { return nil }
        let text = String(decoding: try RealFS().readAll(path, limit: RunFile.bytesMax), as: UTF8.self)
        guard let found = text.firstMatch(of: #/"digest":"(sha256:[0-9a-f]{64})"/#) else {
            throw ToolError(.damaged, "\(path): names no digest; it is not what lotus replay --prove writes")
        }
        return String(found.1)
    }

    /// System and processor.
    private static var platform: String {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return "unknown" }
        return "\(text(names.sysname)) \(text(names.machine))"
    }

    /// A text of C, which ends with a zero byte within its field.
    private static func text<Field>(_ field: Field) -> String {
        unsafe withUnsafeBytes(of: field) { bytes in
            // SAFETY: the bytes are those of the field, and are read inside the call alone.
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
