import Statistics

/// Phases of the log price in four bands by a one-sided Morlet wavelet (DEF-17, SIG-47): it looks back only.
///
/// Periods are 8, 16, 32 and 64 windows; each wavelet reaches three periods back. The mean of the weights is taken
/// out, so that a constant price has no phase.
struct PriceBands: Sendable {
    static let periods = [8, 16, 32, 64]
    static let reach = 192

    /// Weights of all bands, real and imaginary by turns, newest price first.
    private static let weights: [[Double]] = periods.map { period in
        let count = 3 * period
        let omega = 2 * 3.141592653589793 / Double(period)
        var parts: [(g: Double, re: Double, im: Double)] = []
        var (sum, sumRe, sumIm) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
        for lag in 0..<count {
            let u = Double(lag) / Double(period)
            let g = Elementary.exp(-0.5 * u * u)
            let (s, c) = Elementary.sinCos(-omega * Double(lag))
            parts.append((g, c, s))
            sum.add(g)
            sumRe.add(g * c)
            sumIm.add(g * s)
        }
        let (meanRe, meanIm) = (sumRe.value / sum.value, sumIm.value / sum.value)
        return parts.flatMap { [$0.g * ($0.re - meanRe) / sum.value, $0.g * ($0.im - meanIm) / sum.value] }
    }

    private var prices = [Double](repeating: 0, count: PriceBands.reach)
    private var newest = 0
    private var count = 0
    /// Real and imaginary part of each band; zeros until enough prices came.
    private(set) var values = InlineArray<8, Double>(repeating: 0)

    /// Whether all bands have their full reach.
    var isFull: Bool { count >= Self.reach }

    /// Takes the price of a window, in 1e-8; one that is not known leaves the last one standing.
    mutating func add(_ price: Int64) {
        if price <= 0, count == 0 { return }
        let value = price > 0 ? Elementary.log(Double(price)) : prices[newest]
        newest = newest == 0 ? Self.reach - 1 : newest - 1
        prices[newest] = value
        count = min(count + 1, Self.reach)
        guard isFull else { return }
        values = transform(level: value)
    }

    /// The bands of the prices that are remembered, relative to the newest: their level must not cost digits.
    private func transform(level: Double) -> InlineArray<8, Double> {
        var bands = InlineArray<8, Double>(repeating: 0)
        for band in 0..<4 {
            let weights = Self.weights[band]
            var (re, im) = (0.0, 0.0)
            let lags = weights.count / 2
            let untilEnd = min(lags, Self.reach - newest)
            for lag in 0..<untilEnd {
                let x = prices[newest + lag] - level
                re += weights[2 * lag] * x
                im += weights[2 * lag + 1] * x
            }
            for lag in untilEnd..<lags {
                let x = prices[newest + lag - Self.reach] - level
                re += weights[2 * lag] * x
                im += weights[2 * lag + 1] * x
            }
            bands[2 * band] = re
            bands[2 * band + 1] = im
        }
        return bands
    }

    /// Unit phase of each band, zeros where there is none.
    var phases: InlineArray<8, Double> {
        var units = InlineArray<8, Double>(repeating: 0)
        for band in 0..<4 {
            let amplitude = Self.size(values[2 * band], values[2 * band + 1])
            if amplitude > 0 {
                units[2 * band] = values[2 * band] / amplitude
                units[2 * band + 1] = values[2 * band + 1] / amplitude
            }
        }
        return units
    }

    static func size(_ re: Double, _ im: Double) -> Double { (re * re + im * im).squareRoot() }
}

/// Where in the price's waves a detector was right before, and how near that is now (DEF-17).
struct Kairos: Sendable {
    private var hits = InlineArray<8, Double>(repeating: 0)

    /// A window that was right: its phases, weighted by its outcome.
    mutating func hit(_ phases: InlineArray<8, Double>, weight: Double) {
        for index in 0..<8 { hits[index] += weight * phases[index] }
    }

    /// Agreement 0...1 with the mean phases of past hits; 0.5 is neutral, nil until the bands are full.
    func value(_ bands: borrowing PriceBands) -> Double? {
        guard bands.isFull else { return nil }
        var (sum, all) = (0.0, 0.0)
        for band in 0..<4 {
            let (re, im) = (bands.values[2 * band], bands.values[2 * band + 1])
            let length = PriceBands.size(hits[2 * band], hits[2 * band + 1])
            all += PriceBands.size(re, im)
            // a cos(ph - ph*) is the product of the value with the unit phase of the hits.
            if length > 0 { sum += (re * hits[2 * band] + im * hits[2 * band + 1]) / length }
        }
        return all > 0 ? min(1, max(0, 0.5 * (1 + sum / all))) : 0.5
    }
}

/// Phase of a detector's signal by a causal resonance at a period of 32 windows (DEF-18).
struct SignalPhase: Sendable {
    private static let turn = Elementary.sinCos(2 * 3.141592653589793 / 32)
    private static let keep = Elementary.exp2(-1.0 / 16)

    private(set) var re = 0.0
    private(set) var im = 0.0

    mutating func add(_ signal: Double) {
        let (s, c) = Self.turn
        let (oldRe, oldIm) = (re, im)
        re = Self.keep * (c * oldRe - s * oldIm) + (1 - Self.keep) * signal
        im = Self.keep * (s * oldRe + c * oldIm)
    }

    /// Unit phase, nil where the signal has been silent.
    var unit: (x: Double, y: Double)? {
        let size = PriceBands.size(re, im)
        return size > 1e-12 ? (re / size, im / size) : nil
    }
}

/// How far the phases of several detectors agree (DEF-18), from their unit phases.
struct Entrainment: Sendable {
    private var x = 0.0
    private var y = 0.0
    private(set) var count = 0

    mutating func add(_ phase: (x: Double, y: Double)) {
        x += phase.x
        y += phase.y
        count += 1
    }

    /// Order parameter less its bias for few phases; nil below five.
    var value: Double? {
        guard count >= 5 else { return nil }
        let m = Double(count)
        return min(1, max(0, ((x * x + y * y) / m - 1) / (m - 1)).squareRoot())
    }
}
