import CLotus

/// The cores that this process may run on.
enum Cores {
    /// Leaves the first `count` of the cores allowed so far, for this thread and those that it starts.
    ///
    /// Fewer cores than that are kept as they are. Throws `usage` for a number below 1.
    static func keep(_ count: Int) throws {
        guard let number = UInt32(exactly: count), number >= 1 else {
            throw ToolError(.usage, "--cores \(count): expected at least 1")
        }
        let failure = clotus_keep_cores(number)
        guard failure == 0 else { throw ToolError("--cores \(count): the system refuses, error \(failure)") }
    }
}
