import Foundation
import Media
import Picture
import Pipeline
import Primitives
import Synchronization
import Testing

/// Full ingestion of small files, looked at by another program.
@Suite(.serialized) struct IngestionTests {
    private final class Stills: Sendable {
        let thumbnails = Mutex<[Int: [UInt8]]>([:])
        let frames = Mutex<[Int: [UInt8]]>([:])
    }

    private func ingest(_ bench: Bench, _ path: String) async throws -> (products: FullIngestion.Products, web: String, stills: Stills) {
        let source = try IngestedSource.examine(path, context: MediaContext(observer: Bench.observer))
        let stills = Stills()
        let web = bench.file("web.mp4")
        let ingestion = FullIngestion(engine: bench.engine, planner: try Bench.planner(), observer: Bench.observer)
        let products = try await ingestion.run(
            path, source: source, web: web, workLog: bench.file("log"),
            store: { still, bytes in
                switch still {
                case .thumbnail(let number): stills.thumbnails.withLock { $0[number] = bytes }
                case .fullFrame(let number): stills.frames.withLock { $0[number] = bytes }
                }
            }, progress: { _ in })
        return (products, web, stills)
    }

    private func jpegFacts(_ bench: Bench, _ bytes: [UInt8]) throws -> [String: String] {
        let path = bench.file("still.jpg")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try probe(path)
    }

