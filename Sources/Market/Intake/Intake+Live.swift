import Events

/// What a live connection tells beside its messages.
extension Intake {
    /// The connection of a feed behind whose last message others are known to be missing.
    static let interruptedEpoch = -1

    /// Tells that messages of a feed may be missing since its last one: the next one types the gap before itself.
    ///
    /// Trades type none if the venue's replay reaches back far enough, and none for a stall: their silence says
    /// nothing. A feed that never spoke has nothing to miss.
    package mutating func interrupted(_ venue: Venue, symbol: String, _ channel: Channel, isStall: Bool) {
        let bytes = Array(symbol.utf8)
        let number = instruments.find(venue, bytes.span, Token(start: 0, count: bytes.count))
        guard number != 0 else { return }
        let index = feed(number, channel)
        guard feeds[index].isSeen, !isStall || channel != .trades else { return }
        if isStall { feeds[index].isStale = true } else { feeds[index].epoch = Self.interruptedEpoch }
    }

    /// Types the gaps of feeds that were interrupted and did not speak again before the session ends.
    package mutating func endInterruptions() {
        guard let lastEventNanos else { return }
        let channels = Channel.allCases
        for index in feeds.indices where feeds[index].isSeen {
            let state = feeds[index]
            guard state.epoch == Self.interruptedEpoch || state.isStale else { continue }
            feeds[index].epoch = epoch
            feeds[index].isStale = false
            var gap = MarketGap()
            gap.instrument = Int32(index / channels.count)
            gap.channel = channels[index % channels.count].name
            gap.fromNanos = state.eventNanos
            gap.reason = state.epoch == Self.interruptedEpoch ? .reconnect : .stalled
            emit(gap, max(lastEventNanos, state.eventNanos))
        }
    }
}
