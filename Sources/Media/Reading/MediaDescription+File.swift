import CLibAV
import Glibc
import Picture
import Primitives

extension MediaDescription {
    init(file: borrowing InputFile, video: VideoStream) {
        let raw = file.raw.pointee
        let container = ContainerName(file)
        let clip = file.context.limits.metadataBytes
        containerName = container.name
        longContainerName = container.longName
        mimeType = container.mimeType
        fileExtension = container.fileExtension
        var status = stat()
        byteCount = stat(file.path, &status) == 0 ? Int64(status.st_size) : 0
        let microseconds = Rational(1, 1_000_000)
        duration = timestamp(raw.duration).map { MediaTime($0, microseconds) }
        startTime = timestamp(raw.start_time).map { MediaTime($0, microseconds) }
        bitrate = raw.bit_rate > 0 ? raw.bit_rate : nil
        self.video = video

        var (otherVideo, audio, subtitles, data, attachments): ([Int], [AudioStream], [OtherStream], [OtherStream], [OtherStream])
        (otherVideo, audio, subtitles, data, attachments) = ([], [], [], [], [])
        for index in 0..<file.streamCount where index != video.index {
            switch file.stream(index).pointee.codecpar.pointee.codec_type {
            case AVMEDIA_TYPE_VIDEO: otherVideo.append(index)
            case AVMEDIA_TYPE_AUDIO: audio.append(AudioStream(file: file, index: index))
            case AVMEDIA_TYPE_SUBTITLE: subtitles.append(OtherStream(file: file, index: index))
            case AVMEDIA_TYPE_ATTACHMENT: attachments.append(OtherStream(file: file, index: index))
            default: data.append(OtherStream(file: file, index: index))
            }
        }
        (self.otherVideo, self.audio, self.subtitles, self.data, self.attachments) = (otherVideo, audio, subtitles, data, attachments)
        chapters = (0..<raw.nb_chapters).compactMap { Chapter(remaster_chapter(file.raw, $0), clip: clip) }
        metadata = Dictionary(
            LibraryDictionary.entries(of: raw.metadata).map { ($0.key, $0.value.clipped(to: clip)) },
            uniquingKeysWith: { first, _ in first })
        var timecode = video.timecode ?? metadata["timecode"]
        for index in 0..<file.streamCount where timecode == nil {
            timecode = LibraryDictionary.value("timecode", in: file.stream(index).pointee.metadata)
        }
        self.timecode = timecode
    }
}

extension VideoStream {
    init(file: borrowing InputFile, index: Int, picture: MediaProbe.Picture) throws(MediaError) {
        let stream = file.stream(index)
        let parameters = stream.pointee.codecpar.pointee
        self.index = index
        let codec = CodecName(parameters.codec_id)
        (codecName, longCodecName) = (codec.name, codec.longName)
        profile = text(avcodec_profile_name(parameters.codec_id, picture.profile))
        level = picture.level >= 0 ? Int(picture.level) : nil
        codedSize = picture.codedSize
        visibleSize = picture.size
        // The header of the stream may have said another size.
        try file.context.limits.require(width: visibleSize.width, height: visibleSize.height)
        // What the container says wins, as players have it; an absurd ratio counts as silence.
        let ratio = Rational(stream.pointee.sample_aspect_ratio) ?? picture.sampleAspectRatio ?? Rational(1, 1)
        sampleAspectRatio = (0.01...100).contains(ratio.double) ? ratio : Rational(1, 1)
        displayAspectRatio = visibleSize.displayAspectRatio(sampleAspectRatio: sampleAspectRatio)
        pixelFormatName = text(av_get_pix_fmt_name(picture.format)) ?? "unknown"
        format = PixelFormat.planarForm(of: picture.format)
        let depth = av_pix_fmt_desc_get(picture.format).map { Int(remaster_component($0, 0).pointee.depth) } ?? 0
        let coded = Int(parameters.bits_per_raw_sample)
        bitDepth = coded > 0 && coded < depth ? coded : depth
        averageFrameRate = Rational(stream.pointee.avg_frame_rate)
        nominalFrameRate = Rational(stream.pointee.r_frame_rate)
        timebase = Rational(stream.pointee.time_base) ?? Rational(1, 1000)
        startTime = timestamp(stream.pointee.start_time)
        duration = timestamp(stream.pointee.duration)
        declaredFrameCount = stream.pointee.nb_frames > 0 ? Int(stream.pointee.nb_frames) : nil
        colorTags = picture.tags.completed(by: ColorTags(parameters))
        fieldOrder = picture.fieldOrder == .unspecified ? FieldOrder(parameters.field_order) : picture.fieldOrder
        let boxes = StaticHDRMetadata(stream: stream)
        hdr = StaticHDRMetadata(
            masteringDisplay: picture.hdr.masteringDisplay ?? boxes.masteringDisplay, lightLevel: picture.hdr.lightLevel ?? boxes.lightLevel
        )
        let orientation = try DisplayOrientation(of: stream)
        rotation = orientation.turns * 90
        isMirrored = orientation.isMirrored ? true : nil
        bitrate = parameters.bit_rate > 0 ? parameters.bit_rate : nil
        language = LibraryDictionary.value("language", in: stream.pointee.metadata).map { $0.clipped(to: 16) }
        timecode = LibraryDictionary.value("timecode", in: stream.pointee.metadata).map { $0.clipped(to: 16) }
        look = picture.look
        var notes = picture.notes
        if picture.dolbyVision != nil { notes.add(.dolbyVision, frame: 0) }
        // The word of Matroska's AlphaMode: the decoder gives the picture alone.
        if LibraryDictionary.value("alpha_mode", in: stream.pointee.metadata) == "1", format?.hasAlpha == false {
            notes.add(.transparency, frame: 0)
        }
        self.notes = notes.isEmpty ? nil : notes
    }
}

