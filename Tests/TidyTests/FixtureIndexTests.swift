import LogFormat
import Testing

/// Golden logs never change: what is in the folder is in its index, with its SHA-256, and the other way round.
func indexViolations(folder: String, files: [SourceFile], index: String) -> [Violation] {
    let indexPath = "\(folder)/INDEX.md"
    let entries = lines(of: index)
    var found: [Violation] = []
    for file in files where file.isUnder(folder) && file.path != indexPath {
        let name = String(file.path.dropFirst(folder.count + 1))
        guard let at = entries.firstIndex(where: { names(in: $0).contains(name) }) else {
            found.append(Violation(path: file.path, line: 1, message: "not in \(indexPath): say what it shows"))
            continue
        }
        let digest = Digest(hashing: file.bytes).description
        if !entries[at].contains(digest) {
            found.append(Violation(path: indexPath, line: at + 1, message: "\(name) has SHA-256 \(digest)"))
        }
    }
    let known = Set(files.map(\.path))
    for (at, entry) in entries.enumerated() where holdsDigest(entry) {
        if !names(in: entry).contains(where: { known.contains("\(folder)/\($0)") }) {
            found.append(Violation(path: indexPath, line: at + 1, message: "names no file that is there"))
        }
    }
    return found
}

/// Words of a line of the index that could be file names.
private func names(in line: Substring) -> [String] {
    line.split { $0.isWhitespace || $0 == "|" || $0 == "`" || $0 == "[" || $0 == "]" || $0 == "(" || $0 == ")" }
        .map { String($0.hasPrefix("./") ? $0.dropFirst(2) : $0) }
}

private func holdsDigest(_ line: Substring) -> Bool {
    names(in: line).contains { $0.count == 64 && $0.allSatisfy(\.isHexDigit) }
}

/// The index of the golden logs.
@Suite struct FixtureIndexTests {
    static let folder = "Fixtures/log/v1"

    @Test func `the index and the golden logs agree`() {
        let files = SourceTree.files.filter { $0.isUnder(Self.folder) }
        guard !files.isEmpty else { return }
        let index = files.first { $0.path == "\(Self.folder)/INDEX.md" }?.text
        #expect(index != nil, "\(Self.folder) has files but no INDEX.md")
        let found = indexViolations(folder: Self.folder, files: files, index: index ?? "")
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test func `a missing, a changed and a vanished file are found`() {
        let file = SourceFile("F/one/a.seg", "hello\n")
        let digest = Digest(hashing: file.bytes).description
        func found(_ index: String) -> [String] {
            indexViolations(folder: "F", files: [file], index: index).map(\.message)
        }
        #expect(found("| `one/a.seg` | \(digest) | one event |\n").isEmpty)
        #expect(found("| nothing |\n").count == 1)
        let other = String(repeating: "0", count: 64)
        #expect(found("| `one/a.seg` | \(other) | one event |\n").first?.contains(digest) == true)
        #expect(found("| `one/a.seg` | \(digest) |\n| `b.seg` | \(other) |\n") == ["names no file that is there"])
    }
}
