import Statistics

/// Spectral coherence of signal and outcome over a detector's band (DEF-08), by Welch's method.
enum Coherence {
    /// Samples of a segment; segments do not overlap, so that the bias is 1 / K.
    static let segment = 64
    /// Highest bin; a bin is one cycle per segment.
    static let binMax = 16

    private static let cosines: [Double] = table { $0.cos }
    private static let sines: [Double] = table { $0.sin }
    private static let taper: [Double] = (0..<segment).map {
        0.5 - 0.5 * Elementary.cos(2 * 3.141592653589793 * (Double($0) + 0.5) / Double(segment))
    }

    private static func table(_ part: ((sin: Double, cos: Double)) -> Double) -> [Double] {
        (0..<segment).map { part(Elementary.sinCos(2 * 3.141592653589793 * Double($0) / Double(segment))) }
    }

    /// Bins whose periods lie between a half and eight times a half-life in windows; at least one.
    static func band(halfLifeWindows: Double) -> ClosedRange<Int> {
        let n = Double(segment)
        let low = max(1, min(Double(binMax), n / max(1, 8 * halfLifeWindows)))
        let high = max(1, min(Double(binMax), n / max(1, 0.5 * halfLifeWindows)))
        return Int(low.rounded(.down))...max(Int(low.rounded(.down)), Int(high.rounded(.down)))
    }

    /// clip01((C - 1/K) / (1 - 1/K)), C the mean over the band of |Sxy|^2 / (Sxx Syy); nil below two segments or
    /// where one side has no power.
    static func welch(_ x: [Double], _ y: [Double], band: ClosedRange<Int>) -> Double? {
        let count = min(x.count, y.count) / segment
        guard count >= 2 else { return nil }
        // The newest samples, whole segments.
        let start = min(x.count, y.count) - count * segment
        var total = 0.0
        var bins = 0
        var (xs, ys) = ([Double](repeating: 0, count: segment), [Double](repeating: 0, count: segment))
        var power = [InlineArray<4, Double>](repeating: InlineArray(repeating: 0), count: band.count)
        for piece in 0..<count {
            let from = start + piece * segment
            var (meanX, meanY) = (0.0, 0.0)
            for index in 0..<segment {
                meanX += x[from + index]
                meanY += y[from + index]
            }
            meanX /= Double(segment)
            meanY /= Double(segment)
            for index in 0..<segment {
                xs[index] = taper[index] * (x[from + index] - meanX)
                ys[index] = taper[index] * (y[from + index] - meanY)
            }
            for (place, bin) in band.enumerated() {
                var (xr, xi, yr, yi) = (0.0, 0.0, 0.0, 0.0)
                var angle = 0
                for index in 0..<segment {
                    xr += xs[index] * cosines[angle]
                    xi -= xs[index] * sines[angle]
                    yr += ys[index] * cosines[angle]
                    yi -= ys[index] * sines[angle]
                    angle = (angle + bin) % segment
                }
                power[place][0] += xr * xr + xi * xi
                power[place][1] += yr * yr + yi * yi
                power[place][2] += xr * yr + xi * yi
                power[place][3] += xi * yr - xr * yi
            }
        }
        for place in power.indices {
            let bin = power[place]
            guard bin[0] > 0, bin[1] > 0 else { continue }
            total += (bin[2] * bin[2] + bin[3] * bin[3]) / (bin[0] * bin[1])
            bins += 1
        }
        guard bins > 0 else { return nil }
        let bias = 1 / Double(count)
        return min(1, max(0, (total / Double(bins) - bias) / (1 - bias)))
    }
}
