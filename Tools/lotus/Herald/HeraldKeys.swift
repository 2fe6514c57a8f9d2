import ArgumentParser
import Events
import Glibc
import Herald
import LogEngine
import LogFormat
import Runtime
import Signing

/// `lotus herald keys`: the keys that modules sign with (SEC-01, SEC-07).
struct HeraldKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make signing keys, bring them into force, list them.",
        discussion: """
            EXAMPLES
              lotus herald keys new --module sig --out sig-2.key
              lotus herald keys rotate run --key sig-2.key
              lotus herald keys list run
            """,
        subcommands: [KeysNew.self, KeysRotate.self, KeysList.self])
}

/// `lotus herald keys new`: a private key in a file that nobody else may read (SEC-09).
struct KeysNew: Verb {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a private key in a new file and print the public one.",
        discussion: """
            The file has mode 0600 and is never written over. It comes onto no log; the public key does, with keys \
            rotate.

            EXAMPLE
              lotus herald keys new --module sig --out sig-2.key --id sig-2
            """)

    @Option(help: "The module that will sign with it.")
    var module: String
    @Option(help: "The file; must not exist.")
    var out: String
    @Option(help: "Its id; made of the module and the start of the public key if it is not given.")
    var id: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        guard let owner = Module(text: module) else {
            throw ToolError(
                .usage, "'\(module)' is no module; expected one of \(Module.symbols.joined(separator: ", "))")
        }
        let text: String
        do throws(SigningError) {
            // An id says which key it is, so it is made of the key where nobody names it.
            var key = try KeyFile(new: owner, keyID: KeyID(id ?? owner.text))
            if id == nil { key = try key.named("\(owner.text)-\(key.publicKey.digest.description.prefix(8))") }
            try KeyStorage.write(key, to: out)
            text = KeyText.text([("file", out)], key.module, key.keyID, try key.publicKey, json: json)
        } catch { throw ToolError(.usage, "\(out): \(error)") }
        try Output.print(text)
        return .clean
    }
}

/// `lotus herald keys rotate`: one record on the herald log brings a key into force (SEC-07).
struct KeysRotate: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Bring a key into force from now on: one record on the herald log.",
        discussion: """
            What was signed with the key before it stays good. The record holds the public key alone.

            EXAMPLE
              lotus herald keys rotate run --key sig-2.key
            """)

    @Argument(help: "Root with the logs of a run that is not running now.")
    var root: String
    @Option(help: "The private key's file, of keys new.")
    var key: String
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let file: KeyFile
        let publicKey: PayloadHash
        do throws(SigningError) {
            file = try KeyStorage.read(key)
            publicKey = try file.publicKey
            _ = try file.signingKey(fromNanos: 0)
        } catch { throw ToolError(.usage, "\(key): \(error)") }
        let record = try KeyDesk.rotate(root: root) { fromNanos in
            // The seed was good above.
            (try? file.signingKey(fromNanos: fromNanos).record(owner: file.module)) ?? KeyRotated()
        }
        try Output.print(
            KeyText.text(
                [("root", root), ("event", record.lineage.id.description)], file.module, file.keyID, publicKey,
                json: json))
        return .clean
    }
}

/// `lotus herald keys list`: the keys of a root, in the order in which they came into force.
struct KeysList: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the public keys of a root, in the order of their times.",
        discussion: "EXAMPLE\n  lotus herald keys list run --json")

    @Argument(help: "Root with the logs of a run.")
    var root: String
    @Flag(help: "Print one JSON array.")
    var json = false

    mutating func perform() throws -> Outcome {
        let keys = try HeraldInputs("\(root)/\(Module.herald.text)").keys
        if json {
            try Output.print(
                JSON.array(
                    keys.map { key, time in
                        JSON.object([
                            ("module", jsonString(key.owner.text)), ("key_id", jsonString(key.keyID.text)),
                            ("public_key", jsonString(key.publicKey.digest.description)),
                            ("from", jsonString(TimeText.text(time.nanos))),
                        ])
                    }))
        } else {
            let rows = keys.map {
                [$0.owner.text, $0.keyID.text, TimeText.text($1.nanos), $0.publicKey.digest.description]
            }
            try Output.print(
                rows.isEmpty
                    ? "no keys"
                    : Figures.table([["module", "key", "in force from", "public key"]] + rows, rightAligned: []))
        }
        return .clean
    }
}

/// Private keys on disk: for their owner's eyes alone.
enum KeyStorage {
    /// Writes a key into a new file of mode 0600, whole and durable or not at all.
    static func write(_ key: KeyFile, to path: String) throws(SigningError) {
        let handle = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard handle >= 0 else {
            throw errno == EEXIST
                ? SigningError("is there already, a key is never written over: give another file")
                : SigningError("cannot be made (errno \(errno)): give a folder that you may write to")
        }
        let bytes = Array(key.text.utf8)
        // The mask of the process may have taken bits away, never added any; exactly 0600 is promised.
        let isWritten =
            unsafe fchmod(handle, 0o600) == 0 && Glibc.write(handle, bytes, bytes.count) == bytes.count
            && fsync(handle) == 0
        let found = errno
        close(handle)
        guard isWritten else {
            unsafe _ = unlink(path)
            throw SigningError("cannot be written (errno \(found))")
        }
    }

    /// Reads a key; one that others may read is refused.
    static func read(_ path: String) throws(SigningError) -> KeyFile {
        let handle = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else {
            throw SigningError("cannot be read (errno \(errno)): make one with lotus herald keys new")
        }
        defer { close(handle) }
        var status = stat()
        guard unsafe fstat(handle, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SigningError("is no file: give the file that keys new made")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw SigningError(
                "has mode 0\(String(status.st_mode & 0o777, radix: 8)), expected 0600: others could have read it; "
                    + "make a new key, or chmod 600 it if you are sure")
        }
        var bytes = [UInt8](repeating: 0, count: KeyFile.byteCountMax + 1)
        let count = unsafe Glibc.read(handle, &bytes, bytes.count)
        guard count >= 0 else { throw SigningError("cannot be read (errno \(errno))") }
        return try KeyFile(parsing: Array(bytes.prefix(count)))
    }
}

/// What is told of a key: never the private part.
private enum KeyText {
    static func text(
        _ first: [(String, String)], _ module: Module, _ keyID: KeyID, _ publicKey: PayloadHash, json: Bool
    ) -> String {
        let entries =
            first + [("module", module.text), ("key_id", keyID.text), ("public_key", publicKey.digest.description)]
        return json
            ? JSON.object(entries.map { ($0, jsonString($1)) })
            : entries.map { "\($0) \($1)" }.joined(separator: "\n")
    }
}
