import Glibc

/// Whether an environment variable is set to something other than 0.
func environmentFlag(_ name: String) -> Bool {
    guard let text = getenv(name) else { return false }
    return String(cString: text) != "0"
}
