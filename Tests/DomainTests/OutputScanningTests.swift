import Domain
import Picture
import Primitives
import Testing

/// Which renditions are interlaced, and which wishes cannot be.
@Suite struct OutputScanningTests {
    private func recipe(_ text: String, _ source: SourceFormat) throws -> ProcessingRecipe {
        try ProcessingOptions(text: text).validated(for: source)
    }

    private func found(_ text: String, _ source: SourceFormat) throws -> [Problem] {
        try problems { _ = try recipe(text, source) }
    }

    private static let prores = #""encodingProfile":"PRORES_422_HQ""#
    private static let h264 = #""encodingConfiguration":{"codec":"H264","pixelFormat":{"yuv":"4:2:0"}}"#
    private static let deinterlaced = #""filters":{"deinterlacer":"BWDIF"},"filterSettings":{"interlacedFieldOrderMode":"AUTO_METADATA"}"#

    private func scanning(_ value: String) -> String { #""processingSettings":{"outputScanning":"\#(value)"}"# }

    @Test("AUTO keeps what the source is; a deinterlacer makes it progressive")
    func automatic() throws {
        let fields = SourceFormat.make(720, 576, fieldOrder: .bottomFirst, format: .yuv422p)
        #expect(try recipe("{\(Self.prores)}", fields).scan == .kept(.bottomFirst))
        #expect(try recipe("{\(Self.prores),\(Self.deinterlaced)}", fields).scan == .progressive)
        #expect(try recipe("{\(Self.prores)}", .make(720, 576)).scan == .progressive)
    }

    @Test("Weaving halves the stored rate and the frames that are billed for the encoder")
    func weaving() throws {
        let made = try recipe("{\(Self.h264),\(scanning("INTERLACED_TOP_FIRST"))}", .make(720, 576))
        #expect(made.scan == .woven(.topFirst))
        #expect(made.storedFrameRate == Rational(25, 2))
        #expect(made.work(sourceFrames: 250).outputFrames == 125)
        let fields = SourceFormat.make(720, 576, fieldOrder: .topFirst)
        let again = try recipe("{\(Self.h264),\(Self.deinterlaced),\(scanning("INTERLACED_BOTTOM_FIRST"))}", fields)
        #expect(again.scan == .woven(.bottomFirst))
        #expect(again.storedFrameRate == Rational(25, 1))
        let kept = try recipe("{\(Self.h264)}", fields)
        #expect(kept.storedFrameRate == Rational(25, 1))
        #expect(kept.work(sourceFrames: 250).outputFrames == 250)
    }

    @Test(
        "Steps that would mix the fields of a source ask for a deinterlacer",
        arguments: [
            (#""filters":{"denoiser":"HQDN3D"}"#, "denoiser"), (#""filters":{"debander":"GRADFUN"}"#, "debander"),
            (#""filters":{"scaler":"SCALE"},"filterSettings":{"resolution":{"width":960,"height":720}}"#, "a change of height"),
            (
                #""filters":{"reshaper":"CROP"},"filterSettings":{"normalizedCropCoordinates":{"x1":0,"y1":0.1,"x2":1,"y2":0.9}}"#,
                "reshaper"
            ),
            (#""filters":{"frameRateConverter":"FPS"},"filterSettings":{"frameRate":{"tag":"FILM"}}"#, "frameRateConverter"),
        ])
    func mixing(step: String, name: String) throws {
        let problems = try found("{\(Self.h264),\(step)}", .make(720, 576, fieldOrder: .topFirst))
        #expect(problems.map(\.field) == ["filters.deinterlacer"])
        #expect(problems.first?.message.contains(name) == true)
    }

    @Test("A picture that its file shows turned keeps no fields; with a deinterlacer it is made, and a progressive one always")
    func turned() throws {
        let turned = SourceFormat.make(576, 720, fieldOrder: .topFirst, isTurned: true)
        let problem = try #require(try found("{\(Self.h264)}", turned).first)
        #expect(problem.field == "filters.deinterlacer")
        #expect(problem.message.contains("turning the picture as its file asks would mix its fields; choose a deinterlacer"))
        #expect(!problem.message.contains("leave height"))
        #expect(try recipe("{\(Self.h264),\(Self.deinterlaced)}", turned).scan == .progressive)
        #expect(try recipe("{\(Self.h264)}", .make(576, 720, isTurned: true)).scan == .progressive)
    }

    @Test("Chroma that serves two lines cannot be converted while fields are kept")
    func chroma() throws {
        let source = SourceFormat.make(720, 576, fieldOrder: .topFirst)
        let other = try found("{\(Self.prores)}", source)
        #expect(other.first?.message.contains("yuv420p to yuv422p10le") == true)
        #expect(try found("{\(Self.prores)}", .make(720, 576, fieldOrder: .topFirst, format: .yuv422p)).isEmpty)
    }

    @Test("A kept source cannot become progressive or change its order without a deinterlacer")
    func contradictions() throws {
        let source = SourceFormat.make(720, 576, fieldOrder: .topFirst)
        for wish in ["PROGRESSIVE", "INTERLACED_BOTTOM_FIRST"] {
            #expect(try found("{\(Self.h264),\(scanning(wish))}", source).map(\.field) == ["filters.deinterlacer"])
        }
        #expect(try recipe("{\(Self.h264),\(scanning("INTERLACED_TOP_FIRST"))}", source).scan == .kept(.topFirst))
    }

    @Test("Codecs and containers that cannot say it are refused with those that can")
    func codecs() throws {
        let hevc = try found("{\(scanning("INTERLACED_TOP_FIRST"))}", .make(1920, 1080))
        #expect(hevc.map(\.field) == ["processingSettings.outputScanning"])
        #expect(hevc.first?.message.contains("H264, MPEG2, XDCAM, FFV1, PRORES, DNXHD") == true)
        let mxf = try found(#"{\#(Self.h264),"container":"MXF",\#(scanning("INTERLACED_BOTTOM_FIRST"))}"#, .make(720, 576))
        #expect(mxf.contains { $0.field == "processingSettings.outputScanning" && $0.message.contains("top field first") })
        let height = try found("{\(Self.h264),\(scanning("INTERLACED_TOP_FIRST"))}", .make(720, 482))
        #expect(height.first?.kind == .resolutionOutOfRange)
        #expect(height.first?.message.contains("divisible by 4") == true)
        var variable = SourceFormat.make(720, 576)
        variable.frameRate = nil
        #expect(try found("{\(Self.h264),\(scanning("INTERLACED_TOP_FIRST"))}", variable).first?.message.contains("constant") == true)
    }

    @Test("XDCAM HD422 has few pictures and one bit rate")
    func xdcam() throws {
        var source = SourceFormat.make(1920, 1080, format: .yuv422p)
        source.frameRate = Rational(50, 1)
        let xdcam = #""encodingConfiguration":{"codec":"XDCAM"}"#
        #expect(try found("{\(xdcam),\(scanning("INTERLACED_TOP_FIRST"))}", source).isEmpty)
        let progressive = try found("{\(xdcam)}", source)
        #expect(progressive.map(\.field) == ["encodingConfiguration.codec"])
        #expect(progressive.first?.message.contains("1920×1080 at 25/1 interlaced") == true)
        #expect(try found("{\(xdcam)}", .make(1920, 1080)).isEmpty)
        let rate = try found(#"{"encodingConfiguration":{"codec":"XDCAM","bitrate":35000000}}"#, .make(1920, 1080))
        #expect(rate.map(\.field) == ["encodingConfiguration.bitrate"])
        let estimate = try recipe("{\(xdcam)}", .make(1920, 1080)).encoding
            .estimatedBytes(size: PictureSize(width: 1920, height: 1080), frames: 250, milliseconds: 10_000)
        #expect((62_000_000...65_000_000).contains(estimate))
    }

    @Test("MXF has its rates, and square samples for VC-3")
    func mxf() throws {
        var source = SourceFormat.make(720, 576)
        source.frameRate = Rational(15, 1)
        let h264 = try found(#"{\#(Self.h264),"container":"MXF"}"#, source)
        #expect(h264.map(\.field) == ["container"])
        #expect(h264.first?.message.contains("24000/1001") == true)
        let wide = SourceFormat.make(720, 576, sampleAspectRatio: Rational(64, 45))
        let dnxhr = try found(#"{"encodingProfile":"DNXHR_SQ","container":"MXF"}"#, wide)
        #expect(dnxhr.map(\.field) == ["container"])
        #expect(dnxhr.first?.actual?.contains("64/45") == true)
        #expect(try found(#"{\#(Self.h264),"container":"MXF"}"#, wide).isEmpty)
    }

    @Test("DNxHD in fields has the classes of 1080 lines")
    func dnxhd() throws {
        var source = SourceFormat.make(1920, 1080)
        source.frameRate = Rational(50, 1)
        #expect(try found(#"{"encodingProfile":"DNXHD_120_SQ",\#(scanning("INTERLACED_TOP_FIRST"))}"#, source).isEmpty)
        let other = try found(#"{"encodingProfile":"DNXHD_36_LB",\#(scanning("INTERLACED_TOP_FIRST"))}"#, source)
        #expect(other.first?.message.contains("DNXHD_120_SQ") == true)
    }
}
