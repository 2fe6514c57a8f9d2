/// What the feed itself must know of a frame: which stream it belongs to, and whether it is an answer to us.
///
/// A glance, not a parse: prices, sizes and times are none of its business, and it judges nothing.
package enum FrameGlance: Equatable {
    /// A frame of a stream.
    case stream(StreamKey)
    /// The acknowledgement of a subscription.
    case acknowledged(StreamKey)
    /// An error of the venue.
    case refused(String)
    /// The answer to an application ping.
    case pong
    /// Anything else: plain text, an unknown channel, rubbish. It is delivered all the same.
    case other

    /// Looks at a whole message.
    package init(_ bytes: Span<UInt8>) {
        self = Self.look(bytes)
    }

    private static func look(_ bytes: Span<UInt8>) -> FrameGlance {
        var walk = JSONWalk(0..<bytes.count)
        guard walk.take(UInt8(ascii: "{"), bytes) else { return .other }
        var channel: Range<Int>?
        var data: Range<Int>?
        // The order of keys differs between years.
        while let member = walk.member(bytes) {
            if bytes.holds("channel", in: member.name) { channel = member.value }
            if bytes.holds("data", in: member.name) { data = member.value }
            if channel != nil, data != nil { break }
        }
        guard let quoted = channel, let name = Self.unquoted(quoted, bytes) else { return .other }
        if bytes.holds("pong", in: name) { return .pong }
        guard let data else { return .other }
        if bytes.holds("error", in: name) {
            return .refused(bytes.text(in: unquoted(data, bytes) ?? data, bytesMax: FeedEvent.textBytesMax))
        }
        if bytes.holds("subscriptionResponse", in: name) { return acknowledgement(bytes, data) }
        let key = stream(bytes, name: bytes.text(in: name, bytesMax: nameBytesMax), data: data)
        return key.map { .stream($0) } ?? .other
    }

    /// Longest name of a channel, coin or interval that is looked at.
    private static let nameBytesMax = 64

    private static func unquoted(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Range<Int>? {
        guard range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    private static func string(_ range: Range<Int>, _ bytes: Span<UInt8>) -> String? {
        unquoted(range, bytes).map { bytes.text(in: $0, bytesMax: nameBytesMax) }
    }

    private static func acknowledgement(_ bytes: Span<UInt8>, _ data: Range<Int>) -> FrameGlance {
        var walk = JSONWalk(data)
        guard walk.take(UInt8(ascii: "{"), bytes) else { return .other }
        var isSubscribe = false
        var key: StreamKey?
        while let member = walk.member(bytes) {
            if bytes.holds("method", in: member.name) {
                isSubscribe = string(member.value, bytes) == "subscribe"
            } else if bytes.holds("subscription", in: member.name) {
                key = subscription(bytes, member.value)
            }
        }
        guard isSubscribe, let key else { return .other }
        return .acknowledged(key)
    }

    private static func subscription(_ bytes: Span<UInt8>, _ object: Range<Int>) -> StreamKey? {
        var walk = JSONWalk(object)
        guard walk.take(UInt8(ascii: "{"), bytes) else { return nil }
        var key = StreamKey(channel: "", coin: "", interval: "")
        while let member = walk.member(bytes) {
            guard let text = string(member.value, bytes) else { continue }
            if bytes.holds("type", in: member.name) { key.channel = text }
            if bytes.holds("coin", in: member.name) { key.coin = text }
            if bytes.holds("interval", in: member.name) { key.interval = text }
        }
        return key.channel.isEmpty ? nil : key
    }

    /// The stream of a data frame: its coin stands in the object, or on the first element of an array (trades).
    private static func stream(_ bytes: Span<UInt8>, name: String, data: Range<Int>) -> StreamKey? {
        var key = StreamKey(channel: name, coin: "", interval: "")
        if name == "allMids" { return key }
        var walk = JSONWalk(data)
        if walk.take(UInt8(ascii: "["), bytes) {
            guard let first = walk.element(bytes) else { return nil }
            walk = JSONWalk(first)
        }
        guard walk.take(UInt8(ascii: "{"), bytes) else { return nil }
        let isCandle = name == "candle"
        while let member = walk.member(bytes) {
            if bytes.holds("coin", in: member.name) || isCandle && bytes.holds("s", in: member.name) {
                if let text = string(member.value, bytes) { key.coin = text }
            } else if isCandle, bytes.holds("i", in: member.name) {
                if let text = string(member.value, bytes) { key.interval = text }
            }
            if !key.coin.isEmpty, !isCandle || !key.interval.isEmpty { break }
        }
        return key.coin.isEmpty ? nil : key
    }
}
