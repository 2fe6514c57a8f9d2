package import Events
package import LogFormat

/// Where an event stands, as folds need it.
package struct EventPlace: Equatable, Sendable {
    /// The log.
    package var module: Module
    /// Place within the log.
    package var seq: UInt64
    /// Place among all logs of the root.
    package var globalSeq: UInt64
    /// The moment that it is about.
    package var eventNanos: Int64

    /// Makes a place.
    package init(module: Module, seq: UInt64, globalSeq: UInt64, eventNanos: Int64) {
        self.module = module
        self.seq = seq
        self.globalSeq = globalSeq
        self.eventNanos = eventNanos
    }
}

/// How far a fold has come: the cursor of LOG-12.
package struct FoldPosition: Equatable, Sendable {
    /// Global sequence number of the last event that was read.
    package var globalSeq: UInt64 = 0
    /// Seq of the last event that was read of each log, by rank.
    package var seqs = [UInt64](repeating: 0, count: Module.allCases.count)
    /// Events that were folded, without repeated and unknown ones.
    package var folded: UInt64 = 0

    /// Before the first event.
    package init() {}
}

/// All views: a value, and a pure function of the events that it was given (LOG-10, LOG-11).
@dynamicMemberLookup
package struct ProjectionState {
    package var admitted = AdmittedEvents()
    package var views = FoldedViews()

    /// No events.
    package init() {}

    /// How far the fold has come.
    package var position: FoldPosition {
        get { admitted.position }
        set { admitted.position = newValue }
    }

    /// A table of the views.
    package subscript<Row>(dynamicMember table: WritableKeyPath<FoldedViews, Table<Row>>) -> Table<Row> {
        _read { yield views[keyPath: table] }
        _modify { yield &views[keyPath: table] }
    }

    /// A table of what was admitted.
    package subscript<Row>(dynamicMember table: WritableKeyPath<AdmittedEvents, Table<Row>>) -> Table<Row> {
        _read { yield admitted[keyPath: table] }
        _modify { yield &admitted[keyPath: table] }
    }

    /// Goes through all tables, in the order of the documentation.
    package mutating func visit<Visitor: TableVisitor>(_ visitor: inout Visitor) throws(Visitor.Failure) {
        try views.visit(&visitor)
        try admitted.visit(&visitor)
    }
}

/// Does one thing with every table.
package protocol TableVisitor {
    /// What can go wrong.
    associatedtype Failure: Error = Never
    /// Is given a table.
    mutating func table<Row: ViewRow>(_ table: inout Table<Row>) throws(Failure)
}

/// Name, rows and hash of a table.
package struct TableHash: Equatable, Sendable {
    /// The table.
    package let name: String
    /// Number of rows.
    package let rows: UInt64
    /// Sum of the digests of its rows.
    package let sum: RowDigest
}

extension ProjectionState {
    /// Hash of every table, in the order of the documentation.
    package mutating func tableHashes() -> [TableHash] {
        var settler = Settler()
        visit(&settler)
        return settler.hashes
    }

    /// The state hash: SHA-256 over name, rows and sum of every table.
    package mutating func stateHash() -> Digest { Self.stateHash(tableHashes()) }

    static func stateHash(_ hashes: [TableHash]) -> Digest {
        var hasher = SHA256Hasher()
        for hash in hashes {
            hasher.update(Array(hash.name.utf8))
            hasher.update(UInt8(0))
            hasher.update(hash.rows)
            for index in 0..<4 { hasher.update(hash.sum.words[index]) }
        }
        return hasher.digest()
    }

    private struct Settler: TableVisitor {
        var hashes: [TableHash] = []

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) {
            var changes = RowChanges(areKept: false)
            table.settle(&changes)
            hashes.append(TableHash(name: Row.typeName, rows: table.count, sum: table.sum))
        }
    }
}
