import LogEngine

/// The run-wide numbers of instruments: the same venue and symbol in two logs is one instrument.
final class InstrumentTable {
    /// Most instruments of a run.
    static let instrumentsMax: Int32 = 65_535

    private struct Name: Hashable {
        let venue: String
        let symbol: String
    }

    private var numbers: [Name: Int32] = [:]

    init() {}

    /// The number of an instrument, a new one if it was not seen before.
    ///
    /// - Throws: `damaged` beyond the most instruments of a run.
    func number(venue: String, symbol: String) throws(LogError) -> Int32 {
        let name = Name(venue: venue, symbol: symbol)
        if let known = numbers[name] { return known }
        let next = Int32(numbers.count) + 1
        guard next <= Self.instrumentsMax else {
            throw LogError(
                .damaged,
                "\(symbol) of \(venue) is instrument \(next) of the run, at most \(Self.instrumentsMax) are possible: "
                    + "replay fewer logs at once")
        }
        numbers[name] = next
        return next
    }
}
