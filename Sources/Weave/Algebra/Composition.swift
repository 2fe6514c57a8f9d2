package import Events

/// A braid written as what it is composed of (ENUM-09).
package indirect enum Composition: Equatable, Sendable {
    case braid(BraidID)
    case union([Part])
    case intersect([Composition])
    case except(Composition, [Composition])
    case attenuate(Composition, Double)
    case liftOnly(Composition)
    case penaltyOnly(Composition)

    /// A parent of a union.
    package struct Part: Equatable, Sendable {
        package var composition: Composition
        package var weight: Double

        /// Makes a parent.
        package init(_ composition: Composition, weight: Double) {
            self.composition = composition
            self.weight = weight
        }
    }

    /// The same composition in the one form that does not depend on how it was written.
    ///
    /// Parents stand in the order of their texts and once each (the larger weight counts), intersections of
    /// intersections are one. So commuting, repeating and regrouping parents changes no bit of the result (BRD-17).
    package var canonical: Composition {
        switch self {
        case .braid: return self
        case .union(let parts):
            let ordered = parts.map { (text: $0.composition.canonical, weight: $0.weight) }
                .map { (key: $0.text.text, part: Part($0.text, weight: $0.weight)) }
                .sorted { $0.key == $1.key ? $0.part.weight > $1.part.weight : utf8Precedes($0.key, $1.key) }
            var unique: [Part] = []
            for (index, entry) in ordered.enumerated() where index == 0 || ordered[index - 1].key != entry.key {
                unique.append(entry.part)
            }
            return unique.count == 1 ? unique[0].composition : .union(unique)
        case .intersect(let parents):
            let unique = Self.ordered(parents.map(\.canonical).flatMap(\.factors))
            return unique.count == 1 ? unique[0] : .intersect(unique)
        case .except(let first, let rest):
            let others = Self.ordered(rest.map(\.canonical))
            return others.isEmpty ? first.canonical : .except(first.canonical, others)
        case .attenuate(let parent, let lambda):
            return lambda == 1 ? parent.canonical : .attenuate(parent.canonical, lambda)
        case .liftOnly(let parent): return .liftOnly(parent.canonical)
        case .penaltyOnly(let parent): return .penaltyOnly(parent.canonical)
        }
    }

    /// What is multiplied with each other.
    private var factors: [Composition] {
        if case .intersect(let parents) = self { parents.flatMap(\.factors) } else { [self] }
    }

    private static func ordered(_ compositions: [Composition]) -> [Composition] {
        let sorted = compositions.map { (key: $0.text, value: $0) }.sorted { utf8Precedes($0.key, $1.key) }
        return sorted.indices.filter { $0 == 0 || sorted[$0 - 1].key != sorted[$0].key }.map { sorted[$0].value }
    }

    /// The shift where this composition fires; nil where it does not.
    ///
    /// `shift` says what a braid does where it fires, and nil where it does not fire.
    package func shift(_ shift: (BraidID) -> Shift?) throws(WeaveError) -> Shift? {
        try canonical.evaluate(shift)
    }

    private func evaluate(_ shift: (BraidID) -> Shift?) throws(WeaveError) -> Shift? {
        switch self {
        case .braid(let id): return shift(id)
        case .union(let parts):
            var firing: [WeightedShift] = []
            for part in parts {
                guard let value = try part.composition.evaluate(shift) else { continue }
                firing.append(WeightedShift(part.weight, value))
            }
            return firing.isEmpty ? nil : try Shift.union(firing)
        case .intersect(let parents):
            var firing: [Shift] = []
            for parent in parents {
                guard let value = try parent.evaluate(shift) else { return nil }
                firing.append(value)
            }
            return try Shift.intersect(firing)
        case .except(let first, let rest):
            for other in rest where try other.evaluate(shift) != nil { return nil }
            return try first.evaluate(shift)
        case .attenuate(let parent, let lambda):
            guard let value = try parent.evaluate(shift) else { return nil }
            return try value.attenuated(by: lambda)
        case .liftOnly(let parent): return try parent.evaluate(shift)?.liftOnly
        case .penaltyOnly(let parent): return try parent.evaluate(shift)?.penaltyOnly
        }
    }

    /// The braids whose shifts enter the result, in the order of their ids; those of EXCEPT's rest only forbid.
    package var sources: [BraidID] {
        switch self {
        case .braid(let id): [id]
        case .union(let parts): Self.sources(parts.map(\.composition))
        case .intersect(let parents): Self.sources(parents)
        case .except(let first, _): first.sources
        case .attenuate(let parent, _), .liftOnly(let parent), .penaltyOnly(let parent): parent.sources
        }
    }

    private static func sources(_ compositions: [Composition]) -> [BraidID] {
        let all = compositions.flatMap(\.sources).sorted()
        return all.indices.filter { $0 == 0 || all[$0 - 1] != all[$0] }.map { all[$0] }
    }

    /// The composition as written in traces, such as `INTERSECT(B-…, B-…)`.
    package var text: String {
        switch self {
        case .braid(let id): "\(id)"
        case .union(let parts):
            "UNION(" + parts.map { "\($0.weight)*\($0.composition.text)" }.joined(separator: ", ") + ")"
        case .intersect(let parents): "INTERSECT(" + parents.map(\.text).joined(separator: ", ") + ")"
        case .except(let first, let rest): "EXCEPT(" + ([first] + rest).map(\.text).joined(separator: ", ") + ")"
        case .attenuate(let parent, let lambda): "ATTENUATE(\(parent.text), \(lambda))"
        case .liftOnly(let parent): "LIFT_ONLY(\(parent.text))"
        case .penaltyOnly(let parent): "PENALTY_ONLY(\(parent.text))"
        }
    }
}

/// Order of the UTF-8 bytes, the same under every locale.
func utf8Precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
