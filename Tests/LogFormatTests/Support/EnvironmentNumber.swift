import Glibc

/// A number given in the environment, if there is one.
func environmentNumber(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
