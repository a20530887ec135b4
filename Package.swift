// swift-tools-version: 6.2
import PackageDescription

// The architecture on one screen. A module imports only from lower floors, never sideways: the check below refuses to
// evaluate the manifest otherwise, so the graph is acyclic by construction.

/// One module of the product: its floor, the modules below that it uses, and the products of other packages.
struct Module {
    let name: String
    let floor: Int
    let uses: [String]
    var products: [Target.Dependency] = []
    /// Other folder than `Sources/NAME`.
    var path: String?
    /// Names of a system library and of the Debian package that brings it; nil for modules of our own code.
    var system: (pkgConfig: String, apt: String)?
    /// C code of our own: embedded SPIR-V, SQL, weights and descriptions.
    var isC = false
    /// Imports C, so that the strict memory safety check would only restate what the C boundary is.
    var touchesC = false
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let modules: [Module] = [
    Module(name: "CLibAV", floor: 0, uses: [], system: ("libavformat libavcodec libavfilter libswresample libavutil", "libavformat-dev")),
    Module(name: "CVulkan", floor: 0, uses: [], system: ("vulkan", "libvulkan-dev")),
    Module(name: "CPostgres", floor: 0, uses: [], system: ("libpq", "libpq-dev")),
    Module(name: "CCurl", floor: 0, uses: [], system: ("libcurl", "libcurl4-openssl-dev")),
    Module(name: "CAllocation", floor: 0, uses: [], path: "Sources/CAllocation", isC: true),
    Module(name: "Shaders", floor: 0, uses: [], path: "Shaders", isC: true),
    Module(name: "Migrations", floor: 0, uses: [], path: "Migrations", isC: true),
    Module(name: "Models", floor: 0, uses: [], path: "Models", isC: true),
    Module(name: "Contract", floor: 0, uses: [], path: "Contract", isC: true),

    Module(name: "Primitives", floor: 1, uses: []),
    Module(name: "Lanes", floor: 1, uses: []),
    Module(name: "Telemetry", floor: 1, uses: [], products: [logging, metrics]),
    Module(name: "ColorScience", floor: 1, uses: []),

    Module(name: "Picture", floor: 2, uses: ["Primitives", "ColorScience"]),
    Module(name: "Postgres", floor: 2, uses: ["CPostgres", "Primitives", "Lanes", "Telemetry"], products: [logging], touchesC: true),
    Module(name: "HTTP", floor: 2, uses: ["CCurl", "Primitives", "Lanes", "Telemetry"], products: [logging], touchesC: true),

    Module(name: "Credentials", floor: 2, uses: ["Primitives"], products: [crypto, cryptoExtras], touchesC: true),

    Module(name: "Domain", floor: 3, uses: ["Primitives", "ColorScience", "Picture"]),
    Module(
        name: "Media", floor: 3, uses: ["CLibAV", "Primitives", "Lanes", "ColorScience", "Picture", "Telemetry"], products: [logging],
        touchesC: true),
    Module(name: "GPU", floor: 3, uses: ["CVulkan", "Primitives", "Lanes", "Telemetry", "Shaders"], products: [logging], touchesC: true),
    Module(name: "ObjectStorage", floor: 3, uses: ["CAllocation", "Primitives", "Lanes"], touchesC: true),
    Module(name: "S3", floor: 3, uses: ["HTTP", "Credentials"], products: [crypto]),

    Module(
        name: "Store", floor: 4, uses: ["Postgres", "Credentials", "Domain", "Primitives", "Lanes", "Telemetry", "Migrations"],
        products: [logging], touchesC: true),
    Module(
        name: "Networks", floor: 4, uses: ["GPU", "Primitives", "Shaders", "Models"], products: [logging, crypto], touchesC: true),
    Module(
        name: "Transfer", floor: 4, uses: ["HTTP", "ObjectStorage", "Primitives", "Lanes"], products: [logging, crypto], touchesC: true),

    Module(
        name: "Filters", floor: 5, uses: ["Networks", "GPU", "Picture", "ColorScience", "Primitives", "Shaders"], products: [logging],
        touchesC: true),
    Module(name: "JobQueue", floor: 5, uses: ["Store", "Domain", "Postgres", "Primitives", "Lanes", "Telemetry"], products: [logging]),
    Module(
        name: "Events", floor: 5, uses: ["Store", "Credentials", "Domain", "Postgres", "HTTP", "Primitives", "Lanes", "Telemetry"],
        products: [logging, crypto]),

    Module(
        name: "Pipeline", floor: 6,
        uses: [
            "Media", "Filters", "Networks", "GPU", "Picture", "ColorScience", "Domain", "ObjectStorage", "Primitives", "Lanes", "Telemetry",
        ], products: [logging, crypto], touchesC: true),

    Module(
        name: "API", floor: 7,
        uses: [
            "HTTP", "Store", "Credentials", "Domain", "Picture", "Events", "ObjectStorage", "S3", "Transfer", "JobQueue", "Postgres",
            "Primitives", "Lanes", "Telemetry", "Contract",
        ],
        products: [logging, metrics, crypto], touchesC: true),
    Module(
        name: "Workers", floor: 7,
        uses: [
            "Pipeline", "Media", "Store", "Postgres", "Credentials", "JobQueue", "Domain", "ObjectStorage", "S3", "Transfer", "HTTP",
            "GPU",
            "Networks",
            "Filters", "Picture", "ColorScience", "Primitives", "Lanes", "Telemetry",
        ], products: [logging]),

    Module(
        name: "Server", floor: 8,
        uses: [
            "API", "Workers", "Events", "JobQueue", "Pipeline", "Media", "GPU", "Networks", "Filters", "Store", "Postgres", "HTTP",
            "Credentials", "Domain", "ObjectStorage", "S3", "Transfer", "Picture", "ColorScience", "Primitives", "Lanes", "Telemetry",
        ], products: [logging, arguments, crypto], touchesC: true),
]

let floors = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0.floor) })
for module in modules {
    for used in module.uses where floors[used, default: .max] >= module.floor {
        fatalError("\(module.name) (floor \(module.floor)) must not import \(used)")
    }
}

