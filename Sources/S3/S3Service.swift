package import FoundationEssentials
package import HTTP

/// An S3 service: where it is, and by which rules and pauses it is asked.
package struct S3Service: Sendable {
    let client: HTTPClient
    let policy: OutgoingURLPolicy
    let endpoint: S3Endpoint
    private(set) var retries: S3Retries
    let regions = S3Regions()
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - policy: also for the endpoint itself: a service in a private network needs the setting that allows those.
    ///   - clock: signatures are good for some minutes around it.
    package init(
        client: HTTPClient, policy: OutgoingURLPolicy, endpoint: S3Endpoint = .amazon, retries: S3Retries = S3Retries(),
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.client = client
        self.policy = policy
        self.endpoint = endpoint
        self.retries = retries
        self.clock = clock
    }

    /// The same service, asked with other patience; what is learnt of regions is shared.
    package func retrying(_ retries: S3Retries) -> S3Service {
        var service = self
        service.retries = retries
        return service
    }

    /// A bucket as the holder of these keys sees it. Nothing is asked of the service yet.
    package func bucket(_ name: String, credentials: S3Credentials) -> S3Bucket {
        S3Bucket(service: self, name: name, credentials: credentials)
    }
}
