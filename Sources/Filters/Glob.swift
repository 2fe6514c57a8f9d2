/// A pattern of text in which `*` stands for any text, and everything else for itself.
struct Glob: Equatable, Sendable {
    /// What lies between the stars.
    private let pieces: [[UInt8]]

    init(_ text: String) {
        pieces = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Array($0) }
    }

    /// Whether a text fits as a whole; the earliest place of each piece is enough.
    func fits(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = pieces.first, let last = pieces.last else { return text.count == 0 }
        if pieces.count == 1 { return unsafe text.elementsEqual(first) }
        guard text.count >= first.count + last.count, unsafe Self.stands(first, in: text, at: 0),
            unsafe Self.stands(last, in: text, at: text.count - last.count)
        else { return false }
        var at = first.count
        let end = text.count - last.count
        for piece in pieces.dropFirst().dropLast() {
            while at + piece.count <= end, unsafe !Self.stands(piece, in: text, at: at) { at += 1 }
            guard at + piece.count <= end else { return false }
            at += piece.count
        }
        return true
    }

    private static func stands(_ piece: [UInt8], in text: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        for index in piece.indices where unsafe text[offset + index] != piece[index] { return false }
        return true
    }
}
