import LogEngine
import LogFormat

/// JSON texts for the results of verbs.
enum JSON {
    /// An object; values are JSON texts already.
    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(jsonString($0)):\($1)" }.joined(separator: ",") + "}"
    }

    /// An array of JSON texts.
    static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

    /// A number, or null.
    static func number<T: FixedWidthInteger>(_ value: T?) -> String { value.map { "\($0)" } ?? "null" }

    /// A string, or null.
    static func text(_ value: String?) -> String { value.map(jsonString) ?? "null" }
}
