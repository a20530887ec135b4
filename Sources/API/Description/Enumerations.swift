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
        let values = Value.allCases.map(\.rawValue)
        return .members([
            "type": .string("string"), "enum": .array(values.map { .string($0) }),
            "x-enum-varnames": values.allSatisfy(isName) ? nil : .array(values.map { .string(name($0)) }),
        ])
    }

    private static func isName(_ value: String) -> Bool {
        value.first?.isNumber == false && value.utf8.allSatisfy { isWordByte($0) }
    }

    /// What a generated client calls a value that is no identifier, such as `2X` or `16:9`.
    private static func name(_ value: String) -> String {
        let word = String(decoding: value.uppercased().utf8.map { isWordByte($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        return word.first?.isNumber == true ? "VALUE_" + word : word
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
