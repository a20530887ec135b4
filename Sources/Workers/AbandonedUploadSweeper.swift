package import Credentials
import Lanes
import Logging
package import S3
package import Store
package import Telemetry

/// Drops uploads in other people's buckets that nobody will complete.
package struct AbandonedUploadSweeper: Sendable {
    private let store: AbandonedUploadStore
    private let secrets: SecretBox
    private let service: S3Service
    private let interval: Duration
    private let observer: Observer

    /// - Parameter interval: time between two looks.
    package init(
        store: AbandonedUploadStore, secrets: SecretBox, service: S3Service, interval: Duration = .seconds(10), observer: Observer
    ) {
        self.store = store
        self.secrets = secrets
        self.service = service
        self.interval = interval
        self.observer = observer
    }

    /// Works until its task is cancelled.
    package func run() async {
        await Periodic.run(every: interval) { error in
            observer.logger.warning("uploads cannot be swept", metadata: ["cause": "\(error)"])
        } turn: {
            while try await sweep() > 0 {}
        }
    }

    /// Drops what is due, 20 uploads at most; returns how many it dropped. One that the bucket does not let go stays for later.
    package func sweep() async throws -> Int {
        var dropped = 0
        for entry in try await store.take(limit: 20) {
            do {
                let credentials = try S3Credentials(sealed: entry.sealedCredentials, by: secrets)
                try await service.bucket(entry.bucket, credentials: credentials).abortUpload(entry.upload, of: entry.objectKey)
                try await store.remove(entry)
                dropped += 1
            } catch {
                if Task.isCancelled { throw error }
                observer.logger.warning("an upload stays behind", metadata: ["bucket": "\(entry.bucket)", "cause": "\(error)"])
            }
        }
        return dropped
    }
}
