import Credentials
import Crypto
import Foundation
import Testing

@Suite struct PasswordHashTests {
    @Test func aPasswordMatchesItsHashAndNoOther() throws {
        let hash = try PasswordHash.make("correct horse", cost: .cheap)
        #expect(hash.matches("correct horse"))
        #expect(!hash.matches("correct horsf"))
        #expect(!hash.matches(""))
    }

    @Test func theKeptFormReadsBack() throws {
        let hash = try PasswordHash.make("pässwörd", cost: .cheap)
        let read = try #require(PasswordHash(hash.encoded))
        #expect(read == hash)
        #expect(read.matches("pässwörd"))
        #expect(hash.encoded.hasPrefix("$scrypt$ln=10,r=8,p=1$"))
    }

    @Test func equalPasswordsHaveDifferentHashes() throws {
        #expect(try PasswordHash.make("same", cost: .cheap) != PasswordHash.make("same", cost: .cheap))
    }

    // RFC 7914 section 12, third vector; PBKDF2 makes the first 32 of its 64 bytes alike for either length.
    @Test func theDerivationIsTheStandardOne() throws {
        let kept = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI"
        #expect(try #require(PasswordHash(kept)).matches("pleaseletmein"))
    }

    @Test(arguments: [
        "", "$", "plain", "$argon2$ln=10,r=8,p=1$AAAAAAAAAAAAAAAA$AA", "$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
        "$scrypt$ln=10,r=8$AAAAAAAAAAAAAAAA$AAAA",
    ])
    func whatIsNoHashIsRefused(text: String) {
        #expect(PasswordHash(text) == nil)
    }
}

@Suite struct APIKeySecretTests {
    @Test func aKeyShowsItsLastThreeCharactersOnly() {
        let key = APIKeySecret("rmk_abcdefXYZ")
        #expect(key.hidden == "**********XYZ")
        #expect(APIKeySecret("ab").hidden == "ab")
    }

    @Test func generatedKeysAreLongAndDiffer() {
        let keys = (0..<100).map { _ in APIKeySecret.generate() }
        #expect(Set(keys).count == 100)
        #expect(keys.allSatisfy { $0.text.count == 47 && $0.text.hasPrefix("rmk_") })
        #expect(keys[0].hash.count == 32)
        #expect(keys[0].hash == APIKeySecret(keys[0].text).hash)
    }
}

@Suite struct SecretBoxTests {
    @Test func aSecretOpensWithItsKeyAndContextOnly() throws {
        let box = try SecretBox(masterKey: [UInt8](repeating: 7, count: 32))
        let other = try SecretBox(masterKey: [UInt8](repeating: 8, count: 32))
        let secret = Array("secret access key".utf8)
        let sealed = try box.seal(secret, context: "s3")
        #expect(try box.open(sealed, context: "s3") == secret)
        #expect(throws: CredentialError.notAuthentic) { try box.open(sealed, context: "signing") }
        #expect(throws: CredentialError.notAuthentic) { try other.open(sealed, context: "s3") }
        #expect(throws: CredentialError.notAuthentic) { try box.open([], context: "s3") }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: CredentialError.notAuthentic) { try box.open(changed, context: "s3") }
        }
    }

    @Test func theSameSecretIsNeverSealedAlike() throws {
        let box = try SecretBox(masterKey: [UInt8](repeating: 7, count: 32))
        #expect(try box.seal([1, 2], context: "") != box.seal([1, 2], context: ""))
    }

    @Test func aShortMasterKeyIsRefused() {
        #expect(throws: CredentialError.wrongKeyLength(16)) { try SecretBox(masterKey: [UInt8](repeating: 0, count: 16)) }
    }
}

@Suite struct MasterKeyTests {
    @Test func hexadecimalAndBase64AreRead() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let hexadecimal = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(try MasterKey(text: hexadecimal).bytes == bytes)
        #expect(try MasterKey(text: " \(Data(bytes).base64EncodedString())\n").bytes == bytes)
        #expect(throws: CredentialError.malformedMasterKey) { try MasterKey(text: "short") }
    }

    @Test func aDataDirectoryHasOnePrivateKey() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = try MasterKey.load(dataDirectory: directory)
        #expect(try MasterKey.load(dataDirectory: directory).bytes == first.bytes)
        let path = directory + "/master.key"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: CredentialError.self) { try MasterKey.load(dataDirectory: directory) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["master.key"])
    }
}

@Suite struct WebhookSigningKeyTests {
    @Test func aSignatureVerifiesWithThePublishedKey() throws {
        let key = WebhookSigningKey.generate()
        let body = Array(#"{"id":"x"}"#.utf8)
        let signature = try key.signature(timestamp: 1_772_626_381, body: body)
        let published = try #require(Data(base64Encoded: key.publicKey))
        let publicKey = try P256.Signing.PublicKey(derRepresentation: published)
        let der = try #require(Data(base64Encoded: signature))
        let read = try P256.Signing.ECDSASignature(derRepresentation: der)
        #expect(publicKey.isValidSignature(read, for: Data("1772626381.".utf8) + Data(body)))
        #expect(!publicKey.isValidSignature(read, for: Data("1772626382.".utf8) + Data(body)))
    }

    @Test func aKeyReadsBack() throws {
        let key = WebhookSigningKey.generate()
        #expect(try WebhookSigningKey(rawRepresentation: key.rawRepresentation).publicKey == key.publicKey)
        #expect(throws: CredentialError.wrongKeyLength(3)) { try WebhookSigningKey(rawRepresentation: [1, 2, 3]) }
    }
}

@Suite struct SignedLinkTests {
    let links: SignedLink

    init() throws { links = SignedLink(masterKey: try MasterKey(bytes: [UInt8](repeating: 3, count: 32))) }

    @Test func aLinkOpensOneObjectInOneWayUntilItExpires() {
        let signature = links.signature(method: "GET", object: "video-1", expiry: 1000)
        #expect(links.isValid(signature: signature, method: "GET", object: "video-1", expiry: 1000, now: 999))
        #expect(!links.isValid(signature: signature, method: "GET", object: "video-1", expiry: 1000, now: 1000))
        #expect(!links.isValid(signature: signature, method: "GET", object: "video-1", expiry: 2000, now: 999))
        #expect(!links.isValid(signature: signature, method: "GET", object: "video-2", expiry: 1000, now: 999))
        #expect(!links.isValid(signature: signature, method: "DELETE", object: "video-1", expiry: 1000, now: 999))
        #expect(!links.isValid(signature: "", method: "GET", object: "video-1", expiry: 1000, now: 999))
    }
}
