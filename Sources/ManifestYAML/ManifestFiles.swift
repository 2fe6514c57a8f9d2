package import Contracts
package import Events
import Herald
internal import LogFormat

/// The files of a contract folder: one manifest a module and the model map.
package enum ManifestFiles {
    /// Name of the model map's file.
    package static let modelMap = "models.map.yaml"

    /// Name of a module's file.
    package static func name(_ module: Module) -> String { "\(module.text).yaml" }

    /// All names, in order.
    package static var names: [String] { Fleet.modules.map(name) + [modelMap] }

    /// Reads all files; `read` gives the text of one by its name.
    ///
    /// - Throws: the error of `read`, or `ManifestError` with its place, also when a file holds another module.
    package static func load(_ read: (String) throws -> (text: String, path: String)) throws -> ContractSet {
        var manifests: [ModuleManifest] = []
        for module in Fleet.modules {
            let (text, path) = try read(name(module))
            let manifest = try ManifestReader.manifest(text, file: path)
            guard manifest.module == module else {
                throw ManifestError(
                    file: path, line: 1, column: 1,
                    message: "is the manifest of \(manifest.module.text), expected that of \(module.text): "
                        + "rename the file")
            }
            manifests.append(manifest)
        }
        let (text, path) = try read(modelMap)
        return ContractSet(manifests: manifests, routes: try ManifestReader.routes(text, file: path))
    }

    /// The text that the code would write into a file, nil for an unknown name.
    package static func text(_ name: String) throws -> String? {
        if name == modelMap { return ManifestText.yaml(Fleet.routes) }
        guard let module = Fleet.modules.first(where: { self.name($0) == name }) else { return nil }
        return ManifestText.yaml(try Fleet.manifest(module))
    }
}
