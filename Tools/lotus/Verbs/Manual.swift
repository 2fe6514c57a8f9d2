import ArgumentParser
import LogEngine
import LogFormat

/// `lotus manual`: the pages that man shows, made of the same declarations as --help.
struct Manual: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Write a page for man of every verb.",
        discussion: """
            The pages say what --help says, and follow from it alone: the same program writes the same bytes. They \
            are called lotus.1, lotus-replay.1, lotus-audit-lookahead.1 and so on; files of these names are replaced.

            EXAMPLES
              mkdir -p man/man1 && lotus manual --out man/man1
              man -M man lotus-replay
            """)

    @Option(help: "The folder; must exist.")
    var out: String
    @Flag(help: "Print the names of the pages as JSON.")
    var json = false

    mutating func perform() throws -> Outcome {
        guard RealFS().kind(out) == .directory else {
            throw ToolError(.usage, "\(out): is no folder; make it first: mkdir -p \(out)")
        }
        let pages = try ManualPages.all()
        for page in pages { try ReportWriter.put(page.text, to: "\(out)/\(page.name)") }
        try Output.print(
            json
                ? JSON.array(pages.map { jsonString($0.name) })
                : "\(out): \(pages.count) pages; man \(out)/\(pages[0].name)")
        return .clean
    }
}
