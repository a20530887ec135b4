import Glibc

extension EmbeddedCluster {
    /// Where the programs of a private cluster lie on this machine: of the version that made the cluster of a data directory, the
    /// newest where it has none yet.
    ///
    /// - Throws: `EmbeddedClusterError`: there are none, there are only those of other versions, or this account cannot read which
    ///   version made the cluster.
    package static func programDirectory(dataDirectory: String) throws(EmbeddedClusterError) -> String {
        let cluster = ClusterLayout.cluster(in: dataDirectory)
        guard access("\(cluster)/PG_VERSION", R_OK) == 0 || errno != EACCES else {
            throw .directory(path: cluster, problem: "cannot be read by this account")
        }
        return try ServerPrograms.find(version: ClusterLayout.version(of: cluster)).directory
    }
}
