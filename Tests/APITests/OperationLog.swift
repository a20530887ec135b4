import Foundation
import Synchronization
import Testing

/// Kinds of input that cannot be right; raw values as in `Scripts/operations`.
enum BadInput: String {
    case missing, unknown, foreign, malformed, outOfRange

    /// What the requests of the moment get wrong.
    @TaskLocal static var kinds: [BadInput] = []
}

/// Notes which test reached which operation with which answer, for `Scripts/operations`: one line of JSON each, appended to
/// the file that `REMASTER_OPERATION_LOG` names; without it nothing is noted.
final class OperationLog: Sendable {
    static let shared = OperationLog(path: ProcessInfo.processInfo.environment["REMASTER_OPERATION_LOG"])

    private let file: FileHandle?
    private let lock = Mutex(())

    private init(path: String?) {
        guard let path, !path.isEmpty else {
            file = nil
            return
        }
        if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        file = FileHandle(forWritingAtPath: path)
    }

    func note(_ method: String, _ template: String, status: Int) {
        guard let file, let test = Test.current else { return }
        let name = test.displayName ?? test.name
        let source = test.sourceLocation.fileName
        let kinds = BadInput.kinds.map(\.rawValue).joined(separator: " ")
        let entry = ["operation": "\(method) \(template)", "status": "\(status)", "test": name, "file": source, "input": kinds]
        guard let line = try? JSONEncoder().encode(entry) else { return }
        lock.withLock { _ in
            _ = try? file.seekToEnd()
            try? file.write(contentsOf: line + Data("\n".utf8))
        }
    }
}
