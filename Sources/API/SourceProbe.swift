package import HTTP
import Transfer

/// Looks at a source before its import is accepted. Throws what Transfer throws for one that cannot be imported.
package struct SourceProbe: Sendable {
    /// What is known of a source before it is copied.
    package struct Facts: Hashable, Sendable {
        /// In bytes.
        package var byteCount: Int64
        /// Without parameters; nil when the source names none.
        package var mimeType: String?
        /// Last segment of the URL's path, decoded; nil when it has none.
        package var fileName: String?

        package init(byteCount: Int64, mimeType: String?, fileName: String?) {
            self.byteCount = byteCount
            self.mimeType = mimeType
            self.fileName = fileName
        }
    }

    package let probe: @Sendable (_ url: String) async throws -> Facts
    /// What is wrong with a URL by its text alone; nil when it may be asked.
    package let refusal: @Sendable (_ url: String) -> URLRefusal?

    package init(
        refusal: @escaping @Sendable (_ url: String) -> URLRefusal? = { _ in nil },
        _ probe: @escaping @Sendable (_ url: String) async throws -> Facts
    ) {
        self.refusal = refusal
        self.probe = probe
    }

    /// Asks the source itself, by the rules for outgoing URLs.
    package static func overHTTP(client: HTTPClient, policy: OutgoingURLPolicy) -> SourceProbe {
        SourceProbe(refusal: policy.refusal) { url in
            let checked: OutgoingURL
            do throws(URLRefusal) { checked = try policy.check(url) } catch { throw TransferError.refused(error) }
            // A probe writes nothing: the destination is only named by the copy itself.
            let facts = try await RangeCopy(client: client, source: .url(url, policy: policy), destination: "/dev/null").probe()
            return Facts(
                byteCount: Int64(facts.size), mimeType: facts.contentType.map { String($0.prefix { $0 != ";" && $0 != " " }) },
                fileName: checked.lastPathSegment)
        }
    }
}
