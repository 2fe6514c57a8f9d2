import ArgumentParser
import VenueFeed

/// What `lotus ingest --live` takes.
struct LiveFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Read the venue's WebSocket instead of files.", valueName: "wss://…"))
    var live: String?
    @Option(help: "Coins, with commas between them.", transform: LiveFlags.list)
    var coins: [String] = []
    @Option(
        help: ArgumentHelp(
            "Channels: trades, bbo, l2Book, l2Book:fast, activeAssetCtx, candle:1m, allMids "
                + "(default: \(LiveFlags.defaultChannels)).", valueName: "a,b"), transform: LiveFlags.list)
    var channels: [String] = []
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Length of the session, such as 90s, 3m or 2h; else until Ctrl-C.", valueName: "time"),
        transform: Durations.parse)
    var durationNanos: Int64?
    @Option(help: ArgumentHelp("A new file that takes the messages as they come.", valueName: "file"))
    var record: String?
    @Flag(help: "Seal the log's last segment at the end.")
    var seal = false
    @Option(help: ArgumentHelp("Ask another address for the list of coins.", valueName: "https://…"))
    var restAddress: String?

    /// Channels if none are named.
    static let defaultChannels = "trades,bbo,l2Book:fast,activeAssetCtx"

    static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    /// Refuses options of a live session where there is none.
    func checkUnused() throws(ToolError) {
        var given: [String] = []
        if !coins.isEmpty { given.append("--coins") }
        if !channels.isEmpty { given.append("--channels") }
        if durationNanos != nil { given.append("--for") }
        if record != nil { given.append("--record") }
        if seal { given.append("--seal") }
        if restAddress != nil { given.append("--rest-address") }
        guard given.isEmpty else {
            throw ToolError(.usage, "\(given.joined(separator: ", ")) without --live; give --live with an address")
        }
    }
}

/// Lengths of time as people write them.
enum Durations {
    /// Longest that is taken: a year of days.
    static let secondsMax: Int64 = 366 * 86_400

    /// Reads `90s`, `3m`, `2h` or `1d`: nanoseconds.
    static func parse(_ text: String) throws -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()),
            case let seconds = count.multipliedReportingOverflow(by: unit), !seconds.overflow,
            (1...secondsMax).contains(seconds.partialValue)
        else {
            throw ValidationError(
                "'\(text)' is no length of time; expected a whole number with s, m, h or d, such as 3m")
        }
        return seconds.partialValue * 1_000_000_000
    }
}
