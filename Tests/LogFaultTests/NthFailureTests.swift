import LogEngine
import LogFormat
import LogTesting
import Testing

/// Every call to the disk is the one that fails, once or for ever: nothing traps, no receipt lies, and the log opens
/// again with all that was acknowledged.
///
/// In a plain run every call fails in a quarter of the ways, and all of them fail every call together; with
/// LOTUS_EXHAUSTIVE=1 (make simulate) every call fails in every way.
@Suite struct NthFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var code: Int32
        var isForever: Bool
        var isPowerCut: Bool
        var testDescription: String {
            "errno \(code), \(isForever ? "for ever" : "once"), then \(isPowerCut ? "power cut" : "kill")"
        }

        /// The calls that are tried, the first of them and every how manieth.
        var calls: (first: Int, step: Int) {
            isExhaustive ? (1, 1) : (1 + (code == 5 ? 0 : 1) + (isForever ? 2 : 0), 4)
        }
    }

    static let cases = [Int32(5), 28].flatMap { code in
        [false, true].flatMap { forever in
            [false, true].map { Case(code: code, isForever: forever, isPowerCut: $0) }
        }
    }

    /// Runs the scenario with the `nth` call failing; false if it went through without meeting it.
    static func run(_ failure: Case, nth: Int, from base: LogScript?, seed: UInt64) throws -> Bool {
        let what = "call \(nth), \(failure.testDescription)"
        let script = LogScript(disk: base?.disk.copy() ?? SimulatedDisk(seed: seed), seed: seed)
        // A log that holds events already must keep them, whatever the opening meets.
        let before = (failure.isPowerCut ? base?.durable : base?.written) ?? 0
        script.disk.resetCallCount()
        script.disk.faults.failNthCall = nth
        script.disk.faults.failForever = failure.isForever
        script.disk.faults.failCode = failure.code
        var isThrough = false
        do {
            try script.live()
            try script.follow()
            isThrough = script.disk.callCount < nth
        } catch let error as LogError {
            #expect(error.code != .damaged && error.code != .notALog && error.code != .format, "\(what): \(error)")
        }
        script.disk.faults = DiskFaults()
        let promised = max(before, failure.isPowerCut ? script.durable : script.written)
        if failure.isPowerCut {
            script.disk.powerCut(seed: UInt64(nth) &* 31 &+ seed, .random)
        } else {
            script.disk.restartAfterKill()
        }
        try expectRecovers(
            script.disk, atLeast: promised, atMost: max(base?.appended ?? 0, script.appended), options: script.options,
            seed: seed &+ 1, what)
        return isThrough
    }

    @Test(arguments: cases) func `a new log survives the failure of any call`(_ failure: Case) throws {
        var nth = failure.calls.first
        while try !Self.run(failure, nth: nth, from: nil, seed: 11) {
            nth += failure.calls.step
            guard nth < 3000 else { throw LogScriptFailure("the scenario does not end") }
        }
        #expect(nth > 60)
    }

    @Test(arguments: cases) func `a log left by a crash survives the failure of any call of its recovery`(
        _ failure: Case
    ) throws {
        let script = LogScript(seed: 12)
        try script.live(closes: false)
        script.disk.restartAfterKill()
        var nth = failure.calls.first
        while try !Self.run(failure, nth: nth, from: script, seed: 13) {
            nth += failure.calls.step
            guard nth < 3000 else { throw LogScriptFailure("the scenario does not end") }
        }
        #expect(nth > 60)
    }

    /// A failed call must stop the writer before it vouches for anything: what it says is durable is so on the
    /// platter.
    @Test(arguments: [Int32(5), 28]) func `no receipt is ahead of the platter after any failed call`(_ code: Int32)
        throws
    {
        var nth = 1
        while true {
            let script = LogScript(seed: 14)
            script.disk.faults.failNthCall = nth
            script.disk.faults.failCode = code
            let core: LogCore
            do {
                core = try LogCore.open("log", name: "log", options: script.options, environment: script.environment)
            } catch {
                nth += 1
                continue
            }
            let type = (try? core.register(try quoteSchema())) ?? 1
            let state = BatchState()
            state.register(try quoteSchema(), typeID: type)
            var batch = BatchBuilder(state: state)
            // The caller goes on after errors, as careless callers do.
            for index in 0..<60 {
                let head = RecordHead(
                    typeID: type, appendNanos: Int64(index), globalSeq: UInt64(index + 1), eventNanos: quoteTime(index))
                try batch.append(quote(index), head: head)
                do throws(LogError) { try core.write(batch) } catch {
                    #expect([.poisoned, .noSpace, .fileSystem].contains(error.code))
                }
                batch.removeAll()
                if index % 7 == 3 { try? core.sync() }
                if index % 20 == 19 { try? core.roll() }
                if index % 30 == 29 { try? core.sealPending() }
            }
            try? core.sync()
            let promised = Int(core.durableSeq)
            core.release()
            let isThrough = script.disk.callCount < nth
            script.disk.faults = DiskFaults()
            script.disk.powerCut(seed: UInt64(nth), .loseAll)
            try expectRecovers(
                script.disk, atLeast: promised, atMost: 60, options: script.options, seed: 15,
                "errno \(code), call \(nth)")
            if isThrough { break }
            nth += 1
        }
        #expect(nth > 60)
    }
}
