import ArgumentParser
import Backtest

/// Pages for man, made of what the argument parser tells of itself.
struct ManualPages {
    /// One page.
    struct Page {
        /// Name of the file.
        let name: String
        let text: String
    }

    private var pages: [Page] = []

    /// All of them, the program's own first, then verb by verb.
    static func all() throws -> [Page] {
        let dump: PlainJSON
        do throws(PlainJSON.Failure) { dump = try PlainJSON(parsing: Array(Lotus._dumpHelp().utf8)) } catch {
            throw ToolError("the description of the verbs cannot be read at byte \(error.offset): \(error.what)")
        }
        guard let root = dump["command"] else { throw ToolError("the description of the verbs names no command") }
        var made = ManualPages()
        made.add(root, under: [])
        return made.pages
    }

    private mutating func add(_ command: PlainJSON, under parents: [String]) {
        guard let own = command["commandName"]?.text, command["shouldDisplay"] != .truth(false), own != "help" else {
            return
        }
        let words = parents + [own]
        let subcommands = command["subcommands"].map(\.elements) ?? []
        pages.append(Page(name: words.joined(separator: "-") + ".1", text: Self.page(command, words, subcommands)))
        for subcommand in subcommands { add(subcommand, under: words) }
    }

    private static func page(_ command: PlainJSON, _ words: [String], _ subcommands: [PlainJSON]) -> String {
        let name = words.joined(separator: "-")
        let version = Lotus.configuration.version.split(separator: " ").first.map(String.init) ?? ""
        var lines = [
            ".\\\" Made by lotus manual.", ".TH \(escaped(name.uppercased())) 1 \"\" \"lotus \(escaped(version))\"",
            ".nh", ".SH NAME", "\(escaped(name)) \\- \(escaped(firstWords(command["abstract"]?.text ?? "")))",
        ]
        let arguments = (command["arguments"].map(\.elements) ?? []).filter { $0["shouldDisplay"] != .truth(false) }
        lines += [
            ".SH SYNOPSIS", "\\fB\(escaped(words.joined(separator: " ")))\\fR \(synopsis(arguments, subcommands))",
        ]
        if let discussion = command["discussion"]?.text { lines += described(discussion) }
        if !arguments.isEmpty { lines += [".SH OPTIONS"] + arguments.flatMap(option) }
        let shown = subcommands.filter { $0["shouldDisplay"] != .truth(false) && $0["commandName"]?.text != "help" }
        if !shown.isEmpty { lines.append(".SH COMMANDS") }
        for subcommand in shown {
            let verb = (words + [subcommand["commandName"]?.text ?? ""]).joined(separator: "-")
            lines += [".TP", "\\fB\(escaped(verb))\\fR(1)", text(subcommand["abstract"]?.text ?? "")]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// An abstract as the half sentence that man wants behind a name.
    private static func firstWords(_ abstract: String) -> String {
        abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
    }

    private static func synopsis(_ arguments: [PlainJSON], _ subcommands: [PlainJSON]) -> String {
        var parts = arguments.map { argument -> String in
            let isOptional = argument["isOptional"] == .truth(true) || argument["defaultValue"] != nil
            let word =
                argument["kind"] == .string("positional")
                ? value(argument) : names(argument).last.map { [$0, value(argument)].joined(separator: " ") } ?? ""
            let repeated = argument["isRepeating"] == .truth(true) ? "\(word) ..." : word
            return isOptional ? "[\(repeated.trimmed)]" : repeated.trimmed
        }
        if !subcommands.isEmpty { parts.append("\\fIcommand\\fR") }
        return parts.joined(separator: " ")
    }

    /// What is told at length: examples and tables as they stand, headings as sections, the rest as running text.
    private static func described(_ discussion: String) -> [String] {
        var lines = [".SH DESCRIPTION"]
        var isVerbatim = false
        func verbatim(_ wanted: Bool) {
            if wanted != isVerbatim { lines.append(wanted ? ".nf" : ".fi") }
            isVerbatim = wanted
        }
        for line in discussion.split(separator: "\n", omittingEmptySubsequences: false) {
            let isHeading = !line.isEmpty && line.allSatisfy { $0.isUppercase || $0 == " " }
            if isHeading {
                verbatim(false)
                lines.append(".SH \(line)")
            } else if line.isEmpty {
                verbatim(false)
                lines.append(".PP")
            } else {
                verbatim(line.hasPrefix("  "))
                lines.append(text(String(line)))
            }
        }
        verbatim(false)
        return lines
    }

    private static func option(_ argument: PlainJSON) -> [String] {
        let isPositional = argument["kind"] == .string("positional")
        let head = isPositional ? value(argument) : names(argument).joined(separator: ", ") + " " + value(argument)
        var told = argument["abstract"]?.text ?? ""
        if let standard = argument["defaultValue"]?.text, !standard.isEmpty { told += " (default: \(standard))" }
        return [".TP", head.trimmed, text(told)]
    }

    private static func names(_ argument: PlainJSON) -> [String] {
        (argument["names"].map(\.elements) ?? []).map { name in
            let dashes = name["kind"] == .string("long") ? "\\-\\-" : "\\-"
            return "\\fB\(dashes)\(escaped(name["name"]?.text ?? ""))\\fR"
        }
    }

    /// The placeholder of a value; nothing for a flag.
    private static func value(_ argument: PlainJSON) -> String {
        argument["kind"] == .string("flag") ? "" : "\\fI\(escaped(argument["valueName"]?.text ?? "value"))\\fR"
    }

    /// A line of text: one that begins like a request is none.
    private static func text(_ line: String) -> String {
        let line = escaped(line)
        return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }

    /// Nothing but ASCII: what else there is goes by its number, which every reader of pages takes.
    private static func escaped(_ text: String) -> String {
        var all = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": all += "\\e"
            case "-": all += "\\-"
            case _ where scalar.isASCII: all.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                all += "\\[u\(String(repeating: "0", count: max(4 - digits.count, 0)))\(digits)]"
            }
        }
        return all
    }
}

extension String {
    /// Without blanks at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension PlainJSON {
    /// The elements of an array; none for anything else.
    fileprivate var elements: [PlainJSON] { if case .array(let values) = self { values } else { [] } }
}
