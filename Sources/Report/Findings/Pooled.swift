/// Distributions of all detectors together.
enum Pooled {
    /// Reliability by tenths of the forecast; bins without a defined forecast are left out.
    static func bins(_ detectors: [DetectorReport]) -> [ReliabilityBin] {
        var sums = [(weight: Double, count: Int, hits: Int)](repeating: (0, 0, 0), count: 10)
        for bin in detectors.flatMap(\.calibration.bins) {
            guard let forecast = bin.forecast.value, forecast >= 0, forecast <= 1, bin.count > 0 else { continue }
            let tenth = min(Int(forecast * 10), 9)
            sums[tenth].weight += forecast * Double(bin.count)
            sums[tenth].count += bin.count
            sums[tenth].hits += bin.hits
        }
        return sums.filter { $0.count > 0 }.map {
            ReliabilityBin(forecast: Measure($0.weight / Double($0.count)), count: $0.count, hits: $0.hits)
        }
    }

    /// Histograms of the same label, unit and edges added up, in the order of their first appearance.
    static func histograms(_ all: [Histogram]) -> [Histogram] {
        var sums: [Histogram] = []
        for one in all where !one.counts.isEmpty {
            let place = sums.firstIndex { $0.label == one.label && $0.unit == one.unit && $0.edges == one.edges }
            guard let place else {
                sums.append(one)
                continue
            }
            let sum = sums[place]
            sums[place] = Histogram(
                label: sum.label, unit: sum.unit, edges: sum.edges,
                counts: zip(sum.counts, one.counts).map { $0 &+ $1 }, below: sum.below &+ one.below,
                above: sum.above &+ one.above)
        }
        return sums
    }

    /// Counts of the same reason added up, most frequent first.
    static func reasons(_ all: [ReasonCount]) -> [ReasonCount] {
        var sums: [ReasonCount] = []
        for one in all {
            if let place = sums.firstIndex(where: { $0.reason == one.reason }) {
                sums[place] = ReasonCount(one.reason, sums[place].count &+ one.count)
            } else {
                sums.append(one)
            }
        }
        return sums.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }
}
