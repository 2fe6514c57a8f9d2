/// Why a detector specification is refused: where, what was found, what is allowed.
package struct LanguageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Line in the file, from 1.
    package let line: Int
    /// Column in the line, from 1.
    package let column: Int
    /// What was found, what was expected and what to do.
    package let message: String

    /// Makes an error.
    package init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// `line:column: message`.
    package var description: String { "\(line):\(column): \(message)" }
}

/// A text that knows where it stands in its file.
package struct SourceText: Equatable, Sendable {
    /// The text.
    package var text: String
    /// Line of its first byte, from 1.
    package var line: Int
    /// Column of its first byte, from 1.
    package var column: Int
    /// Column at which its further lines begin.
    package var indentColumn: Int

    /// Makes a text; without a place it stands at the beginning of its file.
    package init(_ text: String, line: Int = 1, column: Int = 1, indentColumn: Int = 1) {
        self.text = text
        self.line = line
        self.column = column
        self.indentColumn = indentColumn
    }

    /// An error at a byte of the text.
    func error(at offset: Int, _ message: String) -> LanguageError {
        var (atLine, atColumn, left) = (line, column, offset)
        for byte in text.utf8 {
            if left == 0 { break }
            left -= 1
            if byte == UInt8(ascii: "\n") {
                atLine += 1
                atColumn = indentColumn
            } else if byte & 0xC0 != 0x80 {
                // Columns count characters: the further bytes of one do not.
                atColumn += 1
            }
        }
        return LanguageError(line: atLine, column: atColumn, message: message)
    }

    /// An error at the beginning of the text.
    package func error(_ message: String) -> LanguageError { error(at: 0, message) }
}
