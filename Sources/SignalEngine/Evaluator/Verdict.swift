package import Events

/// What a detector says about a window.
package struct Verdict: Equatable, Sendable {
    /// Direction and strength, -1...1; 0 where a gate is closed; nil where an input was missing.
    package var signal: Double?
    /// Whether it holds back by its own rule, or because the rule could not be decided.
    package var holdsBack = false
    /// Bit per gate of the recipe: whether it is open, which a missing condition is not.
    package var openGates: UInt16 = 0
    /// Signal before the gates, nil where an input was missing.
    package var ungated: Double?

    /// Whether nothing may be concluded from the window.
    package var isSilent: Bool { signal == nil || holdsBack }
}

extension Evaluator {
    /// The verdict after a step; `confirmed` is what the micro-experts say, nil where they are stale (SIG-07).
    package static func verdict(
        _ program: Program, _ memory: borrowing MutableSpan<Double>, confirmed: Bool?
    ) -> Verdict {
        var verdict = Verdict()
        let raw = memory[Int(program.signal)]
        if raw == raw {
            let clipped = max(-1, min(1, raw))
            verdict.ungated = clipped == 0 ? 0 : clipped
        }
        if program.abstain >= 0 { verdict.holdsBack = memory[Int(program.abstain)] != 0 }
        var isOpen = true
        for index in 0..<program.gateCount {
            if memory[Int(program.gates[index])] == 1 {
                verdict.openGates |= 1 << UInt16(index)
            } else {
                isOpen = false
            }
        }
        if program.requiresConfirmation, confirmed != true { isOpen = false }
        verdict.signal = verdict.ungated.map { isOpen ? $0 : 0 }
        return verdict
    }
}

/// One running instance of a recipe, with a memory of its own.
package struct RunningDetector: Sendable {
    package let recipe: Recipe
    private var memory: [Double]

    /// A new instance that has seen nothing.
    package init(_ recipe: Recipe) {
        self.recipe = recipe
        memory = recipe.makeMemory()
    }

    /// Takes one window; O(steps), without allocation.
    package mutating func step(_ row: borrowing FeatureRow, confirmed: Bool? = nil) -> Verdict {
        let program = recipe.program
        var span = memory.mutableSpan
        Evaluator.step(program, row, &span)
        return Evaluator.verdict(program, span, confirmed: confirmed)
    }

    /// The answer of one step of the recipe after the last window, nil where it is missing.
    package func answer(_ node: Int) -> Double? { memory[node].isFinite ? memory[node] : nil }
}
