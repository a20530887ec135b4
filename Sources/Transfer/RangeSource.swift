package import HTTP

/// Where the bytes of a copy come from: a URL, or a place whose requests are made one by one, such as signed ones.
package struct RangeSource: Sendable {
    /// Tells sources apart that have neither entity tag nor date.
    let identity: String
    /// A GET with these fields and whatever else the source wants.
    let request: @Sendable (_ headers: HeaderFields) -> ClientRequest

    package init(identity: String, request: @escaping @Sendable (_ headers: HeaderFields) -> ClientRequest) {
        self.identity = identity
        self.request = request
    }

    /// A URL that is asked for as it stands.
    package static func url(_ url: String, policy: OutgoingURLPolicy) -> RangeSource {
        RangeSource(identity: url) { ClientRequest(.get, url, policy: policy, headers: $0) }
    }
}
