import Foundation
import HTTP
import Logging
import S3
import Synchronization
import Telemetry
import Testing

/// Against a played service, for what a real one does only on its bad days or in other regions.
@Suite struct ServiceMannersTests {
    private static let retries = S3Retries(attempts: 3, firstPause: .milliseconds(1))

    @Test(
        "A busy service is asked again, and answers in the end",
        arguments: [
            (500, "InternalError"), (503, "SlowDown"), (503, "ServiceUnavailable"), (429, "TooManyRequests"), (400, "RequestTimeout"),
        ]) func busy(status: Int, code: String) async throws
    {
        let service = PlayedService { _, number in number < 2 ? .error(status, code) : HTTPResponse(.ok, contentType: "x/y", bytes: [7]) }
        try await service.run(Self.retries) { bucket in
            let bytes = try await bucket.read("film.mov")
            #expect(bytes == [7])
        }
        #expect(service.requests.count == 3)
    }

    @Test("A service that stays busy is given up after the last attempt") func alwaysBusy() async throws {
        let service = PlayedService { _, _ in .error(503, "SlowDown", "Reduce your request rate.") }
        try await service.run(Self.retries) { bucket in
            let failure = await S3Scene.failure { try await bucket.read("film.mov") }
            #expect(failure?.isRetryable == true)
            #expect(failure?.message == "The storage answered 503 SlowDown: Reduce your request rate.")
        }
        #expect(service.requests.count == 3)
    }

    @Test("What will not mend is asked once", arguments: [(403, "AccessDenied"), (404, "NoSuchKey"), (501, "NotImplemented")])
    func final(status: Int, code: String) async throws {
        let service = PlayedService { _, _ in .error(status, code) }
        try await service.run(Self.retries) { bucket in
            #expect(await S3Scene.failure { try await bucket.read("film.mov") }?.isRetryable == false)
        }
        #expect(service.requests.count == 1)
    }

    @Test(
        "A bucket in another region is signed for that region, at once and from then on",
        arguments: [
            HTTPResponse.error(400, "AuthorizationHeaderMalformed", region: "eu-west-1"),
            HTTPResponse(HTTPStatus(301), headers: ["x-amz-bucket-region": "eu-west-1"]),
            HTTPResponse(HTTPStatus(307), headers: ["x-amz-bucket-region": "eu-west-1", .location: "http://127.0.0.1:1/"]),
        ]) func otherRegion(answer: HTTPResponse) async throws
    {
        let service = PlayedService { request, _ in
            request.headers[.authorization]?.contains("/eu-west-1/s3/") == true ? HTTPResponse(.ok, contentType: "x/y", bytes: [7]) : answer
        }
        try await service.run(Self.retries) { bucket in
            let (first, second) = (try await bucket.read("film.mov"), try await bucket.read("film.mov"))
            #expect(first == [7] && second == [7])
        }
        #expect(service.requests.count == 3)
    }

    @Test("A region whose name could not be part of a host's name is not followed") func forgedRegion() async throws {
        let service = PlayedService { _, _ in HTTPResponse(HTTPStatus(301), headers: ["x-amz-bucket-region": "evil.example/"]) }
        try await service.run(Self.retries) { bucket in
            guard case .unknownRegion = await S3Scene.failure({ try await bucket.read("film.mov") }) else {
                Issue.record("the region was followed")
                return
            }
        }
        #expect(service.requests.count == 1)
    }

    @Test("An upload that fails after the status was sent has failed") func lateFailure() async throws {
        let body = "<?xml version=\"1.0\"?>\n  <Error><Code>InternalError</Code><Message>We &amp; they</Message></Error>"
        let service = PlayedService { _, _ in HTTPResponse(.ok, contentType: "application/xml", bytes: Array(body.utf8)) }
        try await service.run(Self.retries) { bucket in
            let failure = await S3Scene.failure {
                try await bucket.completeUpload("u", of: "film.mov", parts: [S3Part(number: 1, entityTag: "\"a\"")])
            }
            #expect(failure?.message.contains("We & they") == true)
            #expect(failure?.isRetryable == true)
        }
    }

