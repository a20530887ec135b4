import CLibAV
package import Picture
package import Primitives

/// A filter graph of the library with one input and one output of the same layout.
///
/// Frames go in with a time and come out with the time that the graph gives them, in its own timebase.
package final class LibraryFilter {
    /// What a graph must know of the frames it gets.
    package struct Input: Sendable {
        package var layout: FrameLayout
        package var timebase: Rational
        /// Frames a second.
        package var frameRate: Rational
        package var sampleAspectRatio: Rational
        package var fieldOrder: FieldOrder

        package init(
            layout: FrameLayout, timebase: Rational, frameRate: Rational, sampleAspectRatio: Rational = Rational(1, 1),
            fieldOrder: FieldOrder = .progressive
        ) {
            self.layout = layout
            self.timebase = timebase
            self.frameRate = frameRate
            self.sampleAspectRatio = sampleAspectRatio
            self.fieldOrder = fieldOrder
        }
    }

    /// Unit of the times of frames that come out.
    package let timebase: Rational

    private let input: Input
    private let output: FrameLayout
    private let format: AVPixelFormat
    private let graph: GraphOwner
    private let source: UnsafeMutablePointer<AVFilterContext>
    private let sink: UnsafeMutablePointer<AVFilterContext>
    private let interrupt: MediaInterrupt

    /// - Parameters:
    ///   - filters: a chain in the library's language, such as `yadif=mode=send_frame`; never text from outside.
    ///   - threads: of the graph; the frames do not depend on it.
    /// - Throws: `unsupported` for a format that the chain would convert, `failed`.
    package convenience init(_ filters: String, _ input: Input, threads: Int = 0, context: MediaContext) throws(MediaError) {
        try self.init(filters, input, output: (input.layout, try input.layout.format.library()), threads: threads, context: context)
    }

    /// - Parameter output: what comes out, where a scaler of the chain changes it.
    init(
        _ filters: String, _ input: Input, output: (layout: FrameLayout, format: AVPixelFormat), threads: Int = 0, context: MediaContext
    ) throws(MediaError) {
        let format = try input.layout.format.library()
        let graph = try GraphOwner(threads: threads)
        guard let timebase = input.timebase.library, let rate = input.frameRate.library, let ratio = input.sampleAspectRatio.library else {
            throw .unsupported(.encoding("a timebase, frame rate or sample aspect ratio with large terms"))
        }
        let size = input.layout.size
        let description =
            "video_size=\(size.width)x\(size.height):pix_fmt=\(format.rawValue):time_base=\(timebase.num)/\(timebase.den)"
            + ":frame_rate=\(rate.num)/\(rate.den):pixel_aspect=\(max(ratio.num, 0))/\(max(ratio.den, 1))"
        var source: UnsafeMutablePointer<AVFilterContext>?
        try check(
            avfilter_graph_create_filter(&source, avfilter_get_by_name("buffer"), "in", description, nil, graph.raw), "buffer filter")
        var sink: UnsafeMutablePointer<AVFilterContext>?
        try check(avfilter_graph_create_filter(&sink, avfilter_get_by_name("buffersink"), "out", nil, nil, graph.raw), "buffersink filter")
        guard let source, let sink else { throw .outOfMemory }
        try check(remaster_set_sink_format(sink, output.format), "pix_fmts")
        try graph.connect(filters, from: source, to: sink)
        try check(avfilter_graph_config(graph.raw, nil), "avfilter_graph_config")
        // A converter that slipped in would mean eight bits where there were more.
        for number in 0..<Int(graph.raw.pointee.nb_filters) {
            if text(graph.raw.pointee.filters[number]?.pointee.filter.pointee.name) == "scale", !filters.contains("scale") {
                throw .unsupported(.pixelFormat("\(input.layout.format) by \(filters)"))
            }
        }
        guard let unit = Rational(av_buffersink_get_time_base(sink)) else { throw .unsupported(.timestamps("no timebase of \(filters)")) }
        self.timebase = unit
        self.input = input
        self.output = output.layout
        self.format = output.format
        self.graph = graph
        self.source = source
        self.sink = sink
        interrupt = context.interrupt
    }

    /// Gives the graph a frame, its time in the input's timebase.
    ///
    /// - Parameter fieldOrder: of this frame; nil for the input's, whatever the frame says.
    package func send(_ frame: consuming Frame, time: Int64, fieldOrder: FieldOrder? = nil) throws(MediaError) {
        try interrupt.check()
        guard frame.layout == input.layout else { throw .wrongFrame(.otherLayout) }
        let raw = frame.raw
        raw.pointee.pts = time
        let order = fieldOrder ?? input.fieldOrder
        raw.pointee.interlaced_frame = order.isInterlaced ? 1 : 0
        raw.pointee.top_field_first = order == .topFirst ? 1 : 0
        try check(av_buffersrc_write_frame(source, raw), "av_buffersrc_write_frame")
    }

    /// No more frames: the graph gives what it still holds.
    package func sendEnd() throws(MediaError) { try check(av_buffersrc_write_frame(source, nil), "av_buffersrc_write_frame") }

    /// The next finished frame, its `presentationTime` in `timebase`; nil when more input is needed, and at the end.
    package func receive() throws(MediaError) -> Frame? {
        try interrupt.check()
        guard let raw = av_frame_alloc() else { throw .outOfMemory }
        var frame = Frame(raw: raw, layout: output)
        let code = av_buffersink_get_frame(sink, raw)
        if code == remaster_error_again || code == remaster_error_end_of_file { return nil }
        try check(code, "av_buffersink_get_frame")
        let size = output.size
        guard raw.pointee.format == format.rawValue, raw.pointee.width == Int32(size.width), raw.pointee.height == Int32(size.height) else {
            throw .wrongFrame(.otherLayout)
        }
        frame.presentationTime = raw.pointee.pts
        return frame
    }

    /// What the graph has noted on the last frame that came out, by key.
    package static func notes(of frame: borrowing Frame) -> [String: String] {
        Dictionary(LibraryDictionary.entries(of: frame.raw.pointee.metadata).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}

/// Unique owner of one filter graph.
private final class GraphOwner {
    let raw: UnsafeMutablePointer<AVFilterGraph>

    init(threads: Int) throws(MediaError) {
        guard let raw = avfilter_graph_alloc() else { throw .outOfMemory }
        raw.pointee.nb_threads = Int32(threads)
        self.raw = raw
    }

    deinit {
        var raw: UnsafeMutablePointer<AVFilterGraph>? = raw
        avfilter_graph_free(&raw)
    }

    func connect(
        _ filters: String, from source: UnsafeMutablePointer<AVFilterContext>, to sink: UnsafeMutablePointer<AVFilterContext>
    ) throws(MediaError) {
        // The parser takes these lists over and leaves what it did not use.
        var outputs = avfilter_inout_alloc()
        var inputs = avfilter_inout_alloc()
        defer {
            avfilter_inout_free(&outputs)
            avfilter_inout_free(&inputs)
        }
        guard outputs != nil, inputs != nil else { throw .outOfMemory }
        outputs?.pointee.name = av_strdup("in")
        outputs?.pointee.filter_ctx = source
        inputs?.pointee.name = av_strdup("out")
        inputs?.pointee.filter_ctx = sink
        let code = avfilter_graph_parse_ptr(raw, filters, &inputs, &outputs, nil)
        try check(code, "avfilter_graph_parse_ptr")
    }
}
