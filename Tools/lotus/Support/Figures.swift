/// Numbers for people.
enum Figures {
    /// With a comma between thousands.
    static func grouped(_ value: UInt64) -> String {
        let digits = Array(String(value))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// Bytes in the unit that leaves one to four digits before the point.
    static func bytes(_ value: UInt64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var scaled = Double(value)
        var index = 0
        while scaled >= 1000, index + 1 < units.count {
            scaled /= 1000
            index += 1
        }
        return index == 0 ? "\(value) B" : "\(oneDecimal(scaled)) \(units[index])"
    }

    /// A number with one decimal.
    static func oneDecimal(_ value: Double) -> String {
        let tenths = UInt64((max(value, 0) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Columns of text, padded; numbers stand to the right.
    static func table(_ given: [[String]], rightAligned: Set<Int>) -> String {
        // Descriptions come from whoever made the schema: no control character may reach a terminal.
        let rows = given.map { row in
            row.map { cell in
                String(cell.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "?" : $0 })
            }
        }
        var widths: [Int] = []
        for row in rows {
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.count)
            }
        }
        return rows.map { row in
            var line = row.enumerated().map { index, cell in
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                return rightAligned.contains(index) ? padding + cell : cell + padding
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return "  " + line
        }.joined(separator: "\n")
    }
}
