internal import Glibc

/// Whether an environment variable is set to something other than 0.
package func environmentFlag(_ name: String) -> Bool {
    guard let text = unsafe getenv(name) else { return false }
    return unsafe String(cString: text) != "0"
}

/// Whether tests that can go through every case do so.
package var isExhaustive: Bool { environmentFlag("LOTUS_EXHAUSTIVE") }

/// How many seeds a run explores: dozens in a plain test run, as many as asked through LOTUS_SEEDS; make simulate asks
/// for ten thousand.
package func seedCount(_ plain: Int) -> Int {
    guard let text = unsafe getenv("LOTUS_SEEDS"), let count = unsafe Int(String(cString: text)) else { return plain }
    return count
}
