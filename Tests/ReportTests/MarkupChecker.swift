/// A strict reader of pages: tags closed in order, attributes quoted and named once, ampersands only in entities.
struct MarkupChecker {
    /// A tag with its attributes.
    struct Element {
        let name: String
        let attributes: [(name: String, value: String)]
    }

    private(set) var elements: [Element] = []
    private(set) var faults: [String] = []
    /// Text outside tags and style sheets, entities decoded, with spaces between pieces.
    private(set) var text = ""

    init(_ page: String) {
        var rest = Substring(page)
        if rest.hasPrefix("<!DOCTYPE html>") { rest = rest.dropFirst(15) }
        var open: [String] = []
        while let start = rest.firstIndex(of: "<") {
            let between = rest[..<start]
            if open.last != "style" { text += decoded(between) + " " }
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: ">") else {
                faults.append("a tag without end")
                return
            }
            var tag = rest[..<end]
            rest = rest[rest.index(after: end)...]
            if tag.first == "/" {
                let name = String(tag.dropFirst())
                if open.last == name {
                    open.removeLast()
                } else {
                    faults.append("</\(name)> closes \(open.last ?? "nothing")")
                }
                continue
            }
            let isClosed = tag.last == "/"
            if isClosed { tag = tag.dropLast() }
            let name = String(tag.prefix { $0.isLetter || $0.isNumber })
            if name.isEmpty { faults.append("<\(tag.prefix(20))> has no name") }
            elements.append(Element(name: name, attributes: attributes(tag.dropFirst(name.count), of: name)))
            if !isClosed { open.append(name) }
        }
        if !open.isEmpty { faults.append("left open: \(open.joined(separator: ", "))") }
    }

    private mutating func attributes(_ source: Substring, of tag: String) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        var rest = source.drop { $0 == " " }
        while !rest.isEmpty {
            let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == ":" })
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.hasPrefix("=\"") else {
                faults.append("<\(tag)>: '\(rest.prefix(20))' where an attribute was expected")
                return found
            }
            rest = rest.dropFirst(2)
            guard let end = rest.firstIndex(of: "\"") else {
                faults.append("<\(tag) \(name)>: no closing quote")
                return found
            }
            if found.contains(where: { $0.name == name }) { faults.append("<\(tag)> has \(name) twice") }
            found.append((name, decoded(rest[..<end])))
            rest = rest[rest.index(after: end)...].drop { $0 == " " }
        }
        return found
    }

    private mutating func decoded(_ source: Substring) -> String {
        guard source.contains("&") || source.contains(">") else { return String(source) }
        let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'"]
        var out = ""
        var rest = source
        while let start = rest.firstIndex(of: "&") {
            out += rest[..<start]
            rest = rest[rest.index(after: start)...]
            let name = String(rest.prefix { $0 != ";" })
            guard let value = entities[name] else {
                faults.append("&\(name.prefix(10)) is no entity")
                return out
            }
            out += value
            rest = rest.dropFirst(name.count + 1)
        }
        return out + rest
    }
}
