import Foundation
import HTTP
import Logging
import Primitives
import Synchronization
import Telemetry
import Transfer

/// A remote file whose manners a test chooses, on a real server.
final class TestSource: Sendable {
    /// What a request for a range is answered with, given how many came before it.
    typealias Behaviour = @Sendable (_ request: HTTPRequest, _ range: Range<Int>, _ number: Int) async throws -> HTTPResponse?

    private struct State {
        var content: [UInt8]
        var tag: String
        var behaviour: Behaviour?
        var requests: [Range<Int>] = []
        var running = 0
        var peak = 0
    }

    private let state: Mutex<State>

    init(_ content: [UInt8], tag: String = "\"v1\"") { state = Mutex(State(content: content, tag: tag)) }

    /// Ranges that were asked for, probes included.
    var requests: [Range<Int>] { state.withLock { $0.requests } }
    /// Most requests that were answered at the same time.
    var peak: Int { state.withLock { $0.peak } }

    func forgetRequests() { state.withLock { $0.requests = [] } }
    func behave(_ behaviour: Behaviour?) { state.withLock { $0.behaviour = behaviour } }
    func replace(_ content: [UInt8], tag: String) { state.withLock { ($0.content, $0.tag) = (content, tag) } }

    func serve(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let ends = request.headers[.range]?.dropFirst(6).split(separator: "-"), ends.count == 2, let first = Int(ends[0]),
            let last = Int(ends[1])
        else { return HTTPResponse(.badRequest) }
        let (content, tag, behaviour, number) = state.withLock { state in
            state.requests.append(first..<(last + 1))
            state.running += 1
            state.peak = max(state.peak, state.running)
            return (state.content, state.tag, state.behaviour, state.requests.count - 1)
        }
        defer { state.withLock { $0.running -= 1 } }
        let range = min(first, content.count)..<min(last + 1, content.count)
        if let answer = try await behaviour?(request, range, number) { return answer }
        return Self.partial(content, range, tag: tag)
    }

    static func partial(_ content: [UInt8], _ range: Range<Int>, tag: String?) -> HTTPResponse {
        var headers: HeaderFields = [
            .contentType: "video/quicktime", .contentRange: "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.count)",
        ]
        headers[.etag] = tag
        return HTTPResponse(.partialContent, headers: headers, body: .bytes(Array(content[range])))
    }
}

/// A source behind a server, a client, and a directory for the copy.
struct Scene {
    let source: TestSource
    let client: HTTPClient
    let url: String
    let directory: ScratchDirectory

    var destination: String { directory.path + "/copy.mov" }

    /// Small pieces, quick retries.
    var options: RangeCopyOptions {
        var options = RangeCopyOptions()
        options.pieceBytes = 1000
        options.retryPause = .milliseconds(1)
        options.maximumConnections = 4
        return options
    }

    static let policy = OutgoingURLPolicy(allowPrivateNetworks: true, schemes: .httpsUnlessPrivate)

    func copy(_ change: (inout RangeCopyOptions) -> Void = { _ in }) -> RangeCopy {
        var options = options
        change(&options)
        return RangeCopy(client: client, source: .url(url, policy: Self.policy), destination: destination, options: options)
    }

    func content(_ suffix: String = "") -> [UInt8]? { FileManager.default.contents(atPath: destination + suffix).map { Array($0) } }

    static func with(_ source: TestSource, _ body: (Scene) async throws -> Void) async throws {
        var routes = RouteTable()
        try routes.add(.get, "/clip") { try await source.serve($0) }
        let router = Router(routes) { HTTPResponse($0.status) }
        let server = try HTTPServer.start(
            HTTPServerConfiguration(addresses: ["127.0.0.1"]), application: router,
            observer: Observer(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        let scene = Scene(
            source: source, client: try HTTPClient(), url: "http://127.0.0.1:\(server.port)/clip", directory: try ScratchDirectory())
        do {
            try await body(scene)
        } catch {
            await server.drain(deadline: .zero)
            throw error
        }
        await server.drain(deadline: .zero)
    }
}

/// A directory of its own that is removed at the end.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("remaster-transfer-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

func bytes(_ count: Int, seed: Int = 0) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 31 &+ $0 >> 7) } }

func checksum(_ bytes: [UInt8]) -> CRC32C {
    var crc = CRC32C()
    crc.update(bytes)
    return crc
}

/// What a call threw, or nil.
func failure(_ body: () async throws(TransferError) -> Void) async -> TransferError? {
    do throws(TransferError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
