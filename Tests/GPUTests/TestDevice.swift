import GPU

/// The device that GPU tests run on: the machine's best one, opened anew for each test so that leaks show.
enum TestDevice {
    static func open(memoryBudget: Int? = nil, pipelineCache: String? = nil, validation: ValidationMode = .off) throws -> Device {
        try Instance(validation: validation).openDevice(options: DeviceOptions(memoryBudget: memoryBudget, pipelineCache: pipelineCache))
    }
}

/// Twin of the push constants of memory_fill.
struct FillParameters: BitwiseCopyable {
    var count: UInt32
    var word: UInt32
}

/// Twin of the push constants of memory_combine.
struct CombineParameters: BitwiseCopyable {
    var count: UInt32
}
