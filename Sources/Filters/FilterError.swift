/// Why a filter is refused: where, what was found, what was expected.
package struct FilterError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Line in the filter, from 1.
    package let line: Int
    /// Column in the line, in characters, from 1.
    package let column: Int
    /// What was found, what was expected and what to do.
    package let message: String
    /// The line of the filter with a caret below the column.
    package let picture: String

    /// An error at a byte of the filter's text; one behind its end stands behind its last character.
    init(_ text: String, at offset: Int, _ message: String) {
        let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self)
        // By scalars: carriage return and line feed are one character, and yet end a line.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        line = before.unicodeScalars.count { $0 == "\n" } + 1
        let start = before.unicodeScalars.lastIndex(of: "\n").map { before.unicodeScalars.index(after: $0) }
        column = before.unicodeScalars[(start ?? before.unicodeScalars.startIndex)...].count + 1
        self.message = message
        // A control character would move the caret.
        let shown = lines[line - 1].map { $0.value < 0x20 ? " " : String($0) }.joined()
        picture = "  \(shown)\n  \(String(repeating: " ", count: column - 1))^"
    }

    /// The place and the message, then the picture.
    package var description: String { "\(line):\(column): \(message)\n\(picture)" }
}
