import FoundationEssentials
package import HTTP

/// One bucket, as the holder of a key pair sees it. Every request is signed over its whole body.
package struct S3Bucket: Sendable {
    let service: S3Service
    package let name: String
    private let credentials: S3Credentials

    init(service: S3Service, name: String, credentials: S3Credentials) {
        self.service = service
        self.name = name
        self.credentials = credentials
    }

    /// One request to the service.
    struct Call {
        var method: HTTPMethod
        /// Nil for the bucket itself.
        var key: String?
        var query: [QueryItem] = []
        var headers: HeaderFields = [:]
        var body: [UInt8] = []
        /// Without a byte in either direction.
        var idleTimeout = Duration.seconds(30)
        /// Of the answer's body.
        var maximumResponseBytes = 8 << 20
    }

    /// Slower than this over a whole body, and the request is given up: bytes a second.
    private static let slowestRate = 16 << 10

    /// Sends a request until it has a good answer, or an error that more tries do not mend. A bucket in another region than
    /// thought is asked again there.
    func send(_ call: Call) async throws(S3Error) -> ClientResponse {
        var attempt = 1
        while true {
            let failure: S3Error
            do throws(S3Error) {
                return try await sendOnce(call)
            } catch {
                failure = error
            }
            guard failure.isRetryable, attempt < service.retries.attempts else { throw failure }
            do { try await Task.sleep(for: service.retries.pause(after: attempt)) } catch { throw .cancelled }
            attempt += 1
        }
    }

    /// A signed GET of an object for others to send within minutes, such as for a range: no retries, and the region as it is known
    /// by now.
    package func getRequest(_ key: String, headers: HeaderFields) -> ClientRequest {
        request(Call(method: .get, key: key, headers: headers), region: region)
    }

    // MARK: One exchange

    private var region: String { service.regions[name] ?? S3Endpoint.firstRegion }

    private func sendOnce(_ call: Call) async throws(S3Error) -> ClientResponse {
        let region = region
        let response = try await exchange(call, region: region)
        if (200..<300).contains(response.status.code) { return response }
        // 301 and 400 are how S3 tells of a wrong region, 307 while a new bucket's name still leads to the first one.
        guard [301, 307, 400].contains(response.status.code) else { throw S3Error(response, bucket: name, key: call.key) }
        guard let right = Self.region(in: response), right != region else {
            throw response.status.code == 400 ? S3Error(response, bucket: name, key: call.key) : .unknownRegion(bucket: name)
        }
        service.regions.learn(right, of: name)
        let second = try await exchange(call, region: right)
        guard (200..<300).contains(second.status.code) else { throw S3Error(second, bucket: name, key: call.key) }
        return second
    }

    private func exchange(_ call: Call, region: String) async throws(S3Error) -> ClientResponse {
        do {
            return try await service.client.send(request(call, region: region))
        } catch .cancelled {
            throw .cancelled
        } catch {
            throw .unreachable(error)
        }
    }

    private func request(_ call: Call, region: String) -> ClientRequest {
        let place = service.endpoint.place(of: name, region: region)
        let date = service.clock()
        let hash = call.body.isEmpty ? SignatureV4.emptyPayloadHash : SignatureV4.payloadHash(of: call.body)
        var signable = SignableRequest(
            call.method, path: place.pathPrefix + "/" + (call.key ?? ""), query: call.query, headers: call.headers, payloadHash: hash)
        signable.headers["x-amz-date"] = SignatureV4.timestamp(date)
        signable.headers["x-amz-content-sha256"] = hash
        var request = ClientRequest(
            call.method, place.origin + signable.canonicalPath + (call.query.isEmpty ? "" : "?" + signable.canonicalQuery),
            policy: service.policy, headers: signable.headers, body: call.body)
        signable.headers[.host] = place.authority
        request.headers[.authorization] = SignatureV4(credentials: credentials, region: region).authorization(for: signable, at: date)
        request.idleTimeout = call.idleTimeout
        request.totalTimeout = .seconds(60) + call.idleTimeout + .seconds(call.body.count / Self.slowestRate)
        request.maximumResponseBytes = call.maximumResponseBytes
        return request
    }

    /// The bucket's region as an answer names it, in its head or its body.
    private static func region(in response: ClientResponse) -> String? {
        let body: XMLElement?
        do { body = try XMLReader.read(response.body) } catch { body = nil }
        let region = response.headers["x-amz-bucket-region"] ?? body?.text("Region")
        return region.flatMap { S3Regions.isName($0) ? $0 : nil }
    }
}
