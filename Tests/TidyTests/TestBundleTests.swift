import Testing

/// The names that a variable of the Makefile lists, over continued lines.
func listed(_ variable: String, in makefile: String) -> [String] {
    let joined = makefile.replacing("$\\\n", with: "").replacing("\\\n", with: "")
    guard let line = joined.split(separator: "\n").first(where: { $0.hasPrefix("\(variable) := ") }) else { return [] }
    return line.dropFirst(variable.count + 4).filter { !$0.isWhitespace }.split(separator: ",").map(String.init)
}

/// Test targets that Package.swift declares.
func testTargets(_ package: String) -> [String] {
    package.matches(of: #/\.testTarget\(\s*name: "(\w+)"/#).map { String($0.output.1) }
}

/// Modules that the debug bundle does without, and packages behind them.
private func isOfRelease(_ module: String) -> Bool {
    ["Crypto", "LiveFeed", "Signing", "VenueFeed", "VenueFeedTesting"].contains(module) || module.hasPrefix("NIO")
}

/// Lines that would not compile in a bundle of tests, or would make it build what it does without.
func bundleViolations(_ file: SourceFile, debug: [String], release: [String]) -> [Violation] {
    guard file.fileExtension == "swift", let text = file.text else { return [] }
    func isIn(_ names: [String]) -> Bool { names.contains { file.isUnder("Tests/\($0)") } }
    var found: [Violation] = []
    if isIn(release) {
        for (index, line) in lines(of: codeOnly(text)).enumerated() where line.contains("@testable") {
            found.append(
                Violation(
                    path: file.path, line: index + 1,
                    message: "release has no @testable: make what the test needs package, or move it"))
        }
    }
    if isIn(debug) {
        found += importLines(text).filter { isOfRelease($0.module) }.map {
            Violation(
                path: file.path, line: $0.line,
                message: "imports \($0.module), which the debug bundle does without: move it to the release bundle")
        }
    }
    return found
}

/// The two bundles of `make test`, decision 0033.
@Suite struct TestBundleTests {
    private static func text(_ path: String) -> String { SourceTree.files.first { $0.path == path }?.text ?? "" }
    private static let debug = listed("DEBUG_TESTS", in: text("Makefile"))
    private static let release = listed("RELEASE_TESTS", in: text("Makefile"))

    @Test func `every test target is in one of the bundles, and in no more`() {
        let all = testTargets(Self.text("Package.swift"))
        #expect(all.count > 20)
        #expect((Self.debug + Self.release).sorted() == all.sorted())
    }

    @Test func `each bundle compiles without what it does without`() {
        let found = SourceTree.files.flatMap { bundleViolations($0, debug: Self.debug, release: Self.release) }
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `a list over several lines is read, and so are declarations of targets`() {
        #expect(listed("A", in: "B := x\nA := y,$\\\n\tz\n") == ["y", "z"])
        #expect(testTargets(".testTarget(name: \"A\"),\n.testTarget(\n    name: \"B\",") == ["A", "B"])
    }

    @Test(arguments: [("R", "@testable import LogEngine\n"), ("D", "import NIOCore\n"), ("D", "import Signing\n")])
    func `a line that does not fit is found`(_ folder: String, _ line: String) {
        func found(_ folder: String) -> [Violation] {
            bundleViolations(SourceFile("Tests/\(folder)/A.swift", line), debug: ["D"], release: ["R"])
        }
        #expect(found(folder).count == 1)
        #expect(found(folder == "R" ? "D" : "R").isEmpty)
    }
}
