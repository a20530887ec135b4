package import GPU

/// In which numbers a network runs on the device. Vectors are 32-bit floats in any case.
package enum Precision: Sendable, Equatable {
    /// Half on a GPU with 16-bit storage and arithmetic, single elsewhere: a CPU device converts in software.
    case automatic
    /// 32-bit floats.
    case single
    /// Maps of 16-bit floats: half the memory traffic, 11 bits of significand, cut off at ±65504. Convolutions of 3 × 3 also
    /// multiply and add in 16 bits, two outputs at a time; after the nine taps of each input channel the sum joins a 32-bit
    /// one. Weights are scaled so that those nine cannot overflow. Everything else is computed in 32 bits.
    case half

    /// What it means on a device.
    package func resolved(on device: DeviceDescription) -> Precision {
        guard self == .automatic else { return self }
        return device.kind != .cpu && device.features.float16 && device.features.storage16Bit ? .half : .single
    }

    /// Bytes of one sample.
    var sampleBytes: Int { self == .half ? 2 : 4 }
}
