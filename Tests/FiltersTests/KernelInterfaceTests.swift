import ColorScience
import Filters
import GPU
import Picture
import Testing

@Suite struct KernelInterfaceTests {
    @Test("every push-constant block has the size of its Swift twin, behind its addresses")
    func sizes() throws {
        let twins: [(ShaderName, Int)] = [
            (.planeUnpack, MemoryLayout<UnpackParameters>.size), (.planeResample, MemoryLayout<ResampleParameters>.size),
            (.planeEnlarge, MemoryLayout<EnlargeParameters>.size), (.planeEnlargeVertical, MemoryLayout<EnlargeParameters>.size),
            (.planeResampleVertical, MemoryLayout<ResampleParameters>.size), (.planeAverage, MemoryLayout<BlockParameters>.size),
            (.planeLock, MemoryLayout<LockParameters>.size), (.planeDeband, MemoryLayout<DebandParameters>.size),
            (.planeGrain, MemoryLayout<GrainParameters>.size), (.pictureGrade, MemoryLayout<GradeParameters>.size),
            (.pictureGradeLocal, MemoryLayout<LocalGradeParameters>.size),
            (.pictureSurvey, MemoryLayout<SurveyParameters>.size),
            (.planeQuantise, MemoryLayout<QuantiseParameters>.size), (.lineSlope, MemoryLayout<LineSlopeParameters>.size),
            (.lineCost, MemoryLayout<LineCostParameters>.size), (.linePlace, MemoryLayout<LinePlaceParameters>.size),
        ]
        for (shader, size) in twins { #expect(try ShaderInterface(shader).parameterSize == size, "\(shader)") }
    }

    @Test("members lie where Swift puts them")
    func offsets() throws {
        let quantise = try ShaderInterface(.planeQuantise).parameters.map(\.offset)
        #expect(
            quantise == [
                MemoryLayout<QuantiseParameters>.offset(of: \.codes), MemoryLayout<QuantiseParameters>.offset(of: \.columns),
                MemoryLayout<QuantiseParameters>.offset(of: \.rows), MemoryLayout<QuantiseParameters>.offset(of: \.width),
                MemoryLayout<QuantiseParameters>.offset(of: \.height), MemoryLayout<QuantiseParameters>.offset(of: \.outputWidth),
                MemoryLayout<QuantiseParameters>.offset(of: \.outputHeight), MemoryLayout<QuantiseParameters>.offset(of: \.rowWords),
                MemoryLayout<QuantiseParameters>.offset(of: \.left), MemoryLayout<QuantiseParameters>.offset(of: \.top),
                MemoryLayout<QuantiseParameters>.offset(of: \.pictureWidth), MemoryLayout<QuantiseParameters>.offset(of: \.pictureHeight),
                MemoryLayout<QuantiseParameters>.offset(of: \.plane), MemoryLayout<QuantiseParameters>.offset(of: \.frame),
                MemoryLayout<QuantiseParameters>.offset(of: \.background),
            ])
        let grain = try ShaderInterface(.planeGrain).parameters.map(\.offset)
        #expect(grain == [0, 16, 20, 24, 28])
    }

    @Test("the uniform block of the grade has its declared length")
    func uniforms() throws {
        let program = try PictureProgram(
            .init(
                input: Samples.format(8, 8, .yuv420p), scaled: .init(width: 8, height: 8),
                color: .inverseToneMap(.mobius, whiteLuminance: 203, peakLuminance: 1000),
                output: Samples.format(8, 8, .yuv420p10, Samples.hdr)),
            models: Samples.models)
        let grade = try #require(program.grade)
        let codes = try SampleCodes(program.request.output, plane: 0, end: .output)
        #expect(GradeUniforms(grade, codes: codes, shown: program.shown).values.count * 4 == GradeUniforms.byteCount)
    }
}
