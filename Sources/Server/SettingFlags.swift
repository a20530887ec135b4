import ArgumentParser
import Foundation

/// The settings as command line flags; those that are absent come from the environment, the file or the defaults.
struct SettingFlags: ParsableArguments {
    @Option(help: ArgumentHelp(help(.databaseURL), valueName: "url")) var databaseURL: String?
    @Option(help: ArgumentHelp(help(.dataDirectory), valueName: "dir")) var dataDirectory: String?
    @Option(help: ArgumentHelp(help(.port), valueName: "port")) var port: String?
    @Option(help: ArgumentHelp(help(.host), valueName: "address")) var host: String?
    @Option(help: ArgumentHelp(help(.publicURL), valueName: "url")) var publicURL: String?
    @Option(help: ArgumentHelp(help(.masterKey), valueName: "base64")) var masterKey: String?
    @Option(help: ArgumentHelp(help(.caBundle), valueName: "file")) var caBundle: String?
    @Option(help: ArgumentHelp(help(.allowPrivateNetworks), valueName: "0|1")) var allowPrivateNetworks: String?
    @Option(name: .customLong("s3-endpoint"), help: ArgumentHelp(help(.s3Endpoint), valueName: "url")) var s3Endpoint: String?
    @Option(help: ArgumentHelp(help(.storage), valueName: "file:dir")) var storage: String?
    @Option(help: ArgumentHelp(help(.importDirectory), valueName: "dir")) var importDirectory: String?
    @Option(help: ArgumentHelp(help(.vulkanDevice), valueName: "device")) var vulkanDevice: String?
    @Option(help: ArgumentHelp(help(.networkSize), valueName: "size")) var networkSize: String?
    @Option(help: ArgumentHelp(help(.rateLimit), valueName: "n")) var rateLimitPerMinute: String?
    @Option(help: ArgumentHelp(help(.signInLimit), valueName: "n")) var signInLimitPerMinute: String?
    @Option(help: ArgumentHelp(help(.trustedProxies), valueName: "blocks")) var trustedProxies: String?
    @Option(help: ArgumentHelp(help(.workers), valueName: "n")) var workers: String?
    @Option(help: ArgumentHelp(help(.transfers), valueName: "n")) var transfers: String?
    @Option(help: ArgumentHelp(help(.rateCard), valueName: "file")) var rateCard: String?
    @Option(name: .customLong("config"), help: "Configuration file with lines KEY = VALUE; the keys are the flags' names.")
    var file: String?

    private static func help(_ setting: Setting) -> String {
        "\(setting.meaning) (\(setting.variable); default: \(setting.defaultText))"
    }

    func configuration() throws -> Configuration {
        let values: [(Setting, String?)] = [
            (.databaseURL, databaseURL), (.dataDirectory, dataDirectory), (.port, port), (.host, host), (.publicURL, publicURL),
            (.masterKey, masterKey), (.caBundle, caBundle), (.allowPrivateNetworks, allowPrivateNetworks), (.s3Endpoint, s3Endpoint),
            (.storage, storage), (.importDirectory, importDirectory), (.vulkanDevice, vulkanDevice), (.networkSize, networkSize),
            (.rateLimit, rateLimitPerMinute),
            (.signInLimit, signInLimitPerMinute), (.trustedProxies, trustedProxies), (.workers, workers), (.transfers, transfers),
            (.rateCard, rateCard),
        ]
        let flags = Dictionary(uniqueKeysWithValues: values.compactMap { setting, value in value.map { (setting.flag, $0) } })
        do {
            return try Configuration(flags: flags, environment: ProcessInfo.processInfo.environment, file: file)
        } catch let problem as Configuration.Problem {
            throw ValidationError(problem.description)
        } catch let problem as Configuration.FileProblem {
            throw ValidationError(problem.description)
        }
    }
}
