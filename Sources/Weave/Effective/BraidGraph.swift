package import Events

/// Braids and what they are composed of; without cycles (BRD-02).
package struct BraidGraph: Sendable {
    /// All braids, in the order of their ids.
    package let braids: [Braid]
    private let places: [BraidID: Int]
    private let depths: [Int]

    /// Makes a graph.
    ///
    /// Errors: `unknownBraid` for a parent that is not there or an id twice, `cycle` for a braid that descends from
    /// itself, `noParents` and `weight` for a composition that cannot be computed.
    package init(_ unordered: [Braid]) throws(WeaveError) {
        let braids = unordered.sorted { $0.id < $1.id }
        var places: [BraidID: Int] = [:]
        for (index, braid) in braids.enumerated() {
            guard places.updateValue(index, forKey: braid.id) == nil else {
                throw WeaveError(
                    .unknownBraid, found: "\(braid.id) twice", expected: "an id once", advice: "merge both braids")
            }
        }
        for braid in braids { try Self.check(braid, places) }
        self.braids = braids
        self.places = places
        depths = try Self.depths(braids, places)
    }

    private static func check(_ braid: Braid, _ places: [BraidID: Int]) throws(WeaveError) {
        for parent in braid.parents where places[parent] == nil {
            throw WeaveError(
                .unknownBraid, found: "\(parent), parent of \(braid.id), nowhere", expected: "all parents in the graph",
                advice: "add the parent, archived if it no longer acts")
        }
        if braid.composition != nil, braid.parents.isEmpty {
            throw WeaveError(
                .noParents, found: "\(braid.id) composed of nothing", expected: "at least one parent",
                advice: "name its parents")
        }
        if !braid.weights.isEmpty, braid.weights.count != braid.parents.count {
            throw WeaveError(
                .weight, found: "\(braid.weights.count) weights for \(braid.parents.count) parents of \(braid.id)",
                expected: "one weight a parent, or none", advice: "correct the weights")
        }
    }

    /// Longest way down to a braid without parents, by rounds: what is left after as many rounds as braids is a cycle.
    private static func depths(_ braids: [Braid], _ places: [BraidID: Int]) throws(WeaveError) -> [Int] {
        var depths = [Int?](repeating: nil, count: braids.count)
        var left = braids.count
        while left > 0 {
            let before = left
            for (index, braid) in braids.enumerated() where depths[index] == nil {
                let parents = braid.composition == nil ? [] : braid.parents.compactMap { places[$0] }
                let known = parents.compactMap { depths[$0] }
                guard known.count == parents.count else { continue }
                depths[index] = (known.max() ?? -1) + 1
                left -= 1
            }
            if left == before {
                let stuck = braids.indices.filter { depths[$0] == nil }.map { "\(braids[$0].id)" }
                throw WeaveError(
                    .cycle, found: "a cycle through \(stuck.joined(separator: ", "))",
                    expected: "braids that do not descend from themselves", advice: "refuse the youngest of them")
            }
        }
        return depths.compactMap(\.self)
    }

    /// The braid of an id.
    package subscript(_ id: BraidID) -> Braid? { places[id].map { braids[$0] } }

    /// 0 for a braid without parents, else one more than its deepest parent.
    package func depth(of id: BraidID) -> Int { places[id].map { depths[$0] } ?? 0 }

    /// All that a braid descends from, without itself, in the order of ids.
    package func ancestors(of id: BraidID) -> [BraidID] {
        var found: Set<BraidID> = []
        var open = self[id].map { $0.composition == nil ? [] : $0.parents } ?? []
        while let next = open.popLast() {
            guard found.insert(next).inserted, let braid = self[next], braid.composition != nil else { continue }
            open.append(contentsOf: braid.parents)
        }
        return found.sorted()
    }

    /// The braid as a composition of braids without parents, with the strengths of composed braids inside.
    package func composition(of id: BraidID) -> Composition {
        guard let braid = self[id], let operation = braid.composition else { return .braid(id) }
        let parents = braid.parents.map { composition(of: $0) }
        let composed: Composition
        switch operation {
        case .union:
            composed = .union(
                parents.indices.map {
                    Composition.Part(parents[$0], weight: braid.weights.isEmpty ? 1 : braid.weights[$0])
                })
        case .intersect: composed = .intersect(parents)
        case .except: composed = .except(parents[0], Array(parents.dropFirst()))
        case .attenuate: composed = .attenuate(parents[0], braid.attenuation)
        case .liftOnly: composed = .liftOnly(parents[0])
        case .penaltyOnly: composed = .penaltyOnly(parents[0])
        }
        return braid.strength > 0 && braid.strength < 1 ? .attenuate(composed, braid.strength) : composed
    }
}
