package import LogFormat

extension ByteBuffer {
    /// Appends a JSON string: quotes, backslash and control characters escaped, everything else as it is.
    package mutating func appendQuoted(_ utf8: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        var done = 0
        for index in 0..<utf8.count {
            let byte = unsafe utf8[index]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
            unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: utf8[done..<index]))
            appendEscape(byte)
            done = index + 1
        }
        unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: utf8[done...]))
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 8: append(UInt8(ascii: "b"))
        case 9: append(UInt8(ascii: "t"))
        case 10: append(UInt8(ascii: "n"))
        case 12: append(UInt8(ascii: "f"))
        case 13: append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        default:
            append(contentsOf: Array("u00".utf8))
            let digits = Array("0123456789abcdef".utf8)
            append(digits[Int(byte >> 4)])
            append(digits[Int(byte & 15)])
        }
    }

    /// Appends the JSON text of the value at `cursor`.
    package mutating func appendValue(_ plan: TypePlan, _ cursor: inout PlainCursor) {
        let quote = UInt8(ascii: "\"")
        switch plan {
        case .bool: append(contentsOf: cursor.take(UInt8.self) == 1 ? Self.yes : Self.no)
        case .i32: appendDigits(Int64(cursor.take(Int32.self)))
        case .i64: appendDigits(cursor.take(Int64.self))
        case .u64: appendDigits(cursor.take(UInt64.self))
        case .f64: appendFloat(Double(bitPattern: cursor.take(UInt64.self)))
        case .f32: appendFloat(Float(bitPattern: cursor.take(UInt32.self)))
        case .string: unsafe appendQuoted(cursor.take(Int(cursor.take(UInt32.self))))
        case .bytes:
            append(quote)
            unsafe Base64.append(cursor.take(Int(cursor.take(UInt32.self))), to: &self)
            append(quote)
        case .fixed(let size):
            append(quote)
            unsafe Base64.append(cursor.take(size), to: &self)
            append(quote)
        case .ulid:
            append(quote)
            append(contentsOf: Array(unsafe ULID(bigEndian: cursor.take(16)).text.utf8))
            append(quote)
        case .time:
            append(quote)
            TimeText.append(cursor.take(Int64.self), to: &self)
            append(quote)
        case .decimal(let scale):
            append(quote)
            appendDecimal(cursor.take(Int64.self), scale: scale)
            append(quote)
        case .symbols(_, let quoted): append(contentsOf: quoted[Int(cursor.take(UInt32.self))])
        case .list(let element, _):
            append(UInt8(ascii: "["))
            for index in 0..<cursor.take(UInt32.self) {
                if index > 0 { append(UInt8(ascii: ",")) }
                appendValue(element, &cursor)
            }
            append(UInt8(ascii: "]"))
        case .record(let record):
            appendRecord(record, &cursor)
        }
    }

    private mutating func appendRecord(_ plan: RecordPlan, _ cursor: inout PlainCursor) {
        var presence = cursor.takePresence(plan.stableOptionalCount)
        append(UInt8(ascii: "{"))
        var isFirst = true
        for member in plan.members where !member.isOptional || presence.next() {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            append(contentsOf: member.label)
            appendValue(member.type, &cursor)
        }
        append(UInt8(ascii: "}"))
    }

    private static let yes = Array("true".utf8)
    private static let no = Array("false".utf8)

    /// Appends the fields of an event as a JSON object, in their order, absent ones left out.
    package mutating func appendData(
        _ plan: RecordPlan, _ parts: inout EventParts, leavingOut excluded: [UInt8] = []
    ) {
        append(UInt8(ascii: "{"))
        var isFirst = true
        for member in plan.members where parts.isPresent(member) {
            if member.name == excluded {
                let before = count
                parts.withPart(of: member) { cursor in appendValue(member.type, &cursor) }
                truncate(to: before)
                continue
            }
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            append(contentsOf: member.label)
            parts.withPart(of: member) { cursor in appendValue(member.type, &cursor) }
        }
        append(UInt8(ascii: "}"))
    }
}

/// The two parts of an event's canonical bytes, walked together in field order.
package struct EventParts {
    private var stable: PlainCursor
    private var volatile: PlainCursor
    private var stablePresence: PlainCursor.Presence
    private var volatilePresence: PlainCursor.Presence

    /// Bytes before the presence map of each part (SPEC.md section 10).
    private static let stableHeadBytes = 24
    private static let volatileHeadBytes = 20

    package init?(stable: UnsafeRawBufferPointer, volatile: UnsafeRawBufferPointer, plan: RecordPlan) {
        guard var stable = unsafe PlainCursor(stable, skipping: Self.stableHeadBytes),
            var volatile = unsafe PlainCursor(volatile, skipping: Self.volatileHeadBytes)
        else { return nil }
        stablePresence = stable.takePresence(plan.stableOptionalCount)
        volatilePresence = volatile.takePresence(plan.volatileOptionalCount)
        self.stable = stable
        self.volatile = volatile
    }

    /// Whether the next field is there; to be asked of each field once, in order.
    package mutating func isPresent(_ member: RecordPlan.Member) -> Bool {
        if !member.isOptional { return true }
        return member.isVolatile ? volatilePresence.next() : stablePresence.next()
    }

    /// Walks the part that holds a field.
    @inline(__always)
    package mutating func withPart(of member: RecordPlan.Member, _ body: (inout PlainCursor) -> Void) {
        if member.isVolatile { body(&volatile) } else { body(&stable) }
    }
}
