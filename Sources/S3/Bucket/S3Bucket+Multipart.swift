import HTTP

/// A part that is in the service.
package struct S3Part: Hashable, Sendable {
    /// From 1 to 10,000.
    package let number: Int
    /// As sent, with quotes.
    package let entityTag: String

    package init(number: Int, entityTag: String) {
        self.number = number
        self.entityTag = entityTag
    }
}

extension S3Bucket {
    /// Parts an upload can have.
    package static let maximumParts = 10_000
    /// Bytes of every part but the last, at least.
    package static let smallestPart = 5 << 20

    /// Begins an upload in parts; returns its id.
    ///
    /// - Parameter notes: kept with the object, under `x-amz-meta-` and the name.
    package func beginUpload(_ key: String, contentType: String, notes: [String: String] = [:]) async throws(S3Error) -> String {
        var call = Call(method: .post, key: key, query: [QueryItem(name: "uploads", value: "")], headers: [.contentType: contentType])
        for (name, value) in notes {
            guard let field = HeaderName("x-amz-meta-\(name)") else { preconditionFailure("a note is named by a token: \(name)") }
            call.headers[field] = value
        }
        let answer = try Self.document(try await send(call), root: "InitiateMultipartUploadResult")
        guard let id = answer.text("UploadId") else { throw .malformedAnswer("the upload has no id") }
        return id
    }

    /// Sends a part, in place of an earlier one of its number.
    package func uploadPart(_ number: Int, of upload: String, _ bytes: [UInt8], to key: String) async throws(S3Error) -> S3Part {
        let response = try await send(
            Call(
                method: .put, key: key,
                query: [QueryItem(name: "partNumber", value: "\(number)"), QueryItem(name: "uploadId", value: upload)], body: bytes))
        guard let tag = response.headers[.etag] else { throw .malformedAnswer("the part has no entity tag") }
        return S3Part(number: number, entityTag: tag)
    }

    /// Makes the parts an object, unless there is one by now (`.alreadyExists`, from services that know `If-None-Match`).
    package func completeUpload(_ upload: String, of key: String, parts: [S3Part]) async throws(S3Error) {
        let list = parts.sorted { $0.number < $1.number }.map {
            "<Part><PartNumber>\($0.number)</PartNumber><ETag>\(XMLElement.escaped($0.entityTag))</ETag></Part>"
        }
        var call = Call(
            method: .post, key: key, query: [QueryItem(name: "uploadId", value: upload)],
            headers: [.contentType: "application/xml", .ifNoneMatch: "*"],
            body: Array("<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>".utf8))
        // A large object is put together for minutes; AWS sends spaces meanwhile, others nothing.
        call.idleTimeout = .seconds(300)
        let response = try await send(call)
        let answer: XMLElement
        do { answer = try XMLReader.read(response.body) } catch { throw .malformedAnswer(error.reason) }
        if answer.name == "CompleteMultipartUploadResult" { return }
        // The status was sent before it was known whether it would go well.
        guard answer.name == "Error" else { throw .malformedAnswer("it is \(answer.name)") }
        throw S3Error(
            status: .internalServerError, code: answer.text("Code") ?? "InternalError", message: answer.text("Message") ?? "",
            bucket: name, key: key)
    }

    /// Drops an upload with its parts; nothing happens when it is gone.
    package func abortUpload(_ upload: String, of key: String) async throws(S3Error) {
        do throws(S3Error) {
            _ = try await send(Call(method: .delete, key: key, query: [QueryItem(name: "uploadId", value: upload)]))
        } catch .noSuchUpload {
            return
        } catch .noSuchKey {
            return
        } catch {
            throw error
        }
    }

    /// Ids of the uploads under way for a key.
    package func uploads(of key: String) async throws(S3Error) -> [String] {
        let query = [QueryItem(name: "uploads", value: ""), QueryItem(name: "prefix", value: key)]
        let answer = try Self.document(try await send(Call(method: .get, query: query)), root: "ListMultipartUploadsResult")
        return answer.children.filter { $0.name == "Upload" && $0["Key"]?.text == key }.compactMap { $0.text("UploadId") }
    }
}
