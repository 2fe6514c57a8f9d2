import DetectorYAML
import Events
import SignalEngine
import Testing

/// A detector as a file; lines may be replaced.
func detectorText(_ replacements: [(String, String)] = []) -> String {
    var text = """
        detector: tape_trial_v1
        family: tape
        summary: A trial.
        timeframe: 1m
        every: 10s
        horizon: 5m
        half_life_bars: 3
        params:
          window: {value: 60, min: 30, max: 240, whole: true}
          gain: {value: 0.5, min: 0.2, max: 1.0}
        let:
          pressure: zscore(book_imbalance_5, window)
        signal: tanh(gain * pressure)
        gates:
          spread: spread_bps < 5
        abstain: not present(book_imbalance_5)
        suggested_triggers:
          - breakout(20, 2σ) AND retest(prev_high, 0.15%) WITHIN 6h
        """
    for (old, new) in replacements {
        #expect(text.contains(old), "no '\(old)'")
        text = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: new)
    }
    return text
}

/// Errors of the language with their place and what they list.
@Suite struct LanguageTests {
    /// Replacement, line, column, words of the message.
    static let faults: [(old: String, new: String, line: Int, column: Int, words: [String])] = [
        ("zscore(", "zscor(", 12, 13, ["unknown transform 'zscor'", "did you mean 'zscore'", "cross_up"]),
        ("gain * pressure", "gain * presure", 13, 21, ["unknown name 'presure'", "'pressure'", "spread_bps"]),
        ("spread_bps < 5", "spread_bps", 15, 11, ["gate 'spread' is a number, expected a boolean"]),
        ("tanh(gain * pressure)", "gain > pressure", 13, 9, ["the signal is a boolean, expected a number"]),
        ("tanh(gain * pressure)", "tanh(gain * pressure", 13, 29, ["the end, expected ')' or ','"]),
        ("tanh(gain * pressure)", "tanh(gain, pressure)", 13, 9, ["2 arguments, expected 1: number"]),
        ("tanh(gain * pressure)", "tanh(gain * pressure) )", 13, 31, ["after a complete expression"]),
        ("tanh(gain * pressure)", "tanh(gain $ pressure)", 13, 19, ["'$' has no meaning here"]),
        ("tanh(gain * pressure)", "tanh(3x * pressure)", 13, 15, ["a letter follows a number"]),
        ("tanh(gain * pressure)", "tanh(not gain)", 13, 18, ["argument 1 of 'not' is a number, expected a boolean"]),
        ("tanh(gain * pressure)", "tanh(1 < 2 < 3)", 13, 20, ["join two comparisons with 'and'"]),
        ("tanh(gain * pressure)", "tanh * pressure", 13, 9, ["'tanh' is a transform"]),
        ("zscore(book_imbalance_5, window)", "zscore(book_imbalance_5, gain)", 12, 38, ["'whole: true'"]),
        ("zscore(book_imbalance_5, window)", "zscore(book_imbalance_5, 2 * 30)", 12, 40, ["is computed"]),
        ("zscore(book_imbalance_5, window)", "zscore(book_imbalance_5, 1)", 12, 38, ["from 2 to 2048"]),
        ("zscore(book_imbalance_5, window)", "zscore(pressure, window)", 12, 20, ["'pressure' is defined by itself"]),
        ("family: tape", "family: tap", 2, 9, ["order_book, tape, candle, divergence, event"]),
        ("timeframe: 1m", "timeframe: 2m", 4, 12, ["1m, 5m, 15m, 1h, 4h, 1d"]),
        ("every: 10s", "every: 10", 5, 8, ["a duration such as 10s"]),
        ("horizon: 5m", "horizont: 5m", 6, 1, ["unknown key 'horizont'", "half_life_bars"]),
        ("min: 0.2", "min: 0.7", 10, 3, ["expected min <= value <= max"]),
        ("max: 240", "max: 240.5", 9, 3, ["is whole and has 240.5"]),
        ("  window:", "  spread_bps:", 9, 3, ["'spread_bps' is a feature"]),
        ("  pressure:", "  gain:", 12, 3, ["'gain' stands twice"]),
        ("tape_trial_v1", "tape_trial", 1, 11, ["tape_<detail>_v<number>"]),
        ("tape_trial_v1", "candle_trial_v1", 1, 11, ["tape_<detail>_v<number>"]),
        ("breakout(20, 2σ)", "breakot(20, 2σ)", 18, 5, ["unknown term 'breakot'", "'breakout'"]),
        ("retest(prev_high, 0.15%)", "retest(prev_high, 0.15)", 18, 44, ["a percentage such as 0.15%"]),
        ("WITHIN 6h", "WITHIN 6", 18, 58, ["a duration such as 6h"]),
        ("WITHIN 6h", "within 6h", 18, 51, ["expected AND, WITHIN or the end"]),
        ("  spread:", "  mx_confirm:", 15, 3, ["requires_mx_confirm: true"]),
        ("signal: tanh(gain * pressure)", "signal: >\n  tanh(gain * pressure)", 13, 9, ["is folded"]),
        ("signal: tanh(gain * pressure)", "signal: tanh(gain *\n  pressure)", 13, 9, ["over several lines"]),
        ("signal: tanh(gain * pressure)", "signal: |\n  tanh(gain\n    * presure)", 15, 7, ["'presure'"]),
        ("signal: tanh(gain * pressure)", "signal: 'tanh(gain * presure)'", 13, 22, ["'presure'"]),
    ]

