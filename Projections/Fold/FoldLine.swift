import LogEngine

/// Events on their way from the thread that takes them to the views.
///
/// With a thread of its own, portions are applied while the next ones are taken; without one, each event at once.
@safe
final class FoldLine {
    @unsafe
    private struct Entry {
        let step: Unmanaged<Step>
        let slot: Int
        let place: EventPlace
    }

    /// Shared by the two threads, and by nobody else.
    @safe
    private final class Shared: @unchecked Sendable {
        // SAFETY: a portion belongs to the thread that takes until it is counted in `handedOver`, and to the one that
        // applies until it is counted in `applied`; `views` belongs to the one that applies as long as the counts
        // differ. The owner of the line keeps views and steps until the thread has ended.
        let views: UnsafeMutablePointer<FoldedViews>
        let entries: UnsafeMutablePointer<Entry>
        let counts: UnsafeMutablePointer<Int>
        let handedOver = EventCount()
        let applied = EventCount()
        let length: Int

        init(_ views: UnsafeMutablePointer<FoldedViews>, length: Int) {
            unsafe self.views = views
            self.length = length
            unsafe entries = .allocate(capacity: length * Step.portions)
            unsafe counts = .allocate(capacity: Step.portions)
            unsafe counts.initialize(repeating: 0, count: Step.portions)
        }

        deinit {
            unsafe entries.deallocate()
            unsafe counts.deallocate()
        }

        func apply(_ portion: PortionNumber) {
            let first = unsafe entries + portion.index * length
            for at in 0..<(unsafe counts[portion.index]) {
                let entry = unsafe first[at]
                unsafe entry.step._withUnsafeGuaranteedRef {
                    unsafe $0.apply(entry.slot, of: portion, to: &views.pointee, entry.place)
                }
            }
        }

        /// The life of the thread: a portion without events is the last.
        func applyAll() {
            var portion = PortionNumber()
            while true {
                while handedOver.current == portion.number { handedOver.wait(seen: portion.number) }
                let isLast = unsafe counts[portion.index] == 0
                apply(portion)
                portion.advance()
                applied.notify()
                if isLast { return }
            }
        }
    }

    private let shared: Shared
    private let hasThread: Bool
    private var thread: EngineThread?
    /// The portion that is being filled.
    private(set) var portion = PortionNumber()
    private var count = 0

    /// Events of a portion: few enough that they stay in the cache, enough that handing over does not show.
    static let portionLength = 512

    /// A line to `views`, which nobody else may use before `drain`.
    init(_ views: UnsafeMutablePointer<FoldedViews>, hasThread: Bool) {
        self.hasThread = hasThread
        unsafe shared = Shared(views, length: hasThread ? Self.portionLength : 1)
    }

    /// Adds an event that was taken into `slot` of the current portion.
    @inline(__always)
    func add(_ step: Unmanaged<Step>, _ slot: Int, _ place: EventPlace) {
        unsafe (shared.entries + portion.index * shared.length + count).initialize(
            to: Entry(step: step, slot: slot, place: place))
        count += 1
        if count == shared.length { handOver() }
    }

    /// Ends when everything is applied.
    func drain() {
        if count > 0 { handOver() }
        waitUntilApplied(portion.number)
    }

    private func handOver() {
        unsafe shared.counts[portion.index] = count
        count = 0
        guard hasThread else {
            shared.apply(portion)
            return
        }
        if thread == nil { thread = EngineThread { [shared] in shared.applyAll() } }
        portion.advance()
        shared.handedOver.notify()
        // The next portion stands where an earlier one stood.
        waitUntilApplied(portion.number &- UInt32(Step.portions - 1))
    }

    /// Ends when all portions before `number` are applied.
    private func waitUntilApplied(_ number: UInt32) {
        guard thread != nil else { return }
        while true {
            let applied = shared.applied.current
            if Int32(bitPattern: applied &- number) >= 0 { return }
            shared.applied.wait(seen: applied)
        }
    }

    /// Ends the thread; nothing can be added afterwards.
    func stop() {
        guard let thread else { return }
        drain()
        handOver()
        thread.join()
    }
}
