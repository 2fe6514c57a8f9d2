/// A table of text whose columns line up, and which gives up columns when it has no room for them.
struct TextTable {
    /// A column.
    struct Column {
        let title: String
        let isNumber: Bool
        /// Columns with a higher number go first when the terminal is narrow; 0 stays.
        let priority: Int
        /// Widest that its text may be; longer ones end in an ellipsis.
        var widthMax = 60
    }

    let columns: [Column]
    var rows: [[String]] = []

    /// The lines of the table within `width`.
    func lines(width: Int) -> [String] {
        let all = rows.map { row in zip(columns, row).map { Self.cut($1, $0.widthMax) } }
        var widths = columns.indices.map { index in
            ([columns[index].title] + all.map { $0[index] }).map(Self.columns).max() ?? 0
        }
        var shown = Array(columns.indices)
        func total() -> Int { shown.reduce(0) { $0 + widths[$1] } + 2 * (shown.count - 1) }
        while total() > width,
            let victim = shown.filter({ columns[$0].priority > 0 }).max(by: { a, b in
                (columns[a].priority, a) < (columns[b].priority, b)
            })
        {
            shown.removeAll { $0 == victim }
        }
        if total() > width, let first = shown.first { widths[first] = max(widths[first] - (total() - width), 8) }
        func line(_ cells: [String]) -> String {
            let text = shown.map { index in
                let cell = Self.cut(cells[index], widths[index])
                let room = String(repeating: " ", count: max(widths[index] - Self.columns(cell), 0))
                return columns[index].isNumber ? room + cell : cell + room
            }.joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
        return [line(columns.map(\.title))] + all.map(line)
    }

    /// Columns that a text takes on a terminal: two for the wide scripts, none for marks that stand on another letter.
    static func columns(_ text: String) -> Int {
        text.reduce(0) { sum, character in
            guard let scalar = character.unicodeScalars.first else { return sum }
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                return sum + 2
            default: return sum + (scalar.properties.generalCategory == .nonspacingMark ? 0 : 1)
            }
        }
    }

    /// The text, cut with an ellipsis to `width` columns.
    static func cut(_ text: String, _ width: Int) -> String {
        guard columns(text) > width else { return text }
        var kept = ""
        var used = 0
        for character in text {
            let wide = columns(String(character))
            if used + wide > width - 1 { break }
            kept.append(character)
            used += wide
        }
        return kept + "…"
    }
}
