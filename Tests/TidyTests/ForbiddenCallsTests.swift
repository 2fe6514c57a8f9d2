import Testing

/// A call that the pure targets do not make, with what to use instead.
struct BannedCall: Sendable {
    /// Found in a line before the pattern is tried: most lines are done with that.
    let needle: String
    let pattern: @Sendable (String) -> Bool
    let instead: String
    /// A line that breaks the rule, for its test.
    let example: String
    /// A line that looks similar and is fine.
    let counterexample: String
    /// Places that may do it all the same: how often in which file, and why.
    var exceptions: [String: (count: Int, reason: String)] = [:]
}

let bannedCalls: [BannedCall] = [
    BannedCall(
        needle: "Date(", pattern: { $0.contains(#/\bDate\(/#) }, instead: "take times from LogEnvironment.clock",
        example: "let t = Date()", counterexample: "let t = makeDate(1)"),
    BannedCall(
        needle: ".now", pattern: { $0.contains(#/\.now\b/#) }, instead: "take times from LogEnvironment.clock",
        example: "let t = ContinuousClock.now", counterexample: "let t = state.nowhere"),
    BannedCall(
        needle: ".random(", pattern: { $0.contains(#/\b[A-Z]\w*(<\w+>)?\.random\(/#) },
        instead: "take random bytes from LogEnvironment.random, or a SeededGenerator in a simulation",
        example: "let n = UInt64.random(in: 0...9)", counterexample: "let id = environment.random(16)"),
    BannedCall(
        needle: "andomElement(", pattern: { $0.contains(".randomElement(") },
        instead: "pick with a SeededGenerator", example: "let e = list.randomElement()",
        counterexample: "let e = pickRandomElement(list)"),
    BannedCall(
        needle: "shuffle", pattern: { $0.contains(#/\.shuffled?\(\)/#) }, instead: "shuffle with a SeededGenerator",
        example: "let s = list.shuffled()", counterexample: "let s = list.shuffled(using: &seeded)"),
    BannedCall(
        needle: "SystemRandomNumberGenerator", pattern: { _ in true },
        instead: "take random bytes from LogEnvironment.random, or a SeededGenerator in a simulation",
        example: "var g = SystemRandomNumberGenerator()", counterexample: "var g = SeededGenerator(seed: 1)"),
    BannedCall(
        needle: "Task.detached", pattern: { _ in true }, instead: "run blocking work on an EngineThread",
        example: "Task.detached { work() }", counterexample: "EngineThread { work() }"),
    BannedCall(
        needle: "DispatchQueue", pattern: { _ in true }, instead: "use an EngineThread, a Lock or an EventCount",
        example: "DispatchQueue.global().async { work() }", counterexample: "queue.add(work)"),
    BannedCall(
        needle: "rint(", pattern: { $0.contains(#/\b(print|debugPrint)\(/#) },
        instead: "throw a typed error or return a report; only Tools/ writes to a terminal",
        example: "print(\"hello\")", counterexample: "fingerprint(bytes)"),
    BannedCall(
        needle: "try!", pattern: { _ in true }, instead: "let the error go up through typed throws",
        example: "let x = try! load()", counterexample: "let x = try? load()"),
    BannedCall(
        needle: "as!", pattern: { $0.contains(#/\bas!/#) }, instead: "use as? and say what was found",
        example: "let x = y as! Int", counterexample: "if has!=true { }"),
    BannedCall(
        needle: "fatalError(", pattern: { _ in true },
        instead: "throw a typed error; for a programmer's error precondition(…, \"Invariant: …\")",
        example: "fatalError(\"no\")", counterexample: "throw LogError(.damaged, \"no\")",
        exceptions: ["LogFormat/Bytes/Compression.swift": (1, "out of memory while a codec is made")]),
    BannedCall(
        needle: "ash", pattern: { $0.contains(#/\bHasher\b|\bhashValue\b/#) },
        instead: "use xxh3 or SHA256Hasher: Hasher is seeded anew in every process",
        example: "var h = Hasher()", counterexample: "var h = SHA256Hasher()"),
    BannedCall(
        needle: ".", pattern: { iteratesWithoutOrder($0) },
        instead: "sort first (.keys.sorted()): the order of a Dictionary differs between two runs",
        example: "for key in table.keys { use(key) }", counterexample: "for key in table.keys.sorted() { use(key) }"),
    BannedCall(
        needle: "Foundation", pattern: { $0.contains(#/\bimport\s+Foundation/#) },
        instead: "the pure targets do without Foundation: use LogFS, the standard library or a shim in CLotus",
        example: "internal import Foundation", counterexample: "internal import CLotus"),
]

/// Whether a line goes through the keys or values of a dictionary in whatever order they come.
func iteratesWithoutOrder(_ line: String) -> Bool {
    guard line.contains(".keys") || line.contains(".values") else { return false }
    if line.contains(#/\bin\b[^{]*\.(keys|values)\s*(where\b[^{]*)?\{/#) { return true }
    return line.contains(#/\.(keys|values)\.(lazy\.)?(map|compactMap|flatMap|forEach|first|enumerated|joined)\b/#)
}

/// Banned calls in a file of a pure target.
///
/// `ORDERED:` in a comment of the line says why an iteration may be unordered.
func bannedCallViolations(_ file: SourceFile) -> [Violation] {
    guard let text = file.text else { return [] }
    let original = lines(of: text)
    let code = lines(of: codeOnly(text)).map(String.init)
    var found: [Violation] = []
    for banned in bannedCalls {
        var allowance = banned.exceptions[file.path]?.count ?? 0
        for (index, line) in code.enumerated() where line.contains(banned.needle) && banned.pattern(line) {
            if original[index].contains("// ORDERED: ") { continue }
            if allowance > 0 {
                allowance -= 1
                continue
            }
            let shown = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            found.append(Violation(path: file.path, line: index + 1, message: "'\(shown)': \(banned.instead)"))
        }
    }
    return found
}

/// Promises to the compiler without a reason beside them.
func safetyViolations(_ file: SourceFile) -> [Violation] {
    guard let text = file.text else { return [] }
    let original = lines(of: text)
    return lines(of: codeOnly(text)).enumerated().compactMap { index, line in
        guard line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") else { return nil }
        let near = original[index...min(index + 3, original.count - 1)]
        if near.contains(where: { $0.contains("// SAFETY: ") }) { return nil }
        return Violation(
            path: file.path, line: index + 1,
            message: "say within three lines, in a comment that begins with SAFETY:, why this is safe")
    }
}

/// Calls that would make the format or the engine depend on the moment, the process or luck.
@Suite struct ForbiddenCallsTests {
    static let pureFolders = [
        "LogFormat", "Sources/LogEngine", "Sources/Events", "Sources/Herald", "Sources/Weave", "Sources/Inquiry",
        "Sources/Contracts", "Sources/ManifestYAML", "Sources/Signing", "Sources/Market", "Sources/SignalEngine",
        "Sources/Report", "Sources/DetectorYAML", "Sources/PlacedYAML", "Projections",
    ]
    static let pureFiles = pureFolders.flatMap { SourceTree.swiftFiles(under: $0) }

    @Test func `the pure targets make no banned call`() {
        #expect(Self.pureFiles.count > 20)
        let found = Self.pureFiles.flatMap(bannedCallViolations)
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `every promise to the compiler has its reason`() {
        let found = Self.pureFiles.flatMap(safetyViolations)
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `every exception is still used`() {
        for banned in bannedCalls {
            for (path, exception) in banned.exceptions.sorted(by: { $0.key < $1.key }) {
                let text = SourceTree.files.first { $0.path == path }?.text ?? ""
                let count = lines(of: codeOnly(text)).count { banned.pattern(String($0)) && $0.contains(banned.needle) }
                #expect(count == exception.count, "\(path): \(banned.needle) occurs \(count) times")
            }
        }
    }

    @Test(arguments: bannedCalls.indices) func `each banned call is found, its look-alike is not`(_ index: Int) {
        let banned = bannedCalls[index]
        let found = bannedCallViolations(SourceFile("LogFormat/Planted.swift", "\n\(banned.example)\n"))
        #expect(found.count == 1, "\(banned.example)")
        #expect(found.first?.line == 2)
        #expect(found.first?.message.contains(banned.instead) == true)
        let spared = bannedCallViolations(SourceFile("LogFormat/Planted.swift", "\n\(banned.counterexample)\n"))
        #expect(spared.isEmpty, "\(report(spared))")
    }

    @Test func `an exception holds only as often as it says`() {
        let once = "func a() { fatalError(\"out of memory\") }\n"
        #expect(bannedCallViolations(SourceFile("LogFormat/Bytes/Compression.swift", once)).isEmpty)
        #expect(bannedCallViolations(SourceFile("LogFormat/Bytes/Compression.swift", once + once)).count == 1)
        #expect(bannedCallViolations(SourceFile("LogFormat/Bytes/Other.swift", once)).count == 1)
    }

    @Test(arguments: [
        "for value in table.values where value > 1 {", "let all = table.keys.map { $0 }",
        "for (index, key) in table.keys.enumerated() {", "let one = table.values.first",
    ])
    func `unordered iteration is found`(_ line: String) { #expect(iteratesWithoutOrder(line)) }

    @Test func `a reason makes an unordered iteration acceptable`() {
        let line = "for key in table.keys { count += 1 }  // ORDERED: a count does not depend on the order\n"
        #expect(bannedCallViolations(SourceFile("LogFormat/Planted.swift", line)).isEmpty)
    }

    @Test func `comments and strings call nothing, interpolations do`() {
        let harmless = "// print(1)\n/* try! x */ let a = \"print(1)\"\nlet b = #\"as! \\(print(1))\"#\n"
        #expect(bannedCallViolations(SourceFile("LogFormat/Planted.swift", harmless)).isEmpty)
        let call = "let a = \"value \\(try! load(\"x\")) end\"\n"
        #expect(bannedCallViolations(SourceFile("LogFormat/Planted.swift", call)).count == 1)
    }

    @Test(arguments: ["final class A: @unchecked Sendable {\n", "nonisolated(unsafe) var a = 1\n"])
    func `a promise without a reason is found`(_ code: String) {
        func found(_ rest: String) -> [Violation] {
            safetyViolations(SourceFile("LogFormat/Planted.swift", code + rest))
        }
        #expect(found("\n\n\n\n// SAFETY: too far\n").count == 1)
        #expect(found("// SAFETY: guarded by a lock\n").isEmpty)
    }
}
