extension JSONTape {
    /// Content of a string node, escapes resolved.
    func bytes(_ index: Int, _ text: Span<UInt8>) -> [UInt8] {
        let node = nodes[index]
        var result: [UInt8] = []
        result.reserveCapacity(Int(node.end - node.start))
        var at = Int(node.start)
        let end = Int(node.end)
        while at < end {
            let byte = text[at]
            at += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            at += 1
            switch text[at - 1] {
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "u"):
                var value = codeUnit(&at, text)
                if (0xD800..<0xDC00).contains(value) {
                    at += 2
                    value = 0x10000 + (value - 0xD800) << 10 + (codeUnit(&at, text) - 0xDC00)
                }
                if let scalar = UnicodeScalar(value) { result += UTF8.encode(scalar).map { Array($0) } ?? [] }
            case let other: result.append(other)
            }
        }
        return result
    }

    private func codeUnit(_ at: inout Int, _ text: Span<UInt8>) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            value = value << 4 | (hexadecimalDigit(text[at]) ?? 0)
            at += 1
        }
        return value
    }

    /// Content of a string node, or the text of any other.
    func string(_ index: Int, _ text: Span<UInt8>) -> String {
        if nodes[index].kind == .escaped { return String(decoding: bytes(index, text), as: UTF8.self) }
        let slice = slice(index)
        return unsafe text.extracting(slice).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Where the content of a node stands.
    func slice(_ index: Int) -> Range<Int> { Int(nodes[index].start)..<Int(nodes[index].end) }

    /// Whether a string node is exactly these bytes.
    func equals(_ index: Int, _ name: [UInt8], _ text: Span<UInt8>) -> Bool {
        let node = nodes[index]
        if node.kind == .escaped { return bytes(index, text) == name }
        guard Int(node.end - node.start) == name.count else { return false }
        let start = Int(node.start)
        for offset in name.indices where text[start + offset] != name[offset] { return false }
        return true
    }

    /// Index of the value of a member of an object node, if there is one.
    func member(_ object: Int, _ name: StaticString, _ text: Span<UInt8>) -> Int? {
        let wanted = Array("\(name)".utf8)
        var index = object + 1
        while index < Int(nodes[object].next) {
            if equals(index, wanted, text) { return index + 1 }
            index = Int(nodes[index + 1].next)
        }
        return nil
    }

    /// Refuses an object that has a name twice: which value counts would be anyone's guess.
    func checkNames(_ object: Int, _ text: Span<UInt8>) throws(JSONError) {
        let end = Int(nodes[object].next)
        var names = 0
        var isPlain = true
        var index = object + 1
        while index < end {
            names += 1
            if nodes[index].kind == .escaped { isPlain = false }
            index = Int(nodes[index + 1].next)
        }
        guard names > 1 else { return }
        if names > 16 || !isPlain { return try checkManyNames(object, text) }
        index = Int(nodes[object + 2].next)
        while index < end {
            var other = object + 1
            while other < index {
                if isSame(index, other, text) { throw duplicate(index, text) }
                other = Int(nodes[other + 1].next)
            }
            index = Int(nodes[index + 1].next)
        }
    }

    private func isSame(_ index: Int, _ other: Int, _ text: Span<UInt8>) -> Bool {
        let a = nodes[index]
        let b = nodes[other]
        guard a.end - a.start == b.end - b.start else { return false }
        for offset in 0..<Int(a.end - a.start) where text[Int(a.start) + offset] != text[Int(b.start) + offset] {
            return false
        }
        return true
    }

    private func checkManyNames(_ object: Int, _ text: Span<UInt8>) throws(JSONError) {
        var seen = Set<[UInt8]>()
        var index = object + 1
        while index < Int(nodes[object].next) {
            guard seen.insert(bytes(index, text)).inserted else { throw duplicate(index, text) }
            index = Int(nodes[index + 1].next)
        }
    }

    private func duplicate(_ index: Int, _ text: Span<UInt8>) -> JSONError {
        JSONError(offset: Int(nodes[index].start), detail: "name '\(string(index, text))' stands twice in one object")
    }
}
