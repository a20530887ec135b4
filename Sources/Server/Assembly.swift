import API
import Credentials
import Domain
import Events
import Filters
import Foundation
import HTTP
import JobQueue
import Lanes
import Logging
import ObjectStorage
import Pipeline
import Postgres
import Primitives
import S3
import Store
import Telemetry
import Transfer
import Workers

/// Wires one server process together and runs it until it is told to stop.
struct Assembly {
    private let configuration: Configuration
    private let role: Serve.Role
    private let observer: Observer

    init(_ configuration: Configuration, role: Serve.Role, observer: Observer) {
        self.configuration = configuration
        self.role = role
        self.observer = observer
    }

    func run() async throws {
        let signals = Signals()
        try FileManager.default.createDirectory(atPath: configuration.dataDirectory, withIntermediateDirectories: true)
        if configuration.allowsPrivateNetworks {
            observer.logger.warning("imports, webhooks and S3 may reach private networks: for development and tests only")
        }
        let connections = allowedConnections()
        let database = try await Database.open(configuration, observer: observer)
        do {
            try await serve(database, connections: connections, signals: signals)
        } catch {
            await database.cluster?.stop()
            throw error
        }
        await database.cluster?.stop()
    }

    /// Raises the process's limit of descriptors, which the database's server inherits, and says what it suffices for.
    private func allowedConnections() -> Int {
        let descriptors = DescriptorLimit.raise()
        let connections = ConnectionAllowance.connections(within: descriptors)
        let facts: Logger.Metadata = ["descriptors": "\(descriptors)", "connections": "\(connections)"]
        if role.servesAPI, connections < ConnectionAllowance.most {
            observer.logger.warning("the limit of open files allows few connections (ulimit -n, LimitNOFILE)", metadata: facts)
        } else {
            observer.logger.info("limit of open files", metadata: facts)
        }
        return connections
    }

