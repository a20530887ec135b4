import CLibAV

/// What a stream says of Dolby Vision: its container's record, or where that is missing the metadata of a picture.
struct DolbyVision {
    let profile: Int
    /// Whether the base layer is a picture of a common system (HDR10, HLG or SDR) without the metadata.
    let hasOwnPicture: Bool

    /// - Parameter picture: the first of the stream.
    init?(_ stream: UnsafeMutablePointer<AVStream>, picture: borrowing DecodedFrame) {
        var size = 0
        if let data = av_stream_get_side_data(stream, AV_PKT_DATA_DOVI_CONF, &size),
            size >= MemoryLayout<AVDOVIDecoderConfigurationRecord>.size
        {
            let record = data.withMemoryRebound(to: AVDOVIDecoderConfigurationRecord.self, capacity: 1) { $0.pointee }
            profile = Int(record.dv_profile)
            // Profiles up to 7 that are made for two layers say 0 or 2 and have a base layer of their own; 5 never has one.
            hasOwnPicture = record.dv_profile != 5 && (record.dv_profile < 8 || record.dv_bl_signal_compatibility_id != 0)
            return
        }
        guard let data = av_frame_get_side_data(picture.raw, AV_FRAME_DATA_DOVI_METADATA)?.pointee.data else { return nil }
        let header = data.withMemoryRebound(to: AVDOVIMetadata.self, capacity: 1) { av_dovi_get_header($0).pointee }
        // Without a record the full range of the base layer tells profile 5 from 8.
        let isFive = header.vdr_rpu_profile == 0 && header.bl_video_full_range_flag != 0
        (profile, hasOwnPicture) = (isFive ? 5 : 8, !isFive)
    }
}
