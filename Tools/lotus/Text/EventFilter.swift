import Events
import Filters
import LogEngine
import LogFormat

/// Which events are wanted.
struct EventFilter {
    /// Type names, or `name@version`; empty means all.
    var types: Set<String> = []
    var firstSeq: UInt64 = 1
    var lastSeq = UInt64.max
    /// Event times, both included.
    var firstNanos = Int64.min
    var lastNanos = Int64.max
    /// Append times, both included.
    var firstAppendNanos = Int64.min
    var lastAppendNanos = Int64.max
    /// What `--where` asks.
    let condition: Filter?

    /// Takes the bounds of `--from` and `--to`, and the filter of `--where`.
    init(types: [String], from: Place? = nil, to: Place? = nil, where condition: Filter? = nil) {
        self.types = Set(types)
        self.condition = condition
        switch from {
        case .seq(let seq): firstSeq = seq
        case .time(let nanos): firstNanos = nanos
        case .appendTime(let nanos): firstAppendNanos = nanos
        default: break
        }
        switch to {
        case .seq(let seq): lastSeq = seq
        case .time(let nanos): lastNanos = nanos
        case .appendTime(let nanos): lastAppendNanos = nanos
        default: break
        }
    }

    /// Takes over what `--where` says of places and times, so that nothing before and behind it is read.
    mutating func narrow() {
        guard let bounds = condition?.bounds else { return }
        guard let eventNanos = bounds.eventNanos, let appendNanos = bounds.appendNanos else {
            lastSeq = 0
            return
        }
        (firstSeq, lastSeq) = (max(firstSeq, bounds.firstSeq), min(lastSeq, bounds.lastSeq))
        firstNanos = max(firstNanos, eventNanos.lowerBound)
        lastNanos = min(lastNanos, eventNanos.upperBound)
        firstAppendNanos = max(firstAppendNanos, appendNanos.lowerBound)
        lastAppendNanos = min(lastAppendNanos, appendNanos.upperBound)
    }

    /// What a reader may pass over, by event time and seq.
    var range: EventRange {
        // Nothing lies between bounds that are the wrong way round.
        guard firstNanos <= lastNanos else { return EventRange(lastSeq: 0) }
        return EventRange(eventNanos: firstNanos...lastNanos, lastSeq: lastSeq)
    }

    /// Whether a batch may hold a wanted event, as far as its header tells.
    func mayWant(_ block: BlockHeader, typeMask: UInt64) -> Bool {
        block.lastSeq >= firstSeq && block.firstSeq <= lastSeq && block.maxEventNanos >= firstNanos
            && block.minEventNanos <= lastNanos && block.lastAppendNanos >= firstAppendNanos
            && block.firstAppendNanos <= lastAppendNanos && block.typeBitmap & typeMask != 0
            && condition?.bounds.mayHold(block) ?? true
    }

    /// Whether events of the type are wanted.
    func wants(_ schema: Schema) -> Bool {
        types.isEmpty || types.contains(schema.name) || types.contains("\(schema.name)@\(schema.version)")
    }

    /// Whether the event is wanted, its type aside.
    func wants(_ head: RecordHead, seq: UInt64) -> Bool {
        seq >= firstSeq && seq <= lastSeq && head.eventNanos >= firstNanos && head.eventNanos <= lastNanos
            && head.appendNanos >= firstAppendNanos && head.appendNanos <= lastAppendNanos
    }
}

/// A place in a log, as `--from` and `--to` name it.
enum Place: Sendable {
    case seq(UInt64)
    /// Event time.
    case time(Int64)
    case appendTime(Int64)
    case now
    case cursor(String)

    /// Reads `seq:N`, `N`, `time:T` or a time, `append-time:T`, and for tails `now` and `cursor:NAME`.
    static func parse(_ text: String, allowsLive: Bool) throws(ToolError) -> Place {
        if let seq = UInt64(text) { return .seq(seq) }
        if text.hasPrefix("seq:"), let seq = UInt64(text.dropFirst(4)) { return .seq(seq) }
        if allowsLive, text == "now" { return .now }
        if allowsLive, text.hasPrefix("cursor:") { return .cursor(String(text.dropFirst(7))) }
        if text.hasPrefix("append-time:") { return .appendTime(try moment(text.dropFirst(12), of: text)) }
        if text.hasPrefix("time:") { return .time(try moment(text.dropFirst(5), of: text)) }
        if text.contains("-"), text.first?.isNumber == true { return .time(try moment(text[...], of: text)) }
        let live = allowsLive ? ", now, cursor:NAME" : ""
        throw ToolError(
            .usage,
            "'\(text)' is no place in a log; expected seq:N, time:2026-01-02T03:04:05Z (event time), "
                + "append-time:T\(live)")
    }

    /// A moment as text, or as nanoseconds since 1970.
    private static func moment(_ text: Substring, of place: String) throws(ToolError) -> Int64 {
        if let nanos = Int64(text) { return nanos }
        do throws(TimeText.Failure) {
            return try TimeText.parse(Array(text.utf8).span, allowsDate: true)
        } catch {
            throw ToolError(.usage, "'\(place)': \(error.detail)")
        }
    }
}
