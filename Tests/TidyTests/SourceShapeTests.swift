import Testing

/// Limits on files and lines.
///
/// A file that outgrows them holds more than one idea.
enum Shape {
    static let linesMax = 450
    static let blobBytesMax = 1 << 20

    /// Columns by extension; files of other kinds (tables in Markdown, data) have no limit.
    static let columnsMax = ["swift": 120, "py": 180, "sh": 170, "c": 160, "h": 160]

    /// Longer than `linesMax` on purpose.
    static let longFiles = [
        "Tools/reader/lotus_reader.py": "one file that a stranger can carry to another machine and run",
        "Tools/reader/test_reader.py": "its tests, with the tiny writer that they need",
    ]

    static let extensions: Set = [
        "swift", "c", "h", "modulemap", "py", "sh", "md", "yaml", "yml", "json", "ndjson", "csv", "txt",
    ]

    /// Files without an extension, or whose name is the extension.
    static let names: Set = ["Makefile", ".gitignore", ".swift-format", ".ci/run"]

    /// Words that mark unfinished work; put together here so that this file does not hold them.
    static let leftovers = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

    /// Beginnings of paths that exist on one machine only.
    static let machinePaths = ["/" + "work/", "/" + "farm/"]
}

/// Length, width, tabs, final newline, leftovers and machine paths of a text file.
func textViolations(_ file: SourceFile) -> [Violation] {
    guard let text = file.text, !text.isEmpty else { return [] }
    var found: [Violation] = []
    func add(_ line: Int, _ message: String) {
        found.append(Violation(path: file.path, line: line, message: message))
    }
    let all = lines(of: text)
    let isCode = Shape.columnsMax[file.fileExtension] != nil
    if isCode, all.count - 1 > Shape.linesMax, Shape.longFiles[file.path] == nil {
        add(Shape.linesMax + 1, "\(all.count - 1) lines, limit \(Shape.linesMax): split by topic (Type+Topic.swift)")
    }
    if !file.isUnder("Fixtures"), !text.hasSuffix("\n") { add(all.count, "no newline at the end") }
    for (index, line) in all.enumerated() {
        if let limit = Shape.columnsMax[file.fileExtension], line.utf8.count > limit, line.count > limit {
            add(index + 1, "\(line.count) columns, limit \(limit)")
        }
        if isCode, line.utf8.contains(9) { add(index + 1, "a tab: indent with spaces") }
        for word in Shape.leftovers where line.contains(word) && holdsWord(line, word) {
            add(index + 1, "\(word): finish it, or file an issue and say what holds until then")
        }
        for path in Shape.machinePaths where holdsPath(line, path) {
            add(index + 1, "\(path)… exists on one machine only: use a path from the repository root")
        }
    }
    return found
}

private func isWordByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
        || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

/// Whether `word` stands in `line` as a word of its own.
func holdsWord(_ line: Substring, _ word: String) -> Bool {
    occurrences(of: word, in: line).contains { before, after in
        !(before.map(isWordByte) ?? false) && !(after.map(isWordByte) ?? false)
    }
}

/// Whether an absolute path that begins with `path` stands in `line`; `a/work/b` is relative and does not count.
func holdsPath(_ line: Substring, _ path: String) -> Bool {
    occurrences(of: path, in: line).contains { before, _ in
        guard let before else { return true }
        return !isWordByte(before) && before != UInt8(ascii: ".") && before != UInt8(ascii: "-")
            && before != UInt8(ascii: "}") && before != UInt8(ascii: ")")
    }
}

/// The bytes before and after each occurrence of `word`.
private func occurrences(of word: String, in line: Substring) -> [(before: UInt8?, after: UInt8?)] {
    let bytes = Array(line.utf8)
    let wanted = Array(word.utf8)
    guard bytes.count >= wanted.count else { return [] }
    return (0...bytes.count - wanted.count).filter { bytes[$0] == wanted[0] && bytes[$0...].starts(with: wanted) }.map {
        let end = $0 + wanted.count
        return ($0 > 0 ? bytes[$0 - 1] : nil, end < bytes.count ? bytes[end] : nil)
    }
}

/// A Swift file begins with its content; the licence stands in one place.
func firstLineViolations(_ file: SourceFile) -> [Violation] {
    guard file.fileExtension == "swift", let text = file.text else { return [] }
    let all = lines(of: text)
    guard let at = all.firstIndex(where: { !$0.allSatisfy(\.isWhitespace) }) else { return [] }
    let first = all[at].drop(while: \.isWhitespace)
    let lowered = first.lowercased()
    let isBlock = first == "//" || first.hasPrefix("/*") || first.hasPrefix("//=") || first.hasPrefix("//-")
    guard isBlock || ["copyright", "licence", "license", "spdx"].contains(where: lowered.contains) else { return [] }
    return [Violation(path: file.path, line: at + 1, message: "begins with a licence block: begin with the content")]
}