extension AudioStream {
    init(file: borrowing InputFile, index: Int) {
        let stream = file.stream(index).pointee
        let parameters = stream.codecpar.pointee
        let clip = file.context.limits.metadataBytes
        self.index = index
        let codec = CodecName(parameters.codec_id)
        (codecName, longCodecName) = (codec.name, codec.longName)
        profile = text(avcodec_profile_name(parameters.codec_id, parameters.profile))
        channels = Int(remaster_channel_count(stream.codecpar))
        channelLayout = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, remaster_describe_layout(stream.codecpar, start, buffer.count) == 0 else { return nil }
            return String(cString: start)
        }
        sampleRate = Int(parameters.sample_rate)
        let bits = parameters.bits_per_raw_sample > 0 ? parameters.bits_per_raw_sample : parameters.bits_per_coded_sample
        bitsPerSample = bits > 0 ? Int(bits) : nil
        timebase = Rational(stream.time_base) ?? Rational(1, 1000)
        startTime = timestamp(stream.start_time)
        duration = timestamp(stream.duration)
        bitrate = parameters.bit_rate > 0 ? parameters.bit_rate : nil
        language = LibraryDictionary.value("language", in: stream.metadata).map { $0.clipped(to: 16) }
        title = LibraryDictionary.value("title", in: stream.metadata).map { $0.clipped(to: clip) }
        isDefault = stream.disposition & AV_DISPOSITION_DEFAULT != 0
    }
}

extension OtherStream {
    init(file: borrowing InputFile, index: Int) {
        let stream = file.stream(index).pointee
        let clip = file.context.limits.metadataBytes
        self.index = index
        codecName =
            stream.codecpar.pointee.codec_id == AV_CODEC_ID_NONE
            ? tagName(stream.codecpar.pointee.codec_tag) : CodecName(stream.codecpar.pointee.codec_id).name
        language = LibraryDictionary.value("language", in: stream.metadata).map { $0.clipped(to: 16) }
        title = (LibraryDictionary.value("title", in: stream.metadata) ?? LibraryDictionary.value("filename", in: stream.metadata))
            .map { $0.clipped(to: clip) }
    }
}

extension Chapter {
    init?(_ raw: UnsafeMutablePointer<AVChapter>, clip: Int) {
        guard let timebase = Rational(raw.pointee.time_base),
            let times = TimeBounds(timebase).clamped(raw.pointee.start, raw.pointee.end)
        else { return nil }
        start = MediaTime(times.lowerBound, timebase)
        end = MediaTime(times.upperBound, timebase)
        title = LibraryDictionary.value("title", in: raw.pointee.metadata).map { $0.clipped(to: clip) }
    }
}

/// Names of a codec.
struct CodecName {
    let name: String
    let longName: String

    init(_ id: AVCodecID) {
        let descriptor = avcodec_descriptor_get(id)
        name = text(descriptor?.pointee.name) ?? text(avcodec_get_name(id)) ?? "unknown"
        longName = text(descriptor?.pointee.long_name) ?? name
    }
}

/// A four-character code as text, with dots for what cannot be printed.
func tagName(_ tag: UInt32) -> String {
    String(decoding: (0..<4).map { UInt8(truncatingIfNeeded: tag >> (8 * $0)) }.map { (32...126).contains($0) ? $0 : 46 }, as: UTF8.self)
}

extension String {
    /// At most `bytes` bytes of UTF-8, cut between characters.
    func clipped(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var (clipped, size) = ("", 0)
        for character in self {
            size += character.utf8.count
            if size > bytes { break }
            clipped.append(character)
        }
        return clipped
    }
}
