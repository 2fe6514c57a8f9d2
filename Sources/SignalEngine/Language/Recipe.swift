package import Events
import LogFormat
import Statistics

/// One step of a recipe: an operation on the answers of earlier steps.
package struct RecipeNode: Equatable, Hashable, Sendable {
    package var operation: Operation
    /// Steps whose answers it takes; -1 where it takes fewer.
    package var first: Int32 = -1
    package var second: Int32 = -1
    package var third: Int32 = -1
    /// Windows, or the number of the feature or parameter.
    package var window: Int32 = 0
    /// The constant or the parameter's value; the weight of `ema`, the factor of `decay`.
    package var value = 0.0
    /// Where its memory begins.
    package var state: Int32 = 0
}

/// What is evaluated at each window: the steps and where the answers stand; copying it counts one reference.
package struct Program: Sendable {
    package let nodes: [RecipeNode]
    /// Step of the signal.
    let signal: Int32
    /// Step that says whether it abstains; -1 for never.
    let abstain: Int32
    /// Steps of the gates.
    let gates: InlineArray<8, Int32>
    let gateCount: Int
    let requiresConfirmation: Bool

    init(nodes: [RecipeNode], signal: Int, abstain: Int?, gates: [Recipe.Gate], requiresConfirmation: Bool) {
        self.nodes = nodes
        self.signal = Int32(signal)
        self.abstain = Int32(abstain ?? -1)
        var places = InlineArray<8, Int32>(repeating: -1)
        for index in gates.indices.prefix(8) { places[index] = Int32(gates[index].node) }
        self.gates = places
        gateCount = min(8, gates.count)
        self.requiresConfirmation = requiresConfirmation
    }
}

/// A detector compiled: steps in an order in which each takes answers of earlier ones only.
package struct Recipe: Sendable {
    /// A condition without which the signal is 0.
    package struct Gate: Equatable, Sendable {
        package var name: String
        /// The step that answers it.
        package var node: Int
    }

    /// As it was written.
    package let source: DetectorSource
    package let id: DetectorID
    package let program: Program
    /// The step that answers the signal.
    package let signalNode: Int
    /// In order of their names.
    package let gates: [Gate]
    /// The step that answers whether it abstains; nil if it never does by itself.
    package let abstainNode: Int?
    /// Canonical text: the same however the specification was laid out.
    package let text: String
    /// SHA-256 of the canonical text.
    package let hash: PayloadHash
    /// Longest way from a leaf to an end, in steps.
    package let depth: Int
    /// Features that it reads, in order.
    package let features: [Feature]
    /// Canonical trigger expressions.
    package let triggers: [String]
    /// Numbers that an instance of it remembers.
    package let memoryCount: Int

    /// Samples for which a parameter's precision is counted (DEF-12 with a fixed n, so that a recipe fixes it).
    package static let descriptionSamples = 1024.0

    /// Description length in bits: nodes x log2(operations) + parameters x log2(n) / 2 (DEF-12).
    package var descriptionLength: Double {
        Double(nodes.count) * Elementary.log2(Double(Operation.allCases.count))
            + 0.5 * Double(source.parameters.count) * Elementary.log2(Self.descriptionSamples)
    }

    /// Complexity 1 - exp(-DL / 256) (DEF-12), 0..<1.
    package var complexity: Double { -Elementary.expm1(-descriptionLength / 256) }

    /// The steps.
    package var nodes: [RecipeNode] { program.nodes }

    /// Memory of a new instance.
    package func makeMemory() -> [Double] { [Double](repeating: 0, count: memoryCount) }
}
