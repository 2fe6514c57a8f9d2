/// A table with a caption, headed rows and columns, and footnotes that say why figures are missing.
struct Table {
    private let caption: String
    private let note: String
    private let columns: [String]
    /// Whether small print stands on a line of its own, for tables with many columns.
    private let isStacked: Bool
    private var body = ""
    private var reasons: [String] = []
    /// Rows so far.
    private(set) var count = 0

    /// Makes a table; columns whose name begins with "<" hold text and stand left.
    init(_ caption: String, note: String = "", isStacked: Bool = false, _ columns: [String]) {
        self.caption = caption
        self.note = note
        self.columns = columns
        self.isStacked = isStacked
    }

    /// Adds a row: the text of its head, and its cells as made by the functions below.
    mutating func add(_ head: String, _ cells: [String]) {
        count += 1
        body += "<tr><th scope=\"row\">\(head)</th>\(cells.joined())</tr>"
    }

    /// A cell of markup.
    static func cell(_ markup: String) -> String { "<td>\(markup)</td>" }

    /// A cell of text, escaped.
    static func text(_ text: String) -> String { "<td class=\"t\">\(Escaping.html(text))</td>" }

    /// A cell of long text that may break, escaped.
    static func long(_ text: String) -> String { "<td class=\"t w\">\(Escaping.html(text))</td>" }

    /// A cell of a whole number.
    static func number(_ value: Int) -> String { "<td>\(NumberText.whole(value))</td>" }

    /// A cell of a figure, or "n/d" with a footnote that says why.
    mutating func measure(_ value: Measure, _ shown: (Double) -> String) -> String {
        Self.cell(markup(value, shown))
    }

    /// A figure as `measure` puts it in a cell.
    mutating func markup(_ value: Measure, _ shown: (Double) -> String) -> String {
        value.value.map { Escaping.html(shown($0)) } ?? missing(value.reason)
    }

    /// The mark for a missing figure.
    mutating func missing(_ reason: String) -> String {
        let place = reasons.firstIndex(of: reason) ?? reasons.count
        if place == reasons.count { reasons.append(reason) }
        return "n/d<sup>\(Self.letter(place))</sup>"
    }

    /// The letter of a footnote: a to z, then aa, ab and so on.
    static func letter(_ index: Int) -> String {
        let last = String(UnicodeScalar(UInt8(97 + index % 26)))
        return index < 26 ? last : letter(index / 26 - 1) + last
    }

    /// The table as markup; empty without rows.
    ///
    /// What explains it stands outside the part that scrolls, so that it is read at every width.
    var html: String {
        guard count > 0 else { return "" }
        let plain = Escaping.html(caption)
        var text = "<figure class=\"sheet\"><figcaption><strong>\(plain)</strong>"
        text += (note.isEmpty ? "" : " \(Escaping.html(note))") + "</figcaption>"
        text +=
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(plain)\">"
            + "<table\(isStacked ? " class=\"two\"" : "")>"
        text += "<caption>\(plain)</caption><thead><tr>"
        for column in columns {
            let isText = column.hasPrefix("<")
            let name = Escaping.html(isText ? String(column.dropFirst()) : column)
            text += "<th scope=\"col\"\(isText ? " class=\"t\"" : "")>\(name)</th>"
        }
        text += "</tr></thead><tbody>\(body)</tbody></table></div>"
        if !reasons.isEmpty {
            let list = reasons.enumerated().map { "\(Self.letter($0)): \(Escaping.html($1))" }.joined(separator: "; ")
            text += "<p class=\"foot\">n/d: not defined. \(list).</p>"
        }
        return text + "</figure>"
    }
}
