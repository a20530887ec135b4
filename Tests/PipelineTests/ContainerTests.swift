import ColorScience
import Domain
import Foundation
import Media
import Picture
import Pipeline
import Primitives
import Testing

/// Everything that the capabilities promise of codecs and containers, each combination coded once and read by ffprobe.
@Suite(.serialized) struct ContainerTests {
    struct Combination: Sendable, CustomTestStringConvertible {
        let codec: OutputCodec
        let profile: EncodingProfile?
        let chroma: ProcessingOptions.ChromaSubsampling
        let depth: ProcessingOptions.BitDepth
        let container: ProcessingOptions.MediaContainer

        var testDescription: String {
            "\(profile?.rawValue ?? codec.rawValue) \(chroma.rawValue) \(depth.rawValue) bit in \(container.rawValue)"
        }

        var options: String {
            let encoding =
                profile.map { #""encodingProfile":"\#($0.rawValue)""# }
                ?? #""encodingConfiguration":{"codec":"\#(codec.rawValue)","pixelFormat":{"yuv":"\#(chroma.rawValue)","bitDepth":\#(depth.rawValue)}}"#
            return #"{\#(encoding),"container":"\#(container.rawValue)"}"#
        }

        /// As ffprobe names it.
        var codecName: String {
            switch codec {
            case .h264: "h264"
            case .hevc: "hevc"
            case .mpeg2, .xdcam: "mpeg2video"
            case .ffv1: "ffv1"
            case .proRes: "prores"
            case .dnxhd, .dnxhr: "dnxhd"
            }
        }

        var pixels: String {
            let planes = "yuv" + chroma.rawValue.filter(\.isNumber) + "p"
            // FFmpeg decodes every ProRes 4444 as 12 bits.
            if codec == .proRes, chroma == .yuv444 { return planes + "12le" }
            return depth == .eight ? planes : planes + "\(depth.rawValue)le"
        }
    }

    /// All but DNxHD and XDCAM, which have sizes of their own.
    static let combinations: [Combination] = Capabilities.current.encodings.flatMap { encoding -> [Combination] in
        let profiles = EncodingProfile.allCases.filter { $0.codec == encoding.codec }
        if encoding.codec == .dnxhd || encoding.codec == .xdcam { return [] }
        return encoding.containers.flatMap { container -> [Combination] in
            guard profiles.isEmpty else {
                return profiles.map {
                    Combination(codec: encoding.codec, profile: $0, chroma: $0.chroma, depth: $0.bitDepth, container: container)
                }
            }
            return encoding.chroma.flatMap { chroma in
                encoding.bitDepths.map {
                    Combination(codec: encoding.codec, profile: nil, chroma: chroma, depth: $0, container: container)
                }
            }
        }
    }

    private static let sound: [ProcessingOptions.MediaContainer: String] = [
        .mov: "pcm_s24le", .mp4: "alac", .mxf: "pcm_s24le", .mpegTS: "aac",
    ]

