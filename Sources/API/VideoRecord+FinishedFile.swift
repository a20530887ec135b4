import HTTP
import Store

extension VideoRecord {
    /// The file, for downloads and exports. Throws 409 while there is none.
    func finishedFile() throws(APIError) -> StoredFile {
        if let processing, processing.status != .done {
            throw APIError(.conflict, .videoProcessingNotDone, "The video is not there yet: its processing is not done, or it failed.")
        }
        guard let file, upload.map({ $0.status == .done }) ?? true else {
            throw APIError(.conflict, .conflict, "The video is not there yet: its import is not done, or it failed.")
        }
        return file
    }
}
