import CLibAV
package import Picture

/// Source of empty frames of one layout; the memory of frames that are gone is used again.
///
/// `@unchecked Sendable`: the library's buffer pools lock by themselves, and the rest is constant.
package final class FramePool: @unchecked Sendable {
    package let layout: FrameLayout
    private let format: AVPixelFormat
    private let bytesPerRow: [Int]
    private let pools: [OpaquePointer]

    /// - Throws: `unsupported` for a format the library does not know, `outOfMemory`.
    package init(layout: FrameLayout) throws(MediaError) {
        let format = try layout.format.library()
        var pools: [OpaquePointer] = []
        var bytesPerRow: [Int] = []
        for plane in 0..<layout.format.planeCount {
            // Rows begin at multiples of 64 bytes and the plane ends with slack: codecs read whole vectors.
            let step = (layout.rowBytes(plane) + 63) & ~63
            let size = step * ((layout.planeSize(plane).height + 15) & ~15) + 64
            guard let pool = av_buffer_pool_init(size, { av_buffer_allocz($0) }) else {
                for pool in pools {
                    var pool: OpaquePointer? = pool
                    av_buffer_pool_uninit(&pool)
                }
                throw .outOfMemory
            }
            pools.append(pool)
            bytesPerRow.append(step)
        }
        self.layout = layout
        self.format = format
        self.pools = pools
        self.bytesPerRow = bytesPerRow
    }

    deinit {
        for pool in pools {
            var pool: OpaquePointer? = pool
            av_buffer_pool_uninit(&pool)
        }
    }

    /// A frame whose samples are undefined until its planes are filled.
    package func frame() throws(MediaError) -> Frame {
        guard let raw = av_frame_alloc() else { throw .outOfMemory }
        let frame = Frame(raw: raw, layout: layout)
        raw.pointee.format = format.rawValue
        raw.pointee.width = Int32(layout.size.width)
        raw.pointee.height = Int32(layout.size.height)
        for (plane, pool) in pools.enumerated() {
            guard let buffer = av_buffer_pool_get(pool) else { throw .outOfMemory }
            withUnsafeMutableBytes(of: &raw.pointee.buf) { slots in
                slots.storeBytes(
                    of: buffer, toByteOffset: plane * MemoryLayout<UnsafeMutablePointer<AVBufferRef>>.stride,
                    as: UnsafeMutablePointer<AVBufferRef>.self)
            }
            let start = (UInt(bitPattern: buffer.pointee.data) + 63) & ~63
            withUnsafeMutableBytes(of: &raw.pointee.data) { slots in
                slots.storeBytes(of: start, toByteOffset: plane * MemoryLayout<UInt>.stride, as: UInt.self)
            }
            withUnsafeMutableBytes(of: &raw.pointee.linesize) { slots in
                slots.storeBytes(of: Int32(bytesPerRow[plane]), toByteOffset: plane * MemoryLayout<Int32>.stride, as: Int32.self)
            }
        }
        return frame
    }
}
