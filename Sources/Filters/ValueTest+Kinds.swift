import Events

/// Why a question does not suit a kind of value.
struct KindMismatch: Error {
    /// Offset in the filter: the literal's, or nil for the question itself.
    let at: Int?
    let message: String
}

extension ValueTest {
    /// Makes the test of a question for a kind of value; of a list, for its elements.
    init(_ question: Question, of plan: TypePlan) throws(KindMismatch) {
        switch (question, plan) {
        case (.isPresent, _): preconditionFailure("Invariant: presence is not asked of a value")
        case (_, .list(let element, _)): self = try ValueTest(question, of: element)
        case (_, .record(let record)):
            let names = record.members.prefix(6).map { String(decoding: $0.name, as: UTF8.self) }
            let more = record.members.count > 6 ? ", …" : ""
            throw KindMismatch(
                at: nil, message: "is a record: compare one of its fields (\(names.joined(separator: ", "))\(more))")
        case (.fits(let literal), .string): self = .glob(Glob(literal.text))
        case (.fits(let literal), .ulid): self = .idGlob(Glob(literal.text))
        case (.fits(let literal), .symbols(let symbols, _)):
            let glob = Glob(literal.text)
            self = .symbols(symbols.map { symbol in unsafe symbol.withUnsafeBytes { unsafe glob.fits($0) } })
        case (.fits, _): throw KindMismatch(at: nil, message: "takes no ~, which is for texts: it is \(plan.kindName)")
        case (.compares(let comparator, let literals), _):
            self = try ValueTest(comparator, literals, plan)
        }
    }

    /// The test of a text beside the payload: a type or a log.
    init(text question: Question) throws(KindMismatch) { self = try ValueTest(question, of: .string) }

    private init(_ comparator: Comparator, _ literals: [Literal], _ plan: TypePlan) throws(KindMismatch) {
        if comparator.isOrder, !plan.hasOrder {
            throw KindMismatch(
                at: nil, message: "takes = != and in, and no \(comparator.rawValue): it is \(plan.kindName)")
        }
        func each<Value>(_ read: (Literal) throws(KindMismatch) -> Value) throws(KindMismatch) -> [Value] {
            var values: [Value] = []
            for literal in literals { values.append(try read(literal)) }
            return values
        }
        switch plan {
        case .i32, .i64, .u64, .time, .decimal: self = .integer(comparator, try each(plan.place))
        case .f64:
            self = .double(
                comparator, try each { literal throws(KindMismatch) in Double(try plan.number(literal).text) ?? 0 })
        case .f32:
            self = .float(
                comparator, try each { literal throws(KindMismatch) in Float(try plan.number(literal).text) ?? 0 })
        case .bool:
            let truths = try each(plan.truth)
            func answer(_ value: Bool) -> Bool { truths.contains { ($0 == value) == (comparator == .equal) } }
            self = .bool(ifFalse: answer(false), ifTrue: answer(true))
        case .string: self = .bytes(comparator, try each(plan.text).map { Array($0.utf8) })
        case .ulid:
            self = .bytes(
                comparator,
                try each { literal throws(KindMismatch) in
                    guard let id = ULID(text: literal.text) else { throw plan.mismatch(literal) }
                    return id.bytes
                })
        case .bytes, .fixed:
            self = .bytes(
                comparator,
                try each { literal throws(KindMismatch) in
                    guard let bytes = Base64.decode(Array(literal.text.utf8).span), plan.takes(bytes.count) else {
                        throw plan.mismatch(literal)
                    }
                    return bytes
                })
        case .symbols(let symbols, _):
            let tests = ValueTest.bytes(comparator, try each(plan.symbol))
            self = .symbols(symbols.map { symbol in unsafe symbol.withUnsafeBytes { unsafe tests.holds(bytes: $0) } })
        case .list, .record: preconditionFailure("Invariant: a list or record is no value of its own")
        }
    }
}

extension TypePlan {
    fileprivate var hasOrder: Bool {
        switch self {
        case .bool, .bytes, .fixed: false
        default: true
        }
    }

    fileprivate func takes(_ byteCount: Int) -> Bool {
        if case .fixed(let size) = self { return byteCount == size }
        return true
    }

    fileprivate var kindName: String {
        switch self {
        case .bool: "true or false"
        case .i32, .i64, .u64: "an integer"
        case .f64, .f32, .decimal: "a number"
        case .string: "a text"
        case .bytes, .fixed: "bytes in base64"
        case .time: "a time"
        case .ulid: "an id"
        case .symbols: "a symbol"
        case .list: "a list"
        case .record: "a record"
        }
    }

    fileprivate func mismatch(_ literal: Literal, _ advice: String = "") -> KindMismatch {
        KindMismatch(at: literal.at, message: "found \(literal.shown): expected \(expectation)\(advice)")
    }

    /// A number; decimals may stand in quotes, as they are printed.
    fileprivate func number(_ literal: Literal) throws(KindMismatch) -> ExactNumber {
        let takesQuotes = if case .decimal = self { true } else { false }
        guard takesQuotes || !literal.isQuoted else { throw mismatch(literal, ", without quotes") }
        guard let number = ExactNumber(literal.text) else {
            throw KindMismatch(
                at: literal.at,
                message:
                    "found \(literal.shown): expected a number of at most \(FilterLimits.digitsMax) digits, such as "
                    + "-12.5 or 1e-3")
        }
        return number
    }

    /// Where a number or a time lies among the integers that are stored.
    fileprivate func place(_ literal: Literal) throws(KindMismatch) -> ExactNumber.Place {
        switch self {
        case .decimal(let scale): return try number(literal).place(scale: scale)
        case .time:
            if !literal.isQuoted, let number = ExactNumber(literal.text) { return number.place(scale: 0) }
            do throws(TimeText.Failure) {
                let nanos = try TimeText.parse(Array(literal.text.utf8).span, allowsDate: true)
                return ExactNumber.Place(floor: Int128(nanos), isWhole: true)
            } catch { throw KindMismatch(at: literal.at, message: error.detail) }
        default: return try number(literal).place(scale: 0)
        }
    }

    fileprivate func truth(_ literal: Literal) throws(KindMismatch) -> Bool {
        guard !literal.isQuoted, literal.text == "true" || literal.text == "false" else { throw mismatch(literal) }
        return literal.text == "true"
    }

    /// A text; without quotes it must not look like a value of another kind.
    fileprivate func text(_ literal: Literal) throws(KindMismatch) -> String {
        let isOther = ExactNumber(literal.text) != nil || literal.text == "true" || literal.text == "false"
        guard literal.isQuoted || !isOther else { throw mismatch(literal, ": write \"\(literal.text)\"") }
        return literal.text
    }

    /// The text of a symbol, which must be one of the enumeration's.
    fileprivate func symbol(_ literal: Literal) throws(KindMismatch) -> [UInt8] {
        guard case .symbols(let symbols, _) = self else { return [] }
        let text = Array(literal.text.utf8)
        guard symbols.contains(text) else {
            throw mismatch(
                literal, Spelling.hint(literal.text, among: symbols.map { String(decoding: $0, as: UTF8.self) }))
        }
        return text
    }
}
