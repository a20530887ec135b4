/// What a build can carry out and what it cannot, option by option: the list that the API and `doctor` show.
extension Capabilities {
    /// One option of a configuration, and its values.
    package struct Option: Hashable, Sendable {
        /// Path of the member, as in a request.
        package let name: String
        package let available: [String]
        /// Values of the contract that are refused.
        package let missing: [String]
    }

    package var options: [Option] {
        let input = "processingSettings.inputColorSpaceConversion"
        let output = "processingSettings.outputColorSpaceConversion"
        return [
            option("filters.deinterlacer", deinterlacers), option("filters.reshaper", reshapers), option("filters.prescaler", prescalers),
            option("filters.denoiser", denoisers), option("filters.stabilizer", stabilizers), option("filters.augmenter", augmenters),
            option("filters.scaler", scalers), option("filterSettings.dvres2Variant", dvres2Variants),
            option("filters.frameRateConverter", frameRateConverters), option("filters.debander", debanders),
            option("filters.postProcessor", postProcessors), option("\(input).toneMapper.algorithm", toneMappings),
            option("\(output).inverseToneMapper.algorithm", inverseToneMappings),
            option("\(output).colorProfile.hdrFormat", hdrFormats),
            option("processingSettings.fixedOutputResolution", fixedOutputResolutions),
            option("processingSettings.outputScanning", outputScannings),
            Option(
                name: "encodingConfiguration.codec",
                available: ProcessingOptions.Codec.allCases.filter { canEncode(OutputCodec($0)) }.map(\.rawValue),
                missing: ProcessingOptions.Codec.allCases.filter { !canEncode(OutputCodec($0)) }.map(\.rawValue)),
            Option(
                name: "encodingProfile", available: EncodingProfile.allCases.filter(canEncode).map(\.rawValue),
                missing: EncodingProfile.allCases.filter { !canEncode($0) }.map(\.rawValue)),
            Option(
                name: "container", available: ProcessingOptions.MediaContainer.allCases.filter(canWrite).map(\.rawValue),
                missing: ProcessingOptions.MediaContainer.allCases.filter { !canWrite($0) }.map(\.rawValue)),
            flag("\(output) that changes colorimetry", convertsColorimetry), flag("fullIngestion", ingestsFully),
        ]
    }

    private func option<Value: CaseIterable & RawRepresentable<String> & Equatable>(_ name: String, _ available: [Value]) -> Option {
        Option(
            name: name, available: Value.allCases.filter(available.contains).map(\.rawValue),
            missing: Value.allCases.filter { !available.contains($0) }.map(\.rawValue))
    }

    private func flag(_ name: String, _ isAvailable: Bool) -> Option {
        Option(name: name, available: isAvailable ? ["true"] : [], missing: isAvailable ? [] : ["true"])
    }

    private func canWrite(_ container: ProcessingOptions.MediaContainer) -> Bool {
        encodings.contains { $0.containers.contains(container) }
    }

    private func canEncode(_ codec: OutputCodec) -> Bool { encodings.contains { $0.codec == codec } }

    private func canEncode(_ profile: EncodingProfile) -> Bool {
        encodings.contains { $0.codec == profile.codec && $0.chroma.contains(profile.chroma) && $0.bitDepths.contains(profile.bitDepth) }
    }
}
