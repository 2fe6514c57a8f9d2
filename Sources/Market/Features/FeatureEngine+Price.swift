extension FeatureEngine {
    /// The price of an instrument now, in 1e-8 of the quote currency: what a row's `price` would say; 0 if none is
    /// known.
    ///
    /// Complexity: O(1).
    package func price(of instrument: Int32) -> Int64 {
        let index = Int(instrument) - 1
        guard index >= 0, index < instruments.count, instruments[index].isUsed else { return 0 }
        return instruments[index].price(at: nowNanos)
    }
}
