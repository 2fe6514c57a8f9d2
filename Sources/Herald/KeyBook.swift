package import Events
import LogFormat

/// The public keys of the modules, each with its time: a fold of the `herald.KeyRotated` records (SEC-07).
///
/// A key is valid from the event time of its record until the one that follows it; what it signed before stays good.
package struct KeyBook: Equatable, Sendable {
    /// What is known of a key at a time.
    package enum Standing: Equatable, Sendable {
        /// Valid then.
        case inForce(publicKey: [UInt8])
        /// The module has no such key; it has these.
        case unknown([KeyID])
        /// Another key followed it before.
        case retired(endNanos: Int64)
        /// It comes into force later.
        case early(fromNanos: Int64)
    }

    private struct Entry: Equatable, Sendable {
        var keyID: KeyID
        var publicKey: [UInt8]
        var fromNanos: Int64
    }

    /// Keys by module, in the order of their times.
    private var entries: [Module: [Entry]] = [:]

    /// A book without keys.
    package init() {}

    /// Why a record cannot be taken, nil if it can: no id twice, no time before that of the key in force.
    package func fault(of record: KeyRotated, eventNanos: Int64) -> String? {
        let known = entries[record.owner] ?? []
        if record.keyID.text.isEmpty { return "the key has no id: give it one" }
        if known.contains(where: { $0.keyID == record.keyID }) {
            return "\(record.owner.text) has a key \(record.keyID) already: give the new key another id"
        }
        if let last = known.last, eventNanos <= last.fromNanos {
            return "key \(record.keyID) would begin \(TimeText.text(eventNanos)), expected after "
                + "\(TimeText.text(last.fromNanos)), when key \(last.keyID) began: rotate later"
        }
        return nil
    }

    /// Takes in a record; one that cannot be taken changes nothing.
    package mutating func apply(_ record: KeyRotated, eventNanos: Int64) {
        guard fault(of: record, eventNanos: eventNanos) == nil else { return }
        entries[record.owner, default: []].append(
            Entry(keyID: record.keyID, publicKey: record.publicKey.digest.bytes, fromNanos: eventNanos))
    }

    /// How a key of a module stands at a time.
    package func find(_ keyID: KeyID, of module: Module, at nanos: Int64) -> Standing {
        let known = entries[module] ?? []
        guard let index = known.firstIndex(where: { $0.keyID == keyID }) else { return .unknown(known.map(\.keyID)) }
        if nanos < known[index].fromNanos { return .early(fromNanos: known[index].fromNanos) }
        if index + 1 < known.count, nanos >= known[index + 1].fromNanos {
            return .retired(endNanos: known[index + 1].fromNanos)
        }
        return .inForce(publicKey: known[index].publicKey)
    }
}
