import Events
import LogFormat
import Statistics

/// Compiles a specification: names, types, limits, common parts shared (COP-14).
package struct RecipeCompiler {
    /// Most steps.
    package static let nodesMax = 256
    /// Deepest chain of steps.
    package static let depthMax = 64
    /// Most numbers that one instance may remember.
    package static let memoryMax = 65_536

    /// A step and what it answers.
    struct Value {
        var node: Int
        var kind: ValueKind
    }

    let source: DetectorSource
    private(set) var nodes: [RecipeNode] = []
    private var depths: [Int] = []
    /// Looked up only, never gone through.
    private var places: [RecipeNode: Int] = [:]
    private var definitions: [Value?]
    private var isOpen: [Bool]
    private var usedParameters: [Bool]
    private var memoryCount = 0
    private var level = 0

    /// The recipe of a specification; the first fault otherwise.
    package static func compile(_ source: DetectorSource) throws(LanguageError) -> Recipe {
        try SourceCheck.check(source)
        var compiler = RecipeCompiler(source)
        return try compiler.recipe()
    }

    private init(_ source: DetectorSource) {
        self.source = source
        definitions = source.definitions.map { _ in nil }
        isOpen = source.definitions.map { _ in false }
        usedParameters = source.parameters.map { _ in false }
    }

    private mutating func recipe() throws(LanguageError) -> Recipe {
        let signal = try root(source.signal, .number, "the signal")
        var gates: [Recipe.Gate] = []
        for gate in source.gates.sorted(by: { $0.name.text < $1.name.text }) {
            let value = try root(gate.source, .boolean, "gate '\(gate.name.text)'")
            gates.append(Recipe.Gate(name: gate.name.text, node: value.node))
        }
        var abstain: Int?
        if let text = source.abstain { abstain = try root(text, .boolean, "'abstain'").node }
        for (index, isUsed) in usedParameters.enumerated() where !isUsed {
            let name = source.parameters[index].name
            throw name.error("parameter '\(name.text)' is not used: use it or take it out")
        }
        for (index, value) in definitions.enumerated() where value == nil {
            let name = source.definitions[index].name
            throw name.error("'\(name.text)' is defined and not used: use it or take it out")
        }
        var triggers: [String] = []
        for text in source.suggestedTriggers { triggers.append(try TriggerExpression(text).text) }
        for index in nodes.indices { nodes[index].state += Int32(nodes.count) }
        let text = RecipeText.canonical(
            source, nodes: nodes, signal: signal.node, gates: gates, abstain: abstain, triggers: triggers)
        var isRead = Feature.allCases.map { _ in false }
        for node in nodes where node.operation == .feature { isRead[Int(node.window)] = true }
        return Recipe(
            source: source, id: DetectorID(source.id.text),
            program: Program(
                nodes: nodes, signal: signal.node, abstain: abstain, gates: gates,
                requiresConfirmation: source.requiresConfirmation),
            signalNode: signal.node, gates: gates,
            abstainNode: abstain, text: text, hash: PayloadHash(Digest(hashing: Array(text.utf8))),
            depth: depths.max() ?? 0, features: Feature.allCases.filter { isRead[Int($0.rawValue)] },
            triggers: triggers, memoryCount: nodes.count + memoryCount)
    }

    private mutating func root(
        _ text: SourceText, _ kind: ValueKind, _ what: String
    ) throws(LanguageError) -> Value {
        let value = try compile(try ExpressionParser.parse(text), in: text)
        guard value.kind == kind else {
            throw text.error("\(what) is a \(value.kind.text), expected a \(kind.text)\(Self.advice(kind))")
        }
        return value
    }

    private static func advice(_ kind: ValueKind) -> String {
        kind == .boolean ? ": compare it, as in 'x > 0'" : ": gate(…) makes 1 and 0 of it"
    }

    private mutating func compile(_ expression: Expression, in text: SourceText) throws(LanguageError) -> Value {
        level += 1
        defer { level -= 1 }
        guard level <= Self.depthMax else {
            throw text.error(
                at: expression.offset, "the recipe is more than \(Self.depthMax) steps deep: make it simpler")
        }
        switch expression {
        case .number(let value, let offset):
            return try add(RecipeNode(operation: .constant, value: value == 0 ? 0 : value), .number, text, offset)
        case .name(let name, let offset): return try named(name, text, offset)
        case .call(let name, let arguments, let offset): return try call(name, arguments, text, offset)
        }
    }

    private mutating func named(_ name: String, _ text: SourceText, _ offset: Int) throws(LanguageError) -> Value {
        if let index = source.parameters.firstIndex(where: { $0.name.text == name }) {
            usedParameters[index] = true
            return try add(
                RecipeNode(operation: .parameter, window: Int32(index), value: source.parameters[index].value),
                .number, text, offset)
        }
        if let index = source.definitions.firstIndex(where: { $0.name.text == name }) {
            if let value = definitions[index] { return value }
            guard !isOpen[index] else {
                throw text.error(at: offset, "'\(name)' is defined by itself: break the circle")
            }
            isOpen[index] = true
            let part = source.definitions[index].source
            let value = try compile(try ExpressionParser.parse(part), in: part)
            definitions[index] = value
            return value
        }
        if let feature = Feature(text: name) {
            return try add(
                RecipeNode(operation: .feature, window: Int32(feature.rawValue)), .number, text, offset)
        }
        if Transform.named(name) != nil {
            throw text.error(at: offset, "'\(name)' is a transform: give it arguments in parentheses")
        }
        let own = source.parameters.map(\.name.text) + source.definitions.map(\.name.text)
        let hint = Spelling.hint(name, among: own + Feature.texts)
        let names = own.isEmpty ? "" : "its own names (\(own.joined(separator: ", "))) or "
        throw text.error(
            at: offset,
            "unknown name '\(name)'\(hint), expected \(names)a feature: "
                + Feature.texts.joined(separator: ", "))
    }

    private mutating func call(
        _ name: String, _ arguments: [Expression], _ text: SourceText, _ offset: Int
    ) throws(LanguageError) -> Value {
        guard let transform = Transform.named(name) else {
            let all = Transform.functions.map(\.name)
            throw text.error(
                at: offset,
                "unknown transform '\(name)'\(Spelling.hint(name, among: all)), expected one of "
                    + all.joined(separator: ", "))
        }
        guard arguments.count == transform.arguments.count else {
            let wanted = transform.arguments.map(\.text).joined(separator: ", ")
            throw text.error(
                at: offset,
                "'\(name)' has \(arguments.count) arguments, expected \(transform.arguments.count): \(wanted)")
        }
        var node = RecipeNode(operation: transform.operation)
        for (place, kind) in transform.arguments.enumerated() {
            let argument = arguments[place]
            if kind == .window {
                node.window = try window(argument, of: transform, text)
                continue
            }
            let value = try compile(argument, in: text)
            if kind != .either, (kind == .number) != (value.kind == .number) {
                throw text.error(
                    at: argument.offset,
                    "argument \(place + 1) of '\(name)' is a \(value.kind.text), expected a "
                        + "\(kind.text)\(Self.advice(kind == .number ? .number : .boolean))")
            }
            switch place {
            case 0: node.first = Int32(value.node)
            case 1: node.second = Int32(value.node)
            default: node.third = Int32(value.node)
            }
        }
        switch node.operation {
        case .ema: node.value = 2 / (Double(node.window) + 1)
        case .decay: node.value = Elementary.exp2(-1 / Double(node.window))
        default: break
        }
        return try add(node, transform.result, text, offset)
    }

    private mutating func window(
        _ argument: Expression, of transform: Transform, _ text: SourceText
    ) throws(LanguageError) -> Int32 {
        let least = transform.operation == .stddev || transform.operation == .zscore ? 2 : 1
        var value: Double
        switch argument {
        case .number(let number, _): value = number
        case .name(let name, let offset):
            guard let index = source.parameters.firstIndex(where: { $0.name.text == name }) else {
                throw text.error(
                    at: offset, "the window of '\(transform.name)' is '\(name)', expected a whole number or a parameter"
                )
            }
            let parameter = source.parameters[index]
            guard parameter.isWhole, parameter.minimum >= Double(least),
                parameter.maximum <= Double(Transform.windowMax)
            else {
                throw text.error(
                    at: offset,
                    "parameter '\(name)' is a window, expected 'whole: true' and a range within "
                        + "\(least)...\(Transform.windowMax)")
            }
            usedParameters[index] = true
            value = parameter.value
        case .call(_, _, let offset):
            throw text.error(
                at: offset, "the window of '\(transform.name)' is computed, expected a whole number or a parameter")
        }
        guard value >= Double(least), value <= Double(Transform.windowMax), value.rounded() == value else {
            throw text.error(
                at: argument.offset,
                "the window of '\(transform.name)' is \(value), expected a whole number from "
                    + "\(least) to \(Transform.windowMax)")
        }
        return Int32(value)
    }

    /// The place of a step; an equal one that exists already serves again.
    private mutating func add(
        _ node: RecipeNode, _ kind: ValueKind, _ text: SourceText, _ offset: Int
    ) throws(LanguageError) -> Value {
        if let place = places[node] { return Value(node: place, kind: kind) }
        guard nodes.count < Self.nodesMax else {
            throw text.error(at: offset, "the recipe has more than \(Self.nodesMax) steps: make it simpler")
        }
        let count = Evaluator.stateCount(node)
        guard memoryCount + count <= Self.memoryMax else {
            throw text.error(
                at: offset, "the recipe remembers more than \(Self.memoryMax) numbers: shorten its windows")
        }
        var depth = 0
        for input in [node.first, node.second, node.third] where input >= 0 { depth = max(depth, depths[Int(input)]) }
        let place = nodes.count
        places[node] = place
        var placed = node
        placed.state = Int32(memoryCount)
        nodes.append(placed)
        depths.append(depth + 1)
        memoryCount += count
        return Value(node: place, kind: kind)
    }
}
