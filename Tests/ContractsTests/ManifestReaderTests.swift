import Events
import Herald
import LogFormat
import ManifestYAML
import Testing

/// Bad manifests: every error has its place and says what was expected.
@Suite struct ManifestReaderTests {
    static let good = """
        module: sig
        version: "1.0.0"
        events:
          outbound:
            - {intent: ALPHA_PROPOSED, schema_ref: "urn:a"}
          inbound: []
        priors: {patch_schema: "urn:p", knobs: [
            {name: sig.blend_u, kind: additive, default: 0.6, min: 0.4, max: 0.8, step_max: 0.05}]}
        store:
          - event: sig.SignalPublished
            schema_ref: "urn:a"
            columns:
              - {key: signal, type: f64, min: -1, max: 1, null_class: req}
        """

    @Test func `a good manifest is read`() throws {
        let manifest = try ManifestReader.manifest(Self.good, file: "sig.yaml")
        #expect(manifest.module == .sig && manifest.outbound.count == 1 && manifest.inbound.isEmpty)
        #expect(manifest.knobs.first?.range == 0.4...0.8 && manifest.store.first?.columns.first?.range == -1...1)
    }

    /// What is changed, the place of the error, and a word of it.
    static let faults: [(from: String, to: String, place: String, word: String)] = [
        ("module: sig", "module: sgi", "1:9", "'sgi', expected one of mkt"),
        ("version: \"1.0.0\"", "versoin: 1", "2:1", "unknown key 'versoin'"),
        ("version: \"1.0.0\"\n", "", "1:1", "lacks the key 'version'"),
        ("  inbound: []", "  inbound: none", "6:12", "expected a list"),
        ("intent: ALPHA_PROPOSED", "intent: ALPHA", "5:16", "'ALPHA', expected one of"),
        ("default: 0.6", "default: much", "8:50", "'much', expected a finite number"),
        ("default: 0.6", "default: .inf", "8:50", "expected a finite number"),
        ("default: 0.6", "default: 0.9", "8:5", "default 0.9, expected 0.4 … 0.8"),
        ("min: 0.4, max: 0.8", "min: 0.8, max: 0.4", "8:5", "above max"),
        ("step_max: 0.05", "step_max: 0", "8:5", "expected above 0"),
        ("kind: additive", "kind: adding", "8:31", "expected one of additive"),
        ("min: -1, max: 1", "min: -1", "13:9", "only one of 'min' and 'max'"),
        ("null_class: req", "null_class: never", "13:63", "expected req, null or late"),
        ("priors: {", "priors: [", "", "is not YAML"),
        ("module: sig", "module: sig\nmodule: dm", "", "twice"),
        ("module: sig", "module: sig\n---\nmodule: dm", "", "second document"),
        ("store:\n", "store:\n  - 3\n", "10:5", "expected a mapping"),
    ]

    @Test(arguments: faults.indices) func `a fault is told with its line and column`(_ index: Int) throws {
        let fault = Self.faults[index]
        let text = Self.good.replacing(fault.from, with: fault.to)
        #expect(text != Self.good)
        let error = try #require(throws: ManifestError.self) { try ManifestReader.manifest(text, file: "sig.yaml") }
        #expect(error.description.contains(fault.word), "\(error)")
        if fault.place.isEmpty {
            #expect(error.line >= 1 && error.column >= 1)
        } else {
            #expect(error.description.hasPrefix("sig.yaml:\(fault.place): "), "\(error)")
        }
    }

    @Test(arguments: [
        ("- {intent: ALPHA_PROPOSED, schema_ref: \"urn:a\"}", "    "),
        ("- {key: signal, type: f64, null_class: req}", ""),
    ]) func `what stands twice is refused`(_ line: String, _ indent: String) throws {
        let text =
            indent.isEmpty
            ? Self.good + "\n      \(line)" : Self.good.replacing("  inbound: []", with: "    \(line)\n  inbound: []")
        let error = try #require(throws: ManifestError.self) { try ManifestReader.manifest(text, file: "sig.yaml") }
        #expect(error.message.contains("twice"), "\(error)")
    }

    @Test func `a model map of another broker or with two rows of a module is refused`() throws {
        let good = """
            routing: {broker: herald, delivery: at-least-once, poison_queue: true, auth: ed25519}
            modules:
              - {module: vis, emits: [ALPHA_HINT], listens: [], may_address: [sig, dm]}
            """
        #expect(try ManifestReader.routes(good, file: "m").first?.mayAddress == [.sig, .dm])
        for (from, to, word) in [
            ("broker: herald", "broker: other", "expected 'herald'"), ("[sig, dm]", "[sig, sig]", "twice"),
            ("modules:\n", "modules:\n  - {module: vis, emits: [], listens: [], may_address: []}\n", "two rows"),
        ] {
            let error = try #require(throws: ManifestError.self) {
                try ManifestReader.routes(good.replacing(from, with: to), file: "m")
            }
            #expect(error.message.contains(word), "\(error)")
        }
    }

    /// Total: each beginning of a good file, and each file with a byte changed, is read or refused, never a crash.
    @Test func `every beginning and every changed byte gives a manifest or an error`() {
        let bytes = Array(Self.good.utf8)
        var refused = 0
        for end in bytes.indices where end % 3 == 0 {
            let text = String(decoding: bytes[..<end], as: UTF8.self)
            do { _ = try ManifestReader.manifest(text, file: "f") } catch { refused += 1 }
        }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x11
            do {
                _ = try ManifestReader.manifest(String(decoding: changed, as: UTF8.self), file: "f")
            } catch { refused += 1 }
        }
        #expect(refused > 100)
    }
}
