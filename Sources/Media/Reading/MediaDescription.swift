package import Picture
package import Primitives

/// What a file is and holds, as far as can be told from its headers and its first picture.
package struct MediaDescription: Codable, Hashable, Sendable {
    /// Short name: `mov`, `mp4`, `matroska`, `avi`, `mpegts`, `mxf` …
    package let containerName: String
    package let longContainerName: String
    package let mimeType: String
    /// Customary extension, without the dot.
    package let fileExtension: String
    package let byteCount: Int64
    /// Length of the longest stream; nil when the container does not tell.
    package let duration: MediaTime?
    /// Earliest time in the file; nil when unknown.
    package let startTime: MediaTime?
    /// Bits a second of the whole file.
    package let bitrate: Int64?
    package var video: VideoStream
    /// Indices of further video streams, which are not processed: covers, other angles.
    package let otherVideo: [Int]
    package let audio: [AudioStream]
    package let subtitles: [OtherStream]
    package let data: [OtherStream]
    package let attachments: [OtherStream]
    package let chapters: [Chapter]
    /// Entries of the file, values cut at the limit.
    package let metadata: [String: String]
    /// First time address, of the video stream, a timecode track or the file.
    package let timecode: String?
}

/// A stream of moving pictures.
package struct VideoStream: Codable, Hashable, Sendable {
    package let index: Int
    package let codecName: String
    package let longCodecName: String
    package let profile: String?
    package let level: Int?
    /// Size in which the codec works, including what it crops.
    package let codedSize: PictureSize
    package let visibleSize: PictureSize
    /// 1/1 where the file is silent.
    package let sampleAspectRatio: Rational
    package let displayAspectRatio: Rational
    /// The decoder's name of the format: what the file really has.
    package let pixelFormatName: String
    /// The planar form in which `FrameReader` gives frames; nil when it cannot.
    package let format: PixelFormat?
    package let bitDepth: Int
    /// Frames by time.
    package let averageFrameRate: Rational?
    /// The rate of the finest steps between frames.
    package let nominalFrameRate: Rational?
    package let timebase: Rational
    /// In `timebase` ticks.
    package let startTime: Int64?
    /// In `timebase` ticks.
    package let duration: Int64?
    /// As the container announces it.
    package let declaredFrameCount: Int?
    /// Bitstream first, container where it is silent; may be unspecified.
    package let colorTags: ColorTags
    package let fieldOrder: FieldOrder
    package let hdr: StaticHDRMetadata
    /// Clockwise turn for display: 0, 90, 180 or 270 degrees.
    package let rotation: Int
    /// Whether left and right are exchanged before that turn; nil means no.
    package let isMirrored: Bool?
    package let bitrate: Int64?
    package let language: String?
    package let timecode: String?
    /// Of the first picture; nil in descriptions of earlier releases.
    package var look: PictureLook?
    /// What is known before the other pictures are decoded; nil for nothing.
    package var notes: SourceNotes?
    /// Where the pictures become other ones on their way: all parts, from frame 0 on; nil where they stay the same.
    package var parts: [VideoPart]?

    /// Whether headers show a constant rate: average and nominal agree within one in a thousand.
    ///
    /// `FrameIndex.frameRate` knows it from the time of every frame.
    package var seemsConstantRate: Bool {
        guard let averageFrameRate, let nominalFrameRate else { return false }
        return abs(averageFrameRate.double / nominalFrameRate.double - 1) < 0.001
    }
}

/// Pictures of one kind, from a frame on to the next part or the end.
package struct VideoPart: Codable, Hashable, Sendable {
    /// Counted in presentation order from 0.
    package let firstFrame: Int
    /// The stream by the part's own first picture.
    package let video: VideoStream
}

/// A stream of sound.
package struct AudioStream: Codable, Hashable, Sendable {
    package let index: Int
    package let codecName: String
    package let longCodecName: String
    package let profile: String?
    package let channels: Int
    /// `stereo`, `5.1(side)` …; nil when unknown.
    package let channelLayout: String?
    /// In Hz.
    package let sampleRate: Int
    /// Of a coded sample, where that means something.
    package let bitsPerSample: Int?
    package let timebase: Rational
    /// In `timebase` ticks.
    package let startTime: Int64?
    /// In `timebase` ticks.
    package let duration: Int64?
    package let bitrate: Int64?
    package let language: String?
    package let title: String?
    package let isDefault: Bool
}

/// A stream of subtitles, data, or an attachment.
package struct OtherStream: Codable, Hashable, Sendable {
    package let index: Int
    package let codecName: String
    package let language: String?
    package let title: String?
}

/// A named part of the programme.
package struct Chapter: Codable, Hashable, Sendable {
    package let start: MediaTime
    package let end: MediaTime
    package let title: String?
}
