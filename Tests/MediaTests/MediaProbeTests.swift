import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

@Suite struct MediaProbeTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    @Test("A tagged 10-bit clip is described down to its color and its shape")
    func describesVideo() throws {
        let path = try folder.clip(
            "a.mov", source: testSource(size: "180x144", rate: "30000/1001"),
            [
                "-c:v", "prores_ks", "-profile:v", "3", "-pix_fmt", "yuv422p10le", "-vf",
                "setsar=16/15,setparams=color_primaries=bt470bg:color_trc=smpte170m:colorspace=bt470bg", "-timecode", "01:00:00;00",
            ])
        let description = try MediaProbe.describe(path, context: .test)
        #expect(description.containerName == "mov")
        #expect(description.mimeType == "video/quicktime")
        #expect(description.fileExtension == "mov")
        #expect(description.byteCount > 1000)
        #expect(abs((description.duration?.seconds ?? 0) - 1.001) < 0.01)
        #expect(description.timecode == "01:00:00;00")
        let video = description.video
        #expect(video.codecName == "prores")
        #expect(video.longCodecName.contains("ProRes"))
        #expect(video.profile == "HQ")
        #expect(video.visibleSize == PictureSize(width: 180, height: 144))
        #expect(video.sampleAspectRatio == Rational(16, 15))
        #expect(video.displayAspectRatio == Rational(4, 3))
        #expect(video.pixelFormatName == "yuv422p10le")
        #expect(video.format == .yuv422p10)
        #expect(video.bitDepth == 10)
        #expect(video.averageFrameRate == Rational(30000, 1001))
        #expect(video.seemsConstantRate)
        #expect(video.declaredFrameCount == 30)
        #expect(video.colorTags.primaries == .bt470BG)
        #expect(video.colorTags.transfer == .smpte170M)
        #expect(video.colorTags.matrix == .bt470BG)
        #expect(video.fieldOrder == .progressive)
        #expect(video.rotation == 0)
        #expect(description.data.count == 1)
    }

    @Test("Sound, subtitles, chapters, languages and titles are listed")
    func describesOtherStreams() throws {
        let subtitles = folder.file("a.srt")
        try "1\n00:00:00,100 --> 00:00:00,900\nHello\n".write(toFile: subtitles, atomically: true, encoding: .utf8)
        let chapters = folder.file("chapters.txt")
        try
            ";FFMETADATA1\ntitle=Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1200\ntitle=Two\n"
            .write(toFile: chapters, atomically: true, encoding: .utf8)
        let path = try folder.clip(
            "a.mkv", source: [],
            [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=1.2", "-f", "lavfi", "-i",
                "sine=frequency=440:sample_rate=48000:duration=1.2", "-i", subtitles, "-i", chapters, "-map", "0", "-map", "1", "-map", "2",
                "-map_metadata", "3", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3", "-ac", "2", "-c:s", "srt",
                "-metadata:s:a:0", "language=dan", "-metadata:s:a:0", "title=Tale",
            ])
        let description = try MediaProbe.describe(path, context: .test)
        #expect(description.containerName == "matroska")
        #expect(description.metadata["title"] == "Film")
        let audio = try #require(description.audio.first)
        #expect(audio.codecName == "ac3")
        #expect(audio.channels == 2)
        #expect(audio.channelLayout == "stereo")
        #expect(audio.sampleRate == 48000)
        #expect(audio.language == "dan")
        #expect(audio.title == "Tale")
        #expect(description.subtitles.map(\.codecName) == ["subrip"])
        #expect(description.chapters.map(\.title) == ["One", "Two"])
        #expect(description.chapters.first?.end.seconds == 0.5)
    }

    @Test("Fields, rotation and HDR metadata are seen")
    func specialProperties() throws {
        let fields = try folder.clip(
            "fields.ts", source: testSource(size: "160x128"),
            ["-vf", "interlace", "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-top", "1", "-b:v", "1M"])
        #expect(try MediaProbe.describe(fields, context: .test).video.fieldOrder == .topFirst)

        let plain = try folder.clip("plain.mp4", ["-c:v", "libx264", "-preset", "ultrafast"])
        var data = try Data(contentsOf: URL(fileURLWithPath: plain))
        let header = try #require(data.range(of: Data("tkhd".utf8)))
        // ISO/IEC 14496-12 8.3.2: the matrix stands 40 bytes behind the type; this one turns a quarter clockwise.
        let matrix: [UInt32] = [0, 0x0001_0000, 0, 0xFFFF_0000, 0, 0, 96 << 16, 0, 0x4000_0000]
        let bytes = matrix.flatMap { value in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) } }
        data.replaceSubrange(header.upperBound + 40..<header.upperBound + 76, with: bytes)
        try data.write(to: URL(fileURLWithPath: plain))
        #expect(try MediaProbe.describe(plain, context: .test).video.rotation == 90)

        let hdr = try folder.clip(
            "hdr.mp4",
            [
                "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc",
                "smpte2084", "-colorspace", "bt2020nc", "-x265-params",
                "log-level=error:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=800,200",
            ])
        let video = try MediaProbe.describe(hdr, context: .test).video
        #expect(video.colorTags.transfer == .pq)
        #expect(video.profile == "Main 10")
        #expect(video.hdr.masteringDisplay == .p3D65(maxLuminance: 1000, minLuminance: 0.005))
        #expect(video.hdr.lightLevel == CodedLightLevel(maxCLL: 800, maxFALL: 200))
    }

    @Test("Cropped codecs show the visible size beside the coded one")
    func croppedSize() throws {
        let path = try folder.clip(
            "odd.mkv", ["-vf", "format=yuv444p,scale=161:97", "-c:v", "libx264", "-preset", "ultrafast"])
        let video = try MediaProbe.describe(path, context: .test).video
        #expect(video.visibleSize == PictureSize(width: 161, height: 97))
        #expect(video.codedSize == PictureSize(width: 176, height: 112))
    }

    @Test("What is not a video has its own error each")
    func badInput() throws {
        #expect(throws: MediaError.unreadable(path: folder.file("none"), errno: ENOENT)) {
            try MediaProbe.describe(folder.file("none"), context: .test)
        }
        let empty = folder.file("empty.mp4")
        try Data().write(to: URL(fileURLWithPath: empty))
        #expect(throws: MediaError.empty) { try MediaProbe.describe(empty, context: .test) }

        let text = folder.file("text.mov")
        try String(repeating: "This is a letter, not a film.\n", count: 200).write(toFile: text, atomically: true, encoding: .utf8)
        #expect(throws: MediaError.notMedia) { try MediaProbe.describe(text, context: .test) }

        let noise = folder.file("noise.mp4")
        var state: UInt64 = 88_172_645_463_325_252
        let bytes = (0..<100_000).map { _ -> UInt8 in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: noise))
        #expect(throws: MediaError.notMedia) { try MediaProbe.describe(noise, context: .test) }

        let sound = try folder.clip("sound.mp4", source: ["-f", "lavfi", "-i", "sine=duration=1"], ["-c:a", "aac"])
        #expect(throws: MediaError.noVideoStream) { try MediaProbe.describe(sound, context: .test) }
        #expect(throws: MediaError.unreadable(path: folder.path, errno: EINVAL)) { try MediaProbe.describe(folder.path, context: .test) }
    }

    @Test("A playlist that names other files is not opened")
    func playlist() throws {
        let path = folder.file("list.m3u8")
        try "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: MediaError.unsupported(.container("hls"))) { try MediaProbe.describe(path, context: .test) }
    }

    @Test("Tables that claim more entries than can be counted are damage, not want of memory", arguments: ["stts", "ctts"])
    func absurdTables(box: String) throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2"])
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(data.range(of: Data(box.utf8))).upperBound + 4
        data.replaceSubrange(place..<place + 4, with: [0x80, 0, 0, 0])
        try data.write(to: URL(fileURLWithPath: path))
        #expect(throws: MediaError.damagedContainer(name: "mov,mp4,m4a,3gp,3g2,mj2")) { try MediaProbe.describe(path, context: .test) }
    }

    @Test("A file whose index was cut off is a damaged container; one whose pictures were cut off is truncated")
    func truncated() throws {
        let atEnd = try folder.clip("end.mp4", ["-c:v", "libx264", "-preset", "ultrafast"])
        let atStart = try folder.clip("start.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-g", "5", "-movflags", "+faststart"])
        for path in [atEnd, atStart] {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            try data.prefix(data.count * 6 / 10).write(to: URL(fileURLWithPath: path))
        }
        #expect(throws: MediaError.damagedContainer(name: "mov,mp4,m4a,3gp,3g2,mj2")) { try MediaProbe.describe(atEnd, context: .test) }
        #expect(try MediaProbe.describe(atStart, context: .test).video.declaredFrameCount == 30)
        let error = #expect(throws: MediaError.self) { try FrameIndex.scan(atStart, context: .test) }
        guard case .truncated(let found, let expected) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(expected == 30)
        #expect(found > 0 && found < 30)
    }

    @Test(
        "Broken bytes anywhere end in an error or in frames, never in a crash or in waiting", .timeLimit(.minutes(2)),
        arguments: ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.mxf"])
    func brokenBytes(name: String) throws {
        let whole = try Data(
            contentsOf: URL(
                fileURLWithPath: folder.clip(
                    name, source: testSource(size: "64x48", frames: 12), ["-c:v", "mpeg2video", "-bf", "2", "-g", "6", "-b:v", "300k"])))
        var state: UInt64 = 0x2545_F491_4F6C_DD1D
        func random(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 11) % bound
        }
        let path = folder.file("broken-" + name)
        for _ in 0..<60 {
            var data = whole
            for _ in 0...random(6) { data[random(random(2) == 0 ? min(data.count, 2000) : data.count)] = UInt8(random(256)) }
            if random(4) == 0 { data = data.prefix(random(data.count) + 1) }
            try data.write(to: URL(fileURLWithPath: path))
            do throws(MediaError) {
                _ = try MediaProbe.describe(path, context: .test)
                let index = try FrameIndex.scan(path, context: .test)
                let reader = try FrameReader(path: path, index: index, range: index.all, threads: 1, context: .test)
                var count = 0
                while let frame = try reader.next() { count += frame.layout.byteCount > 0 ? 1 : 0 }
                #expect(count == index.count)
            } catch {
                #expect(error != .cancelled)
            }
        }
    }

    @Test("Limits are kept and cancellation is heard")
    func limits() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "ultrafast"])
        var context = MediaContext.test
        context.limits.width = 128
        #expect(throws: MediaError.limitExceeded(.width, value: 160, allowed: 128)) { try MediaProbe.describe(path, context: context) }
        context = .test
        context.limits.frames = 10
        #expect(throws: MediaError.limitExceeded(.frames, value: 11, allowed: 10)) { try FrameIndex.scan(path, context: context) }
        context = .test
        context.interrupt.cancel()
        #expect(throws: MediaError.cancelled) { try MediaProbe.describe(path, context: context) }
        context = .test
        context.interrupt = MediaInterrupt(deadline: .now - .seconds(1))
        #expect(throws: MediaError.timedOut) { try FrameIndex.scan(path, context: context) }
    }
}
