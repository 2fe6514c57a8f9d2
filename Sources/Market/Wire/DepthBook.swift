import Events

/// One side of a whole order book: prices in the order of their rank, the best at the end, where most changes are.
package struct DepthSide: Sendable {
    /// Most levels of one side; Binance itself keeps fewer.
    package static let levelsMax = 1 << 16

    let isBid: Bool
    private(set) var prices: [Int64] = []
    private(set) var sizes: [Int64] = []

    init(isBid: Bool) { self.isBid = isBid }

    mutating func removeAll() {
        prices.removeAll(keepingCapacity: true)
        sizes.removeAll(keepingCapacity: true)
    }

    /// Sets the size at a price; 0 takes the level away.
    mutating func set(_ price: Int64, _ size: Int64) throws(RejectReason) {
        let index = place(price)
        if index < prices.count, prices[index] == price {
            if size == 0 {
                prices.remove(at: index)
                sizes.remove(at: index)
            } else {
                sizes[index] = size
            }
        } else if size > 0 {
            guard prices.count < Self.levelsMax else { throw .bookTooDeep }
            prices.insert(price, at: index)
            sizes.insert(size, at: index)
        }
    }

    /// Where a price stands or would stand.
    private func place(_ price: Int64) -> Int {
        var low = 0
        var high = prices.count
        while low < high {
            let middle = (low + high) >> 1
            let isBefore = isBid ? prices[middle] < price : prices[middle] > price
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A Binance order book, made of a snapshot and the changes behind it.
struct DepthBook: Sendable {
    /// Changes that are kept until a snapshot comes; older ones are dropped.
    static let waitingMax = 4096

    /// One change with its update ids.
    struct Change: Sendable {
        var first: Int64
        var last: Int64
        /// The id before, which futures tell.
        var previous: Int64?
        var eventNanos: Int64
        /// Levels in the arrays of the change list.
        var levels: [(price: Int64, size: Int64, isBid: Bool)]
    }

    private(set) var bids = DepthSide(isBid: true)
    private(set) var asks = DepthSide(isBid: false)
    /// The id of the last change that is in the book; nil without a snapshot.
    var lastID: Int64?
    /// Whether a change was applied since the snapshot: the first one may overlap it.
    var isChained = false
    /// The last moment at which the book was whole.
    var wholeNanos: Int64?
    private(set) var waiting: [Change] = []

    /// Keeps a change for the snapshot.
    ///
    /// - Returns: whether the oldest was dropped for it.
    mutating func wait(_ change: Change) -> Bool {
        waiting.append(change)
        guard waiting.count > Self.waitingMax else { return false }
        waiting.removeFirst()
        return true
    }

    mutating func takeWaiting() -> [Change] {
        defer { waiting.removeAll() }
        return waiting
    }

    mutating func clear() {
        bids.removeAll()
        asks.removeAll()
        lastID = nil
        isChained = false
    }

    mutating func set(isBid: Bool, _ price: Int64, _ size: Int64) throws(RejectReason) {
        if isBid { try bids.set(price, size) } else { try asks.set(price, size) }
    }

    /// The best levels.
    func top() throws(RejectReason) -> BookFact {
        var fact = BookFact()
        for index in 0..<min(MarketBook.levelsMax, bids.prices.count) {
            let place = bids.prices.count - 1 - index
            try fact.add(isBid: true, price: bids.prices[place], size: bids.sizes[place])
        }
        for index in 0..<min(MarketBook.levelsMax, asks.prices.count) {
            let place = asks.prices.count - 1 - index
            try fact.add(isBid: false, price: asks.prices[place], size: asks.sizes[place])
        }
        return fact
    }
}
