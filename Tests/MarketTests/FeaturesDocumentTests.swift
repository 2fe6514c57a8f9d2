import Events
import Foundation
import Market
import Testing

/// docs/features.md and the code say the same.
@Suite struct FeaturesDocumentTests {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/features.md")

    @Test func `every feature has a definition, in the order of the vocabulary`() {
        #expect(FeatureDefinition.all.map(\.feature) == Feature.allCases)
        #expect(Feature.texts.count == Feature.allCases.count && Feature.allCases.count <= FeatureRow.capacity)
    }

    /// With LOTUS_WRITE_DOCS=1 the table is written anew.
    @Test func `the table of docs features md is what the code says`() throws {
        var text = try String(contentsOf: Self.path, encoding: .utf8)
        let head = text.range(of: "| feature |").map { String(text[..<$0.lowerBound]) } ?? text
        if ProcessInfo.processInfo.environment["LOTUS_WRITE_DOCS"] == "1" {
            text = head + FeatureDefinition.markdown
            try text.write(to: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(text == head + FeatureDefinition.markdown, "run this test with LOTUS_WRITE_DOCS=1")
    }
}
