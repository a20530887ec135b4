import Credentials
import Domain
import Foundation
import HTTP
import JobQueue
import ObjectStorage
import Postgres
import Primitives
import S3
import Store
import TestObjectServer
import TestSupport
import Testing
import Workers

/// A migrated database with one account, a storage, and a bucket of a real S3 server.
struct WorkersBench {
    let database: TestDatabase
    let account: AccountStore.NewAccount
    let directory: TemporaryDirectory
    let objects: FileObjectStore
    let secrets: SecretBox
    let server: ObjectServer
    let service: S3Service
    let bucketName: String

    static let policy = OutgoingURLPolicy(allowPrivateNetworks: true, schemes: .httpsUnlessPrivate)

    var pool: ConnectionPool { database.pool }
    var scope: TeamScope { TeamScope(account.team.id) }
    var jobs: JobStore { JobStore(pool: pool) }
    var imports: ImportStore { ImportStore(pool: pool) }
    var videos: VideoStore { VideoStore(pool: pool) }
    var credentials: S3Credentials {
        S3Credentials(accessKey: server.owner.accessKey, secretAccessKey: server.owner.secretAccessKey)
    }
    /// As its owner.
    var bucket: S3Bucket { service.bucket(bucketName, credentials: credentials) }

    /// - Parameter endpoint: of another service than the real one, which the bucket's name is then not known to.
    static func with(endpoint: String? = nil, _ body: (WorkersBench) async throws -> Void) async throws {
        let server = try await ObjectServer.running()
        let bucket = try await server.makeBucket("workers")
        try await TestDatabase.withMigrated(connections: 8) { database in
            let account = try await AccountStore(pool: database.pool).createAccount(
                email: "a@example.com", name: "A", password: try PasswordHash.make("pw", cost: .cheap), teamName: "T")
            let directory = try TemporaryDirectory()
            try await body(
                WorkersBench(
                    database: database, account: account, directory: directory, objects: try FileObjectStore(root: directory.path),
                    secrets: try SecretBox(masterKey: [UInt8](repeating: 7, count: 32)), server: server,
                    service: S3Service(
                        client: try HTTPClient(), policy: policy, endpoint: .pathStyle(try OutgoingURL(endpoint ?? server.endpoint)),
                        retries: S3Retries(firstPause: .milliseconds(20))), bucketName: bucket))
        }
    }

    /// Leases one unit of a kind.
    func lease(_ kind: UnitKind) async throws -> LeasedUnit {
        let units = try await jobs.lease(kinds: [kind], limit: 1, worker: ID(), duration: .seconds(120))
        return try #require(units.first, "a unit of kind \(kind) is there to be leased")
    }

    /// Bytes that differ everywhere.
    static func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) } }
}
