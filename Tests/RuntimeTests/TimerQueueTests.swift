import Events
import LogEngine
import Runtime
import Testing

/// Timers come in one order, whatever the order of setting (design §3).
@Suite struct TimerQueueTests {
    @Test func `timers come by time, then rank, then order of setting`() {
        var queue = TimerQueue()
        queue.set(Timer(due: VirtualTime(20), module: .sig, key: "late"))
        queue.set(Timer(due: VirtualTime(10), module: .tr, key: "b"))
        queue.set(Timer(due: VirtualTime(10), module: .sig, key: "z"))
        queue.set(Timer(due: VirtualTime(10), module: .sig, key: "a"))
        #expect(queue.take(until: VirtualTime(9)) == nil)
        var keys: [String] = []
        while let timer = queue.take(until: VirtualTime(20)) { keys.append(timer.key) }
        #expect(keys == ["z", "a", "b", "late"])
    }

    @Test func `a timer set again or cancelled is due once or never`() {
        var queue = TimerQueue()
        for due in 1...10_000 { queue.set(Timer(due: VirtualTime(Int64(due)), module: .sig, key: "same")) }
        #expect(queue.count == 1)
        #expect(queue.nextDue == VirtualTime(10_000))
        queue.set(Timer(due: VirtualTime(5), module: .dm, key: "gone"))
        queue.cancel(module: .dm, key: "gone")
        queue.cancel(module: .dm, key: "never was")
        #expect(queue.nextDue == VirtualTime(10_000))
        #expect(queue.take(until: VirtualTime(9_999)) == nil)
        #expect(queue.take(until: VirtualTime(10_000))?.key == "same")
        #expect(queue.take(until: VirtualTime(.max)) == nil)
    }

    /// Against a plain sorted list.
    @Test func `random histories agree with a sorted list`() {
        for seed in 0..<UInt64(200) {
            var random = SeededGenerator(seed: seed)
            var queue = TimerQueue()
            var model: [(order: Int, timer: Timer)] = []
            for order in 0..<200 {
                let module: Module = [.sig, .dm, .tr][Int(random.next() % 3)]
                let key = "k\(random.next() % 8)"
                switch random.next() % 4 {
                case 0:
                    queue.cancel(module: module, key: key)
                    model.removeAll { $0.timer.module == module && $0.timer.key == key }
                case 1:
                    let now = VirtualTime(Int64(random.next() % 100))
                    let expected = model.filter { $0.timer.due <= now }.min {
                        ($0.timer.due, $0.timer.module, $0.order) < ($1.timer.due, $1.timer.module, $1.order)
                    }
                    #expect(queue.take(until: now) == expected?.timer, "seed \(seed)")
                    if let expected { model.removeAll { $0.order == expected.order } }
                default:
                    let timer = Timer(due: VirtualTime(Int64(random.next() % 100)), module: module, key: key)
                    queue.set(timer)
                    model.removeAll { $0.timer.module == module && $0.timer.key == key }
                    model.append((order, timer))
                }
                #expect(queue.count == model.count, "seed \(seed)")
            }
        }
    }
}
