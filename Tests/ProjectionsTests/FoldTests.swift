import Events
import LogEngine
import LogFormat
import ProjectionsTesting
import Runtime
import Testing

@testable import Projections

/// Views are pure folds of the history (LOG-10, LOG-11).
@Suite struct FoldTests {
    @Test func `the same history gives the same hash and another one gives another`() throws {
        let (a, b, c) = (try SampleRoot(), try SampleRoot(), try SampleRoot())
        try a.fill(900, seed: 1)
        try b.fill(900, seed: 1, batchBytes: 64)
        try c.fill(900, seed: 2)
        let hash = try a.fold().state.stateHash()
        #expect(try b.fold().state.stateHash() == hash)
        #expect(try c.fold().state.stateHash() != hash)
        #expect(hash != Folder().state.stateHash())
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `folding in two parts is folding at once`(_ seed: UInt64) throws {
        let root = try SampleRoot()
        try root.fill(400, seed: seed)
        let whole = try root.fold()
        var random = SeededGenerator(seed: seed)
        for _ in 0..<8 {
            let split = UInt64(random.below(400))
            let folder = try root.fold(upTo: split)
            // Only the value goes on, in another folder: nothing that counts is hidden elsewhere.
            let next = Folder()
            next.state = folder.state
            _ = try root.fold(into: next)
            #expect(next.state.position == whole.state.position)
            #expect(next.state.stateHash() == whole.state.stateHash(), "split at \(split), seed \(seed)")
        }
    }

    @Test(arguments: [1, 7, 4096] as [UInt64]) func `the size of the portions changes nothing`(_ most: UInt64) throws {
        let root = try SampleRoot()
        try root.fill(300, seed: 6)
        let folder = Folder()
        while try root.fold(into: folder, most: most) > 0 { _ = folder.state.stateHash() }
        #expect(try folder.state.tableHashes() == root.fold().state.tableHashes())
    }

    @Test func `an event that comes twice changes nothing but the count of repeated ones`() throws {
        let root = try SampleRoot()
        let writer = try Root(
            SampleRoot.directory, modules: [.sig], options: LogOptions(), environment: root.environment)
        var event = SignalScored()
        event.lineage.id = EventID(module: .sig, key: "w", eventNanos: 5)
        event.detectorID = "breakout_v1"
        try writer.append(&event, to: .sig, eventNanos: 5)
        event.signal = 0.9
        try writer.append(&event, to: .sig, eventNanos: 6)
        try writer.close()
        let folder = try root.fold()
        #expect(folder.state.strands.sortedRows.map(\.signal) == [0])
        #expect(folder.state.strandContexts.sortedRows.map(\.scored) == [1])
        #expect(folder.state.atlas.sortedRows.map(\.globalSeq) == [1])
        #expect(folder.state.eventTypes.sortedRows.map(\.events) == [1])
        #expect(folder.state.eventTypes.sortedRows.map(\.duplicates) == [1])
        #expect(folder.state.position.folded == 1 && folder.state.position.globalSeq == 2)
    }

    @Test func `types that nobody knows are passed over and counted`() throws {
        let root = try SampleRoot()
        let writer = try Root(
            SampleRoot.directory, modules: [.ops, .mkt], options: LogOptions(), environment: root.environment)
        var strange = StrangeEvent()
        for _ in 0..<3 { try writer.append(&strange, to: .ops, eventNanos: 1) }
        var market = MarketTrade()
        try writer.append(&market, to: .mkt, eventNanos: 2)
        var alarm = AlarmRaised()
        try writer.append(&alarm, to: .ops, eventNanos: 3)
        try writer.close()
        let folder = try root.fold()
        let rows = folder.state.eventTypes.sortedRows
        #expect(rows.map(\.key.second.first) == ["mon.AlarmRaised", "test.Strange"])
        #expect(rows.map(\.isKnown) == [true, false])
        #expect(rows.map(\.events) == [1, 3])
        #expect(folder.state.position.globalSeq == 5)
    }

    @Test func `a strand shows how far its window came`() throws {
        let root = try SampleRoot()
        let writer = try Root(
            SampleRoot.directory, modules: [.sig], options: LogOptions(), environment: root.environment)
        var scored = SignalScored()
        scored.lineage.id = EventID(module: .sig, key: "w", eventNanos: 5)
        scored.detectorID = "breakout_v1"
        scored.horizon = .minutes5
        try writer.append(&scored, to: .sig, eventNanos: 5)
        var published = SignalPublished()
        published.lineage.id = EventID(module: .sig, key: "p", eventNanos: 6)
        published.scoredID = scored.lineage.id
        published.detectorID = scored.detectorID
        published.curatedSigma = 0.75
        try writer.append(&published, to: .sig, eventNanos: 6)
        for (seconds, forward) in [(Int64(30), 0.01), (300, 0.02), (300, 0.5)] {
            var evaluated = SignalEvaluated()
            evaluated.lineage.id = EventID(module: .sig, key: "o\(seconds)\(forward)", eventNanos: 9)
            evaluated.scoredID = scored.lineage.id
            evaluated.horizonSeconds = seconds
            evaluated.forwardReturn = forward
            evaluated.hit = true
            try writer.append(&evaluated, to: .sig, eventNanos: 9)
        }
        try writer.close()
        let state = try root.fold().state
        let strand = try #require(state.strands.sortedRows.first)
        #expect(strand.status == .published && strand.publishedID == published.lineage.id)
        #expect(strand.curatedSigma == 0.75 && strand.updatedNanos == 9)
        #expect(strand.evaluations == 2 && strand.forwardReturn == 0.02 && strand.hit == true)
        #expect(strand.globalSeq == 4)
        #expect(state.outcomes.sortedRows.map(\.forwardReturn) == [0.01, 0.02])
        let context = try #require(state.strandContexts.sortedRows.first)
        #expect(context.published == 1 && context.evaluated == 1 && context.hits == 1)
        #expect(state.publications.sortedRows.map(\.key.second) == ["PUBLISHED"])
    }

    @Test func `a shorter snapshot takes priors out of force`() throws {
        let root = try SampleRoot()
        let writer = try Root(
            SampleRoot.directory, modules: [.sig], options: LogOptions(), environment: root.environment)
        for count in [3, 1] {
            var event = SnapshotTaken()
            event.lineage.id = EventID(module: .sig, key: "s\(count)", eventNanos: 1)
            event.priorsVersion = PriorsVersion("sig:2025-09-05.v\(count)")
            event.after = (0..<count).map { index in
                var prior = ActivePrior()
                prior.key = PriorKey("k\(index)")
                return prior
            }
            try writer.append(&event, to: .sig, eventNanos: 1)
        }
        try writer.close()
        let folder = try root.fold(upTo: 1)
        #expect(folder.state.activePriors.sortedRows.map(\.prior) == ["k0", "k1", "k2"])
        let before = folder.state.tableHashes()
        _ = try root.fold(into: folder)
        #expect(folder.state.activePriors.sortedRows.map(\.prior) == ["k0"])
        #expect(folder.state.tableHashes() != before)
        #expect(folder.state.activePriors.count == 1)
    }

    @Test func `orphans behind the cut are not folded`() throws {
        let root = try SampleRoot()
        var options = LogOptions()
        options.reserveBytes = 0
        let sig = try LogWriter("root/sig", name: "sig", options: options, environment: root.environment)
        let ops = try LogWriter("root/ops", name: "ops", options: options, environment: root.environment)
        for (writer, places) in [(sig, [1, 2, 5] as [UInt64]), (ops, [3])] {
            let type = try writer.register(AlarmRaised.self)
            for place in places {
                var event = AlarmRaised()
                event.subject = "\(place)"
                try writer.append(&event, typeID: type, eventNanos: 1, globalSeq: place)
            }
            try writer.close()
        }
        let folder = try root.fold()
        #expect(folder.state.alarms.sortedRows.map(\.key.second.second).sorted() == ["1", "2", "3"])
        #expect(folder.state.position.globalSeq == 3)
    }

    @Test func `logs of two owners are not taken for one history`() throws {
        let root = try SampleRoot()
        for name in ["sig", "ops"] {
            var options = LogOptions()
            options.reserveBytes = 0
            let writer = try LogWriter("root/\(name)", name: name, options: options, environment: root.environment)
            let type = try writer.register(AlarmRaised.self)
            var event = AlarmRaised()
            for place in 1...2 as ClosedRange<UInt64> {
                try writer.append(&event, typeID: type, eventNanos: 1, globalSeq: place)
            }
            try writer.close()
        }
        let refusal = #expect(throws: LogError.self) { try root.fold() }
        #expect(refusal?.code == .damaged && refusal?.message.contains("number 1 too") == true)
    }

    @Test func `every type that is meant for a view is folded`() {
        for type in EventCatalog.types where !type.projections.isEmpty {
            #expect(Folder.foldedTypes.contains(type.type.typeName), "\(type.type.typeName)")
        }
        for type in EventCatalog.types where type.projections.isEmpty {
            #expect(!Folder.wants(type.type.typeName), "\(type.type.typeName)")
        }
        #expect(Folder.wants("test.Strange"))
    }
}
