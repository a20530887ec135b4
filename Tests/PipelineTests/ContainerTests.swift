import Domain
import Foundation
import Media
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
