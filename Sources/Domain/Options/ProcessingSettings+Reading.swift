extension ProcessingOptions.ProcessingSettings {
    static let members = ["inputColorSpaceConversion", "outputColorSpaceConversion", "fixedOutputResolution", "outputScanning"]

    init(_ reader: ObjectReader) {
        inputColorSpaceConversion = reader.object(
            "inputColorSpaceConversion", known: ["mappingMode", "colorProfile", "metadataOnly", "toneMapper"]
        ) { .init($0) }
        outputColorSpaceConversion = reader.object(
            "outputColorSpaceConversion", known: ["mappingMode", "colorProfile", "metadataOnly", "inverseToneMapper"]
        ) { .init($0) }
        fixedOutputResolution = reader.choice("fixedOutputResolution", of: ProcessingOptions.FixedResolution.self)
        outputScanning = reader.choice("outputScanning", of: ProcessingOptions.OutputScanning.self)
    }
}

extension ProcessingOptions.InputColorSpaceConversion {
    init(_ reader: ObjectReader) {
        reader.require("mappingMode")
        mappingMode = reader.choice("mappingMode", of: ProcessingOptions.InputMappingMode.self) ?? .sourcePriority
        colorProfile = reader.object("colorProfile", known: ProcessingOptions.ColorProfile.members) { .init($0) }
        metadataOnly = reader.boolean("metadataOnly")
        toneMapper = reader.object("toneMapper", known: ["algorithm", "outputNits"]) { mapper in
            mapper.require("algorithm")
            return ProcessingOptions.ToneMapper(
                algorithm: mapper.choice("algorithm", of: ProcessingOptions.ToneMapping.self) ?? .hable,
                outputNits: ProcessingOptions.ToneMapper.outputNits(mapper))
        }
    }
}

extension ProcessingOptions.ToneMapper {
    /// What either mapper has for `outputNits`. The contract begins at 0, to which no light can be put in relation: it stands for
    /// nothing said.
    fileprivate static func outputNits(_ mapper: ObjectReader) -> Double? {
        let nits = mapper.number("outputNits", in: 0...10_000)
        guard let nits, nits > 0, nits < 1 else { return nits }
        mapper.problems.add(
            Problem(field: mapper.path("outputNits"), actual: "\(nits)", "must be a number from 1 to 10000, or 0 for the customary 100"))
        return nil
    }
}

extension ProcessingOptions.OutputColorSpaceConversion {
    init(_ reader: ObjectReader) {
        reader.require("mappingMode")
        mappingMode = reader.choice("mappingMode", of: ProcessingOptions.OutputMappingMode.self) ?? .inputPriority
        colorProfile = reader.object("colorProfile", known: ProcessingOptions.ColorProfile.members) { .init($0) }
        metadataOnly = reader.boolean("metadataOnly")
        let members = ["algorithm", "outputNits", "saturationBoost", "highlightReconstruction", "localModulation"]
        inverseToneMapper = reader.object("inverseToneMapper", known: members) { mapper in
            mapper.require("algorithm")
            return ProcessingOptions.InverseToneMapper(
                algorithm: mapper.choice("algorithm", of: ProcessingOptions.InverseToneMapping.self) ?? .infiniteHDR,
                outputNits: ProcessingOptions.ToneMapper.outputNits(mapper),
                saturationBoost: mapper.number("saturationBoost", in: 0...Double.greatestFiniteMagnitude),
                highlightReconstruction: mapper.number("highlightReconstruction", in: 0...1),
                localModulation: mapper.number("localModulation", in: 0...1))
        }
    }
}

extension ProcessingOptions.ColorProfile {
    static let members = [
        "colorSpace", "colorPrimaries", "transferCharacteristics", "colorRange", "hdrFormat", "masteringDisplay", "maxCll", "maxFall",
    ]

    init(_ reader: ObjectReader) {
        colorSpace = reader.choice("colorSpace", of: ProcessingOptions.ColorSpace.self)
        colorPrimaries = reader.choice("colorPrimaries", of: ProcessingOptions.Primaries.self)
        transferCharacteristics = reader.choice("transferCharacteristics", of: ProcessingOptions.Transfer.self)
        colorRange = reader.choice("colorRange", of: ProcessingOptions.Range.self)
        hdrFormat = reader.choice("hdrFormat", of: ProcessingOptions.HDRFormat.self)
        masteringDisplay = reader.object("masteringDisplay", known: ProcessingOptions.MasteringDisplay.members) { .init($0) }
        maxCll = reader.number("maxCll", in: 0...10_000)
        maxFall = reader.number("maxFall", in: 0...10_000)
    }
}

extension ProcessingOptions.MasteringDisplay {
    static let members = ["tag", "red", "green", "blue", "whitePoint", "minLuminance", "maxLuminance"]

    init(_ reader: ObjectReader) {
        func point(_ name: String) -> ProcessingOptions.Point? {
            reader.object(name, known: ["x", "y"]) { .init(x: $0.requiredNumber("x", in: 0...1), y: $0.requiredNumber("y", in: 0...1)) }
        }
        tag = reader.choice("tag", of: ProcessingOptions.MasteringDisplayTag.self)
        red = point("red")
        green = point("green")
        blue = point("blue")
        whitePoint = point("whitePoint")
        minLuminance = reader.number("minLuminance", in: 0...10_000)
        maxLuminance = reader.number("maxLuminance", in: 0...10_000)
    }
}
