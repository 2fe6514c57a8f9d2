import Testing

/// Which module may import which.
///
/// Arrows point down only: the format stays free of disks, and the engine free of everything but disks and threads.
struct ImportRule {
    let folder: String
    /// Nil: whatever Package.swift offers.
    let allowed: Set<String>?
    let reason: String
}

/// Add a row with each new target.
let importTable: [ImportRule] = [
    ImportRule(folder: "Sources/CLotus", allowed: [], reason: "C shims over system libraries"),
    ImportRule(folder: "Sources/CZlib", allowed: [], reason: "a C shim over zlib"),
    ImportRule(folder: "Sources/CRows", allowed: [], reason: "a C shim over SQLite: rows in memory as a table"),
    ImportRule(folder: "LogFormat", allowed: ["CLotus"], reason: "bytes only: no disk, no clock, no Foundation"),
    ImportRule(
        folder: "Sources/LogEngine", allowed: ["CLotus", "LogFormat", "Glibc", "Synchronization"],
        reason: "disk and threads over LogFormat, without any package"),
    ImportRule(
        folder: "Sources/Events", allowed: ["LogFormat"], reason: "the vocabulary: no disk, no clock, no Foundation"),
    ImportRule(
        folder: "Sources/Filters", allowed: ["Events", "LogFormat"],
        reason: "a filter is a function of an event and its description: no disk, no clock, no Foundation"),
    ImportRule(
        folder: "Sources/Parquet", allowed: ["Events", "LogFormat"],
        reason: "events to the bytes of a table: no disk, no clock, no Foundation"),
    ImportRule(
        folder: "Sources/Statistics", allowed: [], reason: "numbers only: not even Foundation, the same bits anywhere"),
    ImportRule(
        folder: "Sources/Market", allowed: ["Events", "LogFormat", "Statistics"],
        reason: "parsers, books, bars and features over bytes and events it is given: no disk, no clock, no "
            + "Foundation"),
    ImportRule(
        folder: "Sources/SignalEngine", allowed: ["Events", "LogFormat", "Statistics"],
        reason: "detectors, scores and outcomes are functions of windows: no disk, no clock, no Foundation"),
    ImportRule(
        folder: "Sources/PlacedYAML", allowed: ["Yams"], reason: "YAML with places, and nothing of what it says"),
    ImportRule(
        folder: "Sources/DetectorYAML", allowed: ["Events", "LogFormat", "PlacedYAML", "SignalEngine", "Yams"],
        reason: "detectors as files: the YAML front end and the shipped cohort"),
    ImportRule(
        folder: "Sources/Report", allowed: ["Statistics"],
        reason: "numbers to text and pictures: no disk, no clock, no Foundation"),
    ImportRule(
        folder: "Sources/Weave", allowed: ["Events", "LogFormat", "Statistics"],
        reason: "learning is a function of its inputs: no disk, no clock, no Foundation"),
    ImportRule(
        folder: "Sources/Herald", allowed: ["Events", "LogFormat"],
        reason: "a pure router: no disk, no clock, no cryptography of its own"),
    ImportRule(
        folder: "Sources/Contracts", allowed: ["Events", "Herald", "LogFormat"],
        reason: "what the modules promise each other: declarations, compared and written, not read from a disk"),
    ImportRule(
        folder: "Sources/ManifestYAML",
        allowed: ["Contracts", "Events", "Herald", "LogFormat", "PlacedYAML", "Yams"],
        reason: "contracts as files: the YAML front end of the manifests"),
    ImportRule(
        folder: "Sources/Signing", allowed: ["Crypto", "Events", "Herald", "LogFormat"],
        reason: "the one place that knows cryptography"),
    ImportRule(
        folder: "Sources/VenueFeed",
        allowed: [
            "Glibc", "NIOConcurrencyHelpers", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "NIOWebSocket",
        ],
        reason: "sockets to the venue: frames in, bytes out, no market, no log and no disk"),
    ImportRule(
        folder: "Sources/Runtime", allowed: ["CZlib", "Events", "Herald", "LogEngine", "LogFormat", "Market"],
        reason: "the wiring: it owns roots, clocks and threads"),
    ImportRule(
        folder: "Sources/LiveFeed",
        allowed: ["Events", "LogEngine", "LogFormat", "Market", "Runtime", "Synchronization", "VenueFeed"],
        reason: "messages of a feed into the log of a root: the one place that knows both"),
    ImportRule(
        folder: "Sources/Backtest",
        allowed: [
            "Contracts", "Events", "LogEngine", "LogFormat", "Market", "Report", "Runtime", "SignalEngine",
            "Statistics", "Weave",
        ],
        reason: "the main job: market to signals, signals to a report; it knows neither clocks nor terminals"),
    ImportRule(
        folder: "Sources/Inquiry",
        allowed: ["CLotus", "Events", "Filters", "LogEngine", "LogFormat", "Runtime", "Statistics", "Weave"],
        reason: "questions about what was recorded: it reads logs, and notes which bundles it made"),
    ImportRule(
        folder: "Sources/Specimens", allowed: ["Events", "LogEngine", "LogFormat", "Runtime"],
        reason: "generated histories: functions of a seed"),
    ImportRule(
        folder: "Projections", allowed: ["CRows", "Events", "LogEngine", "LogFormat", "GRDB", "GRDBSQLite"],
        reason: "folds of events on threads, and the only target that opens SQLite: no clock, no Foundation"
    ),
    ImportRule(folder: "Tools", allowed: nil, reason: "the programs around the library"),
    ImportRule(folder: "Tests", allowed: nil, reason: "tests may use whatever shows a fault"),
]

