import API
import ColorScience
import Credentials
import Domain
import Foundation
import HTTP
import ObjectStorage
import Picture
import Postgres
import Primitives
import S3
import Store
import Synchronization
import Telemetry
import TestSupport
import Testing
import Transfer

/// The real router over a real database and real files, with one account; only the media engine and the network behind
/// imports are played. Every answer is checked against the contract.
final class APIHarness: Sendable {
    let database: TestDatabase
    let directory: TemporaryDirectory
    let objects: FileObjectStore
    let router: Router
    let description: Description
    let account: AccountStore.NewAccount
    let key: String
    let clock: TestClock
    let secretBox: SecretBox
    let presence: ServerPresence
    let s3: S3Service

    static let email = "api-user@example.com"
    static let password = "correct horse"

    /// E-mail and password as HTTP Basic has them.
    static var basicToken: String { Data("\(email):\(password)".utf8).base64EncodedString() }

    var scope: TeamScope { TeamScope(account.team.id) }
    var jobs: JobStore { JobStore(pool: database.pool) }

    /// Runs `body` with a fresh installation.
    ///
    /// - Parameters:
    ///   - objectServer: endpoint of the S3 service; nil for one that cannot be reached.
    ///   - observer: of the server.
    static func with(
        _ settings: APISettings = APISettings(), source: SourceFormat = .hd, probe: SourceProbe = .good, objectServer: String? = nil,
        importFolder: ImportFolder? = nil, observer: Observer = TestCluster.observer, _ body: (APIHarness) async throws -> Void
    ) async throws {
        // Databases are made one after the other; a crowd would only wait for them.
        await Turnstile.shared.enter()
        do {
            try await TestDatabase.withMigrated { database in
                let api = try await APIHarness(
                    database, settings, source: source, probe: probe, objectServer: objectServer, importFolder: importFolder,
                    observer: observer)
                do { try await body(api) } catch {
                    await api.presence.end()
                    throw error
                }
                await api.presence.end()
            }
        } catch {
            await Turnstile.shared.leave()
            throw error
        }
        await Turnstile.shared.leave()
    }

    private init(
        _ database: TestDatabase, _ settings: APISettings, source: SourceFormat, probe: SourceProbe, objectServer: String?,
        importFolder: ImportFolder?, observer: Observer
    ) async throws {
        self.database = database
        directory = try TemporaryDirectory()
        objects = try FileObjectStore(root: directory.path)
        let clock = TestClock()
        self.clock = clock
        account = try await AccountStore(pool: database.pool).createAccount(
            email: Self.email, name: "Archive Robot", password: PasswordHash.make(Self.password, cost: .cheap), teamName: "Harbour Archive")
        let secret = APIKeySecret.generate()
        key = secret.text
        _ = try await APIKeyStore(pool: database.pool).create(
            for: account.user.id, name: "tests", description: nil, isActive: true, secret: secret)
        for builtIn in BuiltInConfiguration.all {
            try await ConfigurationStore(pool: database.pool).installBuiltIn(
                id: builtIn.id, name: builtIn.name, description: builtIn.description, options: JSONDocument(builtIn.options.jsonText()))
        }
        let masterKey = try MasterKey(bytes: [UInt8](repeating: 1, count: 32))
        secretBox = try SecretBox(masterKey: masterKey.bytes)
        s3 = S3Service(
            client: try HTTPClient(), policy: OutgoingURLPolicy(allowPrivateNetworks: true, schemes: .httpsUnlessPrivate),
            endpoint: .pathStyle(try OutgoingURL(objectServer ?? "http://127.0.0.1:1")), retries: S3Retries(firstPause: .milliseconds(50)))
        presence = ServerPresence(database.configuration, observer: TestCluster.observer)
        try await presence.announce()
        var services = APIServices(
            pool: database.pool, presence: presence, objects: objects, secretBox: secretBox, links: SignedLink(masterKey: masterKey),
            webhookPolicy: OutgoingURLPolicy(allowPrivateNetworks: false, schemes: .httpsUnlessPrivate), source: probe, s3: s3,
            planner: PlayedPlanner(source: source), readiness: { Readiness([.init("database")]) }, settings: settings,
            observer: observer, clock: { clock.now })
        services.importFolder = importFolder
        router = try makeAPIRouter(services)
        description = try await Self.served.document(by: router)
    }

    /// The description is the same for every harness: it is read once.
    private static let served = ServedDescription()

    private actor ServedDescription {
        private var description: Description?

        func document(by router: Router) async throws -> Description {
            if let description { return description }
            let request = try #require(HTTPRequest(.get, "/api/openapi.json"))
            let made = Description(document: try Answer(await router.respond(to: request)).json)
            description = made
            return made
        }
    }

    /// An API key of a user who shares no team with the account.
    func foreignKey() async throws -> String {
        let other = try await AccountStore(pool: database.pool).createAccount(
            email: "foreign@example.com", name: "Foreign", password: PasswordHash.make("x", cost: .cheap), teamName: "Foreign")
        let secret = APIKeySecret.generate()
        _ = try await APIKeyStore(pool: database.pool).create(
            for: other.user.id, name: "k", description: nil, isActive: true, secret: secret)
        return secret.text
    }

    /// A further API key of the account's user.
    func anotherKey() async throws -> String {
        let secret = APIKeySecret.generate()
        _ = try await APIKeyStore(pool: database.pool).create(
            for: account.user.id, name: "another", description: nil, isActive: true, secret: secret)
        return secret.text
    }

