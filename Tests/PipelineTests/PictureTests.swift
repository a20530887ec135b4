import ColorScience
import Domain
import Foundation
import Picture
import Pipeline
import Testing

/// Geometry, smoothing and grain against ffmpeg's own filters and against formulas.
@Suite(.serialized) struct PictureTests {
    private static let ffv1 = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}"#
    private static let tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]

    private func moving(_ bench: Bench, size: String = "256x128", frames: Int = 4) throws -> String {
        try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=25", "-frames:v", "\(frames)", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le"]
                + Self.tags)
    }

    @Test("cropping keeps exactly the window, within a dithered code")
    func crop() async throws {
        let bench = try Bench()
        let source = try moving(bench)
        let (path, _) = try await bench.run(
            source,
            #"{"filters":{"reshaper":"CROP"},"filterSettings":{"normalizedCropCoordinates":{"x1":0.125,"y1":0.25,"x2":0.75,"y2":0.875}},\#(Self.ffv1)}"#
        )
        let wanted = try bench.samples(source, format: "yuv420p10le", filter: "crop=160:80:32:32")
        let difference = try #require(largestDifference(try bench.samples(path, format: "yuv420p10le"), wanted))
        #expect(difference <= 1)
    }

    @Test("cropping a source with every fourth chroma sample changes no luma")
    func cropOfFourth() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-frames:v", "1", "-c:v", "ffv1", "-pix_fmt", "yuv411p"] + Self.tags)
        let (path, _) = try await bench.run(
            source,
            #"{"filters":{"reshaper":"CROP"},"filterSettings":{"normalizedCropCoordinates":{"x1":0.1,"y1":0.25,"x2":0.7,"y2":0.875}},\#(Self.ffv1)}"#
        )
        let facts = try probe(path)
        #expect(facts["width"] == "156" && facts["height"] == "80")
        let wanted = try bench.samples(source, format: "yuv420p10le", filter: "crop=156:80:24:32")
        let found = try bench.samples(path, format: "yuv420p10le")
        let difference = try #require(largestDifference(Array(found.prefix(156 * 80)), Array(wanted.prefix(156 * 80))))
        #expect(difference <= 1)
    }

    @Test(
        "framing pads with black and crops, centred", arguments: [("256x128", "pad=1280:720:512:296"), ("1400x900", "crop=1280:720:60:90")])
    func framing(size: String, filter: String) async throws {
        let bench = try Bench()
        let source = try moving(bench, size: size, frames: 2)
        let (path, _) = try await bench.run(source, #"{"processingSettings":{"fixedOutputResolution":"STANDARD_HD"},\#(Self.ffv1)}"#)
        let wanted = try bench.samples(source, format: "yuv420p10le", filter: filter)
        let difference = try #require(largestDifference(try bench.samples(path, format: "yuv420p10le"), wanted))
        // ffmpeg pads 10-bit chroma with 514 for 512.
        #expect(difference <= (filter.hasPrefix("pad") ? 2 : 1))
    }

    @Test("prescaling brings a picture back to its native size in the shape it is shown in")
    func prescale() async throws {
        let bench = try Bench()
        let source = try moving(bench)
        let (path, _) = try await bench.run(
            source, #"{"filters":{"prescaler":"SCALE"},"filterSettings":{"prescaledResolution":{"width":128,"height":128}},\#(Self.ffv1)}"#)
        let facts = try probe(path)
        #expect(facts["width"] == "128" && facts["height"] == "128")
        #expect(facts["sample_aspect_ratio"] == "2:1")
        let wanted = try bench.samples(source, format: "yuv420p10le", filter: "scale=128:128:flags=bicubic:param0=0:param1=0.5")
        #expect(psnr(try bench.samples(path, format: "yuv420p10le"), wanted, peak: 1023) > 30)
    }

    @Test("debanding smooths the steps of 8 bits and moves no sample further than they are high")
    func deband() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "color=c=black:size=512x128:rate=25,format=gray,geq=lum='80+trunc(X/32)'", "-frames:v", "1",
                "-pix_fmt", "yuv420p", "-c:v", "ffv1",
            ] + Self.tags)
        let plain = try await bench.run(source, "{\(Self.ffv1)}", name: "plain").path
        let smooth = try await bench.run(source, #"{"filters":{"debander":"GRADFUN"},\#(Self.ffv1)}"#, name: "smooth").path
        func rows(_ path: String) throws -> [Double] {
            let luma = try bench.samples(path, format: "yuv420p10le").prefix(512 * 128)
            return (0..<512).map { x in (0..<128).reduce(0.0) { $0 + Double(luma[$1 * 512 + x]) } / 128 }
        }
        let (before, after) = (try rows(plain), try rows(smooth))
        let steps = { (columns: [Double]) in zip(columns, columns.dropFirst()).map { abs($1 - $0) }.max() ?? 0 }
        #expect(steps(before) > 3.5)
        #expect(steps(after) < 2)
        #expect(zip(before, after).allSatisfy { abs($0 - $1) < 4 })
    }

    @Test("grain has the strength asked for, differs from frame to frame, and is the same in every run")
    func grain() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "color=c=gray:size=256x128:rate=25", "-frames:v", "2", "-pix_fmt", "yuv420p10le", "-c:v", "ffv1"]
                + Self.tags)
        let options = { (strength: Int) in
            #"{"filters":{"postProcessor":"FILMGRAIN"},"filterSettings":{"filmGrain":{"grainSize":"MEDIUM","grainStrength":\#(strength)}},\#(Self.ffv1)}"#
        }
        func deviation(_ samples: ArraySlice<UInt16>) -> Double {
            let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
            return (samples.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(samples.count)).squareRoot()
        }
        let strong = try await bench.run(source, options(50), name: "strong")
        let samples = try bench.samples(strong.path, format: "yuv420p10le")
        let frame = 256 * 128 * 3 / 2
        let measured = deviation(samples.prefix(256 * 128))
        // 0.06 of the luma scale of 876 codes at middle gray.
        #expect((35.0...60.0).contains(measured))
        #expect(samples.prefix(256 * 128) != samples[frame..<frame + 256 * 128])
        let weak = try bench.samples(try await bench.run(source, options(25), name: "weak").path, format: "yuv420p10le")
        #expect(abs(deviation(weak.prefix(256 * 128)) * 2 / measured - 1) < 0.1)
        #expect(try await bench.run(source, options(50), name: "again").report.sha256 == strong.report.sha256)
    }
}