    @Test("every combination of the capabilities gives a good file", arguments: combinations)
    func combination(item: Combination) async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
                "-frames:v", "5", "-t", "0.2", "-c:v", "ffv1", "-pix_fmt", "yuv444p", "-c:a", "pcm_s24le", "-timecode", "10:00:00:00",
                "-vf", "scale=out_color_matrix=bt709:out_range=tv,boxblur=4",
                "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
            ])
        let (path, report) = try await bench.run(source, item.options)
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        let facts = try probe(path, arguments: ["-count_packets"])
        #expect(facts["codec_name"] == item.codecName)
        #expect(facts["pix_fmt"] == item.pixels)
        #expect(facts["nb_read_packets"] == "5")
        #expect(facts["r_frame_rate"] == "25/1")
        #expect(facts["sample_aspect_ratio"] == "1:1" || facts["sample_aspect_ratio"] == "N/A")
        #expect(facts["color_primaries"] == "bt709")
        #expect(facts["color_transfer"] == "bt709")
        #expect(facts["color_space"] == "bt709")
        // The rendition can be ingested, and so be a source again.
        let again = try IngestedSource.examine(path, context: MediaContext(observer: Bench.observer))
        #expect(again.index.count == 5 && again.index.frameRate.constantRate?.double == 25)
        let audio = try probe(path, stream: "a:0")
        #expect(audio["codec_name"] == Self.sound[item.container])
        #expect(audio["sample_rate"] == "48000")
        let keepsTimecode = item.container == .mov || item.container == .mxf
        #expect(report.assembly.timecode == (keepsTimecode ? "10:00:00:00" : nil))
        #expect(report.assembly.omissions == (keepsTimecode ? nil : [.timecode]))
        if item.container == .mxf { #expect(try probe(path, entries: "format_tags")["TAG:timecode"] == "10:00:00:00") }
        let (made, wanted) = (try bench.samples(path, format: "yuv444p16le"), try bench.samples(source, format: "yuv444p16le"))
        #expect(psnr(made, wanted, peak: 65535) > 34)
    }

    @Test("DNxHD in MXF", arguments: ["DNXHD_36_LB", "DNXHD_185X_HQX"])
    func dnxhd(profile: String) async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=25", "-frames:v", "2", "-c:v", "ffv1", "-pix_fmt", "yuv422p"])
        let (path, report) = try await bench.run(source, #"{"encodingProfile":"\#(profile)","container":"MXF"}"#)
        #expect(report.delivery.problems.isEmpty)
        #expect(try probe(path)["profile"] == "DNXHD")
        #expect(try probe(path, entries: "format")["format_name"] == "mxf")
    }

    @Test("XDCAM HD422 is what its readers look for, and the same bytes again")
    func xdcam() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=50", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100",
                "-frames:v", "12", "-t", "0.24", "-c:v", "ffv1", "-pix_fmt", "yuv422p", "-c:a", "pcm_s16le",
                "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
            ])
        let options = """
            {"encodingConfiguration":{"codec":"XDCAM"},"processingSettings":{"outputScanning":"INTERLACED_TOP_FIRST"}}
            """
        let (path, report) = try await bench.run(source, options, name: "first")
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        let facts = try probe(path, arguments: ["-count_packets"])
        #expect(facts["codec_name"] == "mpeg2video")
        #expect(facts["profile"] == "4:2:2")
        #expect(facts["level"] == "2")
        #expect(facts["pix_fmt"] == "yuv422p")
        #expect(facts["field_order"] == "tt")
        #expect(facts["bit_rate"] == "50000000")
        #expect(facts["r_frame_rate"] == "25/1")
        #expect(facts["nb_read_packets"] == "6")
        let audio = try probe(path, stream: "a:0")
        #expect(audio["codec_name"] == "pcm_s16le")
        #expect(audio["sample_rate"] == "48000")
        let again = try await bench.run(source, options, name: "second")
        #expect(again.report.sha256 == report.sha256)
    }

    @Test("groups of XDCAM HD422 are of 12 frames, across segments too")
    func groups() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "color=gray:size=1920x1080:rate=25", "-frames:v", "61", "-c:v", "libx264", "-preset", "ultrafast",
                "-qp", "0",
            ])
        let job = try bench.prepare(source, #"{"encodingConfiguration":{"codec":"XDCAM"}}"#)
        #expect(job.plan.segments.count == 2)
        let (path, report) = try await bench.run(job)
        #expect(report.delivery.problems.isEmpty)
        let (_, data) = try launch(
            "ffprobe",
            ["-v", "error", "-select_streams", "v:0", "-skip_frame", "nokey", "-show_entries", "frame=pts", "-of", "csv=p=0", path])
        let keys = String(decoding: data, as: UTF8.self).split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        #expect(keys == [0, 12, 24, 36, 48, 60])
    }

    @Test("H.264 of a constant rate says that rate in its own stream", arguments: ["24000/1001", "30000/1001", "25"])
    func streamRate(rate: String) async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=256x128:rate=\(rate)", "-frames:v", "10", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        let (path, _) = try await bench.run(source, #"{"encodingConfiguration":{"codec":"H264"},"container":"MP4"}"#)
        let stream = try bench.clip("bare.h264", ["-i", path, "-map", "0:v", "-c", "copy"])
        #expect(try probe(stream)["r_frame_rate"] == (rate == "25" ? "25/1" : rate))
        #expect(try probe(path, arguments: ["-count_packets"])["nb_read_packets"] == "10")
    }

    @Test(
        "DNxHR of BT.2020 says so in every frame, in MOV and MXF, and is read as that again", arguments: ["MOV", "MXF"])
    func colorVolume(container: String) async throws {
        let bench = try Bench()
        let tags = "color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
        let source = try bench.clip(
            "source.mp4",
            [
                "-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-frames:v", "5", "-vf", "format=yuv420p10le,setparams=\(tags)",
                "-c:v", "libx265", "-preset", "ultrafast", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace",
                "bt2020nc",
                "-x265-params",
                "log-level=none:repeat-headers=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400",
            ])
        let (path, report) = try await bench.run(source, #"{"encodingProfile":"DNXHR_HQX","container":"\#(container)"}"#)
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        let (_, data) = try launch(
            "ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=color_space", "-of", "csv=p=0", path])
        let words = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map { $0.filter { $0 != "," } }
        #expect(words == Array(repeating: "bt2020nc", count: 5))
        let again = try IngestedSource.examine(path, context: MediaContext(observer: Bench.observer))
        #expect(again.format?.tags.matrix == .bt2020NCL)
        #expect(report.assembly.omissions == (container == "MXF" ? [.lightLevels] : nil))
        // As other encoders leave it: the container's word holds.
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let prefix: [UInt8] = [0, 0, 2, 0x80, 3]
        var frames = 0
        for place in 0..<bytes.count - 0x280 where bytes[place] == 0 && bytes[place + 2] == 2 && Array(bytes[place..<place + 5]) == prefix {
            bytes[place + 0x2C] &= ~6
            frames += 1
        }
        #expect(frames == 5)
        let plain = bench.file("plain.\(container.lowercased())")
        try Data(bytes).write(to: URL(fileURLWithPath: plain))
        let other = try bench.prepare(plain, #"{"encodingConfiguration":{"codec":"FFV1"}}"#)
        #expect(other.plan.source.color.tags.matrix == .bt2020NCL)
        let (_, second) = try await bench.run(other, name: "second")
        #expect(second.delivery.picture.containerColor.matrix == .bt2020NCL)
    }

    @Test("the same job twice gives the same bytes in every container", arguments: [("H264", "MXF"), ("HEVC", "MPEGTS"), ("MPEG2", "MXF")])
    func repeats(codec: String, container: String) async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=44100", "-frames:v", "15",
                "-t", "0.6", "-c:v", "ffv1", "-pix_fmt", "yuv420p", "-c:a", "flac",
            ].map { $0 == "flac" ? "pcm_s16le" : $0 })
        let options = #"{"encodingConfiguration":{"codec":"\#(codec)","pixelFormat":{"yuv":"4:2:0"}},"container":"\#(container)"}"#
        let first = try await bench.run(source, options, name: "first")
        let second = try await bench.run(source, options, name: "second")
        #expect(first.report.sha256 == second.report.sha256)
    }

    @Test("frames in MXF are shown in the order in which they are stored where no table says otherwise")
    func reordering() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov", ["-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-frames:v", "15", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        for codec in ["H264", "MPEG2"] {
            let options = #"{"encodingConfiguration":{"codec":"\#(codec)","pixelFormat":{"yuv":"4:2:0"}},"container":"MXF"}"#
            let (path, _) = try await bench.run(source, options, name: codec)
            let (made, wanted) = (try bench.samples(path, format: "yuv420p16le"), try bench.samples(source, format: "yuv420p16le"))
            #expect(psnr(made, wanted, peak: 65535) > 30)
            let times = try packets(path).compactMap { $0["pts"].flatMap { Int($0) } }
            #expect(times.sorted() == Array(0..<15))
        }
    }

    /// Packets of the picture, in file order.
    private func packets(_ path: String) throws -> [[String: String]] {
        let (status, data) = try launch(
            "ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts", "-of", "default=nw=1", path])
        try #require(status == 0)
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
            let parts = line.split(separator: "=").map(String.init)
            return parts.count == 2 ? [parts[0]: parts[1]] : [:]
        }
    }
}
