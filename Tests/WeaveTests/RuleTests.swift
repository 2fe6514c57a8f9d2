import Events
import Statistics
import Testing
import Weave

/// Literals, simplification, overlap and specificity (LRN-31, CON-17, BRD-39, DEF-42).
@Suite struct RuleTests {
    private func rule(_ literals: (String, Comparison, String)...) -> Rule {
        Rule(literals.map { Literal($0.0, $0.1, $0.2) })
    }

    @Test func `a literal holds by number or by bin, and never for what is unknown`() {
        let window = ContextWindow(numbers: ["mx": 0.7], bins: ["session": "US"])
        let holding: [(String, Comparison, String)] = [
            ("mx", .greaterOrEqual, "0.7"), ("mx", .lessOrEqual, "0.7"), ("mx", .equal, "0.7"),
            ("mx", .less, "0.8"), ("mx", .greater, "-1"), ("session", .equal, "US"),
        ]
        for literal in holding { #expect(Literal(literal.0, literal.1, literal.2).holds(in: window), "\(literal)") }
        let failing: [(String, Comparison, String)] = [
            ("mx", .greater, "0.7"), ("mx", .less, "0.7"), ("session", .equal, "EU"), ("session", .less, "US"),
            ("oi", .less, "1e9"), ("mx", .greater, "nan"), ("mx", .less, "inf"),
        ]
        for literal in failing { #expect(!Literal(literal.0, literal.1, literal.2).holds(in: window), "\(literal)") }
    }

    @Test func `the stricter bound absorbs the weaker one`() throws {
        #expect(try rule(("mx", .greater, "0.6"), ("mx", .greater, "0.7")).simplified().text == "mx>0.7")
        #expect(try rule(("mx", .greaterOrEqual, "0.7"), ("mx", .greater, "0.7")).simplified().text == "mx>0.7")
        #expect(try rule(("mx", .less, "0.7"), ("mx", .lessOrEqual, "0.7")).simplified().text == "mx<0.7")
        #expect(try rule(("mx", .equal, "0.7"), ("mx", .less, "0.9")).simplified().text == "mx==0.7")
        #expect(try rule(("s", .equal, "US"), ("s", .equal, "US")).simplified().text == "s==US")
    }

    @Test func `rules that never hold are contradictions`() {
        let impossible = [
            rule(("mx", .greater, "0.7"), ("mx", .less, "0.7")), rule(("mx", .greater, "0.7"), ("mx", .equal, "0.7")),
            rule(("mx", .equal, "0.7"), ("mx", .equal, "0.8")), rule(("s", .equal, "US"), ("s", .equal, "EU")),
            rule(("mx", .greater, "0.7"), ("mx", .lessOrEqual, "0.7")),
        ]
        for rule in impossible {
            let error = #expect(throws: WeaveError.self) { try rule.simplified() }
            #expect(error?.code == .contradiction, "\(rule.text)")
        }
        #expect(throws: Never.self) {
            try rule(("mx", .greaterOrEqual, "0.7"), ("mx", .lessOrEqual, "0.7")).simplified()
        }
    }

    @Test func `3 literals for a micro rule, 6 for a composed one`() throws {
        let seven = (1...7).map { Literal("f\($0)", .greater, "0") }
        #expect(try Rule(Array(seven[..<3])).simplified().literals.count == 3)
        #expect(throws: WeaveError.self) { try Rule(Array(seven[..<4])).simplified() }
        #expect(try Rule.composed([Rule(Array(seven[..<6]))]).literals.count == 6)
        let error = #expect(throws: WeaveError.self) { try Rule.composed([Rule(seven)]) }
        #expect(error?.code == .tooManyLiterals)
    }

    @Test(arguments: seeds) func `simplifying never changes where a rule holds`(_ seed: UInt64) throws {
        var draw = Draw(seed)
        let comparisons: [Comparison] = [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal]
        for _ in 0..<100 {
            let literals = (0..<4).map { _ in
                let place = draw.stream.index(below: 9)
                return Literal(
                    place < 8 ? "f\(place % 2)" : "session",
                    place < 8 ? comparisons[draw.stream.index(below: 5)] : .equal,
                    place < 8 ? "\(draw.stream.index(below: 4))" : ["US", "EU"][draw.stream.index(below: 2)])
            }
            let plain = Rule(literals)
            let simple = try? plain.simplified(limit: 6)
            for a in 0..<9 {
                for b in 0..<9 {
                    for session in ["US", "EU"] {
                        let window = ContextWindow(
                            numbers: ["f0": Double(a) / 2 - 0.5, "f1": Double(b) / 2 - 0.5], bins: ["session": session])
                        let holds = simple.map { $0.holds(in: window) } ?? false
                        #expect(holds == plain.holds(in: window), "\(plain.text), seed \(seed)")
                    }
                }
            }
        }
    }

    @Test func `near-identical means a Jaccard share above 0.8, not at it`() {
        let five = [true, true, true, true, true]
        #expect(RuleOverlap.jaccard(five, [true, true, true, true, false]) == 0.8)
        #expect(!RuleOverlap.isNearIdentical(five, [true, true, true, true, false]))
        #expect(RuleOverlap.isNearIdentical(five + [true], [true, true, true, true, true, false]))
        #expect(!RuleOverlap.isNearIdentical([false], [false]) && RuleOverlap.jaccard([], []) == 0)
        let pairs = RuleOverlap.nearIdenticalPairs([five, [true], five])
        #expect(pairs.count == 1 && pairs[0] == (0, 2))
    }

    @Test func `the stricter rule fires less often, then has more literals, then the smaller id`() {
        let rules = [
            Specificity(firingShare: 0.2, literals: 1, id: braidID(1)),
            Specificity(firingShare: 0.1, literals: 2, id: braidID(3)),
            Specificity(firingShare: 0.1, literals: 3, id: braidID(4)),
            Specificity(firingShare: 0.1, literals: 2, id: braidID(2)),
        ]
        #expect(rules.sorted().map(\.id) == [braidID(4), braidID(2), braidID(3), braidID(1)])
    }
}
