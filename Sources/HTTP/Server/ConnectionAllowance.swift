/// How many connections a server holds at most, so that the file descriptors of its process suffice.
package enum ConnectionAllowance {
    /// Descriptors kept for all but connections: the database's sessions, requests to other servers over libcurl, the files and
    /// devices of workers, connections that are just being refused. Not the most that all of them could hold at one moment, some
    /// 900, which would leave nothing of a limit of 1,024.
    package static let reserve = 512
    /// A connection's descriptors: its socket, and the file that its request reads or writes.
    package static let descriptorsEach = 2
    /// However few descriptors there are.
    package static let least = 64
    /// However many descriptors there are.
    package static let most = 4096

    /// - Parameter descriptors: how many the process may have open at a time.
    package static func connections(within descriptors: Int) -> Int {
        min(max((descriptors - reserve) / descriptorsEach, least), most)
    }
}
