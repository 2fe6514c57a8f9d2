import Events
import LogFormat

/// What a filter asks of one field, and of those in it.
struct FieldProbe {
    /// Bits of the comparisons that hold as soon as the field is there.
    private var presence: UInt64 = 0
    private var tests: [(bit: UInt64, test: ValueTest)] = []
    /// What is asked of the members of the record, or of those of a list's records; nil for those that are passed over.
    private var members: [FieldProbe?] = []

    /// Adds a comparison that looks along `path` below a value of this kind.
    ///
    /// - Returns: whether there is such a field.
    /// - Throws: `KindMismatch` for a question that does not suit it.
    mutating func add(
        _ question: Question, bit: UInt64, path: ArraySlice<String>, of plan: TypePlan
    ) throws(KindMismatch) -> Bool {
        guard let name = path.first else {
            if question == .isPresent {
                presence |= bit
            } else {
                tests.append((bit, try ValueTest(question, of: plan)))
            }
            return true
        }
        switch plan {
        case .list(let element, _): return try add(question, bit: bit, path: path, of: element)
        case .record(let record):
            let wanted = Array(name.utf8)
            guard let index = record.members.firstIndex(where: { $0.name == wanted }) else { return false }
            if members.isEmpty { members = Array(repeating: nil, count: record.members.count) }
            var member = members[index] ?? FieldProbe()
            let isThere = try member.add(
                question, bit: bit, path: path.dropFirst(), of: record.members[index].type)
            if isThere { members[index] = member }
            return isThere
        default: return false
        }
    }

    /// Number of members up to the last one that something is asked of.
    private var reach: Int { (members.lastIndex { $0 != nil } ?? -1) + 1 }

    /// The comparisons that hold for an event of the type that `plan` describes, given by its canonical parts.
    func look(
        at plan: RecordPlan, stable: UnsafeRawBufferPointer, volatile: UnsafeRawBufferPointer
    ) -> UInt64 {
        guard var parts = unsafe EventParts(stable: stable, volatile: volatile, plan: plan) else { return 0 }
        var found: UInt64 = 0
        for index in 0..<reach {
            let member = plan.members[index]
            guard parts.isPresent(member) else { continue }
            let probe = members[index]
            parts.withPart(of: member) { cursor in Self.visit(probe, member.type, &cursor, &found) }
        }
        return found
    }

    private static func visit(
        _ probe: FieldProbe?, _ plan: TypePlan, _ cursor: inout PlainCursor, _ found: inout UInt64
    ) {
        guard let probe else { return cursor.skip(plan) }
        found |= probe.presence
        if probe.tests.isEmpty, probe.members.isEmpty { cursor.skip(plan) } else { probe.test(plan, &cursor, &found) }
    }

    /// Notes the bits of the tests that hold for the value.
    private func test(_ plan: TypePlan, _ cursor: inout PlainCursor, _ found: inout UInt64) {
        switch plan {
        case .list(let element, _): for _ in 0..<cursor.take(UInt32.self) { test(element, &cursor, &found) }
        case .record(let record):
            var presence = cursor.takePresence(record.stableOptionalCount)
            for (index, member) in record.members.enumerated() where !member.isOptional || presence.next() {
                Self.visit(members.isEmpty ? nil : members[index], member.type, &cursor, &found)
            }
        case .i32: integer(Int128(cursor.take(Int32.self)), &found)
        case .i64, .time, .decimal: integer(Int128(cursor.take(Int64.self)), &found)
        case .u64: integer(Int128(cursor.take(UInt64.self)), &found)
        case .f64:
            let value = Double(bitPattern: cursor.take(UInt64.self))
            for test in tests where test.test.holds(double: value) { found |= test.bit }
        case .f32:
            let value = Float(bitPattern: cursor.take(UInt32.self))
            for test in tests where test.test.holds(float: value) { found |= test.bit }
        case .bool:
            let value = cursor.take(UInt8.self) == 1
            for test in tests where test.test.holds(bool: value) { found |= test.bit }
        case .symbols:
            let index = cursor.take(UInt32.self)
            for test in tests where test.test.holds(symbol: index) { found |= test.bit }
        case .string, .bytes: unsafe bytes(cursor.take(Int(cursor.take(UInt32.self))), &found)
        case .fixed(let size): unsafe bytes(cursor.take(size), &found)
        case .ulid: unsafe bytes(cursor.take(16), &found)
        }
    }

    @inline(__always)
    private func integer(_ value: Int128, _ found: inout UInt64) {
        for test in tests where test.test.holds(integer: value) { found |= test.bit }
    }

    private func bytes(_ value: UnsafeRawBufferPointer, _ found: inout UInt64) {
        for test in tests where unsafe test.test.holds(bytes: value) { found |= test.bit }
    }
}

extension PlainCursor {
    /// Passes over a value.
    fileprivate mutating func skip(_ plan: TypePlan) {
        if let width = plan.width {
            unsafe _ = take(width)
            return
        }
        switch plan {
        case .list(let element, _):
            let count = Int(take(UInt32.self))
            if let width = element.width {
                unsafe _ = take(count * width)
            } else {
                for _ in 0..<count { skip(element) }
            }
        case .record(let record):
            var presence = takePresence(record.stableOptionalCount)
            for member in record.members where !member.isOptional || presence.next() { skip(member.type) }
        default: unsafe _ = take(Int(take(UInt32.self)))
        }
    }
}

extension TypePlan {
    /// Bytes of a value in canonical form, where they are always as many.
    fileprivate var width: Int? {
        switch self {
        case .bool: 1
        case .i32, .f32, .symbols: 4
        case .i64, .u64, .f64, .time, .decimal: 8
        case .fixed(let size): size
        case .ulid: 16
        case .string, .bytes, .list, .record: nil
        }
    }
}
