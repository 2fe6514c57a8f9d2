import Events
import LogEngine
import LogFormat
import ProjectionsTesting
import Runtime
import Testing

@testable import Projections

/// The views of effective patches, contexts and micro-experts (EFF, CTX, ATT of requirements §34).
@Suite struct ExpertFoldTests {
    private func folded(_ module: Module, _ fill: (Root) throws -> Void) throws -> ProjectionState {
        let root = try SampleRoot()
        let writer = try Root(
            SampleRoot.directory, modules: [module], options: LogOptions(), environment: root.environment)
        try fill(writer)
        try writer.close()
        return try root.fold().state
    }

    private func lineage(_ key: String, _ nanos: Int64) -> Lineage {
        Lineage(id: EventID(module: .sig, key: key, eventNanos: nanos), seenGlobalSeq: 0)
    }

    @Test func `the latest effective patch of a detector on an asset stands with its trace`() throws {
        let state = try folded(.sig) { root in
            for (nanos, theta) in [(Int64(5), 0.2), (9, 0.1)] {
                var event = EffectivePatchComputed()
                event.lineage = lineage("e\(nanos)", nanos)
                (event.detectorID, event.asset) = ("breakout_v1", "BTC-USD")
                event.thetaAfter = theta
                event.trace = "theta \(theta)"
                var cut = CapCut()
                (cut.what, cut.asked, cut.applied) = ("theta_delta", -0.3, -0.2)
                event.cuts = [cut]
                try root.append(&event, to: .sig, eventNanos: nanos)
            }
        }
        let row = try #require(state.effectivePatches.sortedRows.first)
        #expect(state.effectivePatches.sortedRows.count == 1 && row.computations == 2 && row.computedNanos == 9)
        #expect(row.thetaAfter == 0.1 && row.trace == "theta 0.1")
        #expect(row.cuts == #"[{"type":"micro","what":"theta_delta","asked":-0.3,"applied":-0.2}]"#)
    }

    @Test func `a context stands under its hash and a meta-signal under its asset`() throws {
        let contexts = try folded(.dm) { root in
            for (nanos, name) in [(Int64(5), "a"), (6, "b"), (7, "a")] {
                var event = ContextSnapshotted()
                event.lineage = Lineage(id: EventID(module: .dm, key: "c\(nanos)", eventNanos: nanos), seenGlobalSeq: 0)
                event.contextRef = "dm-context-1.0:\(name)"
                event.positions = [Weight("BTC-USD", -0.2)]
                event.drawdown = Double(nanos) / 100
                try root.append(&event, to: .dm, eventNanos: nanos)
            }
        }.contexts.sortedRows
        #expect(contexts.map(\.key) == ["dm-context-1.0:a", "dm-context-1.0:b"])
        #expect(contexts.map(\.drawdown) == [0.07, 0.06] && contexts.map(\.eventNanos) == [7, 6])
        #expect(contexts[0].positions == #"[{"name":"BTC-USD","value":-0.2}]"#)

        let state = try folded(.sig) { root in
            for (nanos, kairos) in [(Int64(5), 0.5), (9, nil)] as [(Int64, Double?)] {
                var event = MetaSignalPublished()
                event.lineage = lineage("m\(nanos)", nanos)
                event.envelope = Envelope()
                event.envelope?.intent = .metaSignal
                event.asset = "*"
                event.kairos = kairos
                event.components = [Metric("Z_F", 1.5), Metric("Z_U", nil)]
                try root.append(&event, to: .sig, eventNanos: nanos)
            }
        }
        let row = try #require(state.metaSignals.sortedRows.first)
        #expect(row.kairos == nil && row.publications == 2 && row.eventNanos == 9)
        #expect(row.components == #"[{"name":"Z_F","value":1.5},{"name":"Z_U"}]"#)
        #expect(state.messages.sortedRows.map(\.intent) == [.metaSignal, .metaSignal])
    }

