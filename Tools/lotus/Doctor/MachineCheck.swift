import CLotus
import Contracts
import Events
import Glibc
import LogEngine
import ManifestYAML

/// What of the machine and of this process would get in the way of work.
struct MachineCheck {
    /// Oldest libraries that the program is tested with (Debian 12).
    private static let librariesMin = (compression: UInt32(10_904), hash: UInt32(801))
    /// Files that a root of sixteen logs holds open, with room for readers.
    private static let openFilesMin: UInt64 = 256
    /// A segment and what is written ahead of it.
    private static let fileBytesMin: UInt64 = 256 << 20
    /// 2025-01-01: no log was written before.
    private static let wallNanosMin: Int64 = 1_735_689_600_000_000_000

    private(set) var findings: [Finding] = []

    init() {
        library("liblz4", clotus_lz4_version(), Self.librariesMin.compression)
        library("libxxhash", clotus_xxh_version(), Self.librariesMin.hash)
        limit(
            "open files", .openFiles, __rlimit_resource_t(RLIMIT_NOFILE.rawValue), Self.openFilesMin,
            "raise it: ulimit -n 4096")
        limit(
            "bytes of a file", .fileSize, __rlimit_resource_t(RLIMIT_FSIZE.rawValue), Self.fileBytesMin,
            "raise it: ulimit -f unlimited")
        let now = RealClock().wallNanos()
        if now < Self.wallNanosMin {
            findings.append(
                Finding(
                    kind: .clock, place: "the clock of the system", found: TimeText.text(now),
                    expected: "a moment after \(TimeText.text(Self.wallNanosMin))",
                    advice: "set it, and let a time service keep it: timedatectl set-ntp true"))
        }
    }

    /// Versions as both libraries number them: 10904 is 1.9.4, 801 is 0.8.1.
    private mutating func library(_ name: String, _ found: UInt32, _ least: UInt32) {
        guard found < least else { return }
        func version(_ number: UInt32) -> String { "\(number / 10_000).\(number / 100 % 100).\(number % 100)" }
        findings.append(
            Finding(
                kind: .library, place: name, found: "version \(version(found))",
                expected: "version \(version(least)) or later",
                advice: "install it: apt-get install \(name == "liblz4" ? "liblz4-1" : "libxxhash0")"))
    }

    private mutating func limit(
        _ name: String, _ kind: Finding.Kind, _ resource: __rlimit_resource_t, _ least: UInt64, _ advice: String
    ) {
        var limits = rlimit()
        guard unsafe getrlimit(resource, &limits) == 0, UInt64(limits.rlim_cur) < least else { return }
        findings.append(
            Finding(
                kind: kind, place: "limit of \(name)", found: "\(limits.rlim_cur)", expected: "at least \(least)",
                advice: advice))
    }

    /// Manifests in a folder that are not what the code declares.
    mutating func manifests(_ folder: String) throws {
        func add(_ found: String) {
            findings.append(
                Finding(
                    kind: .manifests, place: folder, found: found, expected: "what this program declares",
                    advice: "lotus manifest check \(folder) names every difference"))
        }
        do {
            let differences = try ManifestFolder.load(folder).differences(from: try ContractSet.code())
            if !differences.isEmpty { add("\(differences.count) differences, the first: \(differences[0].text)") }
        } catch let error as ManifestError {
            add("\(error)")
        } catch let error as ToolError { add(error.description) }
    }
}
