import API
import Domain
import Filters
import Foundation
import HTTP

/// The settings of one process, read once: flags, then environment, then file, then defaults.
struct Configuration: Sendable {
    /// Nil: a private cluster below the data directory.
    var databaseURL: String?
    /// Absolute.
    var dataDirectory: String
    var port: Int
    var host: String
    var publicAddress: PublicAddress
    var masterKey: String?
    var caBundle: String?
    /// Of all S3 traffic; nil for AWS.
    var s3Endpoint: OutgoingURL?
    var allowsPrivateNetworks: Bool
    /// Absolute folder of the media files.
    var storageDirectory: String
    /// Absolute folder that imports may copy from; nil for none.
    var importDirectory: String?
    var vulkanDevice: String
    /// Nil: chosen by the device.
    var networkSize: ModelSize?
    var rateLimitPerMinute: Int
    var signInLimitPerMinute: Int
    var trustedProxies: TrustedProxies
    var workers: Int
    var transfers: TransferPlaces
    var rateCard: RateCard

    /// A setting that cannot be used: which, what it was, what is allowed.
    struct Problem: Error, CustomStringConvertible {
        let setting: Setting
        let value: String
        let allowed: String
        var description: String { "--\(setting.flag) (\(setting.variable)) is '\(value)'; allowed: \(allowed)" }
    }

    /// - Parameters:
    ///   - flags: values given on the command line, by flag name.
    ///   - environment: of the process.
    ///   - file: path of a configuration file with lines `key = value`; `#` starts a comment.
    init(flags: [String: String], environment: [String: String], file: String?) throws {
        let entries = try file.map { try Self.entries(of: $0) } ?? [:]
        func text(_ setting: Setting) -> String? {
            [flags[setting.flag], environment[setting.variable], entries[setting.flag]].lazy.compactMap { $0 }.first { !$0.isEmpty }
        }
        func number(_ setting: Setting, _ allowed: ClosedRange<Int>, otherwise: Int) throws -> Int {
            guard let text = text(setting) else { return otherwise }
            guard let value = Int(text), allowed.contains(value) else {
                throw Problem(setting: setting, value: text, allowed: "\(allowed.lowerBound) to \(allowed.upperBound)")
            }
            return value
        }
        func absolute(_ path: String) -> String {
            path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        }
        databaseURL = text(.databaseURL)
        dataDirectory = absolute(text(.dataDirectory) ?? "remaster-data")
        port = try number(.port, 0...65535, otherwise: 8080)
        host = text(.host) ?? "0.0.0.0"
        publicAddress = try text(.publicURL).map(Self.publicAddress) ?? .ofEachRequest
        masterKey = text(.masterKey)
        caBundle = text(.caBundle)
        let isPrivate: Bool
        switch text(.allowPrivateNetworks) {
        case nil, "0", "false": isPrivate = false
        case "1", "true": isPrivate = true
        case let value?: throw Problem(setting: .allowPrivateNetworks, value: value, allowed: "0 or 1")
        }
        allowsPrivateNetworks = isPrivate
        s3Endpoint = try text(.s3Endpoint).map(Self.endpoint)
        let storage = text(.storage) ?? "file:\(dataDirectory)/media"
        guard storage.hasPrefix("file:"), storage.count > 5 else {
            throw Problem(setting: .storage, value: storage, allowed: "file:DIR; s3://BUCKET/PREFIX is not available in this build")
        }
        storageDirectory = absolute(String(storage.dropFirst(5)))
        importDirectory = text(.importDirectory).map { absolute($0) }
        vulkanDevice = text(.vulkanDevice) ?? ""
        guard let size = NetworkSizing.size(text(.networkSize)) else {
            throw Problem(setting: .networkSize, value: text(.networkSize) ?? "", allowed: NetworkSizing.allowed)
        }
        networkSize = size
        rateLimitPerMinute = try number(.rateLimit, 1...1_000_000, otherwise: 600)
        signInLimitPerMinute = try number(.signInLimit, 1...1_000_000, otherwise: 60)
        trustedProxies = try text(.trustedProxies).map(Self.proxies) ?? TrustedProxies()
        workers = try number(.workers, 1...64, otherwise: 2)
        transfers = TransferPlaces(count: try number(.transfers, 1...TransferPlaces.most, otherwise: TransferPlaces.usual))
        rateCard = try text(.rateCard).map { try Self.rateCard(at: absolute($0)) } ?? .standard
    }

    private static func publicAddress(_ text: String) throws -> PublicAddress {
        do throws(PublicAddressRefusal) {
            return try PublicAddress(text)
        } catch {
            throw Problem(
                setting: .publicURL, value: text,
                allowed:
                    "http://HOST or https://HOST, with or without a port and a path, without user, query and fragment (\(error.reason))")
        }
    }

    private static func proxies(_ text: String) throws -> TrustedProxies {
        TrustedProxies(
            try text.split(separator: ",").map { entry in
                let entry = entry.trimmingCharacters(in: .whitespaces)
                guard let block = AddressBlock(entry) else {
                    throw Problem(
                        setting: .trustedProxies, value: text,
                        allowed:
                            "addresses and blocks such as 192.0.2.7, 10.0.0.0/8 or fd00::/8, with commas between ('\(entry)' is neither)")
                }
                return block
            })
    }

    private static func rateCard(at path: String) throws -> RateCard {
        func problem(_ allowed: String) -> Problem { Problem(setting: .rateCard, value: path, allowed: allowed) }
        guard let bytes = FileManager.default.contents(atPath: path) else { throw problem("a readable JSON file") }
        do {
            return try RateCard(json: JSON(parsing: Array(bytes)))
        } catch let error as JSONSyntaxError {
            throw problem("JSON, but at byte \(error.byteOffset) \(error.reason)")
        } catch let failure as ValidationFailure {
            throw problem(
                "a rate card, but " + failure.problems.map { "\($0.field.isEmpty ? "it" : $0.field) \($0.message)" }.joined(separator: "; ")
            )
        }
    }

    /// The origin of an S3 service: wherever the operator has it, also in a private network.
    private static func endpoint(_ text: String) throws -> OutgoingURL {
        func problem(_ reason: String) -> Problem {
            Problem(
                setting: .s3Endpoint, value: text,
                allowed: "https://HOST or http://HOST, with or without a port, without a path (\(reason))")
        }
        let url: OutgoingURL
        do throws(URLRefusal) {
            url = try OutgoingURLPolicy.operatorEndpoint.check(text)
        } catch {
            throw problem(error.message)
        }
        guard url.pathAndQuery == "/" else { throw problem("It has a path.") }
        return url
    }

    private static func entries(of path: String) throws -> [String: String] {
        let known = Set(Setting.all.map(\.flag))
        var entries: [String: String] = [:]
        for (number, line) in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let content = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
            if content.isEmpty { continue }
            let parts = content.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, known.contains(parts[0]) else {
                throw FileProblem(path: path, line: number + 1, known: known.sorted())
            }
            entries[parts[0]] = parts[1]
        }
        return entries
    }

    /// A line of the configuration file that says nothing known.
    struct FileProblem: Error, CustomStringConvertible {
        let path: String
        let line: Int
        let known: [String]
        var description: String { "\(path):\(line): expected KEY = VALUE with one of the keys \(known.joined(separator: ", "))" }
    }
}