/// Kinds and sizes of files.
func kindViolations(_ file: SourceFile) -> [Violation] {
    guard !file.isUnder("Fixtures") else { return [] }
    var found: [Violation] = []
    let isKnown = Shape.names.contains(file.path) || Shape.names.contains(file.name)
    if !isKnown, !Shape.extensions.contains(file.fileExtension) {
        found.append(Violation(path: file.path, line: 1, message: "not a kind of file that this repository holds"))
    }
    if file.bytes.count > Shape.blobBytesMax {
        found.append(
            Violation(
                path: file.path, line: 1,
                message: "\(file.bytes.count) bytes, limit \(Shape.blobBytesMax) outside Fixtures/"))
    }
    return found
}

/// Build products and pins that must not be committed.
func commitViolations(_ paths: [String]) -> [Violation] {
    paths.compactMap { path in
        let isProduct = path.split(separator: "/").contains { part in
            part.hasPrefix(".build") || part == "__pycache__" || part == "Package.resolved"
        }
        guard isProduct else { return nil }
        return Violation(path: path, line: 1, message: "a build product: git rm --cached it")
    }
}

/// The shape of every file in the repository.
@Suite struct SourceShapeTests {
    @Test func `files are short, narrow, finished and free of machine paths`() {
        #expect(SourceTree.files.count > 50)
        let found = SourceTree.files.flatMap(textViolations)
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `Swift files begin with their content`() {
        let found = SourceTree.files.flatMap(firstLineViolations)
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `only known kinds of files, none of them huge`() {
        let found = SourceTree.files.flatMap(kindViolations)
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `no build product is committed`() {
        let found = commitViolations(SourceTree.committedPaths ?? [])
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test(arguments: Shape.longFiles.keys.sorted()) func `every long file is still long`(_ path: String) {
        let text = SourceTree.files.first { $0.path == path }?.text ?? ""
        #expect(lines(of: text).count > Shape.linesMax, "\(path) is short enough now: take it off the list")
    }

    /// Files that each break one rule, and a word of the message.
    static let misshapen: [(path: String, text: String, word: String)] = [
        ("A.swift", String(repeating: "let a = 1\n", count: Shape.linesMax + 1), "lines"),
        ("A.swift", "let a = \"" + String(repeating: "x", count: 160) + "\"\n", "columns"),
        ("a.c", "// " + String(repeating: "x", count: 160) + "\n", "columns"),
        ("A.swift", "\tlet a = 1\n", "tab"),
        ("A.swift", "let a = 1", "newline"),
        ("README.md", "See " + Shape.machinePaths[0] + "x.\n", "machine"),
        ("run.sh", "cd \"" + Shape.machinePaths[1] + "x\"\n", "machine"),
        ("A.swift", "// " + Shape.leftovers[0] + ": later\n", "finish"),
        ("A.swift", "// " + Shape.leftovers[1] + " later\n", "finish"),
        ("A.md", Shape.leftovers[2] + "\n", "finish"),
    ]

    @Test(arguments: misshapen.indices) func `a misshapen file is found`(_ index: Int) {
        let (path, text, word) = Self.misshapen[index]
        let found = textViolations(SourceFile(path, text))
        #expect(found.count == 1, "\(report(found))")
        #expect(found.first?.message.contains(word) == true)
    }

    @Test func `look-alikes are spared`() {
        let text = "cd docs" + Shape.machinePaths[0] + "x; mktemp /tmp/XX" + "XX" + "XX\n"
        #expect(textViolations(SourceFile("run.sh", text)).isEmpty)
        let wideInBytes = "let a = \"" + String(repeating: "é", count: 110) + "\"\n"
        #expect(textViolations(SourceFile("A.swift", wideInBytes)).isEmpty)
    }

    @Test(arguments: ["/* Licence */\n", "//===---\n", "\n// Copyright 2026\n", "//\n//  A.swift\n", "// SPDX-x\n"])
    func `a licence block is found`(_ text: String) {
        #expect(firstLineViolations(SourceFile("A.swift", text)).count == 1)
        #expect(firstLineViolations(SourceFile("A.swift", "// Why this is here.\nlet a = 1\n")).isEmpty)
    }

    @Test func `an unknown kind and a blob are found`() {
        #expect(kindViolations(SourceFile("Tools/a.exe", "x\n")).count == 1)
        #expect(kindViolations(SourceFile("Tools/strange", "x\n")).count == 1)
        #expect(kindViolations(SourceFile("Tools/x/Makefile", "x\n")).isEmpty)
        let blob = [UInt8](repeating: 0, count: Shape.blobBytesMax + 1)
        #expect(kindViolations(SourceFile("Tools/a.json", bytes: blob)).count == 1)
        #expect(kindViolations(SourceFile("Fixtures/a.bin", bytes: blob)).isEmpty)
    }

    @Test func `a committed build product is found`() {
        let products = ["Package.resolved", ".build/debug.yaml", ".build-tsan/x", "Tools/__pycache__/a.pyc"]
        #expect(commitViolations(products + ["Package.swift"]).count == 4)
    }
}
