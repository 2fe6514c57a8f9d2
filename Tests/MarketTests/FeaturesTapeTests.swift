import Events
import Market
import Testing

/// The tape of tokens (DSI-03 to DSI-07).
@Suite struct FeaturesTapeTests {
    private func run(_ inputs: [FeaturesInput], _ tape: inout MicroTape) -> [MicroTapeSealed] {
        var sealed: [MicroTapeSealed] = []
        for input in inputs {
            tape.advance(to: input.now) { sealed.append($0) }
            switch input.event {
            case .instrument(var event):
                event.asset = AssetID("A\(event.instrument)-USD")
                tape.apply(event, eventNanos: input.at)
            case .trade(let event): tape.apply(event, eventNanos: input.at)
            case .book(let event): tape.apply(event, eventNanos: input.at)
            case .quote(let event): tape.apply(event, eventNanos: input.at)
            case .candle(let event): tape.apply(event, eventNanos: input.at)
            case .context(let event): tape.apply(event, eventNanos: input.at)
            case .funding(let event): tape.apply(event, eventNanos: input.at)
            case .gap(let event): tape.apply(event, eventNanos: input.at)
            }
        }
        return sealed
    }

    @Test func `tokens are sealed in batches, every one once, and the ring holds the last 256`() throws {
        let inputs = madeStream(seed: 21, seconds: 300, instruments: 2)
        var tape = try MicroTape()
        let sealed = run(inputs, &tape)
        for number in 1...2 as ClosedRange<Int32> {
            let mine = sealed.filter { $0.asset == AssetID("A\(number)-USD") }
            #expect(mine.map(\.batch) == Array(1...Int64(mine.count)))
            #expect(mine.allSatisfy { $0.tokens.count == 64 })
            #expect(
                mine.allSatisfy { $0.firstNanos == $0.tokens.first?.nanos && $0.lastNanos == $0.tokens.last?.nanos })
            #expect(mine.allSatisfy { $0.hash == $0.computedHash() })
            let all = mine.flatMap(\.tokens)
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.nanos <= $1.nanos })
            #expect(all.allSatisfy { $0.nanos % 100_000_000 == 0 })
            let kinds = TapeTokenKind.allCases.map { kind in all.count { $0.kind == kind } }
            #expect(kinds[0] > 400 && kinds[1] >= 4 && kinds[2] > 300, "\(kinds)")
            let ring = tape.tokens(of: number)
            #expect(ring.count == 256)
            // The last ones wait for their batch to be full.
            let waiting = (0..<64).first { ring.dropLast($0).map(\.nanos) == all.suffix(256 - $0).map(\.nanos) }
            let sealedPart = ring.dropLast(try #require(waiting))
            #expect(sealedPart.map(\.kind) == all.suffix(sealedPart.count).map(\.kind))
        }
    }

    /// Nothing happens, nothing is told; and a changed value changes the hash.
    @Test func `only stretches in which something happened have tokens`() throws {
        var inputs = madeStream(seed: 22, seconds: 20)
        let end = inputs[inputs.count - 1].now
        let stretches = Set(inputs.dropFirst().map { $0.now / 100_000_000 })
        inputs.append(FeaturesInput(event: .gap(MarketGap()), at: end + 60 * second, now: end + 60 * second))
        var tape = try MicroTape(batchTokens: 1)
        let sealed = run(inputs, &tape)
        let ticks = sealed.flatMap(\.tokens).filter { $0.kind == .tick }
        #expect(ticks.count == stretches.count)
        #expect(Set(ticks.map { $0.nanos / 100_000_000 - 1 }) == stretches)
        var changed = try #require(sealed.first)
        changed.tokens[0].nanos += 1
        #expect(changed.computedHash() != changed.hash)
    }

    @Test func `values of a token are those of the features`() throws {
        let inputs = madeStream(seed: 23, seconds: 30)
        var tape = try MicroTape(cadenceMillis: 200)
        _ = run(inputs, &tape)
        let tick = try #require(tape.tokens(of: 1).last { $0.kind == .tick })
        var known = 0
        for feature in TapeTokenKind.tick.features where tick[feature] != nil { known += 1 }
        #expect(known == tick.known.nonzeroBitCount && known >= 5)
        #expect(tick[.surprise] == nil, "not a feature of ticks")
        #expect(abs(try #require(tick[.bookImbalance1])) <= 1)
    }

    @Test func `a tape is the same however it is cut`() throws {
        let inputs = madeStream(seed: 24, seconds: 60, gaps: true)
        var whole = try MicroTape(batchTokens: 8)
        let sealed = run(inputs, &whole)
        var random = FeaturesGenerator(seed: 24)
        for _ in 0..<20 {
            let count = Int(random.below(Int64(inputs.count)))
            var part = try MicroTape(batchTokens: 8)
            let found = run(Array(inputs.prefix(count)), &part)
            #expect(found == Array(sealed.prefix(found.count)))
        }
    }

    @Test func `a cadence or batch out of range is refused with what is allowed`() throws {
        #expect(throws: FeatureError.self) { try MicroTape(cadenceMillis: 49) }
        #expect(throws: FeatureError.self) { try MicroTape(cadenceMillis: 201) }
        #expect(throws: FeatureError.self) { try MicroTape(batchTokens: 0) }
        #expect(throws: FeatureError.self) { try MicroTape(batchTokens: 65) }
        #expect(throws: FeatureError.self) { try FeatureEngine(kinds: []) }
        #expect(throws: FeatureError.self) { try FeatureEngine(kinds: [WindowKind(.minute1, everySeconds: 0)]) }
        let many = [WindowKind](repeating: WindowKind(.minute1, everySeconds: 5), count: 17)
        let error = #expect(throws: FeatureError.self) { try FeatureEngine(kinds: many) }
        #expect(error?.description.contains("17") == true && error?.description.contains("16") == true)
    }
}
