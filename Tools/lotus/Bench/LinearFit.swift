/// A straight line through measurements, and how straight they are.
struct LinearFit {
    /// What one more costs, and what none costs.
    let slope: Double
    let intercept: Double
    /// Share of the variance that the line explains; 1 for measurements on a line.
    let explained: Double
    /// Largest distance of a measurement from the line, as a share of the measurement.
    let deviationMax: Double

    /// Least squares; nil below two different places.
    init?(_ points: [(x: Double, y: Double)]) {
        let count = Double(points.count)
        let (meanX, meanY) = (
            points.reduce(0) { $0 + $1.x } / max(1, count), points.reduce(0) { $0 + $1.y } / max(1, count)
        )
        var (xx, xy, yy) = (0.0, 0.0, 0.0)
        for point in points {
            xx += (point.x - meanX) * (point.x - meanX)
            xy += (point.x - meanX) * (point.y - meanY)
            yy += (point.y - meanY) * (point.y - meanY)
        }
        guard points.count > 1, xx > 0 else { return nil }
        let (slope, intercept) = (xy / xx, meanY - xy / xx * meanX)
        self.slope = slope
        self.intercept = intercept
        explained = yy > 0 ? xy * xy / (xx * yy) : 1
        deviationMax = points.map { abs($0.y - slope * $0.x - intercept) / abs($0.y) }.max() ?? 0
    }
}
