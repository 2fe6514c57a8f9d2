/// Writes one JSON object, keys in the order in which they are added: the same report gives the same bytes.
struct JSONObject {
    private var body = ""

    /// The object as text.
    var text: String { "{\(body)}" }

    /// Adds a value that is JSON already.
    mutating func add(_ key: String, raw value: String) {
        if !body.isEmpty { body += "," }
        body += "\(Escaping.json(key)):\(value)"
    }

    /// Adds a text.
    mutating func add(_ key: String, _ value: String) { add(key, raw: Escaping.json(value)) }

    /// Adds a whole number.
    mutating func add(_ key: String, _ value: Int) { add(key, raw: "\(value)") }

    /// Adds a figure: the shortest text that reads back exactly, or null and why under `<key>_undefined`.
    mutating func add(_ key: String, _ value: Measure) {
        add(key, raw: Self.number(value.value))
        if value.value == nil { add(key + "_undefined", value.reason) }
    }

    /// Adds an interval as an object of its own.
    mutating func add(_ key: String, _ value: Bounds) {
        var object = JSONObject()
        object.add("low", raw: Self.number(value.low))
        object.add("high", raw: Self.number(value.high))
        if value.low == nil {
            object.add("undefined", value.reason)
        } else {
            object.add("level", raw: Self.number(value.level))
            object.add("method", value.method)
        }
        add(key, raw: object.text)
    }

    /// Adds a stretch of time as an object of its own, or null.
    mutating func add(_ key: String, _ value: TimeSpan?) {
        guard let value else { return add(key, raw: "null") }
        var object = JSONObject()
        object.add("from_nanos", raw: "\(value.fromNanos)")
        object.add("to_nanos", raw: "\(value.toNanos)")
        add(key, raw: object.text)
    }

    /// Adds a list.
    mutating func add<Element>(_ key: String, _ list: [Element], _ text: (Element) -> String) {
        add(key, raw: "[\(list.map(text).joined(separator: ","))]")
    }

    /// Adds a list of counted reasons.
    mutating func add(_ key: String, _ list: [ReasonCount]) {
        add(key, list) { one in
            var object = JSONObject()
            object.add("reason", one.reason)
            object.add("count", one.count)
            return object.text
        }
    }

    /// Adds an object of names and texts.
    mutating func add(_ key: String, _ pairs: [NamedText]) {
        add(key, pairs) { pair in
            var object = JSONObject()
            object.add("name", pair.name)
            object.add("text", pair.text)
            return object.text
        }
    }

    /// A finite number in the shortest form that reads back exactly, whole ones without a fraction; null for nil.
    static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "null" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