    /// One request with the account's key, checked against the contract.
    @discardableResult
    func call(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, key: String? = nil, expecting status: Int? = nil,
        location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        let bytes = body?.utf8 ?? []
        return try await send(method, path, bytes, headers: ["X-API-Key": key ?? self.key], expecting: status, location: location)
    }

    /// One request with e-mail and password, checked against the contract.
    @discardableResult
    func signedIn(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, password: String = APIHarness.password, expecting status: Int? = nil,
        location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        let token = Data("\(Self.email):\(password)".utf8).base64EncodedString()
        return try await send(
            method, path, body?.utf8 ?? [], headers: [.authorization: "Basic \(token)"], expecting: status, location: location)
    }

    /// One request as it is.
    @discardableResult
    func send(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8] = [], headers: HeaderFields = [:], expecting status: Int? = nil,
        location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var headers = headers
        headers[.contentType] = "application/json; charset=UTF-8"
        let isVersioned = path.hasPrefix("/v1") || path.hasPrefix("/v2")
        let target = isVersioned ? "/api" + path : path
        let request = try #require(HTTPRequest(method, target, headers: headers, body: body), sourceLocation: location)
        let answer = Answer(await router.respond(to: request))
        do {
            try check(answer, method, below: isVersioned ? path : String(path.dropFirst(path.hasPrefix("/api") ? 4 : 0)))
        } catch {
            Issue.record("\(method) \(path): \(error)\n\(String(decoding: answer.bytes, as: UTF8.self))", sourceLocation: location)
        }
        if let status {
            #expect(
                answer.status == status, "\(method) \(path): \(String(decoding: answer.bytes, as: UTF8.self))", sourceLocation: location)
        }
        return answer
    }

    private struct ChangedBeforeCreated: Error { let object: JSON }

    /// Nothing is changed before it was made. The API's times compare as texts do: all are in UTC, with milliseconds.
    private static func checkTimes(of json: JSON) throws {
        switch json {
        case .array(let items): for item in items { try checkTimes(of: item) }
        case .object(let members):
            if let created = json["createdAt"]?.text, let updated = json["updatedAt"]?.text, updated < created {
                throw ChangedBeforeCreated(object: json)
            }
            for name in members.names { try members[name].map { try checkTimes(of: $0) } }
        case .null, .boolean, .integer, .number, .string, .verbatim: break
        }
    }

    /// Checks an answer against the contract and against the served description; throws the first violation.
    ///
    /// - Parameter target: below `/api`, with its query.
    private func check(_ answer: Answer, _ method: HTTPMethod, below target: String) throws {
        if case .bytes = answer.response.body, answer.response.headers[.contentType] == "application/json", !answer.bytes.isEmpty {
            try Self.checkTimes(of: try answer.json)
        }
        let path = String(target.prefix { $0 != "?" })
        let contract = try Contract.shared.get()
        let described = description.operation(method.description, path)
        // A literal path beyond the contract can look like one of its paths with an id.
        if let operation = contract.operation(method.description, path), described.map({ $0.path == operation.path }) ?? true {
            try contract.check(operation, status: answer.status, body: answer.bytes)
        }
        if let operation = described {
            OperationLog.shared.note(method.description, operation.path, status: answer.status)
            try description.check(
                operation.json, status: answer.status, contentType: answer.response.headers[.contentType], body: answer.bytes)
        } else if answer.status >= 400 {
            try contract.check(try answer.json, named: "Error")
        }
    }
}

/// What a request was answered with.
struct Answer {
    let response: HTTPResponse
    let bytes: [UInt8]

    init(_ response: HTTPResponse) {
        self.response = response
        bytes = if case .bytes(let bytes) = response.body { bytes } else { [] }
    }

    var status: Int { response.status.code }
    var json: JSON { get throws { try JSON(parsing: bytes) } }
    var errorCode: String? { get throws { try json["errorCode"]?.text } }

    /// Fields of the validation errors, in order.
    var fields: [String] { get throws { (try json["validationErrors"]?.items ?? []).compactMap { $0["field"]?.text } } }

    func text(_ path: String...) throws -> String {
        var value = try json
        for name in path { value = try #require(value[name], "\(path) in \(value)") }
        return try #require(value.text)
    }
}

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_772_625_600))
    var now: Date { time.withLock { $0 } }
    func advance(by seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

/// Plays the media engine: one format for every source, and a plan of one segment.
struct PlayedPlanner: ProcessingPlanner {
    let source: SourceFormat

    func sourceFormat(of video: VideoRecord, from startMilliseconds: Int?) async throws -> SourceFormat { source }

    func plan(_ recipe: ProcessingRecipe, for video: VideoRecord) async throws -> PlannedJob {
        PlannedJob(
            plan: JSONDocument("{}"),
            segments: [NewSegment(kind: .assemble, stage: 0, frames: FrameRange(0, 250), weight: 250, networks: [3, -7])])
    }
}

extension SourceFormat {
    /// Ten seconds of progressive 720p in BT.709.
    static let hd = SourceFormat(
        size: PictureSize(width: 1280, height: 720), frameRate: Rational(25, 1), durationMilliseconds: 10_000, format: .yuv420p,
        tags: ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left))
}

extension SourceProbe {
    /// Every URL leads to a file of a megabyte.
    static let good = SourceProbe { _ in Facts(byteCount: 1_000_000, mimeType: "video/quicktime", fileName: "ferry-1986.mov") }
}
