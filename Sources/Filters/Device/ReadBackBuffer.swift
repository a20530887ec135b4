import GPU

/// A buffer that the device writes and the host reads: one and the same where the host reads the device's memory through its
/// caches, else the device's own and a copy. Memory that is mapped but not cached takes a hundred times as long to read.
struct ReadBackBuffer: Sendable {
    /// What the device writes.
    let written: Buffer
    private let host: Buffer

    /// Takes the memory.
    init(byteCount: Int, on device: Device, label: String) throws(GPUError) {
        written = try device.makeBuffer(byteCount: byteCount, label: label)
        host =
            device.readsInPlace && written.isHostCached
            ? written : try device.makeBuffer(byteCount: byteCount, memory: .download, label: "\(label), host")
    }

    var all: BufferSlice { written.all }

    /// Whether there is anything for `recordCopy` to do.
    var needsCopy: Bool { host !== written }

    /// Records the copy to the host, behind what writes the buffer.
    func recordCopy(into recorder: inout CommandRecorder) throws {
        if needsCopy { try recorder.copy(from: written.all, to: host.all) }
    }

    /// Lends the bytes once the commands are done.
    func withBytes<Value>(_ body: (UnsafeMutableRawBufferPointer) throws -> Value) throws -> Value { try host.withBytes(body) }

    /// Lends the numbers once the commands are done.
    func withFloats<Value>(_ body: (UnsafeBufferPointer<Float>) throws -> Value) throws -> Value {
        try host.withBytes { try body(UnsafeBufferPointer($0.bindMemory(to: Float.self))) }
    }

    /// The first values, once the commands are done.
    func read<Element: BitwiseCopyable>(_: Element.Type, count: Int) throws -> [Element] { try host.read(Element.self, count: count) }
}
