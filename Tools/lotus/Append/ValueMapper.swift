import Events
import LogFormat

/// Turns JSON values into event values, without rounding any.
struct ValueMapper {
    let tape: JSONTape

    /// One value a member of the record, from the members of an object.
    ///
    /// - Parameter passing: name of a member that is no field.
    func record(
        _ plan: RecordPlan, _ object: Int, _ text: Span<UInt8>, passing: [UInt8]?
    ) throws(LineError) -> [Value] {
        var values = [Value](repeating: .null, count: plan.members.count)
        var index = object + 1
        var expected = 0
        let end = Int(tape.nodes[object].next)
        while index < end {
            let value = index + 1
            if let passing, tape.equals(index, passing, text) {
                index = Int(tape.nodes[value].next)
                continue
            }
            // Members usually come in the order of the fields.
            var found = expected
            if found >= plan.members.count || !tape.equals(index, plan.members[found].name, text) {
                guard let other = plan.members.firstIndex(where: { tape.equals(index, $0.name, text) }) else {
                    let known = plan.members.map { String(decoding: $0.name, as: UTF8.self) }.joined(separator: ", ")
                    throw LineError(detail: "unknown field '\(tape.string(index, text))', the type has: \(known)")
                }
                found = other
            }
            let member = plan.members[found]
            do throws(LineError) {
                if tape.nodes[value].kind == .null {
                    if !member.isOptional { throw LineError(detail: "is null, and the field is required") }
                } else {
                    values[found] = try self.value(member.type, value, text)
                }
            } catch { throw error.inside(String(decoding: member.name, as: UTF8.self)) }
            expected = found + 1
            index = Int(tape.nodes[value].next)
        }
        for (member, value) in zip(plan.members, values) where !member.isOptional {
            if case .null = value {
                throw LineError(path: String(decoding: member.name, as: UTF8.self), detail: "is missing")
            }
        }
        return values
    }

    /// The value of a node as a type.
    func value(_ plan: TypePlan, _ index: Int, _ text: Span<UInt8>) throws(LineError) -> Value {
        let kind = tape.nodes[index].kind
        switch (plan, kind) {
        case (.bool, .yes): return .bool(true)
        case (.bool, .no): return .bool(false)
        case (.i32, .integer):
            guard let number = Int32(tape.string(index, text)) else { break }
            return .int(Int64(number))
        case (.i64, .integer), (.time, .integer):
            guard let number = Int64(tape.string(index, text)) else { break }
            return .int(number)
        case (.u64, .integer):
            guard let number = UInt64(tape.string(index, text)) else { break }
            return .uint(number)
        case (.f64, .integer), (.f64, .number):
            guard let number = Double(tape.string(index, text)), number.isFinite else { break }
            return .double(number)
        case (.f32, .integer), (.f32, .number):
            guard let number = Float(tape.string(index, text)), number.isFinite else { break }
            return .float(number)
        case (.string, .string), (.string, .escaped): return .string(tape.string(index, text))
        case (.bytes, .string), (.bytes, .escaped):
            guard let bytes = Base64.decode(tape.bytes(index, text).span) else { break }
            return .bytes(bytes)
        case (.fixed(let size), .string), (.fixed(let size), .escaped):
            guard let bytes = Base64.decode(tape.bytes(index, text).span), bytes.count == size else { break }
            return .bytes(bytes)
        case (.ulid, .string):
            guard let ulid = ULID(text: tape.string(index, text)) else { break }
            return .bytes(ulid.bytes)
        case (.time, .string):
            do throws(TimeText.Failure) {
                return .int(try TimeText.parse(text.extracting(tape.slice(index))))
            } catch { throw LineError(detail: error.detail) }
        case (.decimal(let scale), .integer), (.decimal(let scale), .number), (.decimal(let scale), .string):
            return .int(try DecimalText.parse(text.extracting(tape.slice(index)), scale: scale))
        case (.symbols(let symbols, _), .string), (.symbols(let symbols, _), .escaped):
            guard let symbol = symbols.firstIndex(where: { tape.equals(index, $0, text) }) else { break }
            return .symbol(UInt32(symbol))
        case (.list(let element, let count), .array): return try list(element, count, index, text)
        case (.record(let record), .object): return .record(try self.record(record, index, text, passing: nil))
        default: break
        }
        throw LineError(detail: "found \(shown(index, text)), expected \(plan.expectation)")
    }

    private func list(
        _ element: TypePlan, _ count: Int, _ array: Int, _ text: Span<UInt8>
    ) throws(LineError) -> Value {
        var values: [Value] = []
        if count > 0 { values.reserveCapacity(count) }
        var index = array + 1
        while index < Int(tape.nodes[array].next) {
            guard values.count < FormatLimits.listElementsMax else {
                throw LineError(detail: "more than \(FormatLimits.listElementsMax) elements")
            }
            do throws(LineError) { values.append(try value(element, index, text)) } catch {
                throw error.inside("[\(values.count)]")
            }
            index = Int(tape.nodes[index].next)
        }
        guard count == 0 || values.count == count else {
            throw LineError(detail: "has \(values.count) elements, expected \(count)")
        }
        return .list(values)
    }

    /// A value as it stands in the line, shortened.
    private func shown(_ index: Int, _ text: Span<UInt8>) -> String {
        switch tape.nodes[index].kind {
        case .object: "an object"
        case .array: "an array"
        case .string, .escaped: "\"\(tape.string(index, text).prefix(60))\""
        default: String(tape.string(index, text).prefix(60))
        }
    }
}
