package import Events
package import LogEngine
internal import LogFormat

/// Keys and contracts as they stand on a herald log: inputs that a run which goes on is fed again.
package struct HeraldInputs: Sendable {
    /// A key that came into force, with its time.
    package private(set) var keys: [(key: KeyRotated, time: VirtualTime)] = []
    /// A contract that was registered, with its time.
    package private(set) var manifests: [(manifest: ManifestRegistered, time: VirtualTime)] = []

    /// Reads the herald log at `path`, in its order.
    ///
    /// - Throws: `notALog`, `damaged`, `fileSystem`.
    package init(_ path: String, environment: LogEnvironment = .real()) throws(LogError) {
        var keys = self.keys
        var manifests = self.manifests
        let scan = EventScan()
        try scan.on(KeyRotated.self) { event, head in keys.append((event, VirtualTime(head.eventNanos))) }
        try scan.on(ManifestRegistered.self) { event, head in manifests.append((event, VirtualTime(head.eventNanos))) }
        try scan.read(path, environment: environment)
        (self.keys, self.manifests) = (keys, manifests)
    }
}
