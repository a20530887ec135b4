import FoundationEssentials
import Glibc

/// A new directory under the system's temporary one, removed with everything in it by its owner's end.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// Throws the `errno` of a directory that cannot be made.
    package init(prefix: String = "remaster-test") throws {
        var template = Array("/tmp/\(prefix)-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw Problem(errno: errno) }
        path = made
        chmod(made, 0o755)
    }

    /// Why no directory could be made.
    package struct Problem: Error { package let errno: Int32 }

    deinit { Self.remove(path) }

    /// Removes a directory with what is in it; what cannot be removed stays.
    package static func remove(_ path: String) {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            // Left for the system's own cleaning of its temporary directory.
        }
    }
}