    /// - Parameter connections: that the API holds at most.
    private func serve(_ database: Database, connections: Int, signals: Signals) async throws {
        let pool = ConnectionPool(database.connection, limit: 16, observer: observer)
        _ = try await Migrator(pool: pool, observer: observer).migrate()
        let restored = try await TeamEventStore(pool: pool).adoptRestored()
        if restored > 0 { observer.logger.notice("events of a restored database put in their place", metadata: ["count": "\(restored)"]) }
        for builtIn in BuiltInConfiguration.all {
            try await ConfigurationStore(pool: pool).installBuiltIn(
                id: builtIn.id, name: builtIn.name, description: builtIn.description, options: JSONDocument(builtIn.options.jsonText()))
        }
        let planner = try makePlanner()
        let masterKey =
            if let text = configuration.masterKey { try MasterKey(text: text) } else {
                try MasterKey.load(dataDirectory: configuration.dataDirectory)
            }
        let secrets = try SecretBox(masterKey: masterKey.bytes)
        let keys = SigningKeys(store: SigningKeyStore(pool: pool), secretBox: secrets)
        try await MasterKeyCheck(pool: pool, secrets: secrets, keys: keys).run(configuration)
        let objects = try FileObjectStore(root: configuration.storageDirectory)
        let authorities: CertificateAuthorities = configuration.caBundle.map { .systemAnd(path: $0) } ?? .system
        let client = try HTTPClient(maximumConcurrentRequests: configuration.transfers.connections, authorities: authorities)
        let imports = OutgoingURLPolicy(allowPrivateNetworks: configuration.allowsPrivateNetworks)
        let webhooks = OutgoingURLPolicy(allowPrivateNetworks: configuration.allowsPrivateNetworks, schemes: .httpsUnlessPrivate)
        // All requests go to the endpoint itself, whatever a user's bucket is called: no user can choose another host.
        func service(_ client: HTTPClient) -> S3Service {
            S3Service(
                client: client, policy: configuration.s3Endpoint == nil ? webhooks : .operatorEndpoint,
                endpoint: configuration.s3Endpoint.map { .pathStyle($0) } ?? .amazon)
        }

        var running: [any Service] = []
        if let cluster = database.cluster { running.append(BackgroundService { await cluster.run() }) }
        if role.works {
            running += try await workerServices(
                database: database, pool: pool, objects: objects, secrets: secrets, client: client, policy: imports,
                service: service(client),
                planner: planner)
            // A client of its own: imports, which take hours, must not take the places of deliveries.
            let relaySettings = EventRelay.Settings()
            let relay = EventRelay(
                outbox: EventOutbox(pool: pool), keys: keys,
                client: try HTTPClient(maximumConcurrentRequests: relaySettings.concurrency, authorities: authorities), policy: webhooks,
                listener: NotificationListener(database.connection, channels: [Channel.events], observer: observer),
                settings: relaySettings, observer: observer)
            running.append(BackgroundService { try await relay.run() })
        }
        if role.servesAPI {
            let presence = ServerPresence(database.connection, observer: observer)
            try await presence.announce()
            running.append(BackgroundService { await presence.run() })
            // A client of its own: who asks must not wait for copies, which take hours.
            let asking = try HTTPClient(maximumConcurrentRequests: 64, authorities: authorities)
            var apiSettings = APISettings()
            apiSettings.address = configuration.publicAddress
            apiSettings.rateLimitPerMinute = configuration.rateLimitPerMinute
            apiSettings.rateCard = configuration.rateCard
            apiSettings.signInLimitPerMinute = configuration.signInLimitPerMinute
            var services = APIServices(
                pool: pool, presence: presence, objects: objects, secretBox: secrets, links: SignedLink(masterKey: masterKey),
                webhookPolicy: webhooks,
                source: .overHTTP(client: asking, policy: imports), s3: service(asking).retrying(.brief),
                planner: StoredPlanner(objects: objects, planner: planner),
                readiness: { await Self.readiness(of: pool) },
                settings: apiSettings,
                observer: observer)
            services.importFolder = configuration.importFolder
            let router = try makeAPIRouter(services)
            var listening = HTTPServerConfiguration(addresses: [configuration.host], port: configuration.port)
            listening.trustedProxies = configuration.trustedProxies
            listening.maximumConnections = connections
            let server = try HTTPServer.start(listening, application: router, observer: observer)
            running.append(HTTPService(server: server))
            announce(port: server.port)
        } else {
            observer.logger.info("worker is ready")
        }
        try await ServiceGroup(running).run(until: signals)
        await pool.close()
    }

