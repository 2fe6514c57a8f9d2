package import Events
import Statistics

/// Evaluates recipes window by window: no allocation, no dictionary, the same bits everywhere.
///
/// Missing values are not numbers (NaN) inside. A step that remembers skips windows in which its input is missing: it
/// neither answers nor moves on, so that its window counts values, not time.
package enum Evaluator {
    /// Numbers that a step remembers.
    static func stateCount(_ node: RecipeNode) -> Int {
        let n = Int(node.window)
        switch node.operation {
        case .lag, .diff: return n + 2
        case .ema, .crossUp, .crossDown, .since: return 2
        case .sma, .lowest, .highest, .countTrue: return n + 3
        case .stddev, .zscore: return 2 * n + 4
        case .rank: return 2 * n + 2
        case .hold, .delay, .decay: return 1
        default: return 0
        }
    }

    /// Takes one window; afterwards the answers of all steps stand at the beginning of the memory.
    ///
    /// O(steps), a sliding step amortised.
    package static func step(_ program: Program, _ row: borrowing FeatureRow, _ memory: inout MutableSpan<Double>) {
        let nodes = program.nodes.span
        // Looked at through the row, a single value would be read from a copy of all of them.
        let values = row.values.span
        for index in 0..<nodes.count {
            let node = nodes[index]
            let value =
                node.operation.rawValue < Operation.choose.rawValue
                ? plain(node, values, memory) : remembering(node, &memory)
            memory[index] = value.isFinite ? value : .nan
        }
    }

    /// Leaves, arithmetic, comparisons and logic.
    @inline(__always)
    private static func plain(
        _ node: RecipeNode, _ features: Span<Double>, _ memory: borrowing MutableSpan<Double>
    ) -> Double {
        switch node.operation {
        case .constant, .parameter: return node.value
        case .feature: return features[Int(node.window)]
        default: break
        }
        let a = memory[Int(node.first)]
        switch node.operation {
        case .negate: return -a
        case .absolute: return abs(a)
        case .sign: return a > 0 ? 1 : a < 0 ? -1 : a
        case .tanh: return Elementary.tanh(a)
        case .sigmoid: return Elementary.sigmoid(a)
        case .log1p: return a > -1 ? Elementary.log1p(a) : .nan
        case .squareRoot: return a >= 0 ? a.squareRoot() : .nan
        case .not: return 1 - a
        default: break
        }
        let b = memory[Int(node.second)]
        switch node.operation {
        case .and: return a == 0 || b == 0 ? 0 : a * b
        case .or: return a == 1 || b == 1 ? 1 : a + b
        default: break
        }
        guard a == a, b == b else { return .nan }
        switch node.operation {
        case .add: return a + b
        case .subtract: return a - b
        case .multiply: return a * b
        case .divide: return a / b
        case .minimum: return min(a, b)
        case .maximum: return max(a, b)
        case .less: return a < b ? 1 : 0
        case .lessOrEqual: return a <= b ? 1 : 0
        case .greater: return a > b ? 1 : 0
        case .greaterOrEqual: return a >= b ? 1 : 0
        case .equal: return a == b ? 1 : 0
        case .notEqual: return a == b ? 0 : 1
        case .clip:
            let c = memory[Int(node.third)]
            return c == c ? max(b, min(c, a)) : .nan
        default: return .nan
        }
    }

    /// Choices, and steps with a memory.
    private static func remembering(_ node: RecipeNode, _ memory: inout MutableSpan<Double>) -> Double {
        let a = memory[Int(node.first)]
        let s = Int(node.state)
        switch node.operation {
        case .choose: return a == a ? memory[Int(a == 1 ? node.second : node.third)] : .nan
        case .gate: return a
        case .present: return a == a ? 1 : 0
        case .orElse: return a == a ? a : memory[Int(node.second)]
        default: break
        }
        guard a == a else { return .nan }
        switch node.operation {
        case .lag, .diff:
            let old = Sliding.ring(a, Int(node.window), s, &memory)
            return node.operation == .lag ? old : a - old
        case .ema:
            memory[s + 1] = memory[s] == 0 ? a : memory[s + 1] + node.value * (a - memory[s + 1])
            memory[s] = min(memory[s] + 1, Double(node.window))
            return memory[s] >= Double(node.window) ? memory[s + 1] : .nan
        case .sma: return Sliding.mean(a, Int(node.window), s, &memory)
        case .stddev, .zscore:
            guard let moments = Sliding.moments(a, Int(node.window), s, &memory) else { return .nan }
            let deviation = (moments.squares / Double(node.window - 1)).squareRoot()
            if node.operation == .stddev { return deviation }
            return deviation > 0 ? (a - moments.mean) / deviation : .nan
        case .rank: return Sliding.rank(a, Int(node.window), s, &memory)
        case .lowest: return -Sliding.highest(-a, Int(node.window), s, &memory)
        case .highest: return Sliding.highest(a, Int(node.window), s, &memory)
        case .crossUp, .crossDown:
            let b = memory[Int(node.second)]
            guard b == b else { return .nan }
            let side: Double = node.operation == .crossUp ? a - b : b - a
            let (isKnown, wasBelow) = (memory[s] == 1, memory[s + 1] == 1)
            memory[s] = 1
            memory[s + 1] = side <= 0 ? 1 : 0
            return isKnown ? (wasBelow && side > 0 ? 1 : 0) : .nan
        case .countTrue: return Sliding.count(a, Int(node.window), s, &memory)
        case .hold:
            memory[s] = a == 1 ? Double(node.window) : max(0, memory[s] - 1)
            return memory[s] > 0 ? 1 : 0
        case .delay:
            memory[s] = a == 1 ? min(memory[s] + 1, Double(node.window)) : 0
            return memory[s] >= Double(node.window) ? 1 : 0
        case .since:
            if a == 1 {
                memory[s] = 1
                memory[s + 1] = 0
            } else if memory[s] == 1 {
                memory[s + 1] = min(memory[s + 1] + 1, Double(Transform.windowMax))
            }
            return memory[s] == 1 ? memory[s + 1] : .nan
        case .decay:
            memory[s] = node.value * memory[s] + a
            return memory[s]
        default: return .nan
        }
    }
}
