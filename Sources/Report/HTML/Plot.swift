/// A chart: lines and bars in a stretched drawing, texts beside it in the size of the page at every width.
struct Plot {
    /// Units of the drawing.
    var width = 600
    var height = 240
    /// Horizontal and vertical range.
    let x: Axis
    let y: Axis
    /// Classes that give the chart its height, and its texts their behaviour on a narrow screen.
    var style = "tall wide"
    /// Short name and content for those who do not see it.
    let title: String
    let description: String
    /// Unit of the vertical axis.
    var unit = ""
    /// Texts that stand inside at the top, by their place.
    var marks: [(value: Double, label: String)] = []
    /// Whether lines stand at the horizontal ticks too.
    var hasColumns = false
    /// What was drawn so far, without axes.
    private(set) var drawing = ""

    init(x: Axis, y: Axis, title: String, description: String) {
        self.x = x
        self.y = y
        self.title = title
        self.description = description
    }

    private var backdrop = ""

    /// Adds a shade over a stretch of the horizontal axis, behind the grid.
    mutating func addShade(_ left: Double, _ right: Double) {
        let from = across(left)
        let wide = across(right) - from
        if wide > 0 {
            backdrop += "<rect class=\"band\" x=\"\(from)\" y=\"0\" width=\"\(wide)\" height=\"\(height)\"/>"
        }
    }

    /// Adds a piece of drawing.
    mutating func add(_ layer: String) { drawing += layer }

    /// The place of a value from the left edge.
    func across(_ value: Double) -> Int { x.place(value, width) }

    /// The place of a value from the upper edge.
    func down(_ value: Double) -> Int { height - y.place(value, height) }

    /// Adds a line through points, broken between segments.
    mutating func addLine(_ segments: [[EquityPoint]], class name: String) {
        let line = segments.map { path($0) }.joined()
        if !line.isEmpty { add("<path class=\"l \(name)\" d=\"\(line)\"/>") }
    }

    /// Adds a surface between points and zero.
    mutating func addArea(_ segments: [[EquityPoint]], class name: String) {
        let zero = down(0)
        var text = ""
        for segment in segments {
            guard let first = segment.first, let last = segment.last else { continue }
            let end = across(Double(last.timeNanos))
            text += path(segment) + "L\(end) \(zero)H\(across(Double(first.timeNanos)))z"
        }
        if !text.isEmpty { add("<path class=\"\(name)\" d=\"\(text)\"/>") }
    }

    /// A path in relative whole units; neighbours at the same place are one.
    private func path(_ points: [EquityPoint]) -> String {
        var text = ""
        var last = (0, 0)
        for (index, point) in points.enumerated() {
            let place = (across(Double(point.timeNanos)), down(point.cumulativeBps))
            if index == 0 {
                text += "M\(place.0) \(place.1)"
                // A line of one point would not be seen.
                if points.count == 1 { text += "h1" }
                if points.count > 1 { text += "l" }
            } else if place != last || points.count == 2 {
                let across = place.0 - last.0
                let down = place.1 - last.1
                text += text.hasSuffix("l") || across < 0 ? "\(across)" : " \(across)"
                text += down < 0 ? "\(down)" : " \(down)"
            }
            last = place
        }
        return text.hasSuffix("l") ? text + "1 0" : text
    }

    /// Adds a rectangle between two values across and two down.
    mutating func addBox(_ left: Double, _ right: Double, _ bottom: Double, _ top: Double, class name: String) {
        let from = across(left)
        let upper = down(top)
        let wide = max(across(right) - from, 1)
        add(
            "<rect class=\"\(name)\" x=\"\(from)\" y=\"\(upper)\" width=\"\(wide)\" "
                + "height=\"\(down(bottom) - upper)\"/>"
        )
    }

    /// The chart as markup; `ids` numbers the names within a page.
    func html(_ ids: inout Int) -> String {
        ids += 1
        let id = ids
        let rows = y.ticks.map { tick in "M0 \(down(tick.value))H\(width)" }.joined()
        let columns = hasColumns ? x.ticks.map { tick in "M\(across(tick.value)) 0V\(height)" }.joined() : ""
        var text =
            "<div class=\"plot \(style)\"><svg viewBox=\"0 0 \(width) \(height)\" preserveAspectRatio=\"none\" "
            + "role=\"img\" aria-labelledby=\"t\(id) d\(id)\"><title id=\"t\(id)\">\(Escaping.html(title))</title>"
            + "<desc id=\"d\(id)\">\(Escaping.html(description))</desc>"
        text += backdrop + "<path class=\"grid\" d=\"\(rows)\(columns)\"/>\(drawing)"
        if y.low < 0, y.high >= 0 { text += "<path class=\"zero\" d=\"M0 \(down(0))H\(width)\"/>" }
        text += "</svg><div class=\"ax\" aria-hidden=\"true\">"
        if !unit.isEmpty { text += "<span class=\"u\">\(Escaping.html(unit))</span>" }
        for tick in y.ticks {
            text += "<span class=\"y\" style=\"top:\(share(down(tick.value), height))%\">\(tick.label)</span>"
        }
        for (index, tick) in x.ticks.enumerated() {
            let name = index % 2 == 1 ? "x alt" : "x"
            text += "<span class=\"\(name)\" style=\"left:\(share(across(tick.value), width))%\">\(tick.label)</span>"
        }
        for (index, mark) in marks.enumerated() {
            let name = index % 2 == 1 ? "f alt" : "f"
            text +=
                "<span class=\"\(name)\" style=\"left:\(share(across(mark.value), width))%\">"
                + "\(Escaping.html(mark.label))</span>"
        }
        return text + "</div></div>"
    }

    private func share(_ place: Int, _ size: Int) -> String {
        let tenths = (place * 1000 + size / 2) / size
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
