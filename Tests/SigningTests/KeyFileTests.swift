import Events
import Herald
import LogFormat
import Signing
import Testing

/// Files of private keys (SEC-07, SEC-09).
@Suite struct KeyFileTests {
    private func parse(_ text: String) throws(SigningError) -> KeyFile { try KeyFile(parsing: Array(text.utf8)) }

    @Test func `what is written is read, and signs under the public key that is shown`() throws {
        let made = try KeyFile(new: .sig, keyID: "sig-1")
        let read = try parse(made.text)
        #expect(read.module == .sig && read.keyID == "sig-1" && read.text == made.text)
        let bytes = Array("hello".utf8)
        let signed = try #require(try Ed25519Signer([read.signingKey(fromNanos: 5)]).sign(bytes, nanos: 5))
        let publicKey = try made.publicKey
        #expect(signed.keyID == "sig-1")
        #expect(Ed25519Checker().isValid(signed.signature, of: bytes, publicKey: publicKey.digest.bytes))
        #expect(!Ed25519Checker().isValid(signed.signature, of: bytes + [0], publicKey: publicKey.digest.bytes))
    }

    @Test func `two new keys differ, and the public key is not the seed`() throws {
        let (a, b) = (try KeyFile(new: .sig, keyID: "a"), try KeyFile(new: .sig, keyID: "a"))
        #expect(a.text != b.text)
        let (publicKey, named) = (try a.publicKey, try a.named("b"))
        let namedKey = try named.publicKey
        #expect(!a.text.contains(publicKey.digest.description))
        #expect(namedKey == publicKey && named.keyID == "b")
    }

    @Test func `every broken file is refused without telling what stands in it`() throws {
        let good = try KeyFile(new: .dm, keyID: "dm-1").text
        let seed = String(try #require(good.split(separator: "\n").last?.dropFirst(5)))
        let broken = [
            "", "\n", good + "\n", String(good.dropLast()), good.replacing("ed25519", with: "rsa"),
            good.replacing("module dm", with: "module xx"), good.replacing("key_id dm-1", with: "key_id dm 1"),
            good.replacing("key_id dm-1", with: "key_id "), good.replacing("seed ", with: "seed 0"),
            good.replacing(seed, with: String(seed.dropLast(2))),
            good.replacing(seed, with: String(seed.dropLast()) + "g"),
            good + String(repeating: "x", count: KeyFile.byteCountMax),
        ]
        for text in broken {
            let error = #expect(throws: SigningError.self) { try parse(text) }
            #expect(error?.description.contains(seed.prefix(20)) == false)
        }
        #expect(throws: SigningError.self) { try KeyFile(parsing: [0xFF, 0, 10]) }
    }

    @Test(arguments: ["", "a b", "a/b", "ä", String(repeating: "k", count: KeyFile.keyIDBytesMax + 1)])
    func `an id that does not fit a line is refused`(_ id: String) {
        #expect(throws: SigningError.self) { try KeyFile(new: .sig, keyID: KeyID(id)) }
    }

    @Test func `the longest id is good`() throws {
        let id = KeyID(String(repeating: "k", count: KeyFile.keyIDBytesMax))
        #expect(try parse(KeyFile(new: .sig, keyID: id).text).keyID == id)
    }
}
