package import Events

/// Nanoseconds since 1970, as the run sees them: the time of the input being worked on.
package struct VirtualTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970.
    package var nanos: Int64

    /// Wraps nanoseconds.
    @inlinable
    package init(_ nanos: Int64) { self.nanos = nanos }

    /// Order of time.
    @inlinable
    package static func < (a: VirtualTime, b: VirtualTime) -> Bool { a.nanos < b.nanos }
}

/// Something to be done at a virtual time.
package struct Timer: Equatable, Sendable {
    /// When it is due.
    package var due: VirtualTime
    /// Whose it is.
    package var module: Module
    /// What it is for, told back to its module; a second timer with the same key replaces the first.
    package var key: String

    /// Makes a timer.
    package init(due: VirtualTime, module: Module, key: String) {
        self.due = due
        self.module = module
        self.key = key
    }
}

/// Timers in the one order in which they are due: time, rank of the module, order in which they were set.
///
/// Setting, cancelling and taking cost O(log n) and O(n) of memory; the order does not depend on anything else.
package struct TimerQueue: Sendable {
    private struct Entry: Sendable {
        var timer: Timer
        var order: UInt64
    }

    private struct Name: Hashable, Sendable {
        var module: Module
        var key: String
    }

    /// A binary heap.
    private var heap: [Entry] = []
    /// Order of the timer in force for each name; entries with another order were replaced or cancelled.
    private var inForce: [Name: UInt64] = [:]
    private var nextOrder: UInt64 = 0

    /// An empty queue.
    package init() {}

    /// Timers in force.
    package var count: Int { inForce.count }

    /// Sets a timer, or sets it anew.
    package mutating func set(_ timer: Timer) {
        inForce[Name(module: timer.module, key: timer.key)] = nextOrder
        heap.append(Entry(timer: timer, order: nextOrder))
        nextOrder += 1
        siftUp(heap.count - 1)
        dropDead()
        if heap.count > 2 * inForce.count + Self.deadMax { compact() }
    }

    /// Entries that were replaced or cancelled and may wait for their turn to be dropped.
    private static let deadMax = 64

    /// Drops every entry that is not in force, so that a timer that is set again and again takes no more room.
    private mutating func compact() {
        let alive = heap.filter { inForce[Name(module: $0.timer.module, key: $0.timer.key)] == $0.order }
        heap = []
        for entry in alive {
            heap.append(entry)
            siftUp(heap.count - 1)
        }
    }

    /// Cancels a timer; does nothing if there is none.
    package mutating func cancel(module: Module, key: String) {
        inForce[Name(module: module, key: key)] = nil
        dropDead()
    }

    /// When the next timer is due, nil if there is none.
    package var nextDue: VirtualTime? { heap.first?.timer.due }

    /// Takes the next timer if it is due at or before `now`.
    package mutating func take(until now: VirtualTime) -> Timer? {
        guard let first = heap.first, first.timer.due <= now else { return nil }
        removeFirst()
        inForce[Name(module: first.timer.module, key: first.timer.key)] = nil
        dropDead()
        return first.timer
    }

    /// Keeps a timer in force at the top.
    private mutating func dropDead() {
        while let first = heap.first,
            inForce[Name(module: first.timer.module, key: first.timer.key)] != first.order
        { removeFirst() }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown()
    }

    private func comesBefore(_ a: Entry, _ b: Entry) -> Bool {
        if a.timer.due != b.timer.due { return a.timer.due < b.timer.due }
        if a.timer.module != b.timer.module { return a.timer.module < b.timer.module }
        return a.order < b.order
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0, comesBefore(heap[index], heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func siftDown() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if comesBefore(heap[child], heap[least]) { least = child }
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