    @Test("an HDR file becomes an SDR proxy with AAC, thumbnails and full frames")
    func hdr() async throws {
        let bench = try Bench()
        let path = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25,gblur=sigma=3", "-f", "lavfi", "-i",
                "sine=frequency=440:sample_rate=48000", "-t", "3", "-c:a", "pcm_s24le", "-ac", "2", "-c:v", "libx265", "-pix_fmt",
                "yuv420p10le", "-x265-params",
                "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
            ])
        let (products, web, stills) = try await ingest(bench, path)
        let facts = try probe(web)
        #expect(facts["codec_name"] == "h264" && facts["pix_fmt"] == "yuv420p")
        #expect(facts["color_transfer"] == "bt709" && facts["nb_frames"] == "75")
        let check = try DeliveryCheck.facts(of: web, context: MediaContext(observer: Bench.observer))
        #expect(check.problems.isEmpty)
        let sound = try #require(check.sound.first)
        #expect(sound.codecName == "aac" && abs(sound.offset) < 0.001 && abs(sound.duration - 3) < 0.05)
        #expect(products.thumbnails == [480, 1480, 2480] || products.thumbnails.count == 3)
        #expect(stills.thumbnails.withLock { $0.count } == 3)
        #expect(stills.frames.withLock { $0.count } == products.fullFrames.count)
        let thumbnail = try jpegFacts(bench, try #require(stills.thumbnails.withLock { $0[0] }))
        #expect(thumbnail["codec_name"] == "mjpeg" && thumbnail["width"] == "320" && thumbnail["height"] == "180")
        let full = try jpegFacts(bench, try #require(stills.frames.withLock { $0[0] }))
        #expect(full["width"] == "640" && full["height"] == "360")
        #expect(products.examination.scanning.verdict == .progressive)
        let quality = try #require(products.examination.quality)
        #expect(quality.metrics.map(\.name) == ["noise", "details", "blockiness", "contrast"])
        #expect((0...5).contains(quality.overallSubjectiveScore))
    }

    @Test("an interlaced anamorphic file becomes a progressive proxy with square pixels")
    func interlaced() async throws {
        let bench = try Bench()
        let path = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=720x576:rate=50", "-vf", "format=yuv422p,interlace=scan=bff:lowpass=off,setsar=64/45",
                "-frames:v", "30", "-c:v", "ffv1",
            ])
        let (products, web, stills) = try await ingest(bench, path)
        #expect(products.examination.scanning.verdict == .bottomFirst)
        let facts = try probe(web)
        #expect(facts["width"] == "1024" && facts["height"] == "576" && facts["field_order"] == "progressive")
        #expect(facts["r_frame_rate"] == "25/1" && facts["nb_frames"] == "30")
        let full = try jpegFacts(bench, try #require(stills.frames.withLock { $0[0] }))
        #expect(full["width"] == "1024" && full["height"] == "576")
    }

    /// Every format that FFmpeg's detector of fields does not take, and some that it does: name, codec, container.
    private static let formats = [
        ("gbrp", "utvideo", "mkv"), ("gbrp10le", "ffv1", "mkv"), ("gbrp12le", "cfhd", "mov"), ("gbrap12le", "ffv1", "mkv"),
        ("rgba", "png", "mov"), ("yuva420p", "ffv1", "mkv"), ("yuva422p10le", "ffv1", "mkv"), ("yuva444p10le", "prores_ks", "mov"),
        ("gray", "ffv1", "mkv"), ("gray9le", "ffv1", "mkv"), ("gray10le", "ffv1", "mkv"), ("gray12le", "ffv1", "mkv"),
        ("gray14le", "rawvideo", "nut"), ("gray16le", "ffv1", "mkv"), ("yuv440p10le", "ffv1", "mkv"), ("yuv411p", "ffv1", "mkv"),
    ]

    @Test("RGB, transparency, gray and 4:4:0 of any depth are shown to browsers", arguments: formats)
    func samples(format: String, codec: String, container: String) async throws {
        let bench = try Bench()
        // Nothing moves: no fields are found.
        let path = try bench.clip(
            "source.\(container)",
            ["-f", "lavfi", "-i", "smptebars=size=96x64:rate=25", "-frames:v", "6", "-c:v", codec, "-pix_fmt", format])
        let (products, web, stills) = try await ingest(bench, path)
        #expect(products.examination.scanning.verdict?.isInterlaced != true)
        #expect(products.examination.quality != nil)
        let facts = try probe(web)
        // Gray is in full range where ffmpeg writes it, which its prober calls yuvj420p.
        #expect(["yuv420p", "yuvj420p"].contains(facts["pix_fmt"]))
        #expect(facts["nb_frames"] == "6" && facts["r_frame_rate"] == "25/1")
        #expect(stills.thumbnails.withLock { $0.count } == 1 && stills.frames.withLock { $0.count } == 1)
        // The picture, as far as 4:2:0 of 8 bits, and ffmpeg's word on the range of gray, leave it.
        let (wanted, made) = (try bench.samples(path, format: "gbrp16le"), try bench.samples(web, format: "gbrp16le"))
        #expect(psnr(wanted, made, peak: 65535) > 16)
    }

    @Test(
        "fields of every kind of samples are found and become frames: of each frame one, or two where only the network takes them",
        arguments: [("gbrp10le", 2), ("gray10le", 1), ("yuv440p10le", 2), ("yuva420p", 1)])
    func fields(format: String, framesEach: Int) async throws {
        let bench = try Bench()
        let path = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=50,gblur=2,scroll=v=0.03", "-vf",
                "format=\(format == "yuva420p" ? format : "yuv444p10le"),interlace=scan=bff:lowpass=off,"
                    + "format=\(format),setfield=bff",
                "-frames:v", "12", "-c:v", "ffv1", "-pix_fmt", format,
            ])
        let (products, web, _) = try await ingest(bench, path)
        #expect(products.examination.scanning.verdict == .bottomFirst)
        let facts = try probe(web)
        #expect(facts["field_order"] == "progressive" && facts["nb_frames"] == "\(12 * framesEach)")
        #expect(facts["r_frame_rate"] == "\(25 * framesEach)/1")
    }

    @Test("a file whose pictures change their shape on the way is shown by its first picture's word")
    func changing() async throws {
        let bench = try Bench()
        var stream = Data()
        for (number, shape) in ["1", "16/11"].enumerated() {
            let part = try bench.clip(
                "part-\(number).h264",
                [
                    "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-vf", "setsar=\(shape)", "-frames:v", "12", "-c:v", "libx264",
                    "-bf", "0",
                ])
            stream += try Data(contentsOf: URL(fileURLWithPath: part))
        }
        try stream.write(to: URL(fileURLWithPath: bench.file("both.h264")))
        let path = try bench.clip("both.ts", ["-framerate", "25", "-i", bench.file("both.h264"), "-c", "copy"])
        let (_, web, _) = try await ingest(bench, path)
        #expect(try probe(web)["nb_frames"] == "24")
    }

    @Test("worse pictures get worse scores")
    func quality() async throws {
        let bench = try Bench()
        func examined(_ name: String, _ filter: String, _ coder: [String]) throws -> [String: QualityAssessment.Metric] {
            let path = try bench.clip(
                name, ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-vf", filter, "-frames:v", "13"] + coder)
            let source = try IngestedSource.examine(path, context: MediaContext(observer: Bench.observer))
            let found = try SourceExamination.run(path, index: source.index, context: MediaContext(observer: Bench.observer)) { _ in }
            let metrics = try #require(found.quality).metrics
            return Dictionary(uniqueKeysWithValues: metrics.map { ($0.name, $0) })
        }
        let lossless = ["-c:v", "ffv1", "-pix_fmt", "yuv420p"]
        let clean = try examined("clean.mov", "null", lossless)
        let noisy = try examined("noisy.mov", "noise=alls=30:allf=t", lossless)
        let soft = try examined("soft.mov", "gblur=sigma=4", lossless)
        let blocky = try examined(
            "blocky.mov", "gblur=sigma=2,noise=alls=10:allf=t", ["-c:v", "mpeg2video", "-q:v", "31", "-pix_fmt", "yuv420p"])
        let flat = try examined("flat.mov", "eq=contrast=0.2", lossless)
        func score(_ metrics: [String: QualityAssessment.Metric], _ name: String) -> Double { metrics[name]?.subjectiveScore ?? -1 }
        #expect(score(noisy, "noise") < score(clean, "noise") - 1)
        #expect(score(soft, "details") < score(clean, "details") - 1)
        #expect(score(blocky, "blockiness") < score(clean, "blockiness") - 1)
        #expect(score(flat, "contrast") < score(clean, "contrast") - 1)
    }
}