    private func workerServices(
        database: Database, pool: ConnectionPool, objects: FileObjectStore, secrets: SecretBox, client: HTTPClient,
        policy: OutgoingURLPolicy, service: S3Service, planner: JobPlanner
    ) async throws -> [any Service] {
        let worker = try await identity(.processing, database: database, pool: pool)
        let transferWorker = try await identity(.transfers, database: database, pool: pool)
        let device = try OpenedDevice(
            selection: configuration.vulkanDevice, cacheDirectory: configuration.dataDirectory + "/cache", shares: configuration.workers,
            logger: observer.logger)
        observer.logger.info("device", metadata: ["name": "\(device.facts.name)", "driver": "\(device.facts.driver)"])
        if !device.others.isEmpty {
            observer.logger.warning(
                "of several equal devices the first is used, by every worker that is not told which (--vulkan-device)",
                metadata: ["used": "\(device.facts.name)", "others": "\(device.others)"])
        }
        let context = ProcessingContext(
            videos: VideoStore(pool: pool), jobs: JobStore(pool: pool), objects: objects, engine: device.engine, planner: planner,
            device: device.facts, observer: observer)
        let transferHandlers: [UnitKind: any JobHandler] = [
            .importSource: ImportHandler(
                imports: ImportStore(pool: pool), objects: objects, secrets: secrets, client: client, policy: policy, service: service,
                folder: configuration.importFolder, mostConnections: configuration.transfers.connectionsEach, observer: observer),
            .export: ExportHandler(
                exports: ExportStore(pool: pool), rateCard: configuration.rateCard, objects: objects,
                secrets: secrets, service: service,
                observer: observer),
        ]
        let handlers: [UnitKind: any JobHandler] = [
            .ingest: IngestHandler(
                videos: VideoStore(pool: pool), objects: objects, engine: device.engine, planner: planner, observer: observer),
            .analyse: AnalyseHandler(context),
            .encode: EncodeHandler(context),
            .assemble: AssembleHandler(context),
        ]
        let workers = WorkerPool(
            database: database.connection, pool: pool, handlers: handlers,
            settings: WorkerPool.Settings(concurrency: configuration.workers, networks: planner.networkKeys), observer: observer,
            worker: worker)
        let transfers = WorkerPool(
            database: database.connection, pool: pool, handlers: transferHandlers,
            settings: WorkerPool.Settings(concurrency: configuration.transfers.count), observer: observer, worker: transferWorker)
        let sweeper = GarbageSweeper(store: GarbageStore(pool: pool), observer: observer) { prefix in
            _ = try objects.deletePrefix(prefix)
        }
        let uploads = AbandonedUploadSweeper(
            store: AbandonedUploadStore(pool: pool), secrets: secrets, service: service, observer: observer)
        let parts = PartSweeper(objects: objects, observer: observer)
        let housekeeper = Housekeeper(pool: pool, rateCard: configuration.rateCard, observer: observer)
        let reaper = LeaseReaper(jobs: JobStore(pool: pool), observer: observer)
        return [
            WorkerService(workers: workers), WorkerService(workers: transfers),
            BackgroundService { await reaper.run() }, BackgroundService { await sweeper.run() },
            BackgroundService { await uploads.run() },
            BackgroundService { await parts.run() },
            BackgroundService { await housekeeper.run() },
        ]
    }

    /// The name of one set of places. What an earlier process held under it can be had again at once.
    private func identity(_ kept: WorkerIdentity, database: Database, pool: ConnectionPool) async throws -> ID<Worker> {
        // A private cluster's lock proves that an earlier process of this directory is dead; elsewhere its leases run out.
        guard database.cluster != nil else { return ID<Worker>() }
        let worker = try kept.load(dataDirectory: configuration.dataDirectory)
        let reclaimed = try await JobStore(pool: pool).expireLeases(of: worker)
        if reclaimed > 0 { observer.logger.info("took back units of a process that ended", metadata: ["units": "\(reclaimed)"]) }
        return worker
    }

    /// Plans jobs with the networks of this build, in the size that fits the device.
    private func makePlanner() throws -> JobPlanner {
        var models = try FilterModels.bundled()
        let choice = try NetworkSizing.choose(
            asked: configuration.networkSize, selection: configuration.vulkanDevice,
            folder: Caches.speeds(dataDirectory: configuration.dataDirectory), models: models)
        observer.logger.info("network size", metadata: ["size": "\(choice.size.rawValue)", "reason": "\(choice.reason)"])
        models.size = choice.size
        return JobPlanner(models: models)
    }

    /// The one line on standard output: the server accepts requests.
    private func announce(port: Int) {
        let isAny = ["0.0.0.0", "::"].contains(configuration.host)
        let host = isAny ? "127.0.0.1" : configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        FileHandle.standardOutput.write(Data("Remaster is ready at http://\(host):\(port)\n".utf8))
    }

    private static func readiness(of pool: ConnectionPool) async -> Readiness {
        do {
            _ = try await pool.run { connection in try connection.value("SELECT 1", as: Int32.self) }
            return Readiness([Readiness.Check("database")])
        } catch {
            return Readiness([Readiness.Check("database", problem: "cannot be reached")])
        }
    }
}

extension Configuration {
    /// For the API, which lists it, and the workers, which copy from it.
    var importFolder: ImportFolder? { importDirectory.map { ImportFolder(path: $0) } }
}
