import Events
import LogFormat
import Statistics

/// Siblings of a detector: the same recipe with parameters moved within their ranges (SIG-22, DEF-19).
package enum Mutations {
    /// How far a parameter moves at most, as a share of its range.
    package static let jitter = 0.15

    /// Siblings from a seed; sibling k is a function of the recipe, the seed and k alone (GEN-13).
    ///
    /// Their ids are the detector's: they are not in the cohort. A parameter that moved stays within its range; whole
    /// ones stay whole. None for a detector without parameters.
    package static func siblings(of recipe: Recipe, count: Int, seed: UInt64) -> [Recipe] {
        guard !recipe.source.parameters.isEmpty else { return [] }
        var words: (UInt64, UInt64) = (seed, 0)
        for byte in recipe.hash.digest.bytes.prefix(8) { words.1 = words.1 << 8 | UInt64(byte) }
        return (0..<max(0, count)).compactMap { index in
            var stream = Philox(key: words, counter: UInt64(index) << 32)
            var source = recipe.source
            for place in source.parameters.indices {
                let parameter = source.parameters[place]
                let reach = jitter * (parameter.maximum - parameter.minimum)
                var value = parameter.value + (2 * stream.uniform() - 1) * reach
                if parameter.isWhole {
                    value = value.rounded()
                    // A short range would round back to where it was.
                    if value == parameter.value { value += stream.uniform() < 0.5 ? -1 : 1 }
                }
                source.parameters[place].value = min(parameter.maximum, max(parameter.minimum, value))
            }
            return try? RecipeCompiler.compile(source)
        }
    }

    /// Variance of the siblings' signals, 0...1 (DEF-19); nil below two that speak.
    ///
    /// See `Refits` for a detector without siblings.
    package static func uncertainty(_ signals: Span<Double>) -> Double? {
        guard signals.count >= 2 else { return nil }
        var sum = CompensatedSum()
        for index in 0..<signals.count { sum.add(signals[index]) }
        let mean = sum.value / Double(signals.count)
        var squares = CompensatedSum()
        for index in 0..<signals.count { squares.add((signals[index] - mean) * (signals[index] - mean)) }
        return min(1, squares.value / Double(signals.count))
    }
}
