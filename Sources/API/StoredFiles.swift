import Domain
import Glibc
import HTTP
import Logging
import ObjectStorage
import Primitives
import Store
import Telemetry

/// The files of videos, opened to be sent.
struct StoredFiles: Sendable {
    let objects: FileObjectStore
    let observer: Observer

    /// A file that its video says is there. Throws 404 when it is not, and 503 when it cannot be opened just now: out of
    /// descriptors, a storage that is away, an error of the disk. Either is a line in the log.
    func open(_ key: ObjectKey, of video: ID<Video>) throws(APIError) -> OpenFile {
        do throws(FileError) {
            return try OpenFile(path: objects.path(of: key))
        } catch {
            let facts: Logger.Metadata = ["video": "\(video)", "error": "\(error)"]
            guard error.code != ENOENT else {
                observer.logger.error("a stored file is missing", metadata: facts)
                throw APIError.notFound(.video)
            }
            observer.logger.error("a stored file cannot be opened", metadata: facts)
            throw APIError(
                .serviceUnavailable, code: "SERVICE_UNAVAILABLE", "The file cannot be opened at the moment; try again.",
                headers: [.retryAfter: "5"])
        }
    }
}
