package import HTTP

/// How a file is cut into the parts of an upload: equal ones, the last one shorter.
package struct S3UploadPlan: Hashable, Sendable {
    /// Bytes of the whole, at least 1.
    package let size: Int
    /// Bytes of every part but the last.
    package let partBytes: Int

    /// Parts of 16 MiB, or as large as 10,000 of them must be.
    package init(size: Int) {
        let needed = (size + S3Bucket.maximumParts - 1) / S3Bucket.maximumParts
        self.init(size: size, partBytes: max(16 << 20, (needed + (1 << 20) - 1) / (1 << 20) * (1 << 20)))
    }

    package init(size: Int, partBytes: Int) {
        self.size = max(1, size)
        self.partBytes = max(1, partBytes)
    }

    package var count: Int { (size + partBytes - 1) / partBytes }

    /// - Parameter number: from 1 to `count`.
    package func range(_ number: Int) -> ByteRange {
        let start = (number - 1) * partBytes
        return ByteRange(offset: start, length: min(partBytes, size - start))
    }
}
