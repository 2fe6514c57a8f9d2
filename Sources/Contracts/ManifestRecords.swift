package import Events
package import Herald
internal import LogFormat

/// The contracts of a fleet as the herald log knows them (ARC-18).
package enum ManifestRecords {
    /// A record for each module, by rank; the lineage is given where they are written.
    ///
    /// The hash is that of the manifest's file as `lotus manifest show` prints it.
    package static func of(_ map: ModelMap) -> [ManifestRegistered] {
        map.manifests.map { manifest in
            var record = ManifestRegistered()
            record.owner = manifest.module
            record.manifestHash = PayloadHash(Digest(hashing: Array(ManifestText.yaml(manifest).utf8)))
            record.manifestVersion = manifest.version
            return record
        }
    }
}
