import Domain
import Store

/// The enumerations of the API, with the values of the code's own types.
enum Enumerations {
    static var schemas: [(name: String, schema: JSON)] {
        [
            ("AspectRatioTag", texts(ProcessingOptions.AspectRatioTag.self)),
            ("Augmenter", texts(ProcessingOptions.Augmenter.self)),
            (
                "BitDepthEnum",
                .members([
                    "type": .string("integer"),
                    "enum": .array(ProcessingOptions.BitDepth.allCases.map { .integer(Int64($0.rawValue)) }),
                ])
            ),
            ("ChromaSubsamplingYUV", texts(ProcessingOptions.ChromaSubsampling.self)),
            ("ClarityBoost", texts(ProcessingOptions.ClarityBoost.self)),
            ("CodecEnum", texts(ProcessingOptions.Codec.self)),
            ("ColorPrimaries", texts(ProcessingOptions.Primaries.self)),
            ("ColorRange", texts(ProcessingOptions.Range.self)),
            ("ColorSpace", texts(ProcessingOptions.ColorSpace.self)),
            ("Debander", texts(ProcessingOptions.Debander.self)),
            ("Deinterlacer", texts(ProcessingOptions.Deinterlacer.self)),
            ("Denoiser", texts(ProcessingOptions.Denoiser.self)),
            ("DVRES2Variant", texts(ProcessingOptions.DVRES2Variant.self)),
            ("EncodingProfileEnum", texts(EncodingProfile.self)),
            ("ErrorCodeEnum", texts(ErrorCode.self)),
            ("FilterModeEnum", texts(PageQuery.Mode.self)),
            ("FixedResolution", texts(ProcessingOptions.FixedResolution.self)),
            ("FrameRateConverter", texts(ProcessingOptions.FrameRateConverter.self)),
            ("FrameRateTag", texts(ProcessingOptions.FrameRateTag.self)),
            ("GrainSize", texts(ProcessingOptions.GrainSize.self)),
            ("HDRFormat", texts(ProcessingOptions.HDRFormat.self)),
            ("InputMappingMode", texts(ProcessingOptions.InputMappingMode.self)),
            ("InterlacedFieldOrderMode", texts(ProcessingOptions.InterlacedFieldOrderMode.self)),
            ("InverseToneMapping", texts(ProcessingOptions.InverseToneMapping.self)),
            ("MasteringDisplayTag", texts(ProcessingOptions.MasteringDisplayTag.self)),
            ("MediaContainerEnum", texts(ProcessingOptions.MediaContainer.self)),
            ("OperationStatus", texts(OperationStatus.self)),
            ("OutputMappingMode", texts(ProcessingOptions.OutputMappingMode.self)),
            ("OutputScanning", texts(ProcessingOptions.OutputScanning.self)),
            ("PostProcessor", texts(ProcessingOptions.PostProcessor.self)),
            ("Prescaler", texts(ProcessingOptions.Prescaler.self)),
            ("Reshaper", texts(ProcessingOptions.Reshaper.self)),
            ("ResolutionTag", texts(ProcessingOptions.ResolutionTag.self)),
            ("Scaler", texts(ProcessingOptions.Scaler.self)),
            ("Scanning", texts(VideoMetadata.Scanning.self)),
            ("SortByBaseEnum", texts(PageQuery.Field.self)),
            ("SortDirectionEnum", texts(PageQuery.Direction.self)),
            ("Stabilizer", texts(ProcessingOptions.Stabilizer.self)),
            ("ToneMapping", texts(ProcessingOptions.ToneMapping.self)),
            ("TransferCharacteristics", texts(ProcessingOptions.Transfer.self)),
            ("WebhookEventType", texts(EventType.self)),
        ]
    }

    private static func texts<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> JSON {
        .members(["type": .string("string"), "enum": .array(Value.allCases.map { .string($0.rawValue) })])
    }
}
