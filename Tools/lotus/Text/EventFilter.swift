import Events
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

    /// Takes the bounds of `--from` and `--to`.
    init(types: [String], from: Place? = nil, to: Place? = nil) {
        self.types = Set(types)
        switch from {
        case .seq(let seq): firstSeq = seq
        case .time(let nanos): firstNanos = nanos
        default: break
        }
        switch to {
        case .seq(let seq): lastSeq = seq
        case .time(let nanos): lastNanos = nanos
        default: break
        }
    }

    /// Whether every event is wanted.
    var isOpen: Bool {
        types.isEmpty && firstSeq <= 1 && lastSeq == .max && firstNanos == .min && lastNanos == .max
    }

    /// Whether a batch may hold a wanted event, as far as its header tells.
    func mayWant(_ block: BlockHeader, typeMask: UInt64) -> Bool {
        block.lastSeq >= firstSeq && block.firstSeq <= lastSeq && block.maxEventNanos >= firstNanos
            && block.minEventNanos <= lastNanos && block.typeBitmap & typeMask != 0
    }

    /// Whether events of the type are wanted.
    func wants(_ schema: Schema) -> Bool {
        types.isEmpty || types.contains(schema.name) || types.contains("\(schema.name)@\(schema.version)")
    }

    /// Whether the event is wanted, its type aside.
    func wants(_ head: RecordHead, seq: UInt64) -> Bool {
        seq >= firstSeq && seq <= lastSeq && head.eventNanos >= firstNanos && head.eventNanos <= lastNanos
    }
}

/// A place in a log, as `--from` and `--to` name it.
enum Place: Sendable {
    case seq(UInt64)
    case time(Int64)
    case now
    case cursor(String)

    /// Reads `seq:N`, `N`, `time:T` or a time, and for tails `now` and `cursor:NAME`.
    static func parse(_ text: String, allowsLive: Bool) throws(ToolError) -> Place {
        if let seq = UInt64(text) { return .seq(seq) }
        if text.hasPrefix("seq:"), let seq = UInt64(text.dropFirst(4)) { return .seq(seq) }
        if allowsLive, text == "now" { return .now }
        if allowsLive, text.hasPrefix("cursor:") { return .cursor(String(text.dropFirst(7))) }
        var time = text
        if text.hasPrefix("time:") { time.removeFirst(5) }
        if text.hasPrefix("time:") || text.contains("-") && text.first?.isNumber == true {
            if text.hasPrefix("time:"), let nanos = Int64(time) { return .time(nanos) }
            do throws(TimeText.Failure) {
                return .time(try TimeText.parse(Array(time.utf8).span, allowsDate: true))
            } catch {
                throw ToolError(.usage, "'\(text)': \(error.detail)")
            }
        }
        let live = allowsLive ? ", now, cursor:NAME" : ""
        throw ToolError(.usage, "'\(text)' is no place in a log; expected seq:N, time:2026-01-02T03:04:05Z\(live)")
    }
}
