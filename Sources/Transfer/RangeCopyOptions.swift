package import HTTP
package import Primitives

/// Everything that can be chosen about a copy.
package struct RangeCopyOptions: Sendable {
    /// Of the whole file; nil when the user gave none.
    package var expectedChecksum: CRC32C?
    /// Finishes even with another checksum than expected.
    package var skipChecksumValidation = false
    /// Connections at the same time, at least 1.
    package var maximumConnections = 10
    /// Bytes of one range request.
    package var pieceBytes = 8 << 20
    /// 500 GB, decimal.
    package var maximumBytes = 500_000_000_000
    /// Tries of one piece before the copy fails, at least 1.
    package var attemptsPerPiece = 5
    /// Pause before the second try; doubled for every further one, up to 30 seconds, each with jitter.
    package var retryPause = Duration.milliseconds(500)
    package var connectTimeout = Duration.seconds(10)
    package var idleTimeout = Duration.seconds(30)
    /// A connection that stays below this over a whole piece is given up: a source that only drips holds nobody up for ever.
    package var minimumBytesPerSecond = 4 << 10
    /// A copy that gains less than this over all connections together, throughout one window, ends with `.tooSlow`: what a source
    /// can hold of the places that copies share is bounded.
    package var minimumCopyBytesPerSecond = 64 << 10
    /// How long a copy may stay below `minimumCopyBytesPerSecond`.
    package var copyRateWindow = Duration.seconds(900)
    /// Every hop passes the policy again.
    package var maximumRedirects = 5
    /// More fields for every request.
    package var headers: HeaderFields = [:]

    package init(expectedChecksum: CRC32C? = nil, skipChecksumValidation: Bool = false, maximumConnections: Int = 10) {
        self.expectedChecksum = expectedChecksum
        self.skipChecksumValidation = skipChecksumValidation
        self.maximumConnections = maximumConnections
    }
}

/// How far a copy is.
package struct TransferProgress: Hashable, Sendable {
    /// In the file, whether from this run or an earlier one; never decreases within a run.
    package let copiedBytes: Int
    package let totalBytes: Int
}

/// What a finished copy is.
package struct TransferResult: Hashable, Sendable {
    package let bytes: Int
    /// Of the whole file, put together from those of the pieces.
    package let checksum: CRC32C
    /// Where the file is: the destination, or where an earlier run's was published already.
    package let path: String
}
