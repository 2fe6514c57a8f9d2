import Events
import VenueFeed

/// A question to the venue with its answer, as `lotus ingest` reads it again:
/// `[{"request":…,"date":…,"response":…}]`.
struct HistoryExchange {
    /// What was asked.
    let question: VenueQuestion
    /// When it was asked: bars that had ended by then are finished.
    let askedNanos: Int64
    /// What the venue sent, byte for byte.
    let answer: [UInt8]

    /// The file's name in a folder of exchanges.
    var fileName: String {
        let coin = (question.coin ?? "").replacing(":", with: "_")
        return switch question {
        case .candles(_, let interval, _, _): "\(coin)-candles-\(interval.rawValue).json"
        case .funding: "\(coin)-funding.json"
        case .meta: "meta.json"
        case .recentTrades: "\(coin)-trades.json"
        }
    }

    /// The file.
    var bytes: [UInt8] {
        Array("[{\"request\":\(question.body),\"date\":\"\(Self.date(askedNanos))\",\"response\":".utf8) + answer
            + Array("}]\n".utf8)
    }

    /// Rows of the answer, counted by their braces; nil if it is no list.
    var rowCount: Int? {
        guard answer.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") else { return nil }
        return answer.count { $0 == UInt8(ascii: "{") }
    }

    /// A moment as HTTP writes it (RFC 9110): `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func date(_ nanos: Int64) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // 2026-01-02T03:04:05.000000000Z
        let text = Array(TimeText.text(nanos))
        let day = days[Int(nanos / TimeText.dayNanos % 7)]
        let month = months[(Int(String(text[5..<7])) ?? 1) - 1]
        return "\(day), \(String(text[8..<10])) \(month) \(String(text[0..<4])) \(String(text[11..<19])) GMT"
    }
}
