internal import LogFormat

/// The context of a window in bins: what atoms and rules are keyed by (LRN-21, LRN-22).
package struct WindowContext: Equatable, Sendable {
    /// Bins of the features that are known, in the order of the whitelist.
    package var bins: [ContextBin] = []
    /// The numbers behind the bins that have one, under the same names, in the order of the whitelist.
    package var numbers: [ContextNumber] = []
    /// Canonical condition key: the bins joined by vertical bars (LRN-22).
    package var key = ""
    /// First 8 bytes of the SHA-256 of the key, the first byte highest: the first 16 digits of the hash as written.
    package var hash: UInt64 = 0
    /// Session of the window's end.
    package var session = Session.asia
    /// Tercile of the surprise; nil where it is unknown.
    package var regime: Regime?

    /// An empty context.
    package init() {}
}

/// A number of a context under its whitelist name.
package struct ContextNumber: Equatable, Sendable {
    /// Name on the whitelist.
    package var feature: String
    /// The number, before it was put into a bin.
    package var value: Double
}

/// Puts numbers into bins; changing an edge changes the version and starts a new series of atoms (LRN-23).
package struct ContextQuantizer: Equatable, Sendable {
    /// The features that conditions may speak of, in the order of the key (LRN-21).
    package static let whitelist = [
        "vol", "hbar", "mx", "depth", "OI", "session", "tf", "spread", "h", "weekend", "imb", "funding",
    ]
    /// Most edges of a feature.
    package static let edgesMax = 16

    /// Version of the edges.
    package var version = "ctx-1"
    /// Edges of percentiles, 0 to 100.
    package var percentileEdges = [10.0, 30, 40, 70, 75, 90]
    /// Edges of the evidence, 0 to 1.
    package var evidenceEdges = [0.2, 0.4, 0.6, 0.8]
    /// Edges of the depth slope.
    package var slopeEdges = [-1.0, -0.5, 0, 0.5, 1]
    /// Edges of the imbalance of the best five levels.
    package var imbalanceEdges = [-0.6, -0.35, 0, 0.35, 0.6]
    /// Edges of the spread in basis points.
    package var spreadEdges = [1.0, 2, 5, 10]

    /// The edges of LRN-23.
    package init() {}

    /// The context of a row for a detector of a timeframe and a horizon; `evidence` is mx_evidence, nil where stale.
    ///
    /// What is not known has no bin and stands in no key.
    package func context(
        of row: borrowing FeatureRow, timeframe: Timeframe, horizon: Horizon, evidence: Double? = nil
    ) -> WindowContext {
        var made = WindowContext()
        made.session = Session(nanos: row.asofNanos)
        made.regime = row[.surprise].map(Self.regime)
        func add(_ name: String, _ bin: String) { made.bins.append(ContextBin(name, bin)) }
        func add(_ name: String, _ value: Double?, _ edges: [Double], closing: (Double, Double)? = nil) {
            guard let value, value.isFinite else { return }
            add(name, Self.bin(value, edges, ends: closing))
            made.numbers.append(ContextNumber(feature: name, value: value))
        }
        add("vol", row[.volatilityPercentile], percentileEdges)
        if let surprise = row[.surprise] {
            add("hbar", Regime.symbols[Int(Self.regime(surprise).rawValue)])
            made.numbers.append(ContextNumber(feature: "hbar", value: surprise))
        }
        add("mx", evidence, evidenceEdges, closing: (0, 1))
        add("depth", row[.depthSlope], slopeEdges)
        add("OI", row[.openInterestPercentile], percentileEdges)
        add("session", Session.symbols[Int(made.session.rawValue)])
        add("tf", Timeframe.symbols[Int(timeframe.rawValue)])
        add("spread", row[.spreadBps], spreadEdges)
        add("h", Horizon.symbols[Int(horizon.rawValue)])
        add("weekend", made.session == .weekend ? "yes" : "no")
        add("imb", row[.bookImbalance5], imbalanceEdges)
        add("funding", row[.fundingPercentile], percentileEdges)
        made.key = Self.key(made.bins)
        made.hash = Self.hash(made.key)
        return made
    }

    /// Tercile of a surprise in 0...1, edges at 1/3 and 2/3; an edge belongs to the bin above it.
    package static func regime(_ surprise: Double) -> Regime {
        surprise < 1.0 / 3 ? .low : surprise < 2.0 / 3 ? .middle : .high
    }

    /// The bin of a number among rising edges, such as `<10`, `10-30` or `>90`; an edge belongs to the bin above it.
    ///
    /// With `ends` the outermost bins are written with them too, such as `0-0.2`.
    package static func bin(_ value: Double, _ edges: [Double], ends: (Double, Double)? = nil) -> String {
        guard let first = edges.first, let last = edges.last else { return "all" }
        switch place(value, edges) {
        case 0: return ends.map { "\(text($0.0))-\(text(first))" } ?? "<\(text(first))"
        case edges.count: return ends.map { "\(text(last))-\(text($0.1))" } ?? ">\(text(last))"
        case let place: return "\(text(edges[place - 1]))-\(text(edges[place]))"
        }
    }

    /// How many of the rising edges a number has reached: the number of its bin, which tells combinations of bins apart
    /// (`ContextTable`) as it names them here.
    static func place(_ value: Double, _ edges: [Double]) -> Int {
        var place = 0
        while place < edges.count, value >= edges[place] { place += 1 }
        return place
    }

    /// The canonical key of bins: `name=bin` or, where the bin begins with a comparison, `name<bin`.
    package static func key(_ bins: [ContextBin]) -> String {
        bins.map { bin in
            let isBound = bin.bin.utf8.first == UInt8(ascii: "<") || bin.bin.utf8.first == UInt8(ascii: ">")
            return isBound ? bin.feature + bin.bin : "\(bin.feature)=\(bin.bin)"
        }.joined(separator: "|")
    }

    /// First 8 bytes of the SHA-256 of a key, the first byte highest.
    package static func hash(_ key: String) -> UInt64 {
        Digest(hashing: Array(key.utf8)).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number without the `.0` of whole ones.
    private static func text(_ value: Double) -> String {
        let whole = "\(value)"
        return whole.hasSuffix(".0") ? String(whole.dropLast(2)) : whole
    }
}