    @Test func `an expert's standing, readings, labels and credit come together`() throws {
        let state = try folded(.sig) { root in
            var registered = ExpertRegistered()
            registered.lineage = lineage("r", 1)
            (registered.expertID, registered.expertVersion) = ("sweep_stall", "1")
            try root.append(&registered, to: .sig, eventNanos: 1)
            var activated = ExpertActivated()
            activated.lineage = lineage("a", 2)
            activated.expertID = "sweep_stall"
            try root.append(&activated, to: .sig, eventNanos: 2)
            for (nanos, fired, latency) in [(Int64(3), true, 4.0), (4, false, 2)] {
                var reading = ExpertReading()
                (reading.expertID, reading.fired, reading.latencyMillis) = ("sweep_stall", fired, latency)
                reading.score = Double(nanos)
                var event = Annotated()
                event.lineage = lineage("n\(nanos)", nanos)
                (event.asset, event.experts) = ("ETH-USD", [reading])
                try root.append(&event, to: .sig, eventNanos: nanos)
            }
            for (key, succeeded, favourable) in [("l1", true, 7.0), ("l2", false, 0.5)] {
                var event = ExpertLabelled()
                event.lineage = lineage(key, 5)
                (event.expertID, event.asset, event.succeeded) = ("sweep_stall", "ETH-USD", succeeded)
                event.favourableBps = favourable
                try root.append(&event, to: .sig, eventNanos: 5)
            }
            for (key, asset, value) in [("p", nil, 0.6), ("q", "ETH-USD", 0.55)] as [(String, AssetID?, Double)] {
                var event = ExpertReliabilityUpdated()
                event.lineage = lineage(key, 6)
                (event.expertID, event.asset, event.reliability) = ("sweep_stall", asset, value)
                try root.append(&event, to: .sig, eventNanos: 6)
            }
            var credited = ExpertCredited()
            credited.lineage = lineage("c", 7)
            (credited.detectorID, credited.expertID, credited.sigmaDelta) = ("breakout_v1", "sweep_stall", 0.01)
            try root.append(&credited, to: .sig, eventNanos: 7)
            var deactivated = ExpertDeactivated()
            deactivated.lineage = lineage("d", 8)
            (deactivated.expertID, deactivated.reason) = ("sweep_stall", .redundant)
            try root.append(&deactivated, to: .sig, eventNanos: 8)
        }
        let expert = try #require(state.experts.sortedRows.first)
        #expect(!expert.isActive && expert.reason == .redundant && expert.reliability == 0.6)
        #expect(expert.expertVersion == "1" && expert.changedNanos == 8)
        let reading = try #require(state.expertReadings.sortedRows.first)
        #expect(reading.readings == 2 && reading.fired == 1 && reading.score == 4 && reading.latencyMillisMax == 4)
        #expect(reading.successes == 1 && reading.failures == 1 && reading.favourableBpsSum == 7.5)
        #expect(reading.reliability == 0.55 && reading.readNanos == 4)
        #expect(state.expertCredits.sortedRows.map(\.sigmaDelta) == [0.01])
    }

    @Test func `the latest scores of a detector stand with their horizons (EVT-34)`() throws {
        let state = try folded(.sig) { root in
            for (nanos, composite) in [(Int64(5), nil), (9, 0.25)] as [(Int64, Double?)] {
                var event = HorizonScored()
                event.lineage = lineage("h\(nanos)", nanos)
                (event.detectorID, event.composite, event.turnoverShare) = ("breakout_v1", composite, 0.5)
                (event.fromNanos, event.cutOffNanos) = (nanos - 4, nanos)
                var part = HorizonPart()
                (part.sampleCount, part.brier) = (nanos, 0.25)
                event.parts = [part]
                try root.append(&event, to: .sig, eventNanos: nanos)
            }
        }
        let row = try #require(state.horizonScores.sortedRows.first)
        #expect(state.horizonScores.sortedRows.count == 1 && row.scores == 2)
        #expect(row.key == Pair(.sig, "breakout_v1") && row.composite == 0.25 && row.turnoverShare == 0.5)
        #expect(row.fromNanos == 5 && row.cutOffNanos == 9)
        #expect(row.horizons.hasPrefix(#"[{"h_secs":30,"samples":9,"ties":0,"brier":0.25,"#), "\(row.horizons)")
    }
}
