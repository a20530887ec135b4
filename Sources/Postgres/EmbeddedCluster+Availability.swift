extension EmbeddedCluster {
    /// Where the programs of a private cluster lie on this machine.
    ///
    /// - Throws: `EmbeddedClusterError` when there are none.
    package static func programDirectory() throws(EmbeddedClusterError) -> String { try ServerPrograms.find().directory }
}
