import Foundation

/// Folders of the user's that may be deleted at any time.
enum Caches {
    /// Compiled pipelines of the command line tools; nil when the user has no home.
    static var pipelines: String? {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["XDG_CACHE_HOME"], !folder.isEmpty { return folder + "/remaster" }
        return environment["HOME"].map { $0 + "/.cache/remaster" }
    }

    /// Where `doctor` records how fast devices are: beside the pipelines, or in the data directory of a user without home.
    static func speeds(dataDirectory: String) -> String { pipelines ?? dataDirectory + "/cache" }
}
