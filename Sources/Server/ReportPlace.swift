import ArgumentParser
import Foundation
import Pipeline

/// Where `process` writes its report, looked at before the work that it is about.
enum ReportPlace {
    /// - Throws: `ValidationError` where a report cannot be written, or would replace the video or the finished file.
    static func check(_ path: String, input: String, output: String) throws {
        if let found = FileIdentity(path) {
            guard !found.isFolder else { throw ValidationError("--report \(path): is a folder; name a file.") }
            guard found != FileIdentity(input) else { throw ValidationError("--report \(path): is the video to process itself.") }
            guard found != FileIdentity(output) else { throw ValidationError("--report \(path): is the output.") }
            guard access(path, W_OK) == 0 else { throw refusal(path, errno) }
            return
        }
        let (parent, parentOfOutput) = (folder(of: path), folder(of: output))
        let hasNameOfOutput = name(of: path) == name(of: output)
        guard let place = FileIdentity(parent) else {
            let code = errno
            // The run makes the folder of the output.
            guard code == ENOENT, parent == parentOfOutput, !hasNameOfOutput else { throw refusal(path, code) }
            return
        }
        guard place.isFolder else { throw refusal(path, ENOTDIR) }
        guard !hasNameOfOutput || place != FileIdentity(parentOfOutput) else {
            throw ValidationError("--report \(path): is the output.")
        }
        guard access(parent, W_OK | X_OK) == 0 else { throw refusal(path, errno) }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func name(of path: String) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }

    private static func refusal(_ path: String, _ code: Int32) -> ValidationError {
        ValidationError("--report \(path): \(String(cString: strerror(code))).")
    }
}
