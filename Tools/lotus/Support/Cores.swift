import Glibc

/// The cores that this process may run on.
enum Cores {
    /// Bits of a set of cores, as the kernel takes them.
    private static let wordCount = 16
    private typealias Call = @convention(c) (pid_t, Int, UnsafeMutableRawPointer) -> Int32

    /// Leaves the first `count` of the cores allowed so far, for this thread and those that it starts.
    ///
    /// Fewer cores than that are kept as they are. Throws `usage` for a number below 1.
    static func keep(_ count: Int) throws {
        guard count >= 1 else { throw ToolError(.usage, "--cores \(count): expected at least 1") }
        var words = [UInt64](repeating: 0, count: wordCount)
        try call("sched_getaffinity", &words)
        var left = count
        for place in words.indices {
            for bit in 0..<64 where words[place] >> UInt64(bit) & 1 == 1 {
                if left > 0 { left -= 1 } else { words[place] &= ~(1 << UInt64(bit)) }
            }
        }
        try call("sched_setaffinity", &words)
    }

    /// Calls one of the two functions, which glibc has and its headers hide from Swift (_GNU_SOURCE).
    private static func call(_ name: String, _ words: inout [UInt64]) throws {
        guard let symbol = unsafe dlsym(nil, name) else { throw ToolError("this system has no \(name)") }
        // SAFETY: both functions take a process, a length in bytes and that many bytes, and keep no pointer.
        let status = unsafe words.withUnsafeMutableBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            return unsafe unsafeBitCast(symbol, to: Call.self)(0, bytes.count, start)
        }
        // The raw call gives the number of bytes, the function of glibc 0.
        guard status >= 0 else { throw ToolError("\(name): error \(errno)") }
    }
}
