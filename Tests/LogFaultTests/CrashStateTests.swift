import LogEngine
import LogFormat
import LogTesting
import Testing

/// Every state that a power cut could leave after each step: unsynced writes and names applied or not, in all
/// combinations that fit the limit (T6, T14).
@Suite struct CrashStateTests {
    static func check(_ script: LogScript, _ step: String, limit: Int, counted: inout Int) throws {
        for (number, state) in script.disk.crashStates(limit: limit, seed: 3).enumerated() {
            counted += 1
            try expectRecovers(
                state, atLeast: script.durable, atMost: script.appended, options: script.options, seed: 99,
                "after \(step), state \(number)")
        }
    }

    @Test(arguments: [0, 8 << 10]) func `every state after every step opens with all that was acknowledged`(
        _ zeroAhead: Int
    ) throws {
        let limit = isExhaustive ? 512 : 24
        var counted = 0
        let script = LogScript(seed: 21)
        script.options.zeroAheadBytes = zeroAhead
        script.afterStep = { try Self.check(script, $0, limit: limit, counted: &counted) }
        try script.live()
        try script.live()
        try script.follow()
        #expect(counted > 200)
    }

    /// Between the calls of one step too: each prefix of the operations of creating, rolling and sealing is a moment
    /// to die.
    @Test func `every prefix of the operations opens with all that was acknowledged`() throws {
        let script = LogScript(seed: 22)
        let start = script.disk.copy()
        script.disk.isTracing = true
        var acknowledged: [(operations: Int, durable: Int)] = [(0, 0)]
        script.afterStep = { _ in acknowledged.append((script.disk.trace.count, script.durable)) }
        try script.live()
        let trace = script.disk.trace
        let limit = isExhaustive ? 64 : 4
        for count in 0...trace.count {
            let disk = start.copy()
            try disk.replay(trace[0..<count])
            let durable = acknowledged.last { $0.operations <= count }?.durable ?? 0
            for (number, state) in disk.crashStates(limit: limit, seed: UInt64(count)).enumerated() {
                try expectRecovers(
                    state, atLeast: durable, atMost: script.appended, options: script.options, seed: 98,
                    "after \(count) operations, state \(number)")
            }
        }
        #expect(trace.count > 40)
    }

    @Test func `a log directory is kept only once its parent is synced, and then the whole log is`() throws {
        let disk = SimulatedDisk(seed: 23, directoriesAreDurableAtOnce: false)
        let script = LogScript(disk: disk, seed: 23)
        try script.live()
        disk.powerCut(seed: 1, .loseAll)
        try expectRecovers(
            disk, atLeast: script.durable, atMost: script.appended, options: script.options, seed: 97, "new directory")
    }

    @Test func `a cursor is the old one or the new one after every crash`() throws {
        let script = LogScript(seed: 24)
        try script.live()
        let location = try LogLocation("log", environment: script.environment)
        let first = Cursor(logID: [UInt8](repeating: 1, count: 16), epoch: 1, seq: 3, hash: 4, ordinal: 0, offset: 4096)
        var second = first
        second.seq = 5
        try first.store("c", of: location)
        script.disk.isTracing = true
        let before = script.disk.copy()
        try second.store("c", of: location)
        let trace = script.disk.trace
        var seen: Set<UInt64> = []
        for count in 0...trace.count {
            let disk = before.copy()
            try disk.replay(trace[0..<count])
            for state in disk.crashStates(limit: 64) {
                let place = try LogLocation("log", environment: .simulated(disk: state))
                let found = try Cursor.load("c", of: place)
                #expect(found == first || found == second, "after \(count) operations")
                seen.insert(found?.seq ?? 0)
            }
        }
        #expect(seen == [3, 5])
        #expect(try Cursor.load("c", of: location) == second)
        script.disk.powerCut(seed: 1, .loseAll)
        let place = try LogLocation("log", environment: .simulated(disk: script.disk))
        #expect(try Cursor.load("c", of: place) == second)
    }
}
