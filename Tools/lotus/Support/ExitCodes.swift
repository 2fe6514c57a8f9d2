public import ArgumentParser
public import LogEngine
import LogFormat

/// The exit status of a verb (design section 5).
enum Outcome: Int32 {
    /// All is well.
    case clean = 0
    /// It could not be done, or not all of it.
    case failure = 1
    /// Data is damaged.
    case damaged = 2
    /// Done, but something was lost on the way.
    case lossy = 3
    /// Two things that should be equal are not.
    case differs = 4
    /// The request makes no sense.
    case usage = 64

    /// The status that an engine error leads to.
    init(_ code: LogError.Code) {
        switch code {
        case .damaged, .format, .rewound: self = .damaged
        case .usage: self = .usage
        default: self = .failure
        }
    }
}

/// A failure of the tool itself: what was found, what was expected, what to do.
struct ToolError: Error, CustomStringConvertible {
    var outcome: Outcome
    var description: String

    init(_ outcome: Outcome, _ description: String) {
        self.outcome = outcome
        self.description = description
    }

    init(_ description: String) { self.init(.failure, description) }
}

/// A subcommand that does its work in `perform` and leaves reporting of errors and the exit status to this protocol.
protocol Verb: ParsableCommand {
    /// Whether the result, and an error, are printed for machines.
    var json: Bool { get }

    mutating func perform() throws -> Outcome
}

extension Verb {
    mutating func run() throws {
        let outcome: Outcome
        do {
            outcome = try perform()
        } catch let error as LogError {
            outcome = Outcome(error.code)
            report(error.code.rawValue, error.message, outcome)
        } catch let error as ToolError {
            outcome = error.outcome
            report(outcome == .usage ? "usage" : "failure", error.description, outcome)
        }
        if outcome != .clean { throw ExitCode(outcome.rawValue) }
    }

    private func report(_ code: String, _ message: String, _ outcome: Outcome) {
        guard json else { return Terminal.complain(message) }
        Terminal.writeError(
            JSON.object([
                ("error", jsonString(code)), ("message", jsonString(message)), ("exit", "\(outcome.rawValue)"),
            ]))
    }
}

extension AppendLevel: ExpressibleByArgument {}
