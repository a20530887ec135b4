import CLibAV
import Picture
import Primitives

extension StaticHDRMetadata {
    /// What the bitstream attached to a decoded frame.
    init(frame: UnsafeMutablePointer<AVFrame>) {
        self.init()
        if let data = av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA)?.pointee.data {
            masteringDisplay = data.withMemoryRebound(to: AVMasteringDisplayMetadata.self, capacity: 1) {
                CodedMasteringDisplay($0.pointee)
            }
        }
        if let data = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL)?.pointee.data {
            lightLevel = data.withMemoryRebound(to: AVContentLightMetadata.self, capacity: 1) { CodedLightLevel($0.pointee) }
        }
    }

    /// What the container attached to a stream.
    init(stream: UnsafeMutablePointer<AVStream>) {
        self.init()
        var size = 0
        if let data = av_stream_get_side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, &size),
            size >= MemoryLayout<AVMasteringDisplayMetadata>.size
        {
            masteringDisplay = data.withMemoryRebound(to: AVMasteringDisplayMetadata.self, capacity: 1) {
                CodedMasteringDisplay($0.pointee)
            }
        }
        if let data = av_stream_get_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, &size),
            size >= MemoryLayout<AVContentLightMetadata>.size
        {
            lightLevel = data.withMemoryRebound(to: AVContentLightMetadata.self, capacity: 1) { CodedLightLevel($0.pointee) }
        }
    }

    /// Attaches the metadata to an output stream, before its header is written.
    func attach(to stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        if let masteringDisplay {
            var size = 0
            guard let metadata = av_mastering_display_metadata_alloc() else { throw .outOfMemory }
            metadata.pointee = masteringDisplay.library
            size = MemoryLayout<AVMasteringDisplayMetadata>.size
            let code = av_stream_add_side_data(
                stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, UnsafeMutableRawPointer(metadata).assumingMemoryBound(to: UInt8.self), size)
            if code < 0 { av_free(metadata) }
            try check(code, "av_stream_add_side_data")
        }
        if let lightLevel {
            var size = 0
            guard let metadata = av_content_light_metadata_alloc(&size) else { throw .outOfMemory }
            metadata.pointee.MaxCLL = UInt32(lightLevel.maxCLL)
            metadata.pointee.MaxFALL = UInt32(lightLevel.maxFALL)
            let code = av_stream_add_side_data(
                stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, UnsafeMutableRawPointer(metadata).assumingMemoryBound(to: UInt8.self), size)
            if code < 0 { av_free(metadata) }
            try check(code, "av_stream_add_side_data")
        }
    }
}

extension CodedLightLevel {
    init(_ raw: AVContentLightMetadata) {
        self.init(maxCLL: UInt16(clamping: raw.MaxCLL), maxFALL: UInt16(clamping: raw.MaxFALL))
    }
}

extension CodedMasteringDisplay {
    /// Nil when the library has neither primaries nor luminance.
    init?(_ raw: AVMasteringDisplayMetadata) {
        guard raw.has_primaries != 0 || raw.has_luminance != 0 else { return nil }
        func code(_ value: AVRational, _ scale: Int64) -> Int64 {
            guard let value = Rational(value) else { return 0 }
            return Int64((value.double * Double(scale)).rounded())
        }
        func point(_ pair: (AVRational, AVRational)) -> CodedChromaticity {
            CodedChromaticity(x: UInt16(clamping: code(pair.0, 50_000)), y: UInt16(clamping: code(pair.1, 50_000)))
        }
        let (red, green, blue) = raw.display_primaries
        self.init(
            red: point(red), green: point(green), blue: point(blue), white: point(raw.white_point),
            maxLuminance: UInt32(clamping: code(raw.max_luminance, 10_000)), minLuminance: UInt32(clamping: code(raw.min_luminance, 10_000))
        )
    }

    var library: AVMasteringDisplayMetadata {
        func pair(_ point: CodedChromaticity) -> (AVRational, AVRational) {
            (AVRational(num: Int32(point.x), den: 50_000), AVRational(num: Int32(point.y), den: 50_000))
        }
        return AVMasteringDisplayMetadata(
            display_primaries: (pair(red), pair(green), pair(blue)), white_point: pair(white),
            min_luminance: AVRational(num: Int32(clamping: minLuminance), den: 10_000),
            max_luminance: AVRational(num: Int32(clamping: maxLuminance), den: 10_000), has_primaries: 1, has_luminance: 1)
    }
}
