package import Credentials
package import Domain
package import FoundationEssentials
package import HTTP
package import ObjectStorage
package import Postgres
package import S3
package import Store
package import Telemetry
package import Transfer

/// Everything the endpoints need; made once, when the server starts.
package struct APIServices: Sendable {
    package var pool: ConnectionPool
    /// Of this process, announced.
    package var presence: ServerPresence
    package var objects: FileObjectStore
    package var secretBox: SecretBox
    package var links: SignedLink
    /// For the URLs of webhooks.
    package var webhookPolicy: OutgoingURLPolicy
    package var source: SourceProbe
    /// For imports from S3 and exports to it.
    package var s3: S3Service
    package var planner: any ProcessingPlanner
    /// For imports from the operator's folder; nil for none.
    package var importFolder: ImportFolder?
    package var readiness: @Sendable () async -> Readiness
    package var settings: APISettings
    package var observer: Observer
    package var metrics = MetricRegistry(help: RouteTimers.help)
    package var clock: @Sendable () -> Date

    package init(
        pool: ConnectionPool, presence: ServerPresence, objects: FileObjectStore, secretBox: SecretBox, links: SignedLink,
        webhookPolicy: OutgoingURLPolicy,
        source: SourceProbe, s3: S3Service, planner: any ProcessingPlanner, readiness: @escaping @Sendable () async -> Readiness,
        settings: APISettings = APISettings(), observer: Observer, clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.pool = pool
        self.presence = presence
        self.objects = objects
        self.secretBox = secretBox
        self.links = links
        self.webhookPolicy = webhookPolicy
        self.source = source
        self.s3 = s3
        self.planner = planner
        self.readiness = readiness
        self.settings = settings
        self.observer = observer
        self.clock = clock
    }
}

/// What an operator can set.
package struct APISettings: Hashable, Sendable {
    /// Under which clients reach the server.
    package var address = PublicAddress.ofEachRequest
    /// Requests a minute for each API key, at least 1.
    package var rateLimitPerMinute = 600
    /// Sign-ins a minute from one address, at least 1: password checks are slow on purpose.
    package var signInLimitPerMinute = 60
    /// What this server can carry out.
    package var capabilities = Capabilities.current
    /// What processing, storage and downloads cost.
    package var rateCard = RateCard.standard

    package init() {}
}

