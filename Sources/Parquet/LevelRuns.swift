/// Definition or repetition levels of a column, as runs of equal ones (Parquet's RLE, without bit packing).
struct LevelRuns {
    /// Bytes of the runs that have ended.
    private var runs: [UInt8] = []
    private var level: UInt8 = 0
    private var length = 0

    mutating func append(_ next: Int) {
        let next = UInt8(truncatingIfNeeded: next)
        if next == level { return length += 1 }
        endRun()
        (level, length) = (next, 1)
    }

    private mutating func endRun() {
        guard length > 0 else { return }
        var header = length << 1
        while header >= 0x80 {
            runs.append(UInt8(truncatingIfNeeded: header) | 0x80)
            header >>= 7
        }
        runs.append(UInt8(truncatingIfNeeded: header))
        runs.append(level)
        length = 0
    }

    /// The levels as they stand in a page, with their length in four bytes; begins anew.
    mutating func take() -> [UInt8] {
        endRun()
        let count = UInt32(runs.count)
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32(8 * $0)) } + runs
        self = LevelRuns()
        return bytes
    }
}
