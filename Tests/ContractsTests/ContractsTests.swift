import Contracts
import Events
import Foundation
import Herald
import LogFormat
import ManifestYAML
import Testing

/// Manifests and model map against the code (ARC-18, SCH-HER-4, SCH-HER-5).
@Suite struct ContractsTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Contracts/manifests")

    static func files() throws -> ContractSet {
        try ManifestFiles.load { name in
            (try String(contentsOf: folder.appending(path: name), encoding: .utf8), name)
        }
    }

    @Test func `the files say what the code says`() throws {
        let found = try Self.files().differences(from: try ContractSet.code())
        #expect(found.isEmpty, "\(found.map(\.text).joined(separator: "\n"))")
    }

    @Test(arguments: ManifestFiles.names) func `what the code writes is read back as it was`(_ name: String) throws {
        let text = try #require(try ManifestFiles.text(name))
        if name == ManifestFiles.modelMap {
            #expect(try ManifestReader.routes(text, file: name) == Fleet.routes)
        } else {
            let manifest = try ManifestReader.manifest(text, file: name)
            #expect(manifest == (try Fleet.manifest(manifest.module)))
        }
    }

    @Test func `the record of a contract has the hash of what manifest show prints, and changes with any part`() throws
    {
        let map = try Fleet.map()
        let records = ManifestRecords.of(map)
        #expect(records.map(\.owner) == map.manifests.map(\.module))
        let text = try #require(try ManifestFiles.text("sig.yaml"))
        let sig = try #require(records.first { $0.owner == .sig })
        #expect(sig.manifestHash == PayloadHash(Digest(hashing: Array(text.utf8))))
        var changed = try Fleet.manifest(.sig)
        #expect(sig.manifestVersion == changed.version)
        changed.knobs[0].step += 0.001
        let other = ManifestRecords.of(ModelMap([changed], routes: Fleet.routes))
        #expect(other.map(\.owner) == [.sig] && other.first?.manifestHash != sig.manifestHash)
    }

    @Test func `there is no file that the code does not know`() throws {
        #expect(try ManifestFiles.text("ops.yaml") == nil)
    }

    /// One side lacks something or says it differently: both directions are found and named.
    @Test(arguments: ["outbound", "inbound", "knob", "column", "type", "range", "pair", "emits", "module"])
    func `a difference is named whichever side has more`(_ part: String) throws {
        let code = try ContractSet.code()
        var less = code
        let kind: ContractDifference.Kind
        let name: String
        switch part {
        case "outbound":
            kind = .intent
            name = less.manifests[1].outbound.removeLast().intent.text
        case "inbound":
            kind = .listener
            name = less.manifests[1].inbound.removeFirst().intent.text
        case "knob":
            kind = .knob
            name = less.manifests[1].knobs.removeFirst().key.text
        case "column":
            kind = .column
            let column = less.manifests[1].store[0].columns.removeLast()
            name = "\(less.manifests[1].store[0].event).\(column.key)"
        case "type":
            kind = .type
            name = less.manifests[1].store.removeLast().event
        case "range":
            kind = .knob
            less.manifests[1].knobs[0].step += 0.001
            name = less.manifests[1].knobs[0].key.text
        case "pair":
            kind = .pair
            name = less.routes[0].mayAddress.removeLast().text
        case "emits":
            kind = .intent
            name = less.routes[0].emits.removeLast().text
        default:
            kind = .module
            less.manifests.removeLast()
            name = "manifest"
        }
        for (files, other) in [(less, code), (code, less)] {
            let found = files.differences(from: other)
            #expect(found.count == 1 && found.first?.kind == kind && found.first?.name == name, "\(found)")
            #expect(found.first?.text.contains(name) == true)
        }
    }

    @Test func `what is sent has an event type, and is sent by somebody who may address whoever listens`() throws {
        let map = try Fleet.map()
        for manifest in map.manifests {
            for outbound in manifest.outbound {
                let type = EventCatalog.types.first { entry in
                    (try? JSONSchema.urn(entry.describe().schema)) == outbound.schemaRef
                }
                #expect(type?.modules.contains(manifest.module) == true, "\(manifest.module): \(outbound)")
            }
            for inbound in manifest.inbound {
                let heard = map.manifests.contains { sender in
                    map.mayAddress(sender.module, manifest.module)
                        && sender.outbound.contains { $0.intent == inbound.intent }
                }
                #expect(heard, "\(manifest.module.text) listens to \(inbound.intent.text), which nobody may send to it")
            }
        }
    }

    /// HER-16: an owner that may be asked for a patch may also answer whoever asked.
    @Test func `the answer to a patch finds its way back`() throws {
        let map = try Fleet.map()
        for asker in Fleet.routes where asker.emits.contains(.priorPatch) {
            for owner in Fleet.routes where owner.listens.contains(.priorPatch) {
                guard map.mayAddress(asker.module, owner.module) else { continue }
                #expect(map.mayAddress(owner.module, asker.module), "\(owner.module) to \(asker.module)")
                for answer in [Intent.priorPatchApplied, .priorPatchRejected] {
                    #expect(owner.emits.contains(answer) && asker.listens.contains(answer), "\(answer)")
                }
            }
        }
    }

    @Test func `knobs keep their bounds, and a night's step lets the priors contract (PRI-22)`() throws {
        for module in Fleet.modules {
            for knob in try Fleet.manifest(module).knobs {
                #expect(knob.range.contains(knob.base), "\(knob.key)")
                #expect(knob.nightStep >= 0.05 * knob.width, "\(knob.key)")
            }
        }
    }

    @Test func `every intent of the model map is carried by a type or known to be awaited`() throws {
        for route in Fleet.routes {
            for intent in route.emits + route.listens {
                #expect((try Fleet.schemaRef(intent) == nil) == Fleet.awaited.contains(intent))
            }
        }
    }
}
