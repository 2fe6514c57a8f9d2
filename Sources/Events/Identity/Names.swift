package import LogFormat

/// A name of one kind of thing; names of different kinds do not mix.
package struct Name<Kind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name as written.
    package var text: String

    /// Wraps a text.
    @inlinable
    package init(_ text: String) { self.text = text }

    /// The name as written.
    package var description: String { text }

    /// Order of the UTF-8 bytes, the same under every locale.
    @inlinable
    package static func < (a: Name, b: Name) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
}

extension Name: EventElement {
    /// The empty name, to decode into.
    @inlinable
    package init() { text = "" }

    /// Visits the name as a text.
    @inlinable
    package mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) { visitor.string(name, &text, isKey: false, documentation) }
}

extension Name: ExpressibleByStringLiteral {
    /// A name written in code.
    @inlinable
    package init(stringLiteral value: String) { text = value }
}

/// Kinds of names.
package enum NameKind {
    /// Of a detector.
    package enum Detector: Sendable {}
    /// Of an asset.
    package enum Asset: Sendable {}
    /// Of a patch.
    package enum Patch: Sendable {}
    /// Of a knob or another prior.
    package enum Prior: Sendable {}
    /// Of a version of the priors.
    package enum PriorsVersion: Sendable {}
    /// Of an atom.
    package enum Atom: Sendable {}
    /// Of a person or a program that acts from outside.
    package enum Operator: Sendable {}
    /// Of a signing key.
    package enum SigningKey: Sendable {}
    /// Of a micro-expert.
    package enum Expert: Sendable {}
}

/// Id of a detector, `<family>_<detail>_v<n>` (GEN-12).
package typealias DetectorID = Name<NameKind.Detector>
/// An asset, such as `BTC-USD`.
package typealias AssetID = Name<NameKind.Asset>
/// Id of a patch.
package typealias PatchID = Name<NameKind.Patch>
/// Key of an active prior, such as `gate:breakout_v3:1h:5f3a` or `dm.turnover_penalty` (PRI-02).
package typealias PriorKey = Name<NameKind.Prior>
/// Version of a module's priors, `<module>:<YYYY-MM-DD>.v<n>` (VOC-19).
package typealias PriorsVersion = Name<NameKind.PriorsVersion>
/// Id of an atom.
package typealias AtomID = Name<NameKind.Atom>
/// Who acts from outside.
package typealias OperatorID = Name<NameKind.Operator>
/// Id of a signing key (SEC-07).
package typealias KeyID = Name<NameKind.SigningKey>
/// Id of a micro-expert (SCH-DSI-2).
package typealias ExpertID = Name<NameKind.Expert>

extension Name where Kind == NameKind.Detector {
    /// Whether the text is `<family>_<detail>_v<n>` (GEN-12).
    package var isWellFormed: Bool {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count >= 2, let last = parts.last, last.first == "v", last.count > 1,
            last.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber })
        else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
        }
    }
}
