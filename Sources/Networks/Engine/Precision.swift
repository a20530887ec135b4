package import GPU

/// How the samples of maps are stored on the device. Sums are always made in 32-bit floats; vectors always are 32-bit.
package enum Precision: Sendable, Equatable {
    /// Half on a GPU with 16-bit storage and arithmetic, single elsewhere: a CPU device converts in software.
    case automatic
    /// 32-bit floats.
    case single
    /// 16-bit floats: half the memory traffic, 11 bits of significand.
    case half

    /// What it means on a device.
    package func resolved(on device: DeviceDescription) -> Precision {
        guard self == .automatic else { return self }
        return device.kind != .cpu && device.features.float16 && device.features.storage16Bit ? .half : .single
    }

    /// Bytes of one sample.
    var sampleBytes: Int { self == .half ? 2 : 4 }
}
