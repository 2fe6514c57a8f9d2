import ArgumentParser
import LogEngine
import LogFormat
import VenueFeed

/// `lotus fetch`: past candles and funding of a venue, as files that `lotus ingest` reads.
struct Fetch: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Ask a venue for past candles and funding.",
        usage: "lotus fetch --venue <wss://…> --coins <A,B> --past <time> --out <folder>",
        discussion: """
            For each coin the venue's HTTP side is asked for candles and funding of the time that has passed. What it \
            answers is kept as it came, with the question and the moment, one file each, in a new folder. lotus ingest \
            reads these files; give each a root of its own, and lotus replay merges them by time.

            Venues keep only so much: 5,000 candles of a length, so --past and --interval have to fit.

            EXAMPLES
              lotus fetch --venue wss://api.hyperliquid.xyz/ws --coins BTC,ETH --past 6h --out history
              lotus ingest history/BTC-candles-1m.json --root btc-candles
            """)

    @Option(help: ArgumentHelp("The venue's address, as for lotus run --live.", valueName: "wss://…"))
    var venue: String
    @Option(help: "Coins, with commas between them.", transform: LiveFlags.list)
    var coins: [String]
    @Option(help: ArgumentHelp("How far back, such as 6h or 3d.", valueName: "time"), transform: Durations.parse)
    var past: Int64
    @Option(help: "Length of the candles: 1m, 5m, 15m, 1h, 4h, 1d.")
    var interval = "1m"
    @Option(help: ArgumentHelp("A new folder.", valueName: "folder"))
    var out: String
    @Option(help: ArgumentHelp("Ask another address.", valueName: "https://…"))
    var restAddress: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    /// Funding payments of one answer.
    private static let fundingRowsMax: Int64 = 500

    mutating func perform() throws -> Outcome {
        let length = try candleInterval()
        guard RealFS().kind(out) == .nothing else {
            throw ToolError(.usage, "\(out): is there already; expected a new folder: choose another")
        }
        try NewLog.checkParent(of: out)
        let exchanges: [HistoryExchange]
        do throws(FeedError) {
            let plan = try FeedPlan(
                address: venue, coins: coins, channels: [.trades], restAddress: restAddress, seed: 1)
            try VenueFeed.check(plan)
            exchanges = try ask(plan, length)
        } catch { throw LiveJob.refusal(error) }
        return try write(exchanges)
    }

    private func candleInterval() throws(ToolError) -> CandleInterval {
        let seconds: [CandleInterval: Int64] = [
            .minutes1: 60, .minutes5: 300, .minutes15: 900, .hours1: 3_600, .hours4: 14_400, .days1: 86_400,
        ]
        guard let found = CandleInterval(rawValue: interval), let length = seconds[found] else {
            throw ToolError(.usage, "--interval \(interval): expected 1m, 5m, 15m, 1h, 4h or 1d")
        }
        let candles = past / 1_000_000_000 / length
        guard candles >= 1, candles <= 5_000 else {
            throw ToolError(
                .usage, "--past is \(candles) candles of \(interval), expected 1 to 5000: choose another --interval")
        }
        guard past / 3_600_000_000_000 <= Self.fundingRowsMax else {
            throw ToolError(.usage, "--past is longer than \(Self.fundingRowsMax) hours, which one answer holds")
        }
        return found
    }

    private func ask(_ plan: FeedPlan, _ length: CandleInterval) throws(FeedError) -> [HistoryExchange] {
        let history = try VenueHistory(plan: plan)
        defer { history.close() }
        let now = RealClock().wallNanos()
        let (from, to) = ((now - past) / 1_000_000, now / 1_000_000)
        var exchanges: [HistoryExchange] = []
        for coin in plan.coins {
            for question in [
                VenueQuestion.candles(coin: coin, interval: length, fromMillis: from, toMillis: to),
                .funding(coin: coin, fromMillis: from, toMillis: to),
            ] {
                let exchange = HistoryExchange(question: question, askedNanos: now, answer: try history.ask(question))
                guard exchange.rowCount != nil else {
                    let text = String(decoding: exchange.answer.prefix(80), as: UTF8.self)
                    throw .badAnswer("to \(question.body) it said '\(text)', expected a list")
                }
                exchanges.append(exchange)
            }
        }
        return exchanges
    }

    private func write(_ exchanges: [HistoryExchange]) throws -> Outcome {
        let fileSystem = RealFS()
        try fileSystem.createDirectory(out)
        for exchange in exchanges {
            try fileSystem.createDurably(exchange.fileName, in: out, exchange.bytes)
        }
        let rows = exchanges.map { ($0.fileName, $0.rowCount ?? 0, $0.bytes.count) }
        if json {
            let files = rows.map { name, count, bytes in
                JSON.object([("file", jsonString(name)), ("rows", "\(count)"), ("bytes", "\(bytes)")])
            }
            try Output.print(JSON.object([("out", jsonString(out)), ("files", JSON.array(files))]))
        } else {
            let table =
                [["file", "rows", "bytes"]] + rows.map { name, count, bytes in [name, "\(count)", "\(bytes)"] }
            try Output.print(Figures.table(table, rightAligned: [1, 2]))
        }
        return .clean
    }
}