    @Test(arguments: faults.indices) func `each fault has its place and says what is allowed`(_ index: Int) throws {
        let fault = Self.faults[index]
        let text = detectorText([(fault.old, fault.new)])
        do {
            _ = try DetectorReader.recipe(text)
            Issue.record("'\(fault.new)' compiles")
        } catch {
            #expect(error.line == fault.line && error.column == fault.column, "\(error)")
            for word in fault.words { #expect(error.message.contains(word), "\(error)") }
        }
    }

    @Test func `unused names and missing keys are faults`() throws {
        #expect(throws: LanguageError.self) {
            try DetectorReader.recipe(detectorText([("gain * pressure", "pressure")]))
        }
        #expect(throws: LanguageError.self) {
            try DetectorReader.recipe(detectorText([("gain * pressure", "gain")]))
        }
        for key in ["detector", "family", "timeframe", "every", "horizon", "half_life_bars", "signal"] {
            let lines = detectorText().split(separator: "\n").filter { !$0.hasPrefix("\(key):") }
            do {
                _ = try DetectorReader.source(lines.joined(separator: "\n"))
                Issue.record("\(key) may be missing")
            } catch { #expect(error.message.contains("lacks the key '\(key)'"), "\(error)") }
        }
    }

    @Test func `limits hold`() throws {
        let deep = String(repeating: "(", count: 60) + "gain" + String(repeating: ")", count: 60)
        #expect(throws: LanguageError.self) { try recipe("0.5 * \(deep)") }
        #expect(throws: LanguageError.self) { try recipe((0..<200).map { "\($0)" }.joined(separator: " + ")) }
        #expect(throws: LanguageError.self) { try recipe(String(repeating: " ", count: 5000) + "1") }
        #expect(throws: LanguageError.self) { try recipe(String(repeating: "-", count: 2000) + "1") }
        let wide = (0..<40).map { "rank(spread_bps + \($0), 2000)" }
        let tree = "min(\(wide.prefix(20).joined(separator: " + ")), \(wide.suffix(20).joined(separator: " + ")))"
        do {
            _ = try recipe(tree)
            Issue.record("no limit on memory")
        } catch { #expect(error.message.contains("65536 numbers"), "\(error)") }
        let many = (0..<50).map { "min(\($0 * 6), max(\($0 * 6 + 1), \($0 * 6 + 2)))" }
        let nested = stride(from: 0, to: 50, by: 10).map { "(" + many[$0..<($0 + 10)].joined(separator: " + ") + ")" }
        do {
            _ = try recipe(nested.joined(separator: " + "))
            Issue.record("no limit on steps")
        } catch { #expect(error.message.contains("256 steps"), "\(error)") }
    }

    @Test func `the hash does not see layout, order of keys or names of parts`() throws {
        let plain = try DetectorReader.recipe(detectorText())
        let lines = detectorText().split(separator: "\n").map(String.init)
        // Whole top-level blocks in the opposite order.
        var blocks: [[String]] = []
        for line in lines {
            if line.hasPrefix(" ") { blocks[blocks.count - 1].append(line) } else { blocks.append([line]) }
        }
        let turned = try DetectorReader.recipe(blocks.reversed().flatMap { $0 }.joined(separator: "\n"))
        #expect(turned.hash == plain.hash)
        let spaced = try DetectorReader.recipe(
            detectorText([
                ("tanh(gain * pressure)", "|\n  tanh( gain\n    * (pressure) )"), ("pressure:", "force:"),
                ("(pressure)", "(force)"), ("summary: A trial.", "# nothing\nsummary: 'Another one.'"),
            ]))
        #expect(spaced.hash == plain.hash)
        let inlined = try DetectorReader.recipe(
            detectorText([
                ("let:\n  pressure: zscore(book_imbalance_5, window)\n", ""),
                ("gain * pressure", "gain * zscore(book_imbalance_5, window)"),
            ]))
        #expect(inlined.hash == plain.hash)
        for change in [
            ("value: 0.5", "value: 0.6"), ("max: 1.0", "max: 1.1"), ("< 5", "< 6"), ("horizon: 5m", "horizon: 1h"),
        ] {
            #expect(try DetectorReader.recipe(detectorText([change])).hash != plain.hash, "\(change)")
        }
        #expect(plain.text.hasPrefix("detector tape_trial_v1\ntransforms 1\nfamily tape\n"))
        #expect(
            plain.triggers == ["breakout(lookback=20, band=2.0σ) AND retest(level=prev_high, tol=0.15%) WITHIN 21600s"])
    }

    @Test func `equal parts are computed once`() throws {
        let once = try recipe("zscore(spread_bps, 50)")
        let twice = try recipe("zscore(spread_bps, 50) * zscore(spread_bps, 50)")
        #expect(twice.nodes.count == once.nodes.count + 1)
        #expect(twice.memoryCount == once.memoryCount + 1)
    }

    @Test func `depth and description length are those of the graph (DEF-12)`() throws {
        let plain = try DetectorReader.recipe(detectorText())
        // book_imbalance_5, gain, zscore, product, tanh; spread, 5, <; present, not.
        #expect(plain.nodes.count == 10)
        #expect(plain.depth == 4)
        let bits = 10 * 5.523561956057013 + 0.5 * 2 * 10
        #expect(Operation.allCases.count == 46)
        #expect(abs(plain.descriptionLength - bits) < 1e-12, "\(plain.descriptionLength)")
        #expect(abs(plain.complexity - 0.2250) < 5e-3, "\(plain.complexity)")
    }

    @Test func `random bytes never trap the reader`() {
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = [
            "(", ")", ",", "tanh", "lag", "if", "spread_bps", "9999999999999999999", "1e308", "-", "not", "and", "<",
            "*", "/", ".", "0", "\n", "σ", "%", "=", "[", "{", ":", "&a", "*a",
        ]
        for _ in 0..<3000 {
            let text = (0..<next(30)).map { _ in pieces[next(pieces.count)] }.joined(separator: next(2) == 0 ? "" : " ")
            _ = try? recipe(text)
            _ = try? TriggerExpression(SourceText(text))
            _ = try? DetectorReader.recipe(text)
            _ = try? DetectorReader.recipe(detectorText([("tanh(gain * pressure)", text)]))
        }
    }
}
