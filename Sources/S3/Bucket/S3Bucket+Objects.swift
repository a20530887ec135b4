package import HTTP

/// What is known of an object without its bytes.
package struct S3ObjectFacts: Hashable, Sendable {
    /// In bytes.
    package let size: Int
    /// As sent, with quotes; nil when the service gives none.
    package let entityTag: String?
    package let lastModified: String?
    package let contentType: String?
    /// The value of `x-amz-meta-` with the name that was asked for.
    package let note: String?
}

/// One object in a list.
package struct S3ListedObject: Hashable, Sendable {
    package let key: String
    /// In bytes.
    package let size: Int
}

extension S3Bucket {
    /// Asks for the first byte of an object: unlike HEAD, an error of that has a body that says which it is.
    ///
    /// Throws `.rangeNotSatisfiable` for an empty object, `.malformedAnswer` when ranges are not served.
    package func probe(_ key: String, note: String = "") async throws(S3Error) -> S3ObjectFacts {
        let response: ClientResponse
        do throws(S3Error) {
            response = try await send(
                Call(method: .get, key: key, headers: [.range: "bytes=0-0"], maximumResponseBytes: 1 << 20))
        } catch .unreachable(.responseTooLarge) {
            throw .malformedAnswer("a range was answered with the whole object")
        }
        guard response.status == .partialContent, let range = response.headers[.contentRange],
            let size = range.split(separator: "/").last.flatMap({ Int($0) }), size > 0
        else { throw .malformedAnswer("a range was answered with \(response.status.code), not 206 and its place") }
        return facts(response, size: size, note: note)
    }

    /// What HEAD tells. A missing bucket and a missing object look the same, `.noSuchKey`.
    package func head(_ key: String, note: String = "") async throws(S3Error) -> S3ObjectFacts {
        let response = try await send(Call(method: .head, key: key))
        guard let size = response.headers[.contentLength].flatMap({ Int($0) }) else { throw .malformedAnswer("it has no size") }
        return facts(response, size: size, note: note)
    }

    /// Bytes of an object, or of a part of it; at most 64 MiB.
    package func read(_ key: String, _ range: ByteRange? = nil) async throws(S3Error) -> [UInt8] {
        var call = Call(method: .get, key: key, maximumResponseBytes: 64 << 20)
        if let range { call.headers[.range] = "bytes=\(range.offset)-\(range.offset + range.length - 1)" }
        return try await send(call).body
    }

    /// Stores bytes as an object, in place of one that was there; returns its entity tag.
    @discardableResult
    package func put(_ bytes: [UInt8], at key: String, contentType: String = "application/octet-stream") async throws(S3Error) -> String? {
        try await send(Call(method: .put, key: key, headers: [.contentType: contentType], body: bytes)).headers[.etag]
    }

    /// Removes an object; nothing happens when there is none.
    package func delete(_ key: String) async throws(S3Error) { _ = try await send(Call(method: .delete, key: key)) }

    /// All objects whose keys begin with `prefix`, by key.
    package func list(prefix: String) async throws(S3Error) -> [S3ListedObject] {
        var found: [S3ListedObject] = []
        var continuation: String?
        repeat {
            var query = [QueryItem(name: "list-type", value: "2"), QueryItem(name: "prefix", value: prefix)]
            if let continuation { query.append(QueryItem(name: "continuation-token", value: continuation)) }
            let page = try Self.document(try await send(Call(method: .get, query: query)), root: "ListBucketResult")
            for item in page.children where item.name == "Contents" {
                guard let key = item["Key"]?.text, let size = item.text("Size").flatMap({ Int($0) }) else {
                    throw .malformedAnswer("a listed object has no key or size")
                }
                found.append(S3ListedObject(key: key, size: size))
            }
            continuation = page.text("IsTruncated") == "true" ? page.text("NextContinuationToken") : nil
        } while continuation != nil
        return found
    }

    /// The XML of an answer. A root of another name is an error of its own, such as one sent after a 200 had been begun.
    static func document(_ response: ClientResponse, root: String) throws(S3Error) -> XMLElement {
        let document: XMLElement
        do { document = try XMLReader.read(response.body) } catch { throw .malformedAnswer(error.reason) }
        guard document.name == root else { throw .malformedAnswer("\(root) is expected, not \(document.name)") }
        return document
    }

    private func facts(_ response: ClientResponse, size: Int, note: String) -> S3ObjectFacts {
        S3ObjectFacts(
            size: size, entityTag: response.headers[.etag], lastModified: response.headers[.lastModified],
            contentType: response.headers[.contentType],
            note: HeaderName("x-amz-meta-\(note)").flatMap { response.headers[$0] })
    }
}
