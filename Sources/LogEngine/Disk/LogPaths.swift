/// Names of the files of a log (SPEC.md section 2).
public enum LogPaths {
    package static let lock = "LOCK"
    package static let commit = "COMMIT"
    package static let manifest = "MANIFEST"
    package static let next = "segment.next"
    package static let cursors = "cursors"
    static let segmentSuffix = ".seg"
    /// End of the names of files in which recovery sets bytes aside.
    package static let quarantineSuffix = ".quarantine"

    /// The file name of the segment that starts at `baseSeq`.
    public static func segment(_ baseSeq: UInt64) -> String {
        let digits = String(baseSeq)
        return String(repeating: "0", count: 20 - digits.count) + digits + segmentSuffix
    }

    /// The first seq that a segment's file name tells, or nil for other names.
    public static func baseSeq(_ name: String) -> UInt64? {
        guard name.utf8.count == 24, name.hasSuffix(segmentSuffix) else { return nil }
        let digits = name.dropLast(4)
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(digits)
    }

    /// Whether `name` may name a log: `[a-z0-9_-]{1,63}`.
    public static func isLogName(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }
}
