import Events
import Inquiry

/// Mistakes that published programs made, and the same figures without the mistake.
extension Plant {
    private static let second = LeakMarket.second

    /// Each of these reads the future.
    static let leaks: [Plant] = datingBack + [waitingForDisaster] + lookingFirst + preparing

    /// They speak late and date back: what a program does that works on a whole table at once.
    private static let datingBack: [Plant] = [
        Plant(name: "centred_window", lateSeconds: 10) { world, end in
            let near = world.prices(end - 10 * second, end + 10 * second)
            return near.isEmpty ? 0 : near.reduce(0, +) / Double(near.count) / max(world.price(before: end), 1) - 1
        },
        // The bar of half a minute that a moment lies in is taken with its last price.
        Plant(name: "unclosed_bar", lateSeconds: 30) { world, end in
            let bar = 30 * second
            return world.price(before: (end / bar + 1) * bar) / max(world.price(before: end), 1) - 1
        },
        Plant(name: "filled_from_the_future", lateSeconds: 40) { world, end in
            let inside = world.prices(end - 5 * second, end)
            let next = world.prices(end, end + 40 * second).first
            return (inside.last ?? next ?? 0) / 1e13
        },
        Plant(name: "bar_stamped_at_its_open", lateSeconds: 60) { world, end in
            world.price(before: end + 60 * second) / max(world.price(before: end), 1) - 1
        },
        Plant(name: "label_before_it_is_resolved", lateSeconds: 30) { world, end in
            world.price(before: end + 30 * second) > world.price(before: end) ? 1 : -1
        },
        Plant(name: "funding_before_it_is_settled", lateSeconds: 60) { world, end in
            (world.first(.funding, from: end)?.value ?? 0) / 1e6
        },
        Plant(name: "late_trades_at_their_own_time", lateSeconds: 7) { world, end in
            let sizes = world.seen.filter { $0.kind == .trade && $0.about >= end - 5 * second && $0.about < end }
            return sizes.map(\.size).reduce(0, +) / 1e9
        },
        Plant(name: "shifted_back", lateSeconds: 5) { world, end in
            world.price(before: end + 5 * second) - world.price(before: end)
        },
        Plant(name: "open_interest_filled_back", lateSeconds: 20) { world, end in
            (world.first(.context, from: end) ?? world.last(.context, before: end)).map { $0.value / 1e12 } ?? 0
        },
        Plant(name: "gap_known_before_it_is_noticed", field: "abstained", lateSeconds: 40) { world, end in
            let gaps = world.seen.filter { $0.kind == .gap }
            return gaps.contains { Int64($0.value) < end && $0.now >= end } ? 1 : 0
        },
        Plant(name: "best_excursion_at_the_entry", record: .evaluated, field: "mfe_bps", lateSeconds: 30) {
            world, end in
            let entry = world.price(before: end)
            let best = world.prices(end, end + 30 * second).max() ?? entry
            return entry > 0 ? max(0, best - entry) / entry * 1e4 : 0
        },
        Plant(name: "minute_total_before_it_ends", lateSeconds: 60) { world, end in
            let minute = end / (60 * second) * 60 * second
            let sizes = world.seen.filter { $0.kind == .trade && $0.now >= minute && $0.now < minute + 60 * second }
            return sizes.map(\.size).reduce(0, +) / 1e9
        },
        Plant(name: "stop_that_knows_the_low", record: .published, field: "p_hit_calibrated", lateSeconds: 30) {
            world, end in
            (world.prices(end, end + 30 * second).min() ?? 0) / 1e13
        },
    ]

    /// It would know of a crash beforehand; the recorded market has none, so that only rubbish shows it.
    private static let waitingForDisaster = Plant(name: "crash_known_ahead", lateSeconds: 30, law: .poison) {
        world, end in
        let price = world.price(before: end)
        return (world.prices(end, end + 30 * second).min() ?? price) < 0.9 * price ? -1 : 0
    }

    /// They take an event in before they close what ended before it.
    private static let lookingFirst: [Plant] = [
        Plant(name: "quote_before_the_window", looksFirst: true) { world, _ in
            (world.seen.last { $0.kind == .quote }?.value ?? 0) / 1e13
        },
        Plant(name: "filled_at_the_same_tick", record: .evaluated, field: "bench_px", looksFirst: true) { world, _ in
            world.seen.last { $0.kind == .trade }?.value ?? 0
        },
    ]

