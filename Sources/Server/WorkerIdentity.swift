import Domain
import Foundation
import Primitives

/// The names under which this data directory's workers hold their leases, one for each set of places. Kept, so that a server that
/// was killed takes its own leases back at once instead of waiting for them to run out.
enum WorkerIdentity: String {
    /// Raw value: name of the file in the data directory.
    case processing = "worker-id"
    case transfers = "transfer-worker-id"

    /// - Parameter dataDirectory: locked by this process, so nobody else works under the name.
    func load(dataDirectory: String) throws -> ID<Worker> {
        let path = dataDirectory + "/" + rawValue
        if let text = try? String(contentsOfFile: path, encoding: .utf8), let id = ID<Worker>(text.trimmingCharacters(in: .newlines)) {
            return id
        }
        let id = ID<Worker>()
        try Data("\(id)\n".utf8).write(to: URL(filePath: path), options: .atomic)
        return id
    }
}