/// `REMASTER_MODULES=HTTP,Store` narrows the package to these modules, what they use, and their tests: a change in one
/// module is then built and tested without the rest of the house.
let selection: Set<String> = {
    guard let names = Context.environment["REMASTER_MODULES"], !names.isEmpty else { return Set(floors.keys) }
    let table = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0) })
    var wanted = Set<String>()
    var pending = names.split(separator: ",").map(String.init)
    if pending.contains("Postgres") { pending.append("Store") }  // its tests clone migrated databases
    while let name = pending.popLast() {
        guard wanted.insert(name).inserted else { continue }
        guard let module = table[name] else { fatalError("REMASTER_MODULES names an unknown module: \(name)") }
        pending += module.uses
    }
    return wanted
}()
let asked = Context.environment["REMASTER_MODULES"].map { Set($0.split(separator: ",").map(String.init)) }

func settings(of module: Module) -> [SwiftSetting] {
    var settings: [SwiftSetting] = [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    if !module.touchesC { settings.append(.strictMemorySafety()) }
    return settings
}

var targets: [Target] = []
for module in modules where selection.contains(module.name) {
    let dependencies = module.uses.map { Target.Dependency.target(name: $0) } + module.products
    if let system = module.system {
        targets.append(.systemLibrary(name: module.name, pkgConfig: system.pkgConfig, providers: [.apt([system.apt])]))
    } else if module.isC {
        targets.append(.target(name: module.name, path: module.path, cSettings: [.unsafeFlags(["-std=gnu2x", "-Wno-c23-extensions"])]))
    } else if module.name == "Server" {
        targets.append(
            .executableTarget(name: "remaster", dependencies: dependencies, path: "Sources/Server", swiftSettings: settings(of: module)))
    } else {
        targets.append(.target(name: module.name, dependencies: dependencies, swiftSettings: settings(of: module)))
    }
}

/// A test target for the module of its name: what it uses, and the products of other packages.
struct TestModule {
    let name: String
    let uses: [String]
    var products: [Target.Dependency] = [logging]
    /// Starts a private PostgreSQL: `TestSupport`.
    var usesDatabase = false
    /// Starts a private S3 server: `TestObjectServer`.
    var usesObjectServer = false
    /// Keeps files that the tests read, in `Fixtures`.
    var hasFixtures = false
}

let testModules: [TestModule] = [
    TestModule(name: "Primitives", uses: ["Primitives"], products: []),
    TestModule(name: "Lanes", uses: ["Lanes"], products: []),
    TestModule(name: "Telemetry", uses: ["Telemetry"], products: [logging, metrics]),
    TestModule(name: "ColorScience", uses: ["ColorScience"], products: []),
    TestModule(name: "Picture", uses: ["Picture", "ColorScience", "Primitives"], products: []),
    TestModule(name: "Credentials", uses: ["Credentials", "Primitives"], products: [crypto]),
    TestModule(name: "Postgres", uses: ["Postgres", "Primitives", "Lanes", "Telemetry"], usesDatabase: true),
    TestModule(name: "HTTP", uses: ["HTTP", "Primitives", "Lanes", "Telemetry"]),
    TestModule(name: "Domain", uses: ["Domain", "Primitives", "ColorScience", "Picture"], products: []),
    TestModule(name: "Media", uses: ["Media", "Picture", "ColorScience", "Primitives", "Telemetry"]),
    TestModule(name: "GPU", uses: ["GPU", "Shaders", "Primitives", "Telemetry"]),
    TestModule(name: "ObjectStorage", uses: ["ObjectStorage", "Primitives"], products: []),
    TestModule(name: "S3", uses: ["S3", "HTTP", "Primitives", "Telemetry"], usesObjectServer: true),
    TestModule(
        name: "Store", uses: ["Store", "Postgres", "Credentials", "Domain", "Primitives", "Lanes", "Telemetry"], usesDatabase: true),
    TestModule(name: "Networks", uses: ["Networks", "GPU", "Primitives", "Telemetry"], hasFixtures: true),
    TestModule(name: "Transfer", uses: ["Transfer", "HTTP", "ObjectStorage", "Primitives", "Lanes", "Telemetry"]),
    TestModule(name: "Filters", uses: ["Filters", "Networks", "GPU", "Picture", "ColorScience", "Primitives", "Telemetry"]),
    TestModule(
        name: "JobQueue", uses: ["JobQueue", "Store", "Postgres", "Domain", "Primitives", "Lanes", "Telemetry"], usesDatabase: true),
    TestModule(
        name: "Events", uses: ["Events", "Store", "Credentials", "HTTP", "Domain", "Postgres", "Primitives", "Lanes", "Telemetry"],
        products: [logging, crypto], usesDatabase: true),
    TestModule(
        name: "Pipeline", uses: ["Pipeline", "Media", "Filters", "GPU", "Picture", "ColorScience", "Domain", "Primitives", "Telemetry"],
        hasFixtures: true),
    TestModule(
        name: "API",
        uses: [
            "API", "HTTP", "Store", "Credentials", "Domain", "Events", "ObjectStorage", "S3", "Transfer", "Postgres", "JobQueue",
            "Primitives", "Lanes", "Telemetry",
        ], products: [logging, crypto], usesDatabase: true, usesObjectServer: true, hasFixtures: true),
    TestModule(
        name: "Workers",
        uses: [
            "Workers", "HTTP", "Store", "Credentials", "Domain", "ObjectStorage", "S3", "Transfer", "JobQueue", "Postgres", "Primitives",
            "Pipeline", "Filters", "Media", "GPU", "Telemetry",
        ], usesDatabase: true, usesObjectServer: true),
    TestModule(name: "EndToEnd", uses: [], products: [.target(name: "remaster")], usesObjectServer: true),
]
let testSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
]

