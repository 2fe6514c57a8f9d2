import DetectorYAML
import Foundation
import SignalEngine
import Testing

/// Documents and files that say the same as the code.
@Suite struct DocumentTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func `the table of transforms is the whitelist (COP-14)`() throws {
        let lines = try Self.text("docs/transforms.md").split(separator: "\n").map(String.init)
        let rows = lines.filter { $0.hasPrefix("| `") }
        let expected = (Transform.operators + Transform.functions).map { transform in
            "| `\(transform.name)` | \(transform.arguments.map(\.text).joined(separator: ", ")) | "
                + "\(transform.result.text) | \(transform.memory.text) | \(transform.summary) |"
        }
        #expect(rows == expected)
        #expect(lines.contains { $0.hasPrefix("Version \(Transform.version).") })
        #expect(lines.contains { $0.contains("from 1 to \(Transform.windowMax)") })
        #expect(lines.contains { $0.contains("at most \(RecipeCompiler.nodesMax) steps") })
    }

    @Test func `the shipped table is the files`() throws {
        let folder = Self.root.appendingPathComponent("Sources/DetectorYAML/detectors")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        #expect(names.sorted() == ShippedDetectors.files.map { $0.name + ".yaml" }, "run Tools/detector_table.py")
        for file in ShippedDetectors.files {
            let text = try Self.text("Sources/DetectorYAML/detectors/\(file.name).yaml")
            #expect(text == file.text, "\(file.name): run Tools/detector_table.py")
        }
    }

    @Test func `every detector is in the document`() throws {
        let document = try Self.text("docs/detectors.md")
        for file in ShippedDetectors.files { #expect(document.contains("`\(file.name)`"), "\(file.name)") }
    }
}
