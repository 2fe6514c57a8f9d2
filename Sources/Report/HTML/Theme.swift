/// The colours of the page, light and dark; contrast is tested, and no meaning hangs on colour alone.
enum Theme {
    /// One colour of the page by its name in the style sheet.
    struct Colour: Sendable {
        let name: String
        let light: String
        let dark: String
    }

    /// Blue against orange is told apart with every common kind of colour blindness; red is for faults only.
    static let colours = [
        Colour(name: "page", light: "#f6f6f3", dark: "#13161a"),
        Colour(name: "panel", light: "#ffffff", dark: "#1b1f25"),
        Colour(name: "ink", light: "#1a1d22", dark: "#e7eaee"),
        Colour(name: "dim", light: "#565e69", dark: "#a4adb8"),
        Colour(name: "rule", light: "#dfe2e5", dark: "#323841"),
        Colour(name: "band", light: "#f1f2f0", dark: "#21262d"),
        Colour(name: "blue", light: "#17599f", dark: "#74b4ff"),
        Colour(name: "orange", light: "#a84a00", dark: "#f2a65a"),
        Colour(name: "teal", light: "#0a6652", dark: "#62cfae"),
        Colour(name: "red", light: "#b3261e", dark: "#ff8a80"),
        Colour(name: "grey", light: "#88919d", dark: "#69737f"),
    ]

    /// Declarations of one scheme.
    static func variables(isDark: Bool) -> String {
        colours.map { "--\($0.name):\(isDark ? $0.dark : $0.light)" }.joined(separator: ";")
    }
}