/// One private PostgreSQL per test process, a migrated template cloned per test.
let testSupport = ["Store", "Postgres", "Primitives", "Lanes", "Telemetry"]
var needsTestSupport = false
var needsTestObjectServer = false
for test in testModules where selection.isSuperset(of: test.uses) && (asked?.contains(test.name) ?? true) {
    needsTestSupport = needsTestSupport || test.usesDatabase
    needsTestObjectServer = needsTestObjectServer || test.usesObjectServer
    let support = (test.usesDatabase ? ["TestSupport"] : []) + (test.usesObjectServer ? ["TestObjectServer"] : [])
    targets.append(
        .testTarget(
            name: "\(test.name)Tests", dependencies: (test.uses + support).map { .target(name: $0) } + test.products,
            exclude: test.hasFixtures ? ["Fixtures"] : [],
            swiftSettings: testSettings))
}
if needsTestSupport {
    targets.append(
        .target(
            name: "TestSupport", dependencies: testSupport.map { .target(name: $0) } + [logging], path: "Tests/TestSupport",
            swiftSettings: testSettings))
}

if needsTestObjectServer {
    targets.append(.target(name: "TestObjectServer", path: "Tests/TestObjectServer", swiftSettings: testSettings))
}

let package = Package(
    name: "remaster",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    ],
    targets: targets,
    cxxLanguageStandard: .cxx20
)
