/// Numbers as people read them, without the C library: the same text on every machine.
enum NumberText {
    /// Which signs are used.
    enum Style {
        /// A real minus sign, for pages.
        case page
        /// A hyphen, for terminals.
        case plain
    }

    /// A fixed number of decimals, halves away from zero, thousands apart by commas; `plus` shows the sign of positive
    /// numbers too.
    ///
    /// From 10^15 on there is no such text, and the shortest one that reads back is given.
    static func fixed(_ value: Double, _ decimals: Int, _ style: Style = .page, plus: Bool = false) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let magnitude = value.magnitude * scale
        guard magnitude < 1e15 else { return signed("\(value.magnitude)", value, style, plus: plus) }
        let digits = Int64(magnitude.rounded(.toNearestOrAwayFromZero))
        let unit = Int64(scale)
        var text = grouped(digits / unit)
        if decimals > 0 {
            let fraction = String(digits % unit)
            text += "." + String(repeating: "0", count: decimals - fraction.count) + fraction
        }
        return digits == 0 ? text : signed(text, value, style, plus: plus)
    }

    private static func signed(_ text: String, _ value: Double, _ style: Style, plus: Bool) -> String {
        if value < 0 { return (style == .page ? "\u{2212}" : "-") + text }
        return plus ? "+" + text : text
    }

    /// A whole number with commas between thousands.
    static func whole(_ value: Int, _ style: Style = .page) -> String {
        value < 0
            ? (style == .page ? "\u{2212}" : "-") + grouped(value.magnitude) : grouped(value.magnitude)
    }

    private static func grouped(_ value: some BinaryInteger) -> String {
        let digits = String(value)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// A share as a percentage.
    static func percent(_ share: Double, _ decimals: Int = 1, _ style: Style = .page, plus: Bool = false) -> String {
        fixed(share * 100, decimals, style, plus: plus) + "%"
    }

    /// A probability: what rounds to 0 or 1 without being it is shown as a bound.
    static func probability(_ value: Double) -> String {
        if value > 0, value < 0.0005 { return "<0.001" }
        if value < 1, value > 0.9995 { return ">0.999" }
        return fixed(value, 3)
    }

    /// A number of things with the right form of their name.
    static func count(_ value: Int, _ one: String, _ many: String? = nil, _ style: Style = .page) -> String {
        "\(whole(value, style)) \(value == 1 ? one : many ?? one + "s")"
    }

    /// A size in bytes, thousands.
    static func bytes(_ value: Int) -> String {
        if value < 1000 { return "\(value) B" }
        if value < 1_000_000 { return fixed(Double(value) / 1e3, 1) + " kB" }
        if value < 1_000_000_000 { return fixed(Double(value) / 1e6, 1) + " MB" }
        return fixed(Double(value) / 1e9, 1) + " GB"
    }

    /// Decimals with which a step between ticks is exact: 0 for 20, 1 for 0.5, 2 for 0.05.
    static func decimals(forStep step: Double) -> Int {
        var decimals = 0
        var scaled = step
        while decimals < 6, (scaled - scaled.rounded()).magnitude > 1e-6 * scaled.magnitude {
            scaled *= 10
            decimals += 1
        }
        return decimals
    }
}
