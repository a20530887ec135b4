import Glibc

/// How many file descriptors this process may have open at a time.
///
/// The system's default for programs, a soft limit of 1,024, is for those that wait with `select`, which cannot take more. Nothing
/// in this process does, and neither do the children, which inherit the limit: PostgreSQL opens at most 1,000 files a process
/// (`max_files_per_process`), whatever the limit is.
enum DescriptorLimit {
    /// Many times what the connections, the database and the workers can take.
    private static let most: rlim_t = 65_536

    /// Raises the soft limit to the hard one, or to 65,536 where the hard one is higher or none; one that is higher already stays.
    ///
    /// - Returns: the limit from now on.
    static func raise() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        let present = limit.rlim_cur
        let wanted = min(limit.rlim_max, most)
        guard wanted > present else { return Int(clamping: present) }
        limit.rlim_cur = wanted
        return Int(clamping: setrlimit(resource, &limit) == 0 ? wanted : present)
    }
}