    private static let malformed = [
        "", "<a", "<a></b>", "<a>&nope;</a>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a></a>x", "<Other/>", "no XML at all",
        String(repeating: "<a>", count: 40),
    ]

    @Test("An answer that is not S3's is malformed, and not believed", arguments: malformed) func notBelieved(body: String) async throws {
        let service = PlayedService { _, _ in HTTPResponse(.ok, contentType: "application/xml", bytes: Array(body.utf8)) }
        try await service.run(Self.retries) { bucket in
            guard case .malformedAnswer = await S3Scene.failure({ try await bucket.list(prefix: "") }) else {
                Issue.record("it was believed")
                return
            }
        }
    }

    @Test("A service that sends the whole for a range is not copied from") func noRanges() async throws {
        let service = PlayedService { _, _ in HTTPResponse(.ok, contentType: "video/mp4", bytes: [UInt8](repeating: 0, count: 2 << 20)) }
        try await service.run(Self.retries) { bucket in
            guard case .malformedAnswer = await S3Scene.failure({ try await bucket.probe("film.mov") }) else {
                Issue.record("it was accepted")
                return
            }
        }
    }

    @Test("A service in a private network is not asked unless those are allowed") func policy() async throws {
        let service = S3Service(
            client: try HTTPClient(), policy: OutgoingURLPolicy(schemes: .httpsUnlessPrivate),
            endpoint: .pathStyle(try OutgoingURL("https://10.0.0.1")), retries: Self.retries)
        let bucket = service.bucket("films", credentials: S3Credentials(accessKey: "A", secretAccessKey: "s"))
        guard case .unreachable(.refused) = await S3Scene.failure({ try await bucket.probe("film.mov") }) else {
            Issue.record("it was asked")
            return
        }
    }
}

/// A service that answers as a test says.
final class PlayedService: Sendable {
    private let answer: @Sendable (HTTPRequest, _ number: Int) -> HTTPResponse
    private let received = Mutex<[HTTPRequest]>([])

    /// - Parameter number: of requests before this one.
    init(_ answer: @escaping @Sendable (HTTPRequest, _ number: Int) -> HTTPResponse) { self.answer = answer }

    var requests: [HTTPRequest] { received.withLock { $0 } }

    func run(_ retries: S3Retries, _ body: (S3Bucket) async throws -> Void) async throws {
        let server = try HTTPServer.start(
            HTTPServerConfiguration(addresses: ["127.0.0.1"]), application: Application(service: self),
            observer: Observer(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        let bucket = try S3Scene.service("http://127.0.0.1:\(server.port)", retries: retries)
            .bucket("films", credentials: S3Credentials(accessKey: "KEY", secretAccessKey: "secret"))
        do { try await body(bucket) } catch {
            await server.drain(deadline: .zero)
            throw error
        }
        await server.drain(deadline: .zero)
    }

    fileprivate func respond(_ request: HTTPRequest) -> HTTPResponse {
        let number = received.withLock { received in
            received.append(request)
            return received.count - 1
        }
        return answer(request, number)
    }
}

extension HTTPResponse {
    /// An error as S3 writes it.
    static func error(_ status: Int, _ code: String, _ message: String = "", region: String = "") -> HTTPResponse {
        HTTPResponse(
            HTTPStatus(status), contentType: "application/xml",
            bytes: Array("<Error><Code>\(code)</Code><Message>\(message)</Message><Region>\(region)</Region></Error>".utf8))
    }
}

/// Hands every request to the played service.
private struct Application: HTTPApplication {
    let service: PlayedService

    func resolve(_ method: HTTPMethod, _ target: RequestTarget) -> Resolution {
        Resolution { service.respond($0) }
    }

    func response(to failure: HTTPFailure) -> HTTPResponse { HTTPResponse(failure.status) }
}