/// The only files of the engine that talk to the operating system themselves; everybody else goes through them.
let systemCallers: [String: String] = [
    "Sources/LogEngine/Disk/RealFS.swift": "the system calls on files",
    "Sources/LogEngine/Disk/Environment.swift": "clocks, process ids, boot id",
    "Sources/LogEngine/Threads/Threads.swift": "pthread mutexes and threads",
]

/// One `import` line: which module, and where.
struct ImportLine {
    let module: String
    let line: Int
}

/// The modules that a Swift text imports.
func importLines(_ text: String) -> [ImportLine] {
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor"]
    return lines(of: codeOnly(text)).enumerated().compactMap { index, line in
        let words = line.split(whereSeparator: \.isWhitespace)
        guard let at = words.firstIndex(of: "import"), at + 1 < words.count,
            words[..<at].allSatisfy({ $0.hasPrefix("@") || $0.allSatisfy(\.isLetter) })
        else { return nil }
        let name = kinds.contains(words[at + 1]) && at + 2 < words.count ? words[at + 2] : words[at + 1]
        return ImportLine(module: String(name.prefix { $0 != "." }), line: index + 1)
    }
}

/// Imports that the table does not allow, and folders that it does not know.
func importViolations(_ file: SourceFile, table: [ImportRule] = importTable) -> [Violation] {
    guard file.fileExtension == "swift", file.path != "Package.swift", let text = file.text else { return [] }
    guard let rule = table.first(where: { file.isUnder($0.folder) }) else {
        return [Violation(path: file.path, line: 1, message: "its folder is not in the import table: add a row for it")]
    }
    guard let allowed = rule.allowed else { return [] }
    return importLines(text).filter { !allowed.contains($0.module) }.map { found in
        let list = allowed.sorted().joined(separator: ", ")
        return Violation(
            path: file.path, line: found.line,
            message: "imports \(found.module); \(rule.folder) may import \(list.isEmpty ? "nothing" : list) "
                + "(\(rule.reason))")
    }
}

/// Engine files that import Glibc without being a named system caller.
func systemCallViolations(_ file: SourceFile, callers: [String: String] = systemCallers) -> [Violation] {
    guard file.isUnder("Sources/LogEngine"), callers[file.path] == nil, let text = file.text else { return [] }
    return importLines(text).filter { $0.module == "Glibc" }.map { found in
        Violation(
            path: file.path, line: found.line,
            message: "imports Glibc; go through LogFS, LogEnvironment or Threads/, so that the simulation sees it. "
                + "System callers: \(callers.keys.sorted().joined(separator: ", "))")
    }
}

/// The import table of the package and the list of files that make system calls.
@Suite struct ImportRulesTests {
    @Test func `every import is in the table`() {
        let found = SourceTree.files.flatMap { importViolations($0) }
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `only named files of the engine import Glibc`() {
        let found = SourceTree.files.flatMap { systemCallViolations($0) }
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `every named system caller still needs its place in the list`() {
        for path in systemCallers.keys.sorted() {
            let file = SourceTree.files.first { $0.path == path }
            let imports = file?.text.map(importLines) ?? []
            #expect(imports.contains { $0.module == "Glibc" }, "\(path) no longer imports Glibc: take it off the list")
        }
    }

    @Test(arguments: importTable.map(\.folder)) func `every folder of the table exists`(_ folder: String) {
        #expect(SourceTree.files.contains { $0.isUnder(folder) }, "no file under \(folder): take it out of the table")
    }

    @Test(arguments: [
        ("LogFormat/Bytes/Planted.swift", "internal import Foundation\n", "Foundation"),
        ("LogFormat/Bytes/Planted.swift", "public import struct LogEngine.Anchor\n", "LogEngine"),
        ("Sources/LogEngine/Planted.swift", "internal import CLotus\n@preconcurrency import Dispatch\n", "Dispatch"),
        ("Sources/Elsewhere/Planted.swift", "let x = 1\n", "table"),
    ])
    func `a forbidden import is found`(_ path: String, _ text: String, _ word: String) {
        let found = importViolations(SourceFile(path, text))
        #expect(found.count == 1)
        #expect(found.first?.message.contains(word) == true)
    }

    @Test func `a system call outside the named files is found`() {
        #expect(systemCallViolations(SourceFile("Sources/LogEngine/Write/Planted.swift", "import Glibc\n")).count == 1)
        #expect(systemCallViolations(SourceFile("Sources/LogEngine/Disk/RealFS.swift", "import Glibc\n")).isEmpty)
    }

    @Test func `comments and strings do not import anything`() {
        let text = "// import Foundation\nlet a = \"import Foundation\"\n/* import Dispatch */ import CLotus\n"
        #expect(importLines(text).map(\.module) == ["CLotus"])
    }
}

/// Findings, one a line.
func report(_ found: [Violation]) -> String { "\n" + found.map(\.description).joined(separator: "\n") }
