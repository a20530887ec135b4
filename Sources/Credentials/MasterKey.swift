package import Crypto
import FoundationEssentials
import Glibc

/// The one secret an installation must keep: 32 bytes from which a key for every purpose is derived.
package struct MasterKey: Sendable {
    package let bytes: [UInt8]

    /// Throws unless there are 32 bytes.
    package init(bytes: [UInt8]) throws(CredentialError) {
        guard bytes.count == 32 else { throw .wrongKeyLength(bytes.count) }
        self.bytes = bytes
    }

    /// Reads 32 bytes written as 64 hexadecimal digits or as base64.
    package init(text: String) throws(CredentialError) {
        let text = text.trimmingCharacters
        if text.utf8.count == 64, let bytes = Self.hexadecimal(text) {
            try self.init(bytes: bytes)
        } else if let data = Data(base64Encoded: text), data.count == 32 {
            try self.init(bytes: Array(data))
        } else {
            throw .malformedMasterKey
        }
    }

    /// The key of a data directory: `master.key` in it, made with mode 0600 on the first call. Several processes may ask
    /// at once; they all get the same key.
    package static func load(dataDirectory: String) throws(CredentialError) -> MasterKey {
        let path = dataDirectory + "/master.key"
        if let key = try read(path) { return key }
        let fresh = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let temporary = path + ".\(getpid())-\(UInt64.random(in: .min ... .max))"
        try write(Data(fresh).base64EncodedString() + "\n", to: temporary)
        // link() fails when another process was first: then its key is the one.
        let linked = link(temporary, path)
        let code = errno
        unlink(temporary)
        guard linked == 0 || code == EEXIST else { throw .keyFile(path: path, reason: String(cString: strerror(code))) }
        guard let key = try read(path) else { throw .keyFile(path: path, reason: "it vanished while it was made") }
        return key
    }

    /// A key for one purpose only (HKDF-SHA256, RFC 5869).
    package func derived(for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: bytes), info: Array("remaster \(purpose)".utf8), outputByteCount: 32)
    }

    /// Nil when there is no such file.
    private static func read(_ path: String) throws(CredentialError) -> MasterKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .keyFile(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .keyFile(path: path, reason: String(cString: strerror(errno))) }
        guard status.st_mode & 0o077 == 0 else {
            throw .keyFile(path: path, reason: "others may read it; its mode must be 0600")
        }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0 else { throw .keyFile(path: path, reason: "it is empty") }
        return try MasterKey(text: String(decoding: buffer[..<count], as: UTF8.self))
    }

    private static func write(_ text: String, to path: String) throws(CredentialError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .keyFile(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw .keyFile(path: path, reason: String(cString: strerror(errno)))
        }
    }

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count else { return nil }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmingCharacters: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
