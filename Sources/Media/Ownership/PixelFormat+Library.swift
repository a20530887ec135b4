import CLibAV
import Picture

extension PixelFormat {
    /// The library's number for this format.
    func library() throws(MediaError) -> AVPixelFormat {
        let format = av_get_pix_fmt(name)
        guard format != AV_PIX_FMT_NONE else { throw .unsupported(.pixelFormat(name)) }
        return format
    }

    /// The planar form in which a decoder's `format` is handed on, by its components alone; nil when it has none.
    ///
    /// Anything with whole-byte steps and equally deep integer components qualifies: semi-planar, packed, big endian. Palettes,
    /// and R′G′B′ of fewer than eight bits, become R′G′B′ of eight.
    static func planarForm(of format: AVPixelFormat) -> PixelFormat? {
        guard let descriptor = av_pix_fmt_desc_get(format) else { return nil }
        let flags = descriptor.pointee.flags
        let excluded = UInt64(AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT)
        guard flags & excluded == 0, flags & UInt64(AV_PIX_FMT_FLAG_BAYER) == 0 else { return nil }
        let count = Int(descriptor.pointee.nb_components)
        let hasAlpha = flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0
        let depth = Int(remaster_component(descriptor, 0).pointee.depth)
        if flags & UInt64(AV_PIX_FMT_FLAG_PAL) != 0 { return .gbrp }
        if flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0, count >= 3,
            (0..<3).allSatisfy({ remaster_component(descriptor, Int32($0)).pointee.depth < 8 })
        {
            return .gbrp
        }
        for component in 1..<max(count, 1) where Int(remaster_component(descriptor, Int32(component)).pointee.depth) != depth { return nil }
        guard (8...16).contains(depth) else { return nil }
        // XYZ shares the flags of packed RGB, and is not RGB.
        guard text(descriptor.pointee.name)?.hasPrefix("xyz") == false else { return nil }
        if count <= 2 {
            // Alpha beside gray is dropped: nothing below processes it.
            return PixelFormat(model: .gray, subsampling: .gray, bitDepth: depth)
        }
        if flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 {
            return PixelFormat(model: .rgb, subsampling: .yuv444, bitDepth: depth, hasAlpha: hasAlpha)
        }
        let shifts = (Int(descriptor.pointee.log2_chroma_w), Int(descriptor.pointee.log2_chroma_h))
        guard let subsampling = ChromaSubsampling.allCases.first(where: { $0 != .gray && ($0.horizontalShift, $0.verticalShift) == shifts })
        else { return nil }
        let form = PixelFormat(model: .ycbcr, subsampling: subsampling, bitDepth: depth, hasAlpha: hasAlpha)
        return av_get_pix_fmt(form.name) == AV_PIX_FMT_NONE ? nil : form
    }

    /// The library's `yuvj…` formats say "full range" with their name.
    static func isFullRangeByName(_ format: AVPixelFormat) -> Bool {
        switch format {
        case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P: true
        default: false
        }
    }
}

/// The library's name of a pixel format.
func libraryName(_ format: AVPixelFormat) -> String { text(av_get_pix_fmt_name(format)) ?? "unknown" }
