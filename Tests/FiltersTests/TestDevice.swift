import Filters
import GPU
import Testing

/// The Vulkan device that the tests share; opened once, because its pipelines are expensive.
enum TestDevice {
    static let opened = Result { try Instance().openDevice() }

    static func get() throws -> Device { try opened.get() }
}
