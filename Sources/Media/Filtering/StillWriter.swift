import CLibAV
import ColorScience
package import Picture
import Primitives

/// Makes JPEG pictures of frames: full-range BT.601 Y′CbCr, as JFIF has it.
package final class StillWriter {
    /// Of the pictures.
    package let size: PictureSize

    private let filter: LibraryFilter
    private let coder: StillCoder

    /// - Parameters:
    ///   - layout: of the frames, whose pictures are SDR.
    ///   - tags: how their numbers are to be read.
    ///   - size: even sides; other than the frames', they are scaled by Catmull-Rom's neighbour, the library's bicubic.
    ///   - quality: the library's quantiser, 2 (best) … 31.
    package init(
        _ layout: FrameLayout, tags: ColorTags, size: PictureSize, quality: Int, context: MediaContext
    ) throws(MediaError) {
        let matrix =
            switch tags.matrix {
            case .bt2020NCL: "bt2020"
            case .smpte170M, .bt470BG: "bt601"
            case .smpte240M: "smpte240m"
            case .fcc: "fcc"
            default: "bt709"
            }
        let range = tags.range == .full ? "pc" : "tv"
        filter = try LibraryFilter(
            "scale=\(size.width):\(size.height):flags=bicubic+accurate_rnd:in_color_matrix=\(matrix):in_range=\(range)"
                + ":out_color_matrix=bt601:out_range=pc",
            LibraryFilter.Input(layout: layout, timebase: Rational(1, 25), frameRate: Rational(25, 1)),
            output: (FrameLayout(size: size, format: .yuv420p), AV_PIX_FMT_YUVJ420P), context: context)
        coder = try StillCoder(size: size, quality: quality)
        self.size = size
    }

    /// The bytes of a JPEG file.
    package func jpeg(of frame: borrowing Frame) throws(MediaError) -> [UInt8] {
        try filter.send(try frame.duplicate(), time: 0)
        guard let scaled = try filter.receive() else { throw .failed(operation: "scale", code: 0, message: "no picture came out") }
        return try coder.code(scaled)
    }
}

/// Unique owner of one JPEG encoder.
private final class StillCoder {
    private let raw: UnsafeMutablePointer<AVCodecContext>
    private let packet: Packet
    private var number: Int64 = 0

    init(size: PictureSize, quality: Int) throws(MediaError) {
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG), let raw = avcodec_alloc_context3(codec) else {
            throw .unsupported(.codec("mjpeg"))
        }
        self.raw = raw
        packet = try Packet.allocate()
        raw.pointee.width = Int32(size.width)
        raw.pointee.height = Int32(size.height)
        raw.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        raw.pointee.color_range = AVCOL_RANGE_JPEG
        raw.pointee.time_base = AVRational(num: 1, den: 25)
        raw.pointee.thread_count = 1
        raw.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
        raw.pointee.global_quality = Int32(quality) * FF_QP2LAMBDA
        try check(avcodec_open2(raw, codec, nil), "avcodec_open2")
    }

    deinit {
        var raw: UnsafeMutablePointer<AVCodecContext>? = raw
        avcodec_free_context(&raw)
    }

    func code(_ frame: borrowing Frame) throws(MediaError) -> [UInt8] {
        frame.raw.pointee.pts = number
        frame.raw.pointee.pict_type = AV_PICTURE_TYPE_NONE
        frame.raw.pointee.quality = raw.pointee.global_quality
        number += 1
        try check(avcodec_send_frame(raw, frame.raw), "avcodec_send_frame")
        packet.reset()
        try check(avcodec_receive_packet(raw, packet.raw), "avcodec_receive_packet")
        return packet.withBytes { Array($0) }
    }
}
