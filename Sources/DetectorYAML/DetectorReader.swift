internal import Events
internal import LogFormat
package import SignalEngine

/// Reads a detector's specification from YAML (COP-03): any text gives a specification or an error with its place.
package enum DetectorReader {
    static let required = ["detector", "family", "timeframe", "every", "horizon", "half_life_bars", "signal"]
    static let optional = [
        "summary", "params", "let", "gates", "requires_mx_confirm", "abstain", "suggested_triggers", "invariants",
        "parents",
    ]
    static let parameterKeys = ["value", "min", "max", "whole"]

    /// The compiled detector of a text.
    package static func recipe(_ text: String) throws(LanguageError) -> Recipe {
        try RecipeCompiler.compile(try source(text))
    }

    /// The specification of a text.
    package static func source(_ text: String) throws(LanguageError) -> DetectorSource {
        let root = try YAMLTree.document(text)
        var source = DetectorSource()
        var seen: [String] = []
        for (key, value) in try root.pairs("the detector") {
            seen.append(key.text)
            switch key.text {
            case "detector": source.id = try value.text("'detector'")
            case "family":
                source.family = try choice(value, "'family'", DetectorFamily.texts, DetectorFamily.init(text:))
            case "summary": source.summary = try value.text("'summary'").text
            case "timeframe":
                source.timeframe = try choice(value, "'timeframe'", Timeframe.symbols, Timeframe.init(text:))
            case "every": source.everySeconds = try seconds(value)
            case "horizon": source.horizon = try choice(value, "'horizon'", Horizon.symbols, Horizon.init(text:))
            case "half_life_bars": source.halfLifeBars = try whole(value, "'half_life_bars'")
            case "params":
                for (name, node) in try value.pairs("'params'") { source.parameters.append(try parameter(name, node)) }
            case "let": source.definitions = try named(value, "'let'")
            case "signal": source.signal = try value.text("'signal'")
            case "gates": source.gates = try named(value, "'gates'")
            case "requires_mx_confirm": source.requiresConfirmation = try value.boolean("'requires_mx_confirm'")
            case "abstain": source.abstain = try value.text("'abstain'")
            case "suggested_triggers":
                for node in try value.list("'suggested_triggers'") {
                    source.suggestedTriggers.append(try node.text("a trigger"))
                }
            case "invariants":
                for node in try value.list("'invariants'") {
                    source.invariants.append(
                        try choice(node, "an invariant", Invariant.texts, Invariant.init(text:)))
                }
            case "parents":
                for node in try value.list("'parents'") { source.parents.append(try node.text("a parent")) }
            default:
                let known = required + optional
                throw key.error(unknown(key.text, known, of: "the detector"))
            }
        }
        for name in required where !seen.contains(name) {
            throw root.error("the detector lacks the key '\(name)': add it")
        }
        return source
    }

    private static func unknown(_ key: String, _ known: [String], of what: String) -> String {
        "\(what) has an unknown key '\(key)', expected \(known.joined(separator: ", "))"
    }

    private static func choice<Value>(
        _ node: YAMLTree, _ what: String, _ all: [String], _ make: (String) -> Value?
    ) throws(LanguageError) -> Value {
        let text = try node.text(what).text
        guard let value = make(text) else {
            throw node.error("\(what) is '\(text)', expected one of \(all.joined(separator: ", "))")
        }
        return value
    }

    private static func whole(_ node: YAMLTree, _ what: String) throws(LanguageError) -> Int64 {
        let text = try node.text(what).text
        guard let value = Int64(text) else { throw node.error("\(what) is '\(text)', expected a whole number") }
        return value
    }

    private static func seconds(_ node: YAMLTree) throws(LanguageError) -> Int32 {
        let text = try node.text("'every'").text
        let units: [Character: Int32] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int32(text.dropLast()), count > 0,
            count <= 86_400 / unit
        else { throw node.error("'every' is '\(text)', expected a duration such as 10s, 5m or 1h, at most 24h") }
        return count * unit
    }

    private static func named(_ node: YAMLTree, _ what: String) throws(LanguageError) -> [NamedSource] {
        var all: [NamedSource] = []
        for (name, value) in try node.pairs(what) {
            all.append(NamedSource(name, try value.text("'\(name.text)' of \(what)")))
        }
        return all
    }

    private static func parameter(_ name: SourceText, _ node: YAMLTree) throws(LanguageError) -> DetectorParameter {
        let what = "parameter '\(name.text)'"
        var parameter = DetectorParameter(name, value: 0, minimum: 0, maximum: 0, isWhole: false)
        var seen: [String] = []
        for (key, value) in try node.pairs(what) {
            seen.append(key.text)
            switch key.text {
            case "value": parameter.value = try value.number("'value' of \(what)")
            case "min": parameter.minimum = try value.number("'min' of \(what)")
            case "max": parameter.maximum = try value.number("'max' of \(what)")
            case "whole": parameter.isWhole = try value.boolean("'whole' of \(what)")
            default: throw key.error(unknown(key.text, parameterKeys, of: what))
            }
        }
        for key in parameterKeys.prefix(3) where !seen.contains(key) {
            throw name.error("\(what) lacks the key '\(key)': add it")
        }
        return parameter
    }
}
