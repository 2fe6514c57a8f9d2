/// The coins that the venue names in `meta`.
package struct CoinDirectory: Equatable, Sendable {
    /// Names of perpetuals that are traded, in the venue's order.
    package private(set) var names: [String] = []
    /// Names that are listed as no longer traded: their books come empty for ever, and subscribing to them is harmless.
    package private(set) var delisted: [String] = []
    private var known: Set<String> = []

    /// Most coins that an answer may name.
    package static let coinsMax = 100_000

    /// Reads an answer to `{"type":"meta"}`.
    package init(meta: [UInt8]) throws(FeedError) {
        try add(meta: meta)
    }

    /// Adds another exchange of the venue.
    package mutating func add(meta: [UInt8]) throws(FeedError) {
        let bytes = meta.span
        var walk = JSONWalk(0..<bytes.count)
        guard walk.take(UInt8(ascii: "{"), bytes) else {
            throw .badAnswer("meta is no JSON object: \(bytes.text(in: 0..<bytes.count, bytesMax: 80))")
        }
        var universe: Range<Int>?
        while let member = walk.member(bytes) {
            if bytes.holds("universe", in: member.name) { universe = member.value }
        }
        guard let universe else { throw .badAnswer("meta has no 'universe'") }
        var list = JSONWalk(universe)
        guard list.take(UInt8(ascii: "["), bytes) else { throw .badAnswer("meta's 'universe' is no array") }
        var count = 0
        while let element = list.element(bytes) {
            count += 1
            guard count <= Self.coinsMax else { throw .badAnswer("meta names more than \(Self.coinsMax) coins") }
            addCoin(bytes, element)
        }
        guard list.take(UInt8(ascii: "]"), bytes), !known.isEmpty else {
            throw .badAnswer("meta's 'universe' is cut off or names no coin")
        }
    }

    private mutating func addCoin(_ bytes: Span<UInt8>, _ element: Range<Int>) {
        var walk = JSONWalk(element)
        guard walk.take(UInt8(ascii: "{"), bytes) else { return }
        var name = ""
        var isDelisted = false
        while let member = walk.member(bytes) {
            if bytes.holds("name", in: member.name), member.value.count > 2 {
                let inner = member.value.lowerBound + 1..<member.value.upperBound - 1
                name = bytes.text(in: inner, bytesMax: FeedPlan.coinBytesMax + 1)
            } else if bytes.holds("isDelisted", in: member.name) {
                isDelisted = bytes.holds("true", in: member.value)
            }
        }
        guard !name.isEmpty, known.insert(name).inserted else { return }
        if isDelisted { delisted.append(name) } else { names.append(name) }
    }

    /// Whether `meta` names the coin, with exactly these letters.
    package func holds(_ coin: String) -> Bool { known.contains(coin) }

    /// Throws if a coin is not named.
    package func check(_ coins: [String]) throws(FeedError) {
        let unknown = coins.filter { !holds($0) }
        guard unknown.isEmpty else {
            throw .unknownCoins(unknown.map { FeedError.UnknownCoin(name: $0, nearest: nearest($0)) })
        }
    }

    /// A name with the same letters in another case, without or with the prefix of an exchange, or that differs in one
    /// letter.
    private func nearest(_ coin: String) -> String? {
        let lowered = coin.lowercased()
        func isOneApart(_ name: String) -> Bool {
            let a = Array(lowered.utf8)
            let b = Array(name.lowercased().utf8)
            guard a.count == b.count, a.count > 2 else { return false }
            return zip(a, b).count { $0 != $1 } == 1
        }
        return names.first { $0.lowercased() == lowered }
            ?? names.first { $0.lowercased() == "k" + lowered || $0.lowercased().hasSuffix(":" + lowered) }
            ?? names.first(where: isOneApart)
    }
}
