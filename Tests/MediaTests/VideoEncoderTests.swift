import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

@Suite struct VideoEncoderTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    private func source(frames: Int = 30, format: String = "yuv420p10le") throws -> (String, FrameIndex) {
        let path = try folder.clip("source.mkv", source: testSource(frames: frames), ["-c:v", "ffv1", "-pix_fmt", format])
        return (path, try FrameIndex.scan(path, context: .test))
    }

    @Test("The bytes do not depend on the run or on the number of threads")
    func deterministic() throws {
        let (path, index) = try source()
        let settings = EncodingSettings.hevc(HEVCSettings(rateControl: .quality(28), preset: .veryfast))
        let logs = try [1, 1, 2, 4].enumerated().map { number, threads in
            try encode(path, index, index.all, into: folder, name: "run\(number)", threads: threads) {
                .quick($0, index, settings: settings)
            }[0]
        }
        let first = try bytes(logs[0])
        for log in logs.dropFirst() { #expect(try bytes(log) == first) }
    }

    @Test("A log says what was coded, and where decoding can begin")
    func logContents() throws {
        let (path, index) = try source()
        let log = try encode(path, index, index.all, into: folder) { .quick($0, index) }[0]
        let reader = try PacketLogReader(path: log)
        #expect(reader.summary.frameCount == 30)
        #expect(reader.summary.byteCount == Int64(try bytes(log).count))
        var checksum = CRC32C()
        checksum.update(try bytes(log).dropLast(4))
        #expect(reader.summary.crc32c == checksum.value)
        #expect(reader.parameters.codecName == "hevc")
        #expect(reader.parameters.layout.format == .yuv420p10)
        #expect(reader.parameters.colorTags == HDR10.tags)
        #expect(!reader.parameters.extradata.isEmpty)
    }

    @Test("Any damage to a log is found")
    func damagedLog() throws {
        let (path, index) = try source(frames: 4)
        let log = try encode(path, index, index.all, into: folder) { .quick($0, index) }[0]
        let whole = try bytes(log)
        let broken = folder.file("broken")
        func refuses(_ data: Data) throws -> MediaError? {
            try data.write(to: URL(fileURLWithPath: broken))
            return #expect(throws: MediaError.self) { try PacketLogReader(path: broken) }
        }
        #expect(try refuses(Data()) == .damagedObject(.notThisKind))
        #expect(try refuses(whole.dropLast(1)) == .damagedObject(.cutShort))
        #expect(try refuses(whole + [0]) == .damagedObject(.malformed))
        for position in stride(from: 5, to: whole.count, by: max(whole.count / 200, 1)) {
            var data = whole
            data[position] ^= 0x40
            _ = try refuses(data)
        }
        for length in stride(from: 1, to: whole.count, by: max(whole.count / 100, 1)) { _ = try refuses(whole.prefix(length)) }
    }

    @Test("Frames out of order or of another layout are refused")
    func wrongFrames() throws {
        let (path, index) = try source(frames: 3)
        let reader = try FrameReader(path: path, index: index, range: index.all, context: .test)
        let encoder = try VideoEncoder(.quick(reader.layout, index), context: .test)
        let log = try PacketLogWriter(path: folder.file("log"), parameters: encoder.parameters)
        let pool = try FramePool(layout: FrameLayout(size: PictureSize(width: 32, height: 32), format: .yuv420p10))
        #expect(throws: MediaError.wrongFrame(.otherLayout)) { try encoder.encode(try pool.frame(), to: log) }
        while var frame = try reader.next() {
            frame.presentationTime = 5
            guard frame.index > 0 else {
                try encoder.encode(frame, to: log)
                continue
            }
            do throws(MediaError) {
                try encoder.encode(frame, to: log)
                Issue.record("a repeated time was accepted")
            } catch { #expect(error == .wrongFrame(.timeNotAscending)) }
        }
    }

    @Test("What is put into a pooled frame is what a lossless encoder gives back")
    func pooledFrames() throws {
        let layout = FrameLayout(size: PictureSize(width: 67, height: 35), format: .yuv420p10)
        let pool = try FramePool(layout: layout)
        let (_, index) = try source(frames: 2)
        let request = EncoderRequest.quick(layout, index, hdr: .none, settings: .ffv1)
        let encoder = try VideoEncoder(request, context: .test)
        let log = try PacketLogWriter(path: folder.file("log"), parameters: encoder.parameters)
        var expected: [UInt64] = []
        for number in 0..<3 {
            var frame = try pool.frame()
            frame.presentationTime = Int64(number) * 40
            for plane in 0..<3 {
                let rowBytes = layout.rowBytes(plane)
                if plane == 0 {
                    let height = layout.planeSize(0).height
                    frame.withWritablePlane(0) { span, bytesPerRow in
                        span.withUnsafeMutableBytes { bytes in
                            for row in 0..<height {
                                for column in 0..<rowBytes / 2 {
                                    let value = UInt16((row * 31 + column * 7 + number * 100) % 1024)
                                    bytes.storeBytes(of: value, toByteOffset: row * bytesPerRow + column * 2, as: UInt16.self)
                                }
                            }
                        }
                    }
                } else {
                    let rows = [UInt8](repeating: 1, count: layout.byteCount(plane))
                    rows.withUnsafeBytes { frame.fillPlane(plane, from: $0, bytesPerRow: rowBytes) }
                }
            }
            expected.append(digest(frame))
            try encoder.encode(frame, to: log)
        }
        try encoder.finish(to: log)
        _ = try log.finish()
        let whole = FrameRange(0, 3)
        let path = try assemble([folder.file("log")], source: nil, index, whole, into: folder).path
        let result = try FrameIndex.scan(path, context: .test)
        #expect(try frames(path, result, result.all).map(\.digest) == expected)
    }

    @Test(
        "Every codec codes all frames and is read back with its tags",
        arguments: [
            (EncodingSettings.h264(H264Settings(preset: .ultrafast)), "yuv420p", "h264"),
            (.mpeg2(MPEG2Settings()), "yuv422p", "mpeg2video"),
            (.prores(.hq), "yuv422p10le", "prores"),
            (.dnxhr(.hqx), "yuv422p10le", "dnxhd"),
            (.ffv1, "yuv444p12le", "ffv1"),
            (.hevc(HEVCSettings(rateControl: .bitrate(500_000), preset: .ultrafast)), "yuv420p", "hevc"),
        ])
    func codecs(settings: EncodingSettings, format: String, name: String) throws {
        let path = try folder.clip("source.mkv", source: testSource(size: "320x192", frames: 13), ["-c:v", "ffv1", "-pix_fmt", format])
        let index = try FrameIndex.scan(path, context: .test)
        let tags = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)
        let runs = try (0..<2).map { run in
            let logs = try encode(path, index, index.all, cuts: [6], into: folder, name: "run\(run)", threads: run * 3 + 1) {
                .quick($0, index, tags: tags, hdr: .none, settings: settings, keyframeInterval: 3)
            }
            return try assemble(logs, source: path, index, index.all, into: folder, name: "rendition\(run)").path
        }
        #expect(try bytes(runs[0]) == bytes(runs[1]))
        let description = try MediaProbe.describe(runs[0], context: .test)
        #expect(description.video.codecName == name)
        #expect(description.video.pixelFormatName == format)
        #expect(description.video.colorTags.matrix == .bt709)
        let result = try FrameIndex.scan(runs[0], context: .test)
        #expect(result.count == 13)
        #expect(result.frameRate == .constant(Rational(25, 1)))
        #expect(try frames(runs[0], result, result.all).count == 13)
    }

    @Test(
        "Settings that exclude each other are refused",
        arguments: [EncodingSettings.prores(.hq), .dnxhr(.hq), .mpeg2(MPEG2Settings()), .hevc(HEVCSettings())])
    func refused(settings: EncodingSettings) throws {
        let (_, index) = try source(frames: 2)
        let layout = FrameLayout(
            size: PictureSize(width: 320, height: 192), format: PixelFormat(model: .ycbcr, subsampling: .yuv411, bitDepth: 8))
        let error = #expect(throws: MediaError.self) { try VideoEncoder(.quick(layout, index, settings: settings), context: .test) }
        guard case .unsupported(.encoding) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
