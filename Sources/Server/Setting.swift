/// One setting of the server under its three names: flag, environment variable, key of the configuration file. A flag
/// wins over the environment, the environment over the file, the file over the default.
struct Setting: Sendable {
    /// Without the leading dashes; also the key in the configuration file.
    let flag: String
    let variable: String
    let meaning: String
    let defaultText: String

    static let all: [Setting] = [
        databaseURL, dataDirectory, port, host, publicURL, masterKey, caBundle, allowPrivateNetworks, s3Endpoint, storage, importDirectory,
        vulkanDevice, networkSize, rateLimit, signInLimit, trustedProxies, workers, transfers,
        rateCard,
    ]

    static let databaseURL = Setting(
        flag: "database-url", variable: "REMASTER_DATABASE_URL",
        meaning: "PostgreSQL of several processes; without it a private cluster lives in the data directory", defaultText: "private cluster"
    )
    static let dataDirectory = Setting(
        flag: "data-directory", variable: "REMASTER_DATA_DIRECTORY", meaning: "files, private cluster, keys, caches",
        defaultText: "./remaster-data")
    static let port = Setting(flag: "port", variable: "REMASTER_PORT", meaning: "TCP port; 0 takes a free one", defaultText: "8080")
    static let host = Setting(flag: "host", variable: "REMASTER_HOST", meaning: "address to listen on", defaultText: "0.0.0.0")
    static let publicURL = Setting(
        flag: "public-url", variable: "REMASTER_PUBLIC_URL",
        meaning: "base of the URLs handed out: http or https, a host, and the path that a proxy takes away before it hands a request on",
        defaultText: "http:// and the host that each request names")
    static let masterKey = Setting(
        flag: "master-key", variable: "REMASTER_MASTER_KEY",
        meaning: "32 bytes in base64 that seal stored secrets; every process of one database needs the same",
        defaultText: "generated into the data directory")
    static let caBundle = Setting(
        flag: "ca-bundle", variable: "REMASTER_CA_BUNDLE",
        meaning: "further trusted certificate authorities (PEM) for every outgoing connection",
        defaultText: "none")
    static let allowPrivateNetworks = Setting(
        flag: "allow-private-networks", variable: "REMASTER_ALLOW_PRIVATE_NETWORKS",
        meaning: "1 lets imports, webhooks and S3 reach loopback and private addresses and any port: development and tests only",
        defaultText: "0")
    static let s3Endpoint = Setting(
        flag: "s3-endpoint", variable: "REMASTER_S3_ENDPOINT",
        meaning: "S3 service instead of AWS, for imports and exports, with the bucket in the path: https://HOST", defaultText: "AWS")
    static let storage = Setting(
        flag: "storage", variable: "REMASTER_STORAGE", meaning: "where media is kept: file:DIR",
        defaultText: "file: below the data directory")
    static let importDirectory = Setting(
        flag: "import-directory", variable: "REMASTER_IMPORT_DIRECTORY",
        meaning: "folder that imports may copy from: below it one folder for each team, named by its id; nothing in it is changed",
        defaultText: "none")
    static let vulkanDevice = Setting(
        flag: "vulkan-device", variable: "REMASTER_VULKAN_DEVICE", meaning: "index or part of the name of the device, as doctor lists them",
        defaultText: "the fastest kind found")
    static let networkSize = Setting(
        flag: "network-size", variable: "REMASTER_NETWORK_SIZE",
        meaning: "size of the restoration networks, where there are two: \(NetworkSizing.allowed)",
        defaultText: "auto: what doctor measured on the device, else its kind")
    static let rateLimit = Setting(
        flag: "rate-limit-per-minute", variable: "REMASTER_RATE_LIMIT_PER_MINUTE", meaning: "requests a minute for one API key",
        defaultText: "600")
    static let signInLimit = Setting(
        flag: "sign-in-limit-per-minute", variable: "REMASTER_SIGN_IN_LIMIT_PER_MINUTE",
        meaning: "sign-ins with e-mail and password a minute from one address", defaultText: "60")
    static let trustedProxies = Setting(
        flag: "trusted-proxies", variable: "REMASTER_TRUSTED_PROXIES",
        meaning: "addresses or blocks (10.0.0.0/8), with commas between, of proxies whose X-Forwarded-For names the client",
        defaultText: "none")
    static let workers = Setting(
        flag: "workers", variable: "REMASTER_WORKERS", meaning: "units of work at a time in this process, beside transfers",
        defaultText: "2")
    static let transfers = Setting(
        flag: "transfers", variable: "REMASTER_TRANSFERS",
        meaning: "imports and exports at a time in this process, up to \(TransferPlaces.most)", defaultText: "\(TransferPlaces.usual)")
    static let rateCard = Setting(
        flag: "rate-card", variable: "REMASTER_RATE_CARD", meaning: "JSON file of what processing, storage and downloads cost",
        defaultText: "the standard card, see docs/BILLING.md")
}