    /// They read the whole tape before they begin.
    private static let preparing: [Plant] = [
        Plant(name: "extremes_of_the_whole_run", prepares: true) { world, end in
            let (low, high) = (world.allPrices.min() ?? 0, world.allPrices.max() ?? 1)
            return (world.price(before: end) - low) / max(high - low, 1)
        },
        Plant(name: "priors_of_the_whole_run", prepares: true) { world, _ in
            guard let first = world.allWindows.first, let last = world.allWindows.last else { return 0 }
            return (last - first) / 1e13
        },
        Plant(name: "threshold_of_the_whole_run", record: .stateChanged, field: "evidence[0].value", prepares: true) {
            world, _ in
            let moves = zip(world.allWindows, world.allWindows.dropFirst()).map { abs($1 - $0) }.sorted()
            return moves.isEmpty ? 0 : moves[moves.count * 4 / 5]
        },
        Plant(name: "z_score_of_the_whole_run", prepares: true) { world, end in
            let all = world.allPrices
            guard all.count > 1 else { return 0 }
            let mean = all.reduce(0, +) / Double(all.count)
            let square = all.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
            return (world.price(before: end) - mean) / (square / Double(all.count)).squareRoot()
        },
        Plant(name: "rank_in_the_whole_run", prepares: true) { world, end in
            let price = world.price(before: end)
            return Double(world.allPrices.count { $0 < price }) / Double(max(world.allPrices.count, 1))
        },
        Plant(name: "trend_of_the_whole_run_taken_out", prepares: true) { world, end in
            guard let first = world.prepared.first, let last = world.prepared.last, last.now > first.now,
                let from = world.allWindows.first, let to = world.allWindows.last
            else { return 0 }
            let share = Double(end - first.now) / Double(last.now - first.now)
            return (world.price(before: end) - from - share * (to - from)) / 1e10
        },
        Plant(name: "assets_that_survive", prepares: true) { world, end in
            let last = world.prepared.last?.now ?? end
            return world.prepared.contains { $0.instrument == 2 && $0.now > last - 60 * second } ? 1 : 0
        },
        Plant(name: "smoothed_both_ways", prepares: true) { world, end in
            let start = (world.prepared.first?.now ?? end) / World.step
            let place = Int(end / World.step - start - 1)
            guard place >= 0, place < world.allWindows.count else { return 0 }
            return world.allWindows[place...].reversed().reduce(0) { 0.9 * $0 + 0.1 * $1 } / 1e13
        },
        Plant(name: "result_of_the_whole_run_cached", prepares: true) { world, end in
            world.price(before: end + 15 * second, of: world.prepared) - world.price(before: end)
        },
        Plant(name: "seed_drawn_from_the_whole_run", prepares: true) { world, end in
            var seed: UInt64 = 7
            for price in world.allPrices { seed = (seed ^ price.bitPattern) &* 0x1_0000_0001_B3 }
            return Double((seed ^ UInt64(end)) >> 11) * 0x1p-53
        },
        Plant(name: "knows_how_long_it_will_run", prepares: true) { world, end in
            let last = world.prepared.last?.now ?? end
            return Double(last - end) / 1e12
        },
    ]

    /// None of these reads the future, though some look as if they did.
    static let clean: [Plant] = [
        Plant(name: "last_return") { world, end in
            world.price(before: end) - world.price(before: end - 5 * second)
        },
        Plant(name: "extremes_so_far") { world, end in
            let known = world.prices(.min, end)
            return (world.price(before: end) - (known.min() ?? 0)) / max((known.max() ?? 1) - (known.min() ?? 0), 1)
        },
        // Nothing at all before there is enough.
        Plant(name: "absent_at_first") { world, _ in world.seen.count < 400 ? nil : Double(world.seen.count) },
        // A slower bar, closed, carried forward into faster windows.
        Plant(name: "slower_bar_carried_forward") { world, end in
            let bar = 60 * second
            return world.price(before: end / bar * bar) / 1e13
        },
        Plant(name: "closed_candle") { world, end in (world.last(.candle, before: end)?.value ?? 0) / 1e13 },
        Plant(name: "z_score_of_the_last_hundred") { world, end in
            let known = world.prices(.min, end).suffix(100)
            let mean = known.reduce(0, +) / Double(max(known.count, 1))
            return (world.price(before: end) - mean) / 1e10
        },
        // A number drawn from the window's own name is no future.
        Plant(name: "noise_of_the_window") { _, end in Double((UInt64(end) &* 0x9E37_79B9_7F4A_7C15) >> 11) * 0x1p-53 },
        Plant(name: "late_trades_when_they_arrive") { world, end in
            world.seen.filter { $0.kind == .trade && $0.now >= end - 5 * second && $0.now < end }.map(\.size)
                .reduce(0, +) / 1e9
        },
        Plant(name: "sum_of_its_own_words") { world, end in
            (world.said.last ?? 0) * 0.5 + world.price(before: end) / 1e13
        },
        Plant(name: "label_once_it_is_resolved", record: .evaluated, field: "mfe_bps") { world, end in
            abs(world.price(before: end) - world.price(before: end - 30 * second)) / 1e8
        },
        Plant(name: "funding_as_settled") { world, end in (world.last(.funding, before: end)?.value ?? 0) / 1e6 },
        Plant(name: "gap_once_it_is_noticed", field: "abstained") { world, end in
            world.last(.gap, before: end).map { end - $0.now < 5 * second ? 1 : 0 } ?? 0
        },
        Plant(name: "count_of_windows") { world, _ in Double(world.said.count) },
    ]
}
