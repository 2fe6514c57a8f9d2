/// What a feed connects to, what it asks for, and by which rules: everything but the clock and the receiver.
package struct FeedPlan: Sendable {
    /// The venue's WebSocket.
    package let socketAddress: FeedAddress
    /// The venue's `POST /info`.
    package let restAddress: FeedAddress
    /// What each socket asks for, in the order in which it asks.
    package let sockets: [[Subscription]]
    /// Certificates that are trusted, in PEM; nil trusts what the system trusts.
    package var trustRootsPEM: String?
    /// How much at most.
    package let limits: FeedLimits
    /// How long and how often.
    package let timing: FeedTiming
    /// Of the jitter of waiting times.
    package var seed: UInt64

    /// Makes a plan, or says what is wrong with it.
    ///
    /// Every coin gets every channel; `allMids` is asked for once. Forms of one stream whose frames cannot be told
    /// apart
    /// (the book with and without `fast`) go to different sockets.
    package init(
        address: String = FeedAddress.mainnet, coins: [String], channels: [FeedChannel], restAddress: String? = nil,
        limits: FeedLimits = FeedLimits(), timing: FeedTiming = FeedTiming(), seed: UInt64 = 1
    ) throws(FeedError) {
        socketAddress = try .webSocket(address)
        if let restAddress {
            let rest = try FeedAddress(restAddress)
            guard rest.scheme == .http || rest.scheme == .https else {
                throw .badAddress(found: restAddress, expected: "the venue's HTTP side, http:// or https://")
            }
            self.restAddress = rest
        } else {
            self.restAddress = socketAddress.rest
        }
        try timing.check()
        try limits.check()
        for coin in coins { try Self.check(coin: coin) }
        var subscriptions: [Subscription] = []
        for channel in channels where channel == .allMids {
            subscriptions.append(Subscription(channel: channel, coin: nil))
        }
        for coin in coins {
            for channel in channels where channel != .allMids {
                subscriptions.append(Subscription(channel: channel, coin: coin))
            }
        }
        guard !subscriptions.isEmpty else {
            throw .badPlan("nothing to subscribe to: name at least one coin and one channel")
        }
        guard Set(subscriptions).count == subscriptions.count else {
            throw .badPlan("a coin or a channel is named twice: the venue refuses a second subscription")
        }
        guard subscriptions.count <= limits.subscriptionsMax else {
            throw .badPlan(
                "\(subscriptions.count) subscriptions, the venue takes \(limits.subscriptionsMax) from one address: "
                    + "name fewer coins or channels")
        }
        let sockets = Self.spread(subscriptions)
        guard sockets.count <= limits.socketsMax else {
            throw .badPlan("\(sockets.count) sockets are needed, the venue takes \(limits.socketsMax)")
        }
        self.sockets = sockets
        self.limits = limits
        self.timing = timing
        self.seed = seed
    }

    /// All coins of the plan, each once, in order of first use.
    package var coins: [String] {
        var seen: Set<String> = []
        return sockets.joined().compactMap { $0.coin }.filter { seen.insert($0).inserted }
    }

    /// Longest name of a coin.
    package static let coinBytesMax = 32

    /// Letters, digits, and the few signs that names of perpetuals have; anything else could break out of the JSON.
    static func check(coin: String) throws(FeedError) {
        let isPlain = coin.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x3A || byte == 0x2D || byte == 0x5F
        }
        if coin.utf8.contains(0x40) || coin.utf8.contains(0x2F) {
            throw .badPlan("'\(coin.prefix(coinBytesMax))' is a spot coin: only perpetuals can be checked against meta")
        }
        guard isPlain, (1...coinBytesMax).contains(coin.utf8.count) else {
            throw .badPlan(
                "'\(coin.prefix(coinBytesMax))' is no name of a coin: expected 1 to \(coinBytesMax) letters and digits "
                    + "like 'BTC', with 'dex:' before it on another exchange of the venue")
        }
    }

    private static func spread(_ subscriptions: [Subscription]) -> [[Subscription]] {
        var sockets: [[Subscription]] = []
        var taken: [Set<StreamKey>] = []
        for subscription in subscriptions {
            let at = taken.firstIndex { !$0.contains(subscription.key) } ?? taken.count
            if at == taken.count {
                taken.append([])
                sockets.append([])
            }
            taken[at].insert(subscription.key)
            sockets[at].append(subscription)
        }
        return sockets
    }
}
