import ColorScience
package import GPU
package import Picture

/// Device time of the picture kernels on one device: the headline recipe without its network, and the analytic one.
package enum FilterBenchmark {
    /// One program, measured.
    package struct Measurement: Sendable, Codable {
        package let name: String
        /// Mean over the frames after the first.
        package let stages: [StageTotal]
        /// Seconds of one frame from submission to result, median.
        package let frameSeconds: Double
        package let outputSamples: Int
    }

    /// - Parameters:
    ///   - size: of the SDR input, 8-bit 4:2:0; the output is twice as large, HDR10.
    ///   - frames: measured, after one to warm up.
    package static func run(
        on device: Device, size: PictureSize = PictureSize(width: 1920, height: 1080), frames: Int = 5
    ) async throws -> [Measurement] {
        let output = PictureSize(width: size.width * 2, height: size.height * 2)
        let conversions: [(String, ColorConversion)] = [
            ("INFINITEHDR table", .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25)),
            (
                "LINEAR expansion",
                .inverseToneMap(.linear, whiteLuminance: ReferenceWhite.luminance, peakLuminance: 1000)
            ),
        ]
        let expansion = LightExpansion(peakLuminance: 800, saturationBoost: 1.25)
        let look = try BakedLUT(edge: 33) { expansion.apply($0, gains: Vector3(gray: 0)) }
        let models = FilterModels(scaling: [], infiniteHDR: ModelIdentity(name: "benchmark", version: "", recipeSHA256: ""))
        var results: [Measurement] = []
        for (name, conversion) in conversions {
            let sdr = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)
            let hdr = ColorTags(primaries: .bt2020, transfer: .pq, matrix: .bt2020NCL, range: .limited, siting: .topLeft)
            let request = PictureRequest(
                input: PictureFormat(size: size, pixels: .yuv420p, tags: sdr), scaler: .lanczos, scaled: output, color: conversion,
                output: PictureFormat(size: output, pixels: .yuv420p10, tags: hdr))
            let program = try PictureProgram(request, models: models)
            results.append(try await measure(name, program, look: look, frames: frames, device: device))
        }
        return results
    }

    private static func measure(
        _ name: String, _ program: PictureProgram, look: BakedLUT, frames: Int, device: Device
    ) async throws -> Measurement {
        let processor = try await PictureProcessor(program: program, device: device)
        var times: [Double] = []
        var warm: [StageTotal] = []
        for frame in 0...max(frames, 1) {
            let start = ContinuousClock.now
            let ticket = try await processor.submit(frameIndex: frame, look: program.needsConditions ? look : nil) { bytes in
                // Every code, moving: neither flat nor noise.
                for place in bytes.indices { bytes[place] = UInt8(truncatingIfNeeded: 16 + (place &* 7 + frame) % 219) }
            }
            _ = try await processor.finish(ticket) { _, light in light }
            let (whole, fraction) = (ContinuousClock.now - start).components
            if frame == 0 { warm = processor.stageTimes } else { times.append(Double(whole) + Double(fraction) * 1e-18) }
        }
        let seconds = processor.stageTimes.seconds(since: warm)
        let stages = processor.stageTimes.map {
            StageTotal(name: $0.name, seconds: (seconds[$0.name] ?? 0) / Double(times.count), frames: 1)
        }
        return Measurement(
            name: name, stages: stages, frameSeconds: times.sorted()[times.count / 2],
            outputSamples: program.request.output.size.sampleCount)
    }
}
