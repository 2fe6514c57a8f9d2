import DetectorYAML
import Events
import SignalEngine
import Testing

/// The shipped cohort and its suites (AUD-10).
@Suite struct CohortTests {
    static let recipes: [Recipe] = (try? ShippedDetectors.recipes()) ?? []

    @Test func `all compile, in every family, without two the same`() throws {
        let recipes = try ShippedDetectors.recipes()
        #expect(recipes.count >= 12)
        for family in DetectorFamily.allCases {
            #expect(recipes.count { $0.source.family == family } >= 2, "\(family.text)")
        }
        #expect(Set(recipes.map(\.id.text)).count == recipes.count)
        #expect(Set(recipes.map(\.hash.description)).count == recipes.count)
        for (file, recipe) in zip(ShippedDetectors.files, recipes) {
            #expect(file.name == recipe.id.text)
            #expect(!recipe.source.summary.isEmpty)
        }
    }

    @Test(arguments: recipes.indices) func `each passes its suite`(_ index: Int) {
        let recipe = Self.recipes[index]
        let report = DetectorSuite(seed: 1).run(recipe)
        #expect(report.hasPassed, "seed 1: \(recipe.id) \(report.faults)")
    }
}
