import Foundation
import Statistics
import Testing

/// One case of an oracle file.
struct OracleCase: CustomTestStringConvertible, Sendable {
    let name: String
    let kind: String
    let inputs: OracleValue
    let expected: OracleValue
    let tolerance: OracleValue
    var testDescription: String { name }

    /// The code that a refusal must carry; nil where an answer is expected.
    var errorCode: String? { expected.has("error") ? expected["error"].string : nil }

    /// Checks one field of the answer, elementwise, within the tolerance of the file.
    func expect(_ key: String, _ got: [Double], sourceLocation: SourceLocation = #_sourceLocation) {
        guard expected.has(key) else { return }
        let want = expected[key].flat
        #expect(
            got.count == want.count, "\(name).\(key): \(got.count) values, expected \(want.count)",
            sourceLocation: sourceLocation)
        let fields = tolerance["fields"]
        let pair = fields.has(key) ? fields[key] : tolerance
        let (atol, rtol) = (pair["atol"].double, pair["rtol"].double)
        for index in 0..<min(got.count, want.count) where !close(got[index], want[index], atol, rtol) {
            let limit = "\(atol) + \(rtol) relative"
            Issue.record(
                "\(name).\(key)[\(index)]: got \(got[index]), expected \(want[index]) within \(limit)",
                sourceLocation: sourceLocation)
            return
        }
    }

    func expect(_ key: String, _ got: Double, sourceLocation: SourceLocation = #_sourceLocation) {
        expect(key, [got], sourceLocation: sourceLocation)
    }

    func expect(_ key: String, _ got: [Int], sourceLocation: SourceLocation = #_sourceLocation) {
        expect(key, got.map(Double.init), sourceLocation: sourceLocation)
    }

    func expect(_ key: String, _ got: [[Double]], sourceLocation: SourceLocation = #_sourceLocation) {
        expect(key, got.flatMap(\.self), sourceLocation: sourceLocation)
    }

    /// Runs a body that must answer, or refuse with the code of the file.
    func run(sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
        do {
            try body()
            if let code = errorCode {
                Issue.record("\(name): answered, expected \(code)", sourceLocation: sourceLocation)
            }
        } catch let error as StatisticsError {
            #expect(error.code.rawValue == errorCode, "\(name): \(error)", sourceLocation: sourceLocation)
        } catch {
            Issue.record("\(name): \(error)", sourceLocation: sourceLocation)
        }
    }
}

private func close(_ got: Double, _ want: Double, _ atol: Double, _ rtol: Double) -> Bool {
    if want.isNaN { return got.isNaN }
    if want.isInfinite || got.isInfinite { return got == want }
    return abs(got - want) <= atol + rtol * abs(want)
}

/// The oracle files: LOTUS_ORACLES, or `shared/oracles` beside the package.
enum Oracle {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["LOTUS_ORACLES"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "shared/oracles")
    }()

    static let isPresent = FileManager.default.fileExists(atPath: folder.appending(path: "special.json").path)

    /// Cases of a file, of one kind or of all; none where the files are absent, and `OracleTests` says so.
    static func cases(_ file: String, _ kind: String? = nil) -> [OracleCase] {
        guard let data = try? Data(contentsOf: folder.appending(path: "\(file).json")),
            let root = try? OracleParser.parse(Array(data))
        else { return [] }
        return root["cases"].list.map {
            OracleCase(
                name: $0["name"].string, kind: $0["kind"].string, inputs: $0["inputs"], expected: $0["expected"],
                tolerance: $0["tol"])
        }.filter { kind == nil || $0.kind == kind }
    }

    /// The one case of a name.
    static func named(_ file: String, _ name: String) throws -> OracleCase {
        try #require(cases(file).first { $0.name == name }, "no case \(name) in \(file).json")
    }
}

/// Says visibly when the suites below have nothing to compare with.
@Suite struct OracleTests {
    @Test func `the oracle files are there`() {
        if Oracle.isPresent { return }
        Issue.record(
            "no oracle files at \(Oracle.folder.path): set LOTUS_ORACLES; nothing is compared", severity: .warning)
    }

    @Test(.enabled(if: Oracle.isPresent)) func `a wrong answer is noticed`() throws {
        let case1 = try Oracle.named("special", "quantile_type7")
        let right = case1.expected["q"].flat
        case1.expect("q", right)
        withKnownIssue { case1.expect("q", right.map { $0 * 1.05 + 0.11 }) }
        withKnownIssue { case1.expect("q", Array(right.dropLast())) }
        withKnownIssue { case1.run { throw StatisticsError(.infeasible, "planted") } }
        let refusal = try Oracle.named("hac", "too_short")
        withKnownIssue { refusal.run {} }
    }
}
