/// One thing that is wrong with a log, and which events it concerns.
public struct Damage: Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Kind: String, Sendable, CaseIterable {
        /// A segment header, or one of its copies.
        case header
        /// A block whose header does not verify.
        case block
        /// A batch whose stored bytes do not verify.
        case payload
        /// A batch that does not decode to what its header says.
        case content
        /// A description of an event type.
        case schema
        /// A block that does not follow the one before it.
        case link
        /// Sequence numbers that are missing or repeated.
        case sequence
        /// A file that is missing, foreign or out of place.
        case segment
        /// Padding that is not zero or not whole.
        case padding
        /// The index or the seal of a sealed segment.
        case seal
        /// The manifest.
        case manifest
        /// The bytes end before a mark that was acknowledged.
        case missing
        /// An anchor that does not match.
        case anchor
    }

    /// File name of the segment, or `MANIFEST`.
    public var segment: String
    /// First event concerned.
    public var firstSeq: UInt64
    /// Last event concerned; `firstSeq - 1` if no event is lost.
    public var lastSeq: UInt64
    /// What is wrong.
    public var kind: Kind
    /// Found and expected.
    public var detail: String

    /// Makes a finding.
    public init(segment: String, firstSeq: UInt64, lastSeq: UInt64, kind: Kind, detail: String) {
        self.segment = segment
        self.firstSeq = firstSeq
        self.lastSeq = lastSeq
        self.kind = kind
        self.detail = detail
    }

    /// Whether events cannot be read because of it.
    public var losesEvents: Bool { lastSeq >= firstSeq }

    /// One line for a person.
    public var description: String {
        let range = losesEvents ? "events \(firstSeq)…\(lastSeq)" : "no event lost, at seq \(firstSeq)"
        return "\(segment): \(kind.rawValue): \(range): \(detail)"
    }
}
