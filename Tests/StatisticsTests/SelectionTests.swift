import LogFormat
import Testing

@testable import Statistics

@Suite struct SelectionTests {
    /// Arrangements that lead careless pivots astray, and random ones with many equal values.
    static let arrangements: [(name: String, values: [Double])] = {
        var random = SplitMix64(seed: 17)
        let shuffled = (0..<257).map { _ in Double(random.next() % 1000) }
        return [
            ("one", [3]), ("rising", (0..<100).map(Double.init)), ("falling", (0..<100).reversed().map(Double.init)),
            ("equal", [Double](repeating: -2, count: 64)),
            ("an organ pipe", ((0..<50).map(Double.init) + (0..<50).reversed().map(Double.init))),
            ("two values", (0..<99).map { Double($0 % 2) }), ("random", shuffled),
        ]
    }()

    @Test(arguments: arrangements.indices, [nil, 0, 1, 3])
    func `every place holds what it holds in the sorted list`(_ index: Int, _ rounds: Int?) {
        let (name, values) = Self.arrangements[index]
        let sorted = values.sorted()
        for place in values.indices {
            var found = values
            var span = found.mutableSpan
            #expect(Selection.value(place, &span, rounds: rounds) == sorted[place], "\(name), place \(place)")
            #expect(found[..<place].allSatisfy { $0 <= sorted[place] }, "\(name), place \(place)")
            #expect(found[place...].allSatisfy { $0 >= sorted[place] }, "\(name), place \(place)")
            #expect(found.sorted() == sorted, "nothing is lost")
        }
    }

    @Test func `one or two quantiles are those of all of them together`() throws {
        for (name, values) in Self.arrangements {
            let shares = [0, 0.1, 1.0 / 3, 0.5, 2.0 / 3, 0.95, 1]
            let all = try Quantiles.type7(values, shares)
            for (first, one) in zip(shares, all) {
                #expect(try Quantiles.type7(values, first) == one, "\(name) at \(first)")
                for (second, two) in zip(shares, all) {
                    let both = try Quantiles.type7(values, [first, second])
                    #expect(both == [one, two], "\(name), \(first), \(second)")
                }
            }
        }
    }
}