/// The API as a router: every operation under `/api`, and the answers to what no operation takes.
///
/// - Parameter extending: adds further routes, such as the web application's.
package func makeAPIRouter(
    _ services: APIServices, extending: (inout RouteTable) throws -> Void = { _ in }
) throws -> Router {
    let renderer = ErrorRenderer(observer: services.observer, clock: services.clock)
    let pool = services.pool
    let settings = services.settings
    let (videos, projects, configurations) = (VideoStore(pool: pool), ProjectStore(pool: pool), ConfigurationStore(pool: pool))
    let (keys, accounts) = (APIKeyStore(pool: pool), AccountStore(pool: pool))
    let limiter = RateLimiter(limit: settings.rateLimitPerMinute, clock: services.clock)
    var routes = APIRoutes(
        renderer: renderer, keys: APIKeyAuthentication(keys: keys, limiter: limiter),
        basic: BasicAuthentication(
            accounts: accounts, limiter: RateLimiter(limit: settings.signInLimitPerMinute, clock: services.clock), clock: services.clock),
        idempotency: IdempotencyStore(pool: pool, presence: services.presence), secretBox: services.secretBox,
        audit: AuditStore(pool: pool),
        observer: services.observer, definition: try APIDefinition.embedded.get(), metrics: services.metrics)
    try HealthEndpoints(readiness: services.readiness).register(in: &routes)
    try APIKeyEndpoints(keys: keys).register(in: &routes)
    try AccountEndpoints(accounts: accounts, teams: TeamStore(pool: pool)).register(in: &routes)
    try ProjectEndpoints(projects: projects).register(in: &routes)
    let locations = (input: S3LocationStore(pool: pool, direction: .input), output: S3LocationStore(pool: pool, direction: .output))
    try S3LocationEndpoints(locations: locations.input, path: "/v1/input-locations/s3", secretBox: services.secretBox)
        .register(in: &routes)
    try S3LocationEndpoints(locations: locations.output, path: "/v1/output-locations/s3", secretBox: services.secretBox)
        .register(in: &routes)
    try ConfigurationEndpoints(configurations: configurations).register(in: &routes)
    try VideoEndpoints(videos: videos, projects: projects).register(in: &routes)
    let starter = ImportStarter(imports: ImportStore(pool: pool), projects: projects)
    try ImportEndpoints(
        imports: ImportStore(pool: pool), videos: videos, starter: starter, secretBox: services.secretBox, source: services.source,
        capabilities: settings.capabilities
    ).register(in: &routes)
    try S3ImportEndpoints(
        starter: starter, locations: locations.input, service: services.s3, secretBox: services.secretBox,
        capabilities: settings.capabilities
    ).register(in: &routes)
    try FolderImportEndpoints(starter: starter, folder: services.importFolder, capabilities: settings.capabilities)
        .register(in: &routes)
    let preparation = ProcessingPreparation(
        configurations: configurations, planner: services.planner, capabilities: settings.capabilities,
        appraiser: JobAppraiser(
            billing: BillingStore(pool: pool), measurements: MeasurementStore(pool: pool), rateCard: settings.rateCard))
    try ProcessingEndpoints(videos: videos, jobs: JobStore(pool: pool), preparation: preparation).register(in: &routes)
    try BillingEndpoints(
        billing: BillingStore(pool: pool), teams: TeamStore(pool: pool), rateCard: settings.rateCard, clock: services.clock
    ).register(in: &routes)
    try MarketplaceEndpoints(
        marketplace: MarketplaceStore(pool: pool), billing: BillingStore(pool: pool), teams: TeamStore(pool: pool), clock: services.clock
    ).register(in: &routes)
    try AuditEndpoints(audit: AuditStore(pool: pool)).register(in: &routes)
    try AppraisalEndpoints(videos: videos, appraisals: AppraisalStore(pool: pool), preparation: preparation).register(in: &routes)
    try UploadEndpoints(
        uploads: UploadStore(pool: pool), imports: ImportStore(pool: pool), keys: keys, starter: starter, objects: services.objects,
        capabilities: settings.capabilities, address: settings.address, clock: services.clock
    ).register(in: &routes)
    try PlanEndpoints(videos: videos, preparation: preparation).register(in: &routes)
    try JobEndpoints(videos: videos, jobs: JobStore(pool: pool)).register(in: &routes)
    try CapabilityEndpoints(capabilities: settings.capabilities).register(in: &routes)
    try ExportEndpoints(
        exports: ExportStore(pool: pool), videos: videos, locations: locations.output, service: services.s3,
        secretBox: services.secretBox
    ).register(in: &routes)
    let files = StoredFiles(objects: services.objects, observer: services.observer)
    try DownloadEndpoints(
        videos: videos, billing: BillingStore(pool: pool), rateCard: settings.rateCard, files: files, links: services.links,
        address: settings.address, clock: services.clock
    ).register(in: &routes)
    try ComparisonEndpoints(videos: videos, files: files, links: services.links, address: settings.address, clock: services.clock)
        .register(in: &routes)
    try MediaEndpoints(videos: videos, files: files, links: services.links, address: settings.address, clock: services.clock)
        .register(in: &routes)
    try WebhookEndpoints(
        webhooks: WebhookStore(pool: pool), keys: SigningKeyStore(pool: pool), policy: services.webhookPolicy
    ).register(in: &routes)
    try MetricsEndpoints(registry: services.metrics, jobs: JobStore(pool: pool)).register(in: &routes)
    try EventStreamEndpoints(
        events: TeamEventStore(pool: pool), webhooks: WebhookStore(pool: pool), keys: APIKeyStore(pool: pool)
    ).register(in: &routes)
    try DescriptionEndpoints(address: settings.address).register(in: &routes)
    var table = routes.table
    try extending(&table)
    return Router(table) { renderer.response(to: $0, limiter: limiter) }
}
