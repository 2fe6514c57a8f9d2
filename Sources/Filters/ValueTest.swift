import Events

/// A question that knows what kind of value it is asked of.
enum ValueTest: Sendable {
    /// Integers, decimals in their last place, and nanoseconds.
    case integer(Comparator, [ExactNumber.Place])
    case double(Comparator, [Double])
    case float(Comparator, [Float])
    case bool(ifFalse: Bool, ifTrue: Bool)
    /// Texts in the order of their UTF-8, ids and other bytes in theirs.
    case bytes(Comparator, [[UInt8]])
    case glob(Glob)
    /// The text of an id.
    case idGlob(Glob)
    /// The answer for each symbol of an enumeration.
    case symbols([Bool])

    @inline(__always)
    func holds(integer value: Int128) -> Bool {
        guard case .integer(let comparator, let places) = self else { return false }
        for place in places where comparator.holds(value, place) { return true }
        return false
    }

    @inline(__always)
    func holds(double value: Double) -> Bool {
        guard case .double(let comparator, let others) = self else { return false }
        for other in others where comparator.holds(value, other) { return true }
        return false
    }

    @inline(__always)
    func holds(float value: Float) -> Bool {
        guard case .float(let comparator, let others) = self else { return false }
        for other in others where comparator.holds(value, other) { return true }
        return false
    }

    @inline(__always)
    func holds(bool value: Bool) -> Bool {
        guard case .bool(let ifFalse, let ifTrue) = self else { return false }
        return value ? ifTrue : ifFalse
    }

    @inline(__always)
    func holds(symbol index: UInt32) -> Bool {
        guard case .symbols(let answers) = self else { return false }
        return Int(index) < answers.count && answers[Int(index)]
    }

    /// Texts, bytes and ids as they are stored.
    func holds(bytes value: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .bytes(let comparator, let others):
            for other in others where unsafe comparator.holds(Self.order(value, other), 0) { return true }
            return false
        case .glob(let glob): return unsafe glob.fits(value)
        case .idGlob(let glob):
            let text = unsafe Array(ULID(bigEndian: value).text.utf8)
            return unsafe text.withUnsafeBytes { unsafe glob.fits($0) }
        default: return false
        }
    }

    /// Whether a text that is no value of a field is what is asked for.
    func holds(text: String) -> Bool {
        let bytes = Array(text.utf8)
        return unsafe bytes.withUnsafeBytes { unsafe holds(bytes: $0) }
    }

    /// Below, at or above zero, as `a` stands to `b`.
    private static func order(_ a: UnsafeRawBufferPointer, _ b: [UInt8]) -> Int {
        let shared = min(a.count, b.count)
        for index in 0..<shared {
            let (first, second) = (unsafe a[index], b[index])
            if first != second { return first < second ? -1 : 1 }
        }
        return a.count - b.count
    }
}
