import Events
import LogEngine
import LogFormat
import ProjectionsTesting
import Runtime
import Testing

@testable import Projections

/// Reading what few batches hold goes by the indexes of the segments, and finds what reading everything finds.
@Suite struct SparseReadTests {
    /// A root whose signal log holds an alarm at each of `places`, among `count` other events.
    static func root(_ count: Int, alarmsAt places: Set<Int>, seal: Bool, segmentBytes: Int) throws -> SampleRoot {
        let sample = try SampleRoot()
        var options = LogOptions()
        options.reserveBytes = 0
        options.batchBytes = 256
        options.segmentBytes = segmentBytes
        let root = try Root(
            SampleRoot.directory, modules: [.sig, .ops], options: options, environment: sample.environment)
        for index in 0..<count {
            if places.contains(index) {
                var alarm = AlarmRaised()
                alarm.subject = "\(index)"
                try root.append(&alarm, to: .sig, eventNanos: Int64(index))
            }
            var scored = SignalScored()
            scored.lineage.id = EventID(module: .sig, key: "\(index)", eventNanos: Int64(index))
            try root.append(&scored, to: .sig, eventNanos: Int64(index))
        }
        try root.close(seal: seal)
        return sample
    }

    /// Places of the events of wanted types behind `after`.
    static func places(
        _ root: SampleRoot, after: UInt64 = 0, _ wants: @escaping (String) -> Bool
    ) throws -> [Place] {
        var seqs = [UInt64](repeating: 0, count: Module.allCases.count)
        seqs[Int(Module.sig.rawValue)] = after
        let reader = try RootReader(
            SampleRoot.directory, modules: [.sig], after: seqs, environment: root.environment, wants: wants)
        var found: [Place] = []
        _ = try reader.read { (batch, place) throws(FormatError) in
            found.append(place)
            try batch.skip()
        }
        return found
    }

    /// The places of all alarms, as a reader of everything meets them.
    static func expected(_ root: SampleRoot, after: UInt64, _ places: Set<Int>) throws -> [Place] {
        let all = try Self.places(root) { _ in true }
        // Before the alarm at index i stand i scores and the earlier alarms.
        let sorted = places.sorted()
        return sorted.enumerated().map { all[$1 + $0] }.filter { $0.seq > after }
    }

    @Test(arguments: [false, true], [1 << 16, 1 << 20])
    func `alarms among many other events are found by index`(_ seal: Bool, _ segmentBytes: Int) throws {
        for places in [[], [0], [1499], [0, 1499], [5, 6, 7, 900], [111, 622, 1333]] as [Set<Int>] {
            let root = try Self.root(1500, alarmsAt: places, seal: seal, segmentBytes: segmentBytes)
            for after in [0, 1, 6, 7, 8, 112, 624, 905, 1335, 1499, 1500, 1504] as [UInt64] {
                let found = try Self.places(root, after: after) { $0 == AlarmRaised.typeName }
                #expect(
                    try found == Self.expected(root, after: after, places),
                    "alarms at \(places.sorted()), behind \(after)")
            }
        }
    }
}
