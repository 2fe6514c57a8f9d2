import Foundation
import LogEngine
import Market
import Runtime
import Testing

/// Real files with flipped bytes and cut ends: whatever comes of them, nothing traps, and books are never crossed.
@Test(arguments: [UInt64(11), 12]) func `damaged real files never trap`(_ seed: UInt64) throws {
    guard RealData.check() else { return }
    var random = Seeded(state: seed)
    let files = [
        "permissive/hftbacktest/hyperliquid/btcusd_20250126.gz", "flagged/hl-l2-20250904/orderbooks_BTC.csv",
        "flagged/hl-l2-20250904/prices_ETH.csv", "flagged/hl-l2-20250904/trades_BTC.csv",
        "flagged/hl-candles-30m/PEPE_ohlc_30.csv", "derived/hl-BTC-funding-1h.csv",
        "derived/hyperliquid-sdk/get_candles_snapshot.json", "derived/hyperliquid-sdk/get_l2_snapshot.json",
        "permissive/lean/crypto/coinbase/minute/btcusd/20180405_quote.zip",
        "permissive/ta4j/Binance-ETH-USD-PT5M-20230313_20230315.json",
    ]
    for name in files {
        let whole = try Data(contentsOf: URL(filePath: RealData.path(name))).prefix(40_000)
        for round in 0..<3 {
            var bytes = Array(whole)
            for _ in 0...random.below(30) {
                bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            if round == 2 { bytes.removeLast(random.below(bytes.count / 2)) }
            let scratch = try Scratch()
            // The path stays: some formats are told by it.
            let file = try scratch.write(name, bytes)
            let report = try ingest([file], into: scratch.root)
            #expect(report.sources.count == 1, "seed \(seed), \(name), round \(round)")
            #expect(try ingest([file], into: scratch.root).appendedCount == 0)
        }
    }
}

@Test func `a zip that ends early is an error that says so`() throws {
    guard RealData.check() else { return }
    let name = "permissive/lean/crypto/coinbase/minute/btcusd/20161007_trade.zip"
    let scratch = try Scratch()
    let bytes = try Data(contentsOf: URL(filePath: RealData.path(name)))
    let file = try scratch.write(name, Array(bytes.prefix(10_000)))
    let report = try ingest([file], into: scratch.root)
    guard case .failed(let error) = report.sources[0].outcome else {
        Issue.record("it was read")
        return
    }
    #expect(error.message.contains("ends early"))
}

@Test func `a zip whose text was changed has another checksum`() throws {
    guard RealData.check() else { return }
    let name = "permissive/lean/crypto/coinbase/minute/btcusd/20161007_trade.zip"
    let scratch = try Scratch()
    var bytes = Array(try Data(contentsOf: URL(filePath: RealData.path(name))))
    // The checksum in the directory, which stands behind the data.
    let directory = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4b, 0x01, 0x02]) })
    bytes[directory + 16] ^= 1
    let report = try ingest([try scratch.write(name, bytes)], into: scratch.root)
    guard case .read(let trouble?) = report.sources[0].outcome else {
        Issue.record("nothing is said")
        return
    }
    #expect(trouble.contains("checksum"))
}
