import PlacedYAML
import Testing
import Yams

/// YAML texts are read within limits, and what is wrong with them is said with its place.
@Suite struct YAMLDocumentsTests {
    private func failure(_ text: String, bytesMax: Int = 1 << 20) -> YAMLFailure? {
        #expect(throws: YAMLFailure.self) { try YAMLDocuments.only(of: text, bytesMax: bytesMax) }
    }

    @Test func `the one document comes with its places`() throws {
        let root = try YAMLDocuments.only(of: "# a\nkey: [1, two]\n", bytesMax: 100)
        #expect(root.mark?.line == 2 && root["key"]?.sequence?.count == 2 && root.found == "a mapping")
        #expect(root["key"]?.found == "a list" && root["key"]?[1]?.found == "'two'")
    }

    @Test func `several documents are read where several are meant`() throws {
        let text = "a: 1\n---\nb: 2\n---\nc: [\n"
        #expect(try YAMLDocuments.all(of: text, bytesMax: 100, atMost: 2).count == 2)
        #expect(throws: YAMLFailure.self) { try YAMLDocuments.all(of: text, bytesMax: 100) }
        #expect(try YAMLDocuments.all(of: "", bytesMax: 100).isEmpty)
    }

    @Test func `what is wrong is said with its place`() {
        #expect(failure("")?.message == "holds nothing, expected a mapping (key: value)")
        let second = failure("a: 1\n---\nb: 2\n")
        #expect(second?.line == 3 && second?.message.hasPrefix("holds a second document") == true)
        let open = failure("a: 1\nb: [1, 2\nc: }\n")
        #expect(open?.line == 3 && open?.message.hasPrefix("is not YAML: ") == true)
        let twice = failure("b:\n  x: 1\n  y: 2\n  x: 3\n")
        #expect(twice?.line == 2 && twice?.message == "a mapping holds a key twice: x")
        #expect(
            failure("key: value", bytesMax: 9)?.message == "holds 10 bytes, expected at most 9: name the right file")
    }

    /// A stack that overflows cannot be caught, so depth must end in an error before.
    @Test(arguments: ["- ", "[", "{a: ", "? ", "- - "]) func `nesting without end is an error`(_ opening: String) {
        let found = failure(String(repeating: opening, count: 200_000))
        #expect(found?.message.contains("nesting level") == true, "\(String(describing: found))")
        let deep = (0..<1300).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(failure(deep)?.line == 1000)
    }

    @Test func `half-open intervals in texts are no brackets`() throws {
        let text = (0..<500).map { "k\($0): \"[0, 1)\"" }.joined(separator: "\n")
        #expect(try YAMLDocuments.only(of: text, bytesMax: 1 << 20).mapping?.count == 500)
    }
}
