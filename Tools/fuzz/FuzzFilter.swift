import Filters
import LogFormat

/// First byte of an input that is a filter.
let filterSelector: UInt8 = 254

/// Any text as a filter: refused with a place within it, or a filter of any type that there is.
func fuzzFilter(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let filter: Filter
    do throws(FilterError) { filter = try Filter(text) } catch {
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        precondition((1...lines).contains(error.line) && error.column >= 1, "a refusal names a place in the text")
        precondition(!error.picture.isEmpty && !error.message.isEmpty)
        return
    }
    guard let rich = attempt({ () throws(FormatError) in try makeRichSchema() }) else {
        fatalError("the types of the harness are valid")
    }
    let mayTake = filter.mayTake(rich, log: "log")
    precondition((filter.predicate(for: rich, log: "log") != nil) == mayTake, "a type is taken or it is not")
    try? filter.check([FilterSubject(log: "log", schema: rich)], isOpen: false)
    precondition((try? Filter(filter.text)) != nil, "a filter can be read again")
}
